import type { Duplex } from 'node:stream';
import { ConnectionError } from '../core/errors.ts';
import type { Deadline } from './deadline.ts';

/**
 * Question and answer with a proxy on a stream that will be somebody else's: reads as many bytes as are asked for and
 * not one more, however they come, because what follows the proxy's answer is the server's greeting.
 */
export class Exchange {
  readonly #stream: Duplex;
  readonly #deadline: Deadline;
  readonly #name: string;
  #bytes: Buffer = Buffer.alloc(0);

  /** Takes a paused stream. `name` is what the peer is called in messages. */
  constructor(stream: Duplex, deadline: Deadline, name: string) {
    this.#stream = stream;
    this.#deadline = deadline;
    this.#name = name;
  }

  write(bytes: Uint8Array | string): void {
    this.#stream.write(bytes);
  }

  /** Exactly `count` bytes. Throws ConnectionError `proxy` when the stream ends before, TimeoutError. */
  async read(count: number): Promise<Buffer> {
    return this.take((bytes) => (bytes.length < count ? undefined : count));
  }

  /** The bytes up to where `find` sees the end of what it wants; it is asked again whenever there are more. */
  async take(find: (bytes: Buffer) => number | undefined): Promise<Buffer> {
    const end = find(this.#bytes) ?? (await this.#more(find));
    const taken = this.#bytes.subarray(0, end);
    this.#bytes = this.#bytes.subarray(end);
    return taken;
  }

  /** Gives back what was not asked for. The stream is paused. */
  end(): void {
    if (this.#bytes.length > 0) this.#stream.unshift(this.#bytes);
    this.#bytes = Buffer.alloc(0);
  }

  async #more(find: (bytes: Buffer) => number | undefined): Promise<number> {
    const stream = this.#stream;
    return this.#deadline.step<number>('proxy', (done, fail) => {
      const onData = (chunk: Buffer): void => {
        this.#bytes = this.#bytes.length > 0 ? Buffer.concat([this.#bytes, chunk]) : chunk;
        try {
          const end = find(this.#bytes);
          if (end !== undefined) done(end);
        } catch (error) {
          fail(error);
        }
      };
      const onEnd = (): void => fail(this.#lost());
      const onError = (cause: Error): void => fail(this.#lost(cause));
      stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
      stream.resume();
      return () => {
        stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
        stream.pause();
      };
    });
  }

  #lost(cause?: Error): ConnectionError {
    const detail = { ...this.#deadline.detail('proxy', cause), reason: 'proxy' } as const;
    return new ConnectionError(
      `${this.#name} closed the connection before it had answered: is it a proxy of this kind?`,
      detail,
    );
  }
}
