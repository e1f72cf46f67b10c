/** How each verb meets a terminal. */
import { open as openFile } from 'node:fs/promises';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import type { AnyProtocol } from '../core/protocol.ts';
import type { Body, Listing } from '../core/resource.ts';
import type { Client, Downloads, Events, Gathers, Submits, Verbs } from '../core/verbs.ts';
import { answer } from './deliver.ts';
import type { Io } from './io.ts';
import { put } from './io.ts';
import type { Names } from './names.ts';
import { converse } from './open.ts';
import type { Values } from './options.ts';
import type { Sink } from './output.ts';
import { Progress } from './progress.ts';
import { entryRecord, type Fields, jsonLine, receiptRecord } from './records.ts';
import { scripted } from './scripted.ts';
import { isDownload } from './store.ts';
import { AllOptions, type Task, type VerbName } from './task.ts';
import { harmless, harmlessLine } from './terminal.ts';
import { entryLine, facts } from './text.ts';

/** What a verb needs to know beside its task. */
export interface Context {
  readonly io: Io;
  readonly values: Values;
  /** What the verb is told: its own options, and the signal that ends it. */
  readonly call: CallOptions;
  /** Where the data goes. */
  readonly sink: Sink;
  readonly names: Names;
  readonly query: string;
  /** The file to send; `-` is standard input. */
  readonly file: string | undefined;
  /** What is in it. */
  readonly body: Body;
  /** Tells of a failure that is not the end of what is going on; `path` is what it is about. */
  readonly fail: (error: unknown, path: string) => void;
  /** Ends what is going on, as a failure. */
  readonly abort: (reason: unknown) => void;
}

/** A client as one that may have any verb: which its protocol has was asked before. */
export type AnyClient = Client & Verbs & Partial<Gathers & Submits & Downloads & Events>;

export type Run = (task: Task, client: AnyClient, context: Context) => Promise<void>;

export const RUNS: Readonly<Record<VerbName, Run>> = {
  list: async ({ path }, client, context) => entries(client.list(path, context.call), context),
  search: async ({ path }, client, context) => entries(client.search(path, context.query, context.call), context),
  fetch: async (task, client, context) => {
    if (client.fetchAll && AllOptions.of(task).all) {
      const { fetchAll } = await import('./fetch-all.ts');
      return fetchAll(task, { fetchAll: client.fetchAll.bind(client) }, context);
    }
    if (isDownload(task) || task.own['events'] === true) {
      const { download, follow } = await import('./fetch-more.ts');
      return isDownload(task) ? download(task, client, context) : follow(task, client, context);
    }
    const { options, fields } = scripted(task);
    await answer(client.fetch(task.path, { ...context.call, ...options }), task, context, fields);
  },
  info: async ({ path }, client, context) => record(entryRecord(await client.info(path, context.call)), context),
  send: async (task, client, context) => {
    const { path, url } = task;
    const { body, call, values, sink } = context;
    if (client.submit) {
      const progress = values.quiet ? undefined : new Progress(context.io);
      const onSent = (octets: number): void => progress?.add(octets);
      const submitted = client.submit(path, body, { ...call, onSent }).finally(() => progress?.end());
      return answer(submitted, task, context);
    }
    const receipt = await client.send(path, body, call);
    await sink.write(values.json ? jsonLine(receiptRecord(url, receipt)) : asLines(harmless(receipt.text)));
  },
  remove: async ({ path, url }, client, { call, values, sink }) => {
    await client.remove(path, call);
    if (values.json) await sink.write(jsonLine({ url, removed: true }));
  },
  open: async (task, client, context) => converse(await client.open(task.path, context.call), task, context),
  check: async ({ url }, client, context) => record({ url, ...(await client.check(context.call)) }, context),
};

/** Text that ends with a line. */
function asLines(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** A protocol, to be asked for clients of which it is known what they can do. */
export function speaker(protocol: AnyProtocol): {
  connect(target: string, options: ConnectOptions): Promise<AnyClient>;
} {
  return protocol as unknown as { connect(target: string, options: ConnectOptions): Promise<AnyClient> };
}

async function entries(found: Listing, { io, sink, values }: Context): Promise<void> {
  try {
    for (;;) {
      const { done, value } = await found.next();
      if (done) {
        if (value === 'unknown' && !values.quiet) await put(io.stderr, NOT_WHOLE);
        return;
      }
      await sink.write(values.json ? jsonLine(entryRecord(value)) : entryLine(value));
    }
  } finally {
    await found.return('unknown');
  }
}

const NOT_WHOLE = 'netkit: the server did not end this list as it should: it may not be whole\n';

async function record(fields: Fields, { sink, values }: Context): Promise<void> {
  await sink.write(values.json ? jsonLine(fields) : facts(fields));
}

/** What to send. The file is opened before anybody is connected to. */
export async function bodyOf(io: Io, file: string): Promise<Body> {
  if (file === '-') return io.stdin;
  const handle = await openFile(file);
  return handle.createReadStream();
}

/** What `--dry-run` says, instead of doing it. */
export function plan(task: Task, { values, file, query }: Pick<Context, 'values' | 'file' | 'query'>): string {
  const { verb, url } = task;
  const what =
    verb === 'send'
      ? ` ${file === '-' ? 'standard input' : (file ?? 'what the flags say')} to`
      : verb === 'search'
        ? ` for "${query}" at`
        : '';
  if (values.json) return jsonLine({ dryRun: true, verb, url, ...(file !== undefined && { file }) });
  return `would ${verb}${harmlessLine(what)} ${harmlessLine(url)}\n`;
}
