/** Where the octets of a form come from. */

import { Readable } from 'node:stream';
import { ConnectionError, limitError, NetkitError, UsageError } from '../core/errors.ts';
import { unlessAborted } from '../core/unless-aborted.ts';

/** The octets of a form: a request of Node, the body of a Request, standard input, or chunks. */
export type FormSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface Extent {
  /** How many octets there are, where that is known: no more is read. */
  readonly length?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives chunk by chunk to `take`, and waits for what it gives. A Node stream is not destroyed: who answers a request needs
 * it. Throws ProtocolError (`limit`) for more than `max` octets, ConnectionError (`truncated`) for fewer than there should
 * be and where the source fails, the reason of the signal, and what `take` throws.
 */
export async function eachChunk(
  source: FormSource,
  { length, signal }: Extent,
  max: number,
  take: (chunk: Uint8Array) => Promise<void> | undefined,
): Promise<void> {
  if (length !== undefined && !(Number.isSafeInteger(length) && length >= 0))
    throw new UsageError(`the length of a body is a whole number from 0 on, not ${length}`);
  if (length !== undefined && length > max) throw limitError('a form', max);
  const end = length ?? Number.POSITIVE_INFINITY;
  const chunks = iteratorOf(source);
  let size = 0;
  try {
    while (size < end) {
      const chunk = await nextOf(chunks, signal, size);
      if (!chunk) break;
      const mine = chunk.length > end - size ? chunk.subarray(0, end - size) : chunk;
      size += mine.length;
      if (size > max) throw limitError('a form', max);
      const taken = take(mine);
      if (taken) await taken;
    }
  } finally {
    const over = chunks.return?.().then(undefined, () => {});
    // a source that hangs would hang here too
    if (!signal?.aborted) await over;
  }
  if (length !== undefined && size < length) throw brokenOff(size);
}

function iteratorOf(source: FormSource): AsyncIterator<Uint8Array> {
  if (source instanceof Readable) return source.iterator({ destroyOnReturn: false });
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : eachOf(source);
}

async function* eachOf(source: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* source;
}

/** Undefined at the end. */
async function nextOf(
  chunks: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
  size: number,
): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await unlessAborted(chunks.next(), signal);
    if (done) return undefined;
    if (value instanceof Uint8Array) return value;
    throw new UsageError('the body of a form comes in octets: this one has been decoded already');
  } catch (cause) {
    if (cause instanceof NetkitError || signal?.aborted) throw cause;
    throw brokenOff(size, cause);
  }
}

function brokenOff(size: number, cause?: unknown): ConnectionError {
  const detail = { reason: 'truncated', phase: 'body', bytesReceived: size, cause } as const;
  return new ConnectionError(`the form broke off after ${size} octets of its body`, detail);
}
