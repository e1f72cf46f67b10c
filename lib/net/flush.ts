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
  stream.end();
  await finished(stream, limit);
}

/** Waits until a stream that has been ended is written, or gone; `limit` milliseconds at most. */
export async function finished(stream: Duplex, limit: number): Promise<void> {
  if (stream.writableFinished || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const leave = (): void => {
      clearTimeout(timer);
      stream.off('finish', leave).off('close', leave);
      resolve();
    };
    const timer = Number.isFinite(limit) ? setTimeout(leave, limit) : undefined;
    stream.on('finish', leave).on('close', leave);
  });
}

/** Waits until the system has all that was written so far; the stream goes on. */
export async function written(stream: Duplex): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.write(Buffer.alloc(0), () => resolve());
  });
}
