/** Something that happens once, and that may be waited for. The promise is made when somebody wants it. */
export class Latch {
  #isOpen = false;
  #opened: Promise<void> | undefined;
  #resolve: (() => void) | undefined;

  open(): void {
    this.#isOpen = true;
    this.#resolve?.();
  }

  get opened(): Promise<void> {
    this.#opened ??= this.#isOpen
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.#resolve = resolve;
        });
    return this.#opened;
  }
}
