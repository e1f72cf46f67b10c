import { ReceiveBuffer } from '../lib/wire/buffer.ts';
import type { Framing } from '../lib/wire/framing.ts';

/** Every way to cut bytes in two, and then one byte at a time. */
export function* everyCut(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  for (let at = 1; at < bytes.length; at++) yield [bytes.slice(0, at), bytes.slice(at)];
  yield Array.from(bytes, (octet) => Uint8Array.of(octet));
}

/** Feeds chunks to a framing as a connection would. Gives the text, whether it ended, and what was left behind it. */
export function feed(
  framing: Framing,
  chunks: readonly Uint8Array[],
  ended = false,
): { text: string; done: boolean; rest: string } {
  const bytes = new ReceiveBuffer();
  const parts: Buffer[] = [];
  const sink = (part: Buffer): void => void parts.push(Buffer.from(part));
  let done = false;
  for (const chunk of chunks) {
    bytes.push(Uint8Array.from(chunk));
    if (!done) done = framing.take(bytes, false, sink);
  }
  if (!done && ended) done = framing.take(bytes, true, sink);
  return { text: Buffer.concat(parts).toString('latin1'), done, rest: bytes.takeAll().toString('latin1') };
}

/** What a promise is rejected with. Fails when it is not. */
export async function rejection(work: Promise<unknown> | (() => Promise<unknown>)): Promise<unknown> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

/** All of an async iterable. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const gathered: T[] = [];
  for await (const item of items) gathered.push(item);
  return gathered;
}

/** All entries of a listing, and whether it says that these are all. */
export async function listed<T, C>(listing: AsyncGenerator<T, C, void>): Promise<{ entries: T[]; complete: C }> {
  const entries: T[] = [];
  for (;;) {
    const { done, value } = await listing.next();
    if (done) return { entries, complete: value };
    entries.push(value);
  }
}
