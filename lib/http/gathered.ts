/** Octets that are put behind one another: however small the pieces are, they cost no more than twice their own size. */
export class Gathered {
  #memory: Buffer = NOTHING;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Copies. */
  add(octets: Uint8Array): void {
    const size = this.#size + octets.length;
    if (size > this.#memory.length) {
      const memory = Buffer.allocUnsafeSlow(Math.max(size, this.#memory.length * 2));
      this.#memory.copy(memory, 0, 0, this.#size);
      this.#memory = memory;
    }
    this.#memory.set(octets, this.#size);
    this.#size = size;
  }

  /** A view of them. */
  get octets(): Buffer {
    return this.#memory.subarray(0, this.#size);
  }

  /** There are none any more, but their memory serves again. */
  clear(): void {
    this.#size = 0;
  }

  /** They are the caller's from then on, and there are none any more. */
  take(): Buffer {
    const { octets } = this;
    this.#memory = NOTHING;
    this.#size = 0;
    return octets;
  }
}

const NOTHING = Buffer.alloc(0);
