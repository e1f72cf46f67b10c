import { UsageError } from './errors.ts';

/** What a turn gives: its value, and, where the value is still being used after the turn, until when. */
export interface Turn<T> {
  readonly value: T;
  readonly until?: Promise<unknown>;
}

/** One at a time, in the order of asking. A turn that gave out a body lasts until the body has been read or closed. */
export class Turns {
  readonly #patience: number;
  #last: Promise<unknown> = Promise.resolve();
  #heldByBody = false;

  /** `patience`: how long a turn may be waited for behind a body that nobody reads, in milliseconds. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** Runs `work` when its turn has come. Throws UsageError (`unread-body`) when an earlier body blocks it for too long. */
  async take<T>(work: () => Promise<Turn<T>>): Promise<T> {
    const before = this.#last;
    let release: () => void = () => {};
    this.#last = new Promise<void>((resolve) => {
      release = resolve;
    });
    try {
      await this.#wait(before);
    } catch (error) {
      // Those behind us still wait for whoever was before us.
      before.then(release, release);
      throw error;
    }
    try {
      const { value, until } = await work();
      if (until === undefined) release();
      else this.#hold(until, release);
      return value;
    } catch (error) {
      release();
      throw error;
    }
  }

  #hold(until: Promise<unknown>, release: () => void): void {
    this.#heldByBody = true;
    const end = (): void => {
      this.#heldByBody = false;
      release();
    };
    until.then(end, end);
  }

  async #wait(before: Promise<unknown>): Promise<void> {
    if (this.#patience === Number.POSITIVE_INFINITY) return void (await before);
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Only an unread body is the caller's doing; a slow command has its own deadline.
        if (this.#heldByBody) {
          reject(
            new UsageError('an earlier body has not been read: read it, or close() it', { reason: 'unread-body' }),
          );
        } else timer?.refresh();
      }, this.#patience);
    });
    try {
      await Promise.race([before, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }
}
