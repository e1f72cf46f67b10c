import type { Duplex } from 'node:stream';

/** Waits until the stream takes more; calls `late` after `limit` milliseconds. False when it was closed instead. */
export function drained(stream: Duplex, limit: number, late: () => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = Number.isFinite(limit) ? setTimeout(late, limit) : undefined;
    const leave = (taken: boolean) => (): void => {
      clearTimeout(timer);
      stream.off('drain', onDrain).off('close', onClose);
      resolve(taken);
    };
    const onDrain = leave(true);
    const onClose = leave(false);
    stream.on('drain', onDrain).on('close', onClose);
  });
}

/** Ends a stream that has something left to write, and waits until it is written; `limit` milliseconds at most. */
export async function flushed(stream: Duplex, limit: number): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stream.off('finish', done).off('close', done);
      resolve();
    };
    const timer = setTimeout(done, limit);
    stream.on('finish', done).on('close', done);
    stream.end();
  });
}
