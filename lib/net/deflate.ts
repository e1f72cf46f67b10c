/** Compression of a whole connection (RFC 1951, as in RFC 8054 for NNTP and RFC 4978 for IMAP). */
import { Duplex, type DuplexOptions } from 'node:stream';
import type { DeflateRaw, InflateRaw } from 'node:zlib';
import { ProtocolError } from '../core/errors.ts';
import { standsOn } from './reset.ts';

export interface DeflateOptions {
  /** How many octets one octet may become on average, once `free` octets have come. Default 1000. */
  readonly ratio?: number | undefined;
  /** How many octets may come before their ratio matters. Default 1 MiB. */
  readonly free?: number | undefined;
  /** From 0, no compression, to 9. Default 6. */
  readonly level?: number | undefined;
}

type Done = (error?: Error | null) => void;

/**
 * Puts compression on top of a stream: what is written is deflated, and flushed with every write, so that the peer can
 * read it at once; what comes is inflated. Pauses when it is not read, and when the peer does not read. Fails with
 * ProtocolError: `decode` for what is no DEFLATE, `limit` for what becomes too much.
 */
export function deflated(stream: Duplex, options: DeflateOptions = {}): Duplex {
  const upper = new Deflated(stream, options);
  standsOn(upper, stream);
  return upper;
}

class Deflated extends Duplex {
  readonly #lower: Duplex;
  readonly #inflate: InflateRaw;
  readonly #deflate: DeflateRaw;
  readonly #ratio: number;
  readonly #free: number;
  /** Octets that inflating has made. */
  #made = 0;
  #lowerEnded = false;

  constructor(lower: Duplex, { ratio = 1000, free = 1024 * 1024, level = 6 }: DeflateOptions) {
    const options: DuplexOptions = { allowHalfOpen: lower.allowHalfOpen, emitClose: true };
    super(options);
    this.#lower = lower;
    this.#ratio = ratio;
    this.#free = free;
    const { constants, createDeflateRaw, createInflateRaw } = process.getBuiltinModule('node:zlib');
    // RFC 8054 has no end of the compressed data: it ends with the connection
    this.#inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
    this.#deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH, level });
    this.#receive();
    this.#send();
    lower.on('error', this.#onError).on('close', this.#onClose);
  }

  #receive(): void {
    this.#inflate
      .on('data', (chunk: Buffer) => this.#inflated(chunk))
      .on('drain', () => void this.#lower.resume())
      .on('end', () => void this.push(null))
      .on('error', (cause) => this.destroy(broken(cause)));
    this.#inflate.pause();
    this.#lower.on('data', this.#onData).on('end', this.#onEnd);
    this.#lower.resume();
  }

  #send(): void {
    this.#deflate
      .on('data', (chunk: Buffer) => {
        if (this.#lower.writable && !this.#lower.write(chunk)) this.#deflate.pause();
      })
      .on('end', () => this.#lower.end())
      .on('error', (error) => this.destroy(error));
    this.#lower.on('drain', this.#onDrain);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.#inflate.write(chunk)) this.#lower.pause();
  };

  readonly #onEnd = (): void => {
    this.#lowerEnded = true;
    this.#inflate.end();
  };

  readonly #onDrain = (): void => void this.#deflate.resume();

  readonly #onError = (error: Error): void => void this.destroy(error);

  /** What has come in good order can still be read. */
  readonly #onClose = (): void => {
    if (!this.#lowerEnded) this.destroy();
  };

  #inflated(chunk: Buffer): void {
    this.#made += chunk.length;
    if (this.#made > this.#free && this.#made > this.#inflate.bytesWritten * this.#ratio) {
      this.destroy(bomb(this.#ratio));
      return;
    }
    if (!this.push(chunk)) this.#inflate.pause();
  }

  override _read(): void {
    this.#inflate.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#deflate.write(chunk, (error) => this.#written(error, done));
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: Done): void {
    this.#lower.once('finish', () => done());
    this.#deflate.end();
  }

  override _destroy(error: Error | null, done: Done): void {
    const lower = this.#lower;
    lower.off('data', this.#onData).off('end', this.#onEnd).off('drain', this.#onDrain);
    lower.off('error', this.#onError).off('close', this.#onClose);
    lower.on('error', () => {});
    lower.destroy();
    this.#inflate.destroy();
    this.#deflate.destroy();
    done(error);
  }

  /** A write is done when the stream beneath has handed it on: who destroys this one then loses nothing. */
  #written(error: Error | null | undefined, done: Done): void {
    if (error || this.#lower.writableLength === 0) done(error);
    else this.#lower.write(NOTHING, done);
  }
}

const NOTHING = Buffer.alloc(0);

function broken(cause: Error): ProtocolError {
  return new ProtocolError(`what came is not compressed by DEFLATE: ${cause.message}`, {
    phase: 'body',
    reason: 'decode',
    cause,
  });
}

function bomb(ratio: number): ProtocolError {
  const message = `what came becomes more than ${ratio} times as large when it is decompressed`;
  return new ProtocolError(message, { phase: 'body', reason: 'limit' });
}
