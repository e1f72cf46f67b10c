import { type ErrorDetail, type Phase, TimeoutError } from '../core/errors.ts';
import { type CallOptions, durationOf } from '../core/options.ts';

/** Whom a connection is for; errors say it. */
export interface Destination {
  readonly host: string;
  readonly port?: number | undefined;
}

/**
 * Begins something, and returns how to leave it: the way out is taken exactly once, after `done`, after `fail`, and
 * when the time is up. It takes off listeners and destroys what did not win.
 */
export type Step<T> = (done: (value: T) => void, fail: (error: unknown) => void) => () => void;

/** One limit in time, and one signal, over several steps. Whoever makes one calls `end`. */
export class Deadline {
  readonly to: Destination;
  readonly #ms: number;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #phase: Phase;
  #cut: ((error: unknown) => void) | undefined;
  #over: { readonly error: unknown } | undefined;

  /** `ms` are milliseconds; `Infinity` is no limit. Throws UsageError for what is no such number. */
  constructor(ms: number, phase: Phase, to: Destination, { signal }: CallOptions = {}) {
    const limit = durationOf(ms);
    this.to = to;
    this.#ms = ms;
    this.#phase = phase;
    this.#signal = signal;
    if (signal?.aborted) this.#over = { error: signal.reason };
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (Number.isFinite(limit)) this.#timer = setTimeout(() => this.#expire(), limit);
  }

  /** What an error says of where it happened. */
  detail(phase: Phase, cause?: unknown): ErrorDetail {
    return { host: this.to.host, port: this.to.port, phase, cause };
  }

  /** Takes a step in `phase`. Throws what the step fails with, TimeoutError, the reason of the signal. */
  step<T>(phase: Phase, begin: Step<T>): Promise<T> {
    if (this.#over) return Promise.reject(this.#over.error);
    this.#phase = phase;
    return new Promise<T>((resolve, reject) => {
      let leave: (() => void) | undefined;
      let settled = false;
      const settle = (): boolean => {
        if (settled) return false;
        settled = true;
        this.#cut = undefined;
        leave?.();
        return true;
      };
      const fail = (error: unknown): void => {
        if (settle()) reject(error);
      };
      this.#cut = fail;
      leave = begin((value) => {
        if (settle()) resolve(value);
      }, fail);
      if (settled) leave();
    });
  }

  /** No more limits: takes off the timer and the listener. */
  end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#finish(this.#signal?.reason);

  #expire(): void {
    const { host, port } = this.to;
    const server = port === undefined ? host : `${host} port ${port}`;
    this.#finish(
      new TimeoutError(
        `${server}: ${WAITED[this.#phase] ?? 'no answer'} within ${this.#ms} ms`,
        this.detail(this.#phase),
      ),
    );
  }

  #finish(error: unknown): void {
    this.#over ??= { error };
    this.#cut?.(error);
  }
}

const WAITED: { readonly [P in Phase]?: string } = {
  resolve: 'no answer from the resolver',
  connect: 'no connection',
  proxy: 'no answer from the proxy',
  tls: 'no end of the TLS handshake',
};
