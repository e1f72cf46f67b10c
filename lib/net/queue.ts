import type { Waiting } from './request.ts';

/** Requests in the order in which they will be answered. Those at its end have not been written yet. */
export class Queue {
  #requests: (Waiting | undefined)[] = [];
  /** The first that is not over, and the first that has something left to write. */
  #head = 0;
  #writer = 0;

  get length(): number {
    return this.#requests.length - this.#head;
  }

  /** The one whose answer is next. */
  get first(): Waiting | undefined {
    return this.#requests[this.#head];
  }

  /** The one whose commands are next. */
  get writer(): Waiting | undefined {
    return this.#requests[this.#writer];
  }

  push(request: Waiting): void {
    this.#requests.push(request);
  }

  /** The writer has written all it has. */
  written(): void {
    this.#writer++;
  }

  /** The first one is over, if it still is this one. */
  shift(request: Waiting): void {
    if (this.first !== request) return;
    // nothing is kept alive by having been in line
    this.#requests[this.#head++] = undefined;
    if (this.#writer < this.#head) this.#writer = this.#head;
    // now and then, so that it costs nothing however many there are
    if (this.#head * 2 < this.#requests.length || (this.#head < 1024 && this.length > 0)) return;
    this.#requests = this.#requests.slice(this.#head);
    this.#writer -= this.#head;
    this.#head = 0;
  }

  /** Takes one out of line. False where it has begun, or is over. */
  withdraw(request: Waiting): boolean {
    const at = this.#requests.indexOf(request, this.#writer);
    if (at < 0 || request.begun) return false;
    this.#requests.splice(at, 1);
    return true;
  }

  /** Takes all out of line but the first `kept`. */
  cut(kept: number): readonly Waiting[] {
    const out = this.#requests.splice(this.#head + kept);
    if (kept === 0) this.#head = this.#requests.length;
    if (kept === 0 || this.#writer > this.#requests.length) this.#writer = this.#requests.length;
    return out.filter((request) => request !== undefined);
  }
}
