import type { Writable } from 'node:stream';
import type { HttpRaw } from '../fixture.ts';
import type { Answer, Information } from './answer.ts';
import type { HttpSession } from './session.ts';

/** Where the answer to one request goes. */
export interface Outlet {
  readonly session: HttpSession;
  /** Whether the client waits until it is told to send its body. */
  readonly isWaiting: boolean;
  /** Whether anybody is still there. */
  readonly isOpen: boolean;
  /** An answer before the answer (1xx). */
  inform(information: Information): void;
  /** Resolves when it is on its way as a whole, or nobody is there any more. Throws what the body throws. */
  send(answer: Answer): Promise<void>;
  sendRaw(raw: HttpRaw): Promise<void>;
  /** The answer has been said already. */
  skip(): Promise<void>;
  /** What has been said of an answer will never be whole: nobody must take it for that. */
  abandon(): Promise<void>;
}

/**
 * Writes chunks as fast as they are taken, until nobody is there any more; gives the number of octets. Throws what the
 * chunks throw.
 */
export async function deliver(chunks: AsyncIterable<Uint8Array>, to: Writable): Promise<number> {
  let octets = 0;
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await unlessClosed(to, iterator.next());
      if (!step || step.done || to.destroyed) return octets;
      octets += step.value.length;
      if (!to.write(step.value)) await unlessClosed(to, drained(to));
    }
  } finally {
    // who waits for something else learns of it when that has come
    void iterator.return?.().then(undefined, () => {});
  }
}

/** What was awaited; undefined when the stream is closed before that. */
function unlessClosed<T>(stream: Writable, awaited: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    if (stream.closed) return resolve(undefined);
    const onClose = (): void => resolve(undefined);
    stream.once('close', onClose);
    awaited.then(resolve, reject).finally(() => stream.off('close', onClose));
  });
}

async function drained(stream: Writable): Promise<void> {
  if (stream.writableNeedDrain) await new Promise((resolve) => stream.once('drain', resolve));
}
