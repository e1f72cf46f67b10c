import { TimeoutError } from '../core/errors.ts';
import { durationOf } from '../core/options.ts';

/** How long one request may last as a whole: until it is aborted, or its time is over. */
export class Lifetime {
  /** Undefined where nothing ends it. */
  readonly signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #leave: (() => void) | undefined;

  /** `total` is in milliseconds. Throws UsageError for what is no duration. */
  constructor(total: number | undefined, ...signals: readonly (AbortSignal | undefined)[]) {
    const all = signals.filter((signal) => signal !== undefined);
    const given = all.length < 2 ? all : [...new Set(all)];
    const limit = total === undefined ? Number.POSITIVE_INFINITY : durationOf(total);
    if (given.length < 2 && limit === Number.POSITIVE_INFINITY) {
      this.signal = given[0];
      return;
    }
    const controller = new AbortController();
    this.signal = controller.signal;
    const aborts = given.map((signal) => {
      const abort = (): void => controller.abort(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
      return () => signal.removeEventListener('abort', abort);
    });
    this.#leave = () => {
      for (const leave of aborts) leave();
    };
    if (limit === Number.POSITIVE_INFINITY) return;
    const late = (): void =>
      controller.abort(new TimeoutError(`the whole took longer than ${limit} ms`, { protocol: 'http' }));
    this.#timer = setTimeout(late, limit);
  }

  /** It is over: nothing is held on to. */
  end(): void {
    clearTimeout(this.#timer);
    this.#leave?.();
  }
}
