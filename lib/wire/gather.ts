import { limitError } from '../core/errors.ts';
import type { ReceiveBuffer } from './buffer.ts';
import { DotDecoder } from './dot.ts';

/** The share of an announced size that must have come before memory is made for all of it. */
const PROVEN = 16;

/** A dot block in one piece. What lies in one piece already is not copied: see `octets`. */
export class GatheredBlock {
  readonly #max: number;
  readonly #announced: number;
  #decoder = new DotDecoder();
  /** The one piece that there is so far, valid until the next bytes come. */
  #borrowed: Buffer | undefined;
  #memory: Buffer = NOTHING;
  #length = 0;

  /** `max`: the most octets to accept. `announced`: how many the peer said, which is not believed at once. */
  constructor(max: number, announced = 0) {
    this.#max = max;
    this.#announced = Math.min(announced, max);
  }

  /** Takes what is there of the block; true when that is all. Throws ProtocolError (`limit`). */
  take(bytes: ReceiveBuffer): boolean {
    if (this.#decoder.decode(bytes, this.#sink)) return true;
    if (this.#borrowed) this.#keep(this.#borrowed);
    this.#borrowed = undefined;
    return false;
  }

  /** The block, valid only until the next bytes come unless `owned`. */
  get octets(): Buffer {
    return this.#borrowed ?? this.#memory.subarray(0, this.#length);
  }

  /** The block, the caller's to keep. */
  owned(): Buffer {
    return this.#borrowed ? Buffer.from(this.#borrowed) : this.#memory.subarray(0, this.#length);
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
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, proven, this.#memory.length * 2));
      this.#memory.copy(larger, 0, 0, this.#length);
      this.#memory = larger;
    }
    chunk.copy(this.#memory, this.#length);
    this.#length = needed;
  }
}

const NOTHING = Buffer.alloc(0);
