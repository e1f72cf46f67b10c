/** Where what came goes: to a file, to a pipe, to a terminal, or into a record. */
import { ConnectionError, limitError, UsageError } from '../core/errors.ts';
import type { Resource } from '../core/resource.ts';
import { delivered, isText, responseOf } from './failure.ts';
import { put } from './io.ts';
import type { Values } from './options.ts';
import { Progress } from './progress.ts';
import { type Fields, jsonLine, resourceRecord } from './records.ts';
import type { Task } from './task.ts';
import { HarmlessText, harmless, harmlessLine } from './terminal.ts';
import type { Context } from './verbs.ts';

/** Delivers what was asked for. Of an answer that says no the body, too, where it is asked for; it fails all the same. */
export async function answer(asked: Promise<Resource>, task: Task, context: Context, more?: Fields): Promise<void> {
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

function body(resource: Resource, context: Context): Promise<number> {
  const { values, sink } = context;
  return sink.terminal && !values.raw ? show(resource, context) : copy(resource, context);
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

/** Media types of what nobody reads on a terminal. */
const NO_TEXT =
  /^(?:(?:image\/(?!svg)|audio\/|video\/|font\/).*|application\/(?:octet-stream|zip|gzip|zstd|pdf|wasm|x-(?:bzip2|tar|xz)))$/;

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
    // no text has a NUL, whatever its type
    if (bytes === 0 && (NO_TEXT.test(resource.type) || chunk.includes(0))) throw noText();
    bytes += chunk.length;
    await orAbort(context, bytes, shown.push(chunk));
  }
  await context.sink.write(shown.end());
  return bytes;
}

function noText(): UsageError {
  return new UsageError('this is not text: -o FILE writes it to a file, --raw shows it all the same');
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
