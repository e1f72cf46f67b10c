/** Where the octets of a body come from: memory, a file on the disk, or a stream. */
import { accessSync, closeSync, constants, createReadStream, openSync, readSync, type Stats, statSync } from 'node:fs';
import { NetkitError, UsageError } from '../core/errors.ts';
import type { RequestBody } from './exchange.ts';
import { toUtf8 } from './percent.ts';

/** Octets that can be sent again, unless `repeatable` says otherwise. */
export type Source = Pick<RequestBody, 'size' | 'repeatable' | 'open'>;

/** What may be sent: text is UTF-8. A Node Readable and a web ReadableStream are AsyncIterables. */
export type Sendable = string | Uint8Array | Blob | AsyncIterable<Uint8Array>;

/** Throws UsageError for what has no octets, and for text that is none. */
export function sourceOf(given: Sendable, size?: number): Source {
  if (typeof given === 'string') return octets(toUtf8(given));
  if (given instanceof Uint8Array) return octets(given);
  if (given instanceof Blob) return { size: given.size, repeatable: true, open: () => chunksOf(given.stream()) };
  if (typeof given === 'object' && given !== null && Symbol.asyncIterator in given) return stream(given, size);
  throw new UsageError('a body is text, octets, a Blob, or a stream of octets');
}

function octets(given: Uint8Array): Source {
  return { size: given.length, repeatable: true, open: () => given };
}

/** A stream can be read once. */
function stream(given: AsyncIterable<unknown>, size: number | undefined): Source {
  let opened = false;
  return {
    size,
    repeatable: false,
    open: () => {
      if (opened) throw new UsageError('a stream is sent once: give octets or a file to have it sent again');
      opened = true;
      return size === undefined ? chunksOf(given) : exactly(chunksOf(given), size, 'the stream');
    },
  };
}

/** What a stream gives is only known when it comes: a Readable may give strings. Its failure is its own, not the wire's. */
async function* chunksOf(given: AsyncIterable<unknown>, what = 'the stream'): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of given) {
      if (chunk instanceof Uint8Array) yield chunk;
      else if (typeof chunk === 'string') yield toUtf8(chunk);
      else throw new UsageError('a stream that is sent gives octets: this one gives something else');
    }
  } catch (cause) {
    if (cause instanceof NetkitError) throw cause;
    throw new UsageError(`${what} has failed while it was being sent`, { cause });
  }
}

/**
 * A file on the disk, read when it is sent. Its size is that of now: what has been added since is not sent, and a file that
 * has become shorter is an error while it is sent. Pipes and devices are streams. Throws UsageError for what cannot be read.
 */
export function fileSource(path: string): Source {
  const { stats, empty } = look(path);
  if (stats.isDirectory()) throw new UsageError('a folder cannot be sent: send its files');
  if (!stats.isFile()) return stream(octetsOf(path), undefined);
  if (empty) return octets(new Uint8Array(0));
  const size = stats.size > 0 ? stats.size : undefined;
  return { size, repeatable: true, open: () => octetsOf(path, size) };
}

/** What the system makes up while it is read (`/proc`) says that it has no octets, and is not empty. */
function look(path: string): { readonly stats: Stats; readonly empty: boolean } {
  try {
    accessSync(path, constants.R_OK);
    const stats = statSync(path);
    return { stats, empty: stats.isFile() && stats.size === 0 && isEmpty(path) };
  } catch (cause) {
    throw new UsageError('the file to be sent cannot be read', { cause });
  }
}

function isEmpty(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    return readSync(file, Buffer.alloc(1)) === 0;
  } finally {
    closeSync(file);
  }
}

async function* octetsOf(path: string, size?: number): AsyncGenerator<Uint8Array> {
  const file = chunksOf(createReadStream(path, size === undefined ? {} : { end: size - 1 }), 'the file');
  yield* size === undefined ? file : exactly(file, size, 'the file');
}

/** Chunks that are as many octets as was said, since it was said to the server. */
async function* exactly(chunks: AsyncIterable<Uint8Array>, size: number, what: string): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    sent += chunk.length;
    if (sent > size) throw new UsageError(`${what} is longer than it was said to be`);
    yield chunk;
  }
  if (sent < size) throw new UsageError(`${what} has become shorter, or is shorter than it was said to be`);
}
