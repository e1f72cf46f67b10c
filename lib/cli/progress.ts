import { formatDuration } from './durations.ts';
import type { Io } from './io.ts';
import { formatSize } from './sizes.ts';

/** Before this there is nothing to see, in milliseconds. */
const DELAY = 500;
const INTERVAL = 200;

/** One line on a terminal that says how far it is; nothing where standard error is none, nor in CI. */
export class Progress {
  readonly #io: Io;
  #size: number | undefined;
  readonly #start = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #shown = false;

  /** `size`: how much there will be, where that is known. */
  constructor(io: Io, size?: number) {
    this.#io = io;
    this.#size = size;
    if (!io.stderr.isTTY || io.env['CI'] || io.env['TERM'] === 'dumb') return;
    this.#timer = setTimeout(() => {
      this.#show();
      this.#timer = setInterval(() => this.#show(), INTERVAL).unref();
    }, DELAY).unref();
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** So many of so many are there. */
  at(bytes: number, size: number | undefined): void {
    this.#bytes = bytes;
    this.#size = size;
  }

  /** Takes the line away. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#shown) this.#io.stderr.write('\r\x1b[K');
    this.#shown = false;
  }

  #show(): void {
    this.#shown = true;
    const elapsed = performance.now() - this.#start;
    const rate = `${formatSize((this.#bytes * 1000) / elapsed)}/s`;
    const whole = this.#size ? ` of ${formatSize(this.#size)}` : '';
    this.#io.stderr.write(`\r${formatSize(this.#bytes)}${whole}, ${rate}, ${formatDuration(elapsed)}\x1b[K`);
  }
}
