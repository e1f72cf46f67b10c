import type { Readable, Writable } from 'node:stream';

/** A terminal tells its size in characters, and emits `resize`. */
export type Output = Writable & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};
export type Input = Readable & {
  readonly isTTY?: boolean | undefined;
  readonly setRawMode?: ((raw: boolean) => unknown) | undefined;
  readonly fd?: number | undefined;
};

/** What the command touches of the world; `process` is one. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Interrupts the command, as SIGINT does. */
  readonly signal?: AbortSignal | undefined;
}

/** Whoever read our output has gone: there is nobody left to tell. */
export class BrokenPipe extends Error {}

/** Writes, and waits until it has been taken. Throws BrokenPipe when the reader has gone. */
export async function put(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (data.length === 0) return;
  await new Promise<void>((resolve, reject) => {
    stream.write(data, (error) => {
      if (!error) resolve();
      else reject(isPipeError(error) ? new BrokenPipe('the reader has gone', { cause: error }) : error);
    });
  });
}

function isPipeError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'ERR_STREAM_WRITE_AFTER_END';
}
