import { spawnSync } from 'node:child_process';
import { nameOfKey } from './escape.ts';
import type { Input } from './io.ts';

/**
 * What the terminal does with a key. `lines`: it shows it, and gives whole lines, which can be mended before.
 * `keys`: it gives every key at once, Ctrl-C too, and shows nothing. `secret`: the same, but it is for lines that nobody
 * is to see: whoever reads them puts them together.
 */
export type KeyMode = 'lines' | 'keys' | 'secret';

export interface KeyboardOptions {
  /** Gives a line at once where this key is in it, in `lines`. */
  readonly escape?: string | undefined;
  /** Whether what is printed in `keys` reaches the screen as it is: else a line feed also returns to the first column. */
  readonly plain?: boolean | undefined;
}

/** A terminal's keyboard. It is as it was after `restore`, which is also called when the process exits. */
export class Keyboard {
  readonly #input: Input;
  readonly #options: KeyboardOptions;
  readonly #settings: string | undefined;
  #mode: KeyMode = 'lines';

  constructor(input: Input, options: KeyboardOptions = {}) {
    this.#input = input;
    this.#options = options;
    this.#settings = this.#stty('-g')?.trim();
    this.#apply();
    process.on('exit', this.#onExit).on('SIGCONT', this.#onContinue);
  }

  get mode(): KeyMode {
    return this.#mode;
  }

  set mode(mode: KeyMode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#apply();
  }

  restore(): void {
    process.off('exit', this.#onExit).off('SIGCONT', this.#onContinue);
    this.#mode = 'lines';
    this.#input.setRawMode?.(false);
    if (this.#settings) this.#stty(this.#settings);
  }

  readonly #onExit = (): void => this.restore();

  /** Somebody else had the terminal while this process was stopped. */
  readonly #onContinue = (): void => {
    this.#input.setRawMode?.(false);
    this.#apply();
  };

  #apply(): void {
    const { escape: key, plain } = this.#options;
    this.#input.setRawMode?.(this.#mode !== 'lines');
    if (this.#mode === 'keys' && plain) this.#stty('-opost');
    if (this.#mode === 'lines' && key && key < '\x80') this.#stty('eol', nameOfKey(key));
  }

  /** What Node cannot set. Where there is no such program, the terminal does without. */
  #stty(...words: readonly string[]): string | undefined {
    const { fd } = this.#input;
    if (fd === undefined || !this.#input.isTTY) return undefined;
    const { status, stdout } = spawnSync('stty', words, {
      stdio: [fd, 'pipe', 'ignore'],
      encoding: 'utf8',
      timeout: 1000,
    });
    return status === 0 ? stdout : undefined;
  }
}
