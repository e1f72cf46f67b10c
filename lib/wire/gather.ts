import { limitError } from '../core/errors.ts';
import type { ReceiveBuffer } from './buffer.ts';
import { DotDecoder } from './dot.ts';

/** The share of an announced size that must have come before memory is made for all of it. */
const PROVEN = 64;
/** Octets of small blocks that share one piece of memory, and how large a small one is at most. */
const SHARED = 64 * 1024;
const SMALL = 8 * 1024;
/** How much memory is kept for the next block: blocks are mostly as large as the one before. */
const KEPT = 4 * 1024 * 1024;

/** Dot blocks in one piece each, one after another. What lies in one piece already is not copied: see `octets`. */
export class GatheredBlock {
  readonly #decoder = new DotDecoder();
  #max = 0;
  #announced = 0;
  /** The one piece that there is so far, valid until the next bytes come. */
  #borrowed: Buffer | undefined;
  #memory: Buffer = NOTHING;
  #length = 0;
  /** The length of the block before that was in pieces. */
  #expected = 0;
  /** Memory that small blocks are copied into, and how much of it is used. */
  #shared: Buffer = NOTHING;
  #used = 0;

  /** The next block begins. `max`: the most octets to accept. */
  begin(max: number): void {
    this.#max = max;
    this.#announced = 0;
    this.#decoder.reset();
    this.#borrowed = undefined;
    if (this.#memory.length > KEPT) this.#memory = NOTHING;
    if (this.#length > 0) this.#expected = Math.min(this.#length, KEPT);
    this.#length = 0;
  }

  /** How many octets the peer says that there are, which is not believed at once. */
  expect(announced: number): void {
    this.#announced = Math.min(announced, this.#max);
  }

  /** Takes what is there of the block; true when that is all. Throws ProtocolError (`limit`). */
  take(bytes: ReceiveBuffer): boolean {
    if (this.#decoder.decode(bytes, this.#sink)) return true;
    if (this.#borrowed) this.#keep(this.#borrowed);
    this.#borrowed = undefined;
    return false;
  }

  /** The block, valid only until the next bytes come. */
  get octets(): Buffer {
    return this.#borrowed ?? this.#memory.subarray(0, this.#length);
  }

  /** The block, the caller's to keep. */
  owned(): Buffer {
    const borrowed = this.#borrowed;
    if (!borrowed) {
      const whole = this.#memory.subarray(0, this.#length);
      this.#memory = NOTHING;
      return whole;
    }
    if (borrowed.length > SMALL) return Buffer.from(borrowed);
    if (this.#shared.length - this.#used < borrowed.length) {
      this.#shared = Buffer.allocUnsafeSlow(SHARED);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += borrowed.copy(this.#shared, from);
    return this.#shared.subarray(from, this.#used);
  }

  readonly #sink = (chunk: Buffer): void => {
    if (this.#length === 0 && this.#borrowed === undefined) {
      if (chunk.length > this.#max) throw limitError('the size of a body', this.#max, { phase: 'body' });
      this.#borrowed = chunk;
      return;
    }
    if (this.#borrowed) this.#keep(this.#borrowed);
    this.#borrowed = undefined;
    this.#keep(chunk);
  };

  #keep(chunk: Buffer): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#max) throw limitError('the size of a body', this.#max, { phase: 'body' });
    if (needed > this.#memory.length) {
      const proven = needed * PROVEN >= this.#announced ? this.#announced : 0;
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, proven, this.#expected, this.#memory.length * 2));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    chunk.copy(this.#memory, this.#length);
    this.#length = needed;
  }
}

const NOTHING = Buffer.alloc(0);
