/** Where what is fetched goes: standard output, a file, a Maildir, a mailbox. */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { safeName } from '../core/safe-name.ts';
import { decodeText } from '../core/url.ts';
import { MaildirSink } from '../message/maildir.ts';
import { MboxEncoder } from '../message/mbox.ts';
import { MboxSink } from '../message/mbox-file.ts';
import { Spool } from '../message/storage.ts';
import type { Io } from './io.ts';
import type { Values } from './options.ts';
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

/** Where the body of a target goes; where there are many, each has its own: see `openSinkOf`. */
export async function openSink(task: Task, values: Values, io: Io): Promise<Sink> {
  const { all } = AllOptions.of(task);
  return all ? new StreamSink(io.stdout) : openPlace(task, values, io);
}

async function openPlace(task: Task, values: Values, io: Io): Promise<Sink> {
  const { output, remoteName, outputDir = '' } = values;
  const { maildir, mbox } = AllOptions.of(task);
  if (maildir !== undefined) return MaildirSink.create(maildir);
  if (mbox !== undefined) return mbox === '-' ? new MboxStream(io) : new MboxSink(mbox);
  if (remoteName) return namedSink(nameOf(task.path), outputDir);
  if (output === undefined || output === '-') return new StreamSink(io.stdout);
  return FileSink.create(join(outputDir, output));
}

/** Where one of many messages goes. On standard output they are a mailbox, for else nobody could tell them apart. */
export async function openSinkOf(uid: string, task: Task, values: Values, io: Io): Promise<Sink> {
  const { maildir, mbox } = AllOptions.of(task);
  if (maildir !== undefined || mbox !== undefined) return openPlace(task, values, io);
  if (values.remoteName) return namedSink(fileNameOf(uid), values.outputDir ?? '');
  return values.json ? new StreamSink(io.stdout) : new MboxStream(io);
}

async function namedSink(name: string, folder: string): Promise<Sink> {
  await refuseTwin(name, folder);
  return FileSink.create(join(folder, name));
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

/** The last segment of a path, as the name of a file. Throws UsageError (`unsafe-name`). */
function nameOf(path: string): string {
  const [file = ''] = path.split('?', 1);
  return safeName(decodeText(file.slice(file.lastIndexOf('/') + 1)));
}

/** An identifier that a server gave, as the name of a file: its digest, where it could be anything but plain. */
function fileNameOf(uid: string): string {
  const plain = /^[A-Za-z0-9][A-Za-z0-9._@=+-]{0,100}$/.test(uid) && !uid.endsWith('.');
  return safeName(`${plain ? uid : createHash('sha256').update(uid).digest('hex')}.eml`);
}

/** Where `a.txt` and `A.TXT` are one file, the second must not replace the first. */
async function refuseTwin(name: string, folder: string): Promise<void> {
  const twin = (await readdir(folder || '.')).find((other) => other !== name && fold(other) === fold(name));
  if (twin !== undefined) {
    throw new UsageError('there is a file whose name differs in case only: use -o', { reason: 'unsafe-name' });
  }
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
