import { type CallOptions, durationOf } from '../core/options.ts';
import type { WaitOptions } from '../core/verbs.ts';

/**
 * Asked at once, and whenever something has come; at the end it must give something. `fresh` puts together what has come
 * since it was asked before, at first all that is unread.
 */
export type Want<T> = (ended: boolean, fresh: () => string) => T | undefined;

export interface IdleOptions extends CallOptions {
  /** Silence does not count before this is over; what it fails with is thrown. */
  readonly after?: Promise<unknown> | undefined;
  /** Asked whenever something has come: whether that is enough. */
  readonly enough?: (() => boolean) | undefined;
}

/** How long a wait may last, and who may end it before. */
export class Wait {
  /** Why it is to end, once it is. */
  over: { readonly error: unknown } | undefined;
  readonly #end: (error: unknown) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  /**
   * `end` is told why it ends: what `late` makes of the limit in milliseconds, or the reason of the signal. Throws
   * UsageError for what is no duration, and the reason of a signal that has been aborted.
   */
  constructor(
    { timeout, signal }: { readonly timeout: number } & Pick<WaitOptions, 'signal'>,
    late: (limit: number) => unknown,
    end: (error: unknown) => void,
  ) {
    signal?.throwIfAborted();
    const limit = durationOf(timeout);
    this.#end = end;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (Number.isFinite(limit)) this.#timer = setTimeout(() => this.#finish(late(limit)), limit);
  }

  /** Something has come: the limit begins anew. */
  renew(): void {
    this.#timer?.refresh();
  }

  leave(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#finish(this.#signal?.reason);

  #finish(error: unknown): void {
    this.over ??= { error };
    this.#end(error);
  }
}
