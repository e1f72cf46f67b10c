import { TimeoutError } from '../../core/errors.ts';
import type { WaitOptions } from '../../mock/server.ts';
import type { HttpSeen } from '../fixture.ts';
import type { Seen } from './seen.ts';

/** What a request is recognised by: a part of its start line (`GET /a HTTP/1.1`), a pattern, a question. */
export type RequestMatch = string | RegExp | ((request: HttpSeen) => boolean);

/** How many octets of bodies are kept, of all requests together. */
const OCTETS = 64 * 1024 * 1024;

/** The requests that have come, the last of them, and who waits for one. */
export class Records {
  readonly #max: number;
  readonly #requests: Seen[] = [];
  readonly #waiters = new Set<(request: Seen) => void>();
  #octets = 0;

  /** `max`: how many are kept. */
  constructor(max: number) {
    this.#max = max;
  }

  get requests(): readonly Seen[] {
    return this.#requests.slice(-this.#max);
  }

  add(request: Seen): void {
    this.#requests.push(request);
    // in large pieces, so that it costs little
    if (this.#requests.length > this.#max * 1.1 + 10) this.#forget(this.#requests.length - this.#max);
    if (request.complete) this.#over(request);
    else void request.over.then(() => this.#over(request));
  }

  /** The first that fits, once all of it has come. Throws TimeoutError; the reason of the signal. */
  async wait(match: RequestMatch, { timeout = 5_000, signal }: WaitOptions): Promise<HttpSeen> {
    signal?.throwIfAborted();
    const matches = matcher(match);
    const known = this.#requests.find((request) => request.complete && matches(request));
    if (known) return known;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter = (request: Seen): void => {
        if (!matches(request)) return;
        leave();
        resolve(request);
      };
      const onAbort = (): void => {
        leave();
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        leave();
        reject(new TimeoutError(`nobody asked for ${match} within ${timeout} ms; the last requests:\n${this.#tail()}`));
      }, timeout);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  #over(request: Seen): void {
    this.#octets += request.size;
    while (this.#octets > OCTETS && this.#requests.length > 1) this.#forget(1);
    if (request.complete) for (const waiter of this.#waiters) waiter(request);
  }

  #forget(count: number): void {
    for (const { size } of this.#requests.splice(0, count)) this.#octets = Math.max(0, this.#octets - size);
  }

  #tail(): string {
    return this.#requests.slice(-10).map(startLine).join('\n') || '(none)';
  }
}

function startLine({ method, target, version }: HttpSeen): string {
  return `${method} ${target} HTTP/${version}`;
}

function matcher(match: RequestMatch): (request: HttpSeen) => boolean {
  if (typeof match === 'function') return match;
  if (typeof match === 'string') return (request) => startLine(request).includes(match);
  return (request) => startLine(request).search(match) >= 0;
}
