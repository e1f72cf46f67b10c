/** How each verb meets a terminal. */
import { open as openFile } from 'node:fs/promises';
import { ConnectionError, limitError, UsageError } from '../core/errors.ts';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import type { AnyProtocol } from '../core/protocol.ts';
import type { Body, Listing, Resource } from '../core/resource.ts';
import type { Client, Downloads, Events, Gathers, Submits, Verbs } from '../core/verbs.ts';
import { delivered, isText, responseOf } from './failure.ts';
import type { Io } from './io.ts';
import { put } from './io.ts';
import type { Names } from './names.ts';
import { converse } from './open.ts';
import type { Values } from './options.ts';
import type { Sink } from './output.ts';
import { Progress } from './progress.ts';
import { entryRecord, type Fields, jsonLine, receiptRecord, resourceRecord } from './records.ts';
import { scripted } from './scripted.ts';
import { isDownload } from './store.ts';
import { AllOptions, type Task, type VerbName } from './task.ts';
import { HarmlessText, harmless, harmlessLine } from './terminal.ts';
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
    await sink.write(values.json ? jsonLine(receiptRecord(url, receipt)) : `${harmless(receipt.text)}\n`);
  },
  remove: async ({ path, url }, client, { call, values, sink }) => {
    await client.remove(path, call);
    if (values.json) await sink.write(jsonLine({ url, removed: true }));
  },
  open: async (task, client, context) => converse(await client.open(task.path, context.call), task, context),
  check: async ({ url }, client, context) => record({ url, ...(await client.check(context.call)) }, context),
};

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

/** Delivers what was asked for. Of an answer that says no the body, too, where it is asked for; it fails all the same. */
async function answer(asked: Promise<Resource>, task: Task, context: Context, more?: Fields): Promise<void> {
  const { include, failWithBody } = task.own;
  const head = include === true;
  try {
    const resource = await asked;
    if (resource.notModified) return await unchanged(resource, context, head);
    const bytes = await deliver(resource, context, more, head);
    if (task.verb === 'send' && bytes === 0 && !head) await tell(resource, context);
  } catch (error) {
    const response = context.values.json ? undefined : responseOf(error);
    if (response && (head || failWithBody === true) && typeof error === 'object' && error !== null) {
      delivered.add(error);
      await deliver(response, context, more, head);
    }
    throw error;
  }
}

/** What is here is still as it is there: a file stays, and standard output gets nothing. */
async function unchanged(resource: Resource, { io, values, sink }: Context, head: boolean): Promise<void> {
  await resource.close();
  if (sink.path !== undefined) await sink.discard();
  if (values.json) await put(io.stdout, jsonLine(resourceRecord(resource, { notModified: true })));
  else if (head) await put(io.stdout, shownHead(resource, io.stdout.isTTY === true));
  else if (!values.quiet) await put(io.stderr, `netkit: it has not changed (${harmlessLine(resource.url)})\n`);
}

/** Where there is nothing to print, a person is told what the server said. */
async function tell({ head }: Resource, { io, values }: Context): Promise<void> {
  const [line] = head?.split('\n', 1) ?? [];
  if (line !== undefined && !values.quiet && !values.json && io.stderr.isTTY) {
    await put(io.stderr, `netkit: ${harmlessLine(line)}\n`);
  }
}

function shownHead({ head = '' }: Resource, terminal: boolean): string {
  return terminal ? harmless(head) : head;
}

/**
 * Gives a body where it belongs: to a file, to a pipe as it is, to a terminal made harmless, or into a JSON object. Gives the
 * number of its octets, where it is not in an object. `head`: what stands in front of it, too.
 */
export async function deliver(resource: Resource, context: Context, more: Fields = {}, head = false): Promise<number> {
  const { io, values, sink } = context;
  if (values.json && sink.path === undefined) {
    await sink.write(jsonLine({ ...(await withBody(resource, values)), ...more }));
    return 0;
  }
  if (head) await sink.write(shownHead(resource, sink.terminal && !values.raw));
  const bytes = await body(resource, context);
  if (resource.complete === false) throw new ConnectionError('the body is not complete', { reason: 'truncated' });
  await sink.commit();
  if (values.json) await put(io.stdout, jsonLine(resourceRecord(resource, { output: sink.path, bytes, ...more })));
  return bytes;
}

async function body(resource: Resource, context: Context): Promise<number> {
  const { values, sink } = context;
  if (!sink.terminal || values.raw) return copy(resource, context);
  if (NO_TEXT.test(resource.type) && resource.size !== 0) {
    await resource.close();
    throw noText();
  }
  return show(resource, context);
}

/** Media types of what nobody reads on a terminal. */
const NO_TEXT =
  /^(?:(?:image\/(?!svg)|audio\/|video\/|font\/).*|application\/(?:octet-stream|zip|gzip|zstd|pdf|wasm|x-(?:bzip2|tar|xz)))$/;

function noText(): UsageError {
  return new UsageError('this is not text: -o FILE writes it to a file, --raw shows it all the same');
}

/** The bytes as they come. Gives their number. */
async function copy(resource: Resource, context: Context): Promise<number> {
  const { io, values, sink } = context;
  const progress = sink.terminal || values.quiet ? undefined : new Progress(io, resource.size);
  let bytes = 0;
  try {
    for await (const chunk of resource) {
      bytes += chunk.length;
      progress?.add(chunk.length);
      await orAbort(context, bytes, chunk);
    }
  } finally {
    progress?.end();
  }
  return bytes;
}

/** On a terminal: text in its character set, anything else as if it were UTF-8, and no control characters. */
async function show(resource: Resource, context: Context): Promise<number> {
  let bytes = 0;
  if (resource.type.startsWith('text/')) {
    for await (const line of resource.lines()) {
      bytes += Buffer.byteLength(line) + 1;
      await orAbort(context, bytes, `${harmless(line)}\n`);
    }
    return bytes;
  }
  const shown = new HarmlessText();
  for await (const chunk of resource) {
    // no text has these, and what has them is no text, whatever its type
    if (bytes === 0 && chunk.includes(0)) throw noText();
    bytes += chunk.length;
    await orAbort(context, bytes, shown.push(chunk));
  }
  await context.sink.write(shown.end());
  return bytes;
}

/** Writes. When our side of a transfer fails, or has had enough, nothing more is asked of the other. */
async function orAbort({ sink, values, abort }: Context, bytes: number, data: string | Uint8Array): Promise<void> {
  const { maxSize = Number.POSITIVE_INFINITY } = values;
  try {
    if (bytes > maxSize) throw limitError('the body (--max-size)', maxSize, { phase: 'body' });
    await sink.write(data);
  } catch (error) {
    abort(error);
    throw error;
  }
}

async function withBody(resource: Resource, { maxSize }: Values): Promise<Fields> {
  const text = isText(resource);
  const read = text ? await resource.text(maxSize) : (await resource.bytes(maxSize)).toString('base64');
  return resourceRecord(resource, { encoding: text ? 'text' : 'base64', body: read });
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
