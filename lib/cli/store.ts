/** Where what is fetched goes: standard output, a file, a Maildir, a mailbox. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { MaildirSink } from '../message/maildir.ts';
import { MboxEncoder } from '../message/mbox.ts';
import { MboxSink } from '../message/mbox-file.ts';
import { Spool } from '../message/storage.ts';
import type { Io } from './io.ts';
import type { MessageNames, Names } from './names.ts';
import { dashed, type Values } from './options.ts';
import { FileSink, type Sink, StreamSink } from './output.ts';
import { AllOptions, type Task } from './task.ts';

/** Throws UsageError for flags that name two places, or one place for what are many. */
export function checkOutput(values: Values, targets: number, all: AllOptions): void {
  const { output, remoteName, outputDir, json } = values;
  const ways = [output, remoteName, all.maildir, all.mbox].filter((way) => way !== undefined);
  if (ways.length > 1) throw new UsageError('one of -o, -O, --maildir and --mbox is enough');
  if (outputDir !== undefined && output === undefined && !remoteName) {
    throw new UsageError('--output-dir is the folder of -o or -O: one of them is needed');
  }
  if (all.state !== undefined && targets > 1) {
    throw new UsageError('--state is one file for several targets: without it each has its own');
  }
  if (all.mbox === '-' && json)
    throw new UsageError('--mbox - and --json both write to standard output: leave out one');
  if (output === undefined || output === '-') return;
  if (targets > 1) throw new UsageError('-o is one file for several targets: use -O, or one target');
  if (all.all) throw new UsageError('-o is one file for many messages: use --mbox, --maildir or -O');
}

/** Flags of `fetch` with which the client itself writes the file. */
const DOWNLOADS = ['continue', 'remoteHeaderName', 'checksum'];
/** Flags of `fetch`, in any protocol, that ask for something else than a whole file. */
const PARTS = ['include', 'events', 'range', 'method', 'ifNoneMatch', 'ifModifiedSince'];

/** Throws UsageError where a download has no file that it could write. */
export function checkDownload(given: Readonly<Record<string, unknown>>, { output, remoteName }: Values): void {
  const [word] = DOWNLOADS.filter((name) => given[name] !== undefined);
  const [other] = word === undefined ? [] : PARTS.filter((name) => given[name] !== undefined);
  if (word !== undefined && other !== undefined) {
    throw new UsageError(`--${dashed(word)} is for a whole file, fetched as usual: leave out --${dashed(other)}`);
  }
  if (word !== undefined && !remoteName && (output === undefined || output === '-')) {
    throw new UsageError(`--${dashed(word)} is about a file: -o or -O names it`);
  }
  if (given['remoteHeaderName'] && !remoteName) throw new UsageError('--remote-header-name goes with -O');
}

/** Where the body of a target goes; where there are many, each has its own: see `openSinkOf`. */
export async function openSink(task: Task, values: Values, io: Io, names: Names): Promise<Sink> {
  if (AllOptions.of(task).all) return new StreamSink(io.stdout);
  const mailbox = await openMailbox(task, io);
  if (mailbox) return mailbox;
  if (isDownload(task)) return new StreamSink(io.stdout);
  const path = await fileOf(task, values, names);
  return path === undefined ? new StreamSink(io.stdout) : FileSink.create(path);
}

/** Whether the client itself writes the file: it goes on with one, looks at what has come, or asks the server for a name. */
export function isDownload({ own }: Pick<Task, 'own'>): boolean {
  return DOWNLOADS.some((name) => own[name] !== undefined);
}

/** The file that the flags name; undefined where it is standard output. */
export async function fileOf(
  { path }: Pick<Task, 'path'>,
  { output, remoteName, outputDir = '' }: Values,
  names: Names,
): Promise<string | undefined> {
  if (remoteName) return names.ofPath(path, outputDir);
  return output === undefined || output === '-' ? undefined : join(outputDir, output);
}

/** Where one of many messages goes. On standard output they are a mailbox, for else nobody could tell them apart. */
export async function openSinkOf(
  uid: string,
  task: Task,
  { io, values, names }: { readonly io: Io; readonly values: Values; readonly names: MessageNames },
): Promise<Sink> {
  const { outputDir = '' } = values;
  const mailbox = await openMailbox(task, io);
  if (mailbox) return mailbox;
  if (values.remoteName) return FileSink.create(await names.ofUid(uid, outputDir));
  return values.json ? new StreamSink(io.stdout) : new MboxStream(io);
}

/** Undefined where no mailbox is asked for. */
async function openMailbox(task: Task, io: Io): Promise<Sink | undefined> {
  const { maildir, mbox } = AllOptions.of(task);
  if (maildir !== undefined) return MaildirSink.create(maildir);
  if (mbox !== undefined) return mbox === '-' ? new MboxStream(io) : new MboxSink(mbox);
  return undefined;
}

/**
 * A message of a mailbox (mboxrd) on standard output. It waits until it is whole: where one breaks off, what is written
 * behind it is not glued to it.
 */
class MboxStream implements Sink {
  readonly terminal: boolean;
  readonly #stream: StreamSink;
  readonly #encoder = new MboxEncoder();
  readonly #spool = new Spool(join(tmpdir(), 'netkit'));
  #over = false;

  constructor(io: Io) {
    this.#stream = new StreamSink(io.stdout);
    this.terminal = this.#stream.terminal;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.#over) return;
    await this.#spool.write(this.#encoder.encode(typeof data === 'string' ? Buffer.from(data) : data));
  }

  async commit(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    try {
      await this.#spool.write(this.#encoder.end());
      for await (const block of this.#spool.read()) await this.#stream.write(block);
    } finally {
      await this.#spool.close();
    }
  }

  async discard(): Promise<void> {
    this.#over = true;
    await this.#spool.close();
  }
}
