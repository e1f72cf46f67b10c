/** MCCP: a zlib stream (RFC 1950) inside a connection. It begins in the middle, and may end before the connection does. */
import type { Deflate, Inflate } from 'node:zlib';
import { ProtocolError } from '../core/errors.ts';

/** How many octets are inflated at a time: what they become, at most 1032 times as much, is the most that is in memory. */
export const PIECE = 4 * 1024;

/** How many octets one octet may become on average, once `FREE` octets have come out. */
const RATIO = 1000;
const FREE = 1024 * 1024;

/** What comes, inflated: MCCP2 at a client, MCCP3 at a server. */
export class Inflater {
  readonly #inflate: Inflate;
  #sink: (chunk: Buffer) => void = () => {};
  #made = 0;
  #failure: { readonly error: unknown } | undefined;
  /** Whether the compressed data has ended. */
  ended = false;

  constructor() {
    const { constants, createInflate } = process.getBuiltinModule('node:zlib');
    this.#inflate = createInflate({ finishFlush: constants.Z_SYNC_FLUSH });
    this.#inflate.on('data', (chunk: Buffer) => this.#inflated(chunk));
  }

  /**
   * Inflates octets, and gives what they become to `sink`. Resolves to how many of them were taken: all, until the
   * compressed data has `ended`. Throws ProtocolError: `decode` for what is no zlib stream, `limit` for what becomes too
   * much; what `sink` throws.
   */
  async inflate(octets: Buffer, sink: (chunk: Buffer) => void): Promise<number> {
    this.#sink = sink;
    const before = this.#inflate.bytesWritten;
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: Error): void => reject(broken(cause));
      this.#inflate.once('error', fail);
      this.#inflate.write(octets, () => {
        this.#inflate.off('error', fail);
        resolve();
      });
    });
    if (this.#failure) throw this.#failure.error;
    const taken = this.#inflate.bytesWritten - before;
    this.ended = taken < octets.length;
    return taken;
  }

  close(): void {
    this.#inflate.on('error', () => {});
    this.#inflate.destroy();
  }

  #inflated(chunk: Buffer): void {
    if (this.#failure) return;
    this.#made += chunk.length;
    try {
      if (this.#made > FREE && this.#made > this.#inflate.bytesWritten * RATIO) throw bomb();
      this.#sink(chunk);
    } catch (error) {
      this.#failure = { error };
    }
  }
}

/** What is sent, deflated: MCCP3 at a client, MCCP2 at a server. It is flushed with every write. */
export class Deflater {
  readonly #deflate: Deflate;
  #sent: Promise<void> = Promise.resolve();

  /** `write` is given what is to be sent, in order. */
  constructor(write: (octets: Buffer) => Promise<void>) {
    const { constants, createDeflate } = process.getBuiltinModule('node:zlib');
    this.#deflate = createDeflate({ flush: constants.Z_SYNC_FLUSH });
    this.#deflate.on('data', (chunk: Buffer) => {
      this.#sent = write(chunk);
      // who writes is told; who reads is told anyway
      this.#sent.catch(() => {});
    });
  }

  /** Resolves when what the octets became has been handed on. */
  async write(octets: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#deflate.write(octets, (error) => (error ? reject(error) : resolve()));
    });
    await this.#sent;
  }

  /** Ends the compressed data: what is sent behind it is as it is. Resolves at once where it has been closed. */
  async end(): Promise<void> {
    if (!this.#deflate.destroyed) {
      await new Promise<void>((resolve) => this.#deflate.once('end', resolve).once('close', resolve).end());
    }
    await this.#sent;
  }

  close(): void {
    this.#deflate.on('error', () => {});
    this.#deflate.destroy();
  }
}

function broken(cause: Error): ProtocolError {
  return new ProtocolError(`what came is not compressed by zlib: ${cause.message}`, {
    ...{ protocol: 'telnet', phase: 'body' },
    reason: 'decode',
    cause,
  });
}

function bomb(): ProtocolError {
  const message = `what came becomes more than ${RATIO} times as large when it is decompressed`;
  return new ProtocolError(message, { protocol: 'telnet', phase: 'body', reason: 'limit' });
}
