/**
 * A timer for waits that mostly are short, and follow one another at once: it is not set again for each. When it goes off
 * it looks whether the wait of now is really over.
 */
export class Alarm {
  readonly #late: (limit: number) => void;
  readonly #isNeeded: () => boolean;
  #timer: NodeJS.Timeout | undefined;
  #limit = 0;
  /** When the wait is over, and when the timer goes off. */
  #until = 0;
  #at = 0;

  /** `late`: a wait was longer than its limit. `isNeeded`: whether anybody waits. */
  constructor(late: (limit: number) => void, isNeeded: () => boolean) {
    this.#late = late;
    this.#isNeeded = isNeeded;
  }

  /** A wait begins, or begins anew; `limit` is in milliseconds, `Infinity` is none. */
  begin(limit: number): void {
    this.#limit = limit;
    this.#until = performance.now() + limit;
    if (this.#timer && this.#at <= this.#until) this.#timer.ref();
    else {
      this.end();
      if (Number.isFinite(limit)) this.#set(limit);
    }
  }

  /** The wait is over. The timer goes on, but no process waits for it. */
  rest(): void {
    this.#timer?.unref();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(delay: number): void {
    this.#at = this.#until;
    this.#timer = setTimeout(() => this.#ring(), delay);
  }

  #ring(): void {
    this.#timer = undefined;
    if (!this.#isNeeded()) return;
    const left = this.#until - performance.now();
    if (left <= 0) this.#late(this.#limit);
    else if (Number.isFinite(left)) this.#set(Math.ceil(left));
  }
}
