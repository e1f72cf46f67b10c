import { type NetConnectOpts, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { World } from '../../lib/net/dial.ts';

/** A socket without a network. It answers each write with the next of its replies, each given as the pieces it comes in. */
export class FakeSocket extends Socket {
  readonly written: Buffer[] = [];
  readonly #replies: (readonly Uint8Array[])[];

  constructor(replies: readonly (readonly Uint8Array[])[] = []) {
    super();
    this.#replies = [...replies];
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.written.push(chunk);
    callback();
    void this.#answer(this.#replies.shift() ?? []);
  }

  override _final(callback: (error?: Error | null) => void): void {
    callback();
  }

  async #answer(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) {
      await setImmediate();
      if (!this.destroyed && piece.length > 0) this.push(piece);
    }
  }

  succeed(): this {
    this.emit('connect');
    return this;
  }

  refuse(): this {
    this.destroy(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    return this;
  }
}

/** An attempt to connect that a test sees, and decides. */
export interface Attempt {
  readonly host: string;
  /** Milliseconds after the first one. */
  readonly at: number;
  readonly socket: FakeSocket;
}

/** A world in which names have the addresses of a table, and each attempt is decided by `decide`. */
export function fakeWorld(
  names: Readonly<Record<string, readonly string[] | NodeJS.ErrnoException>>,
  decide: (attempt: Attempt, index: number) => void = () => {},
): World & { readonly attempts: Attempt[]; readonly asked: string[] } {
  const attempts: Attempt[] = [];
  const asked: string[] = [];
  let first = 0;
  return {
    attempts,
    asked,
    env: {},
    lookup: (host, _family, found) => {
      asked.push(host);
      const answer = names[host] ?? notFound(host);
      queueMicrotask(() => (answer instanceof Error ? found(answer, []) : found(null, answer)));
    },
    connect: (options: NetConnectOpts) => {
      first ||= performance.now();
      const host = 'host' in options && options.host ? options.host : '';
      const attempt = { host, at: performance.now() - first, socket: new FakeSocket() };
      attempts.push(attempt);
      process.nextTick(() => decide(attempt, attempts.length - 1));
      return attempt.socket;
    },
  };
}

export function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
}
