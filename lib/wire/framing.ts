import { limitError } from '../core/errors.ts';
import type { ReceiveBuffer } from './buffer.ts';
import { DotDecoder, type Unstuff } from './dot.ts';

/** How a body says where it ends. Pure: it takes what belongs to the body and leaves what does not. */
export interface Framing {
  /**
   * Takes what is there of the body and gives it to `sink`, in views that are valid only during the call. True when the
   * body has ended. `ended` says that nothing more will come, because the peer has closed the connection in good order.
   */
  take(bytes: ReceiveBuffer, ended: boolean, sink: (chunk: Buffer) => void): boolean;
  /** After the end: whether the peer proved that nothing is missing. */
  readonly complete: boolean | 'unknown';
}

/** A body that lasts until the peer closes. Nothing proves that it is whole. */
export class ToEnd implements Framing {
  complete: boolean | 'unknown' = false;

  take(bytes: ReceiveBuffer, ended: boolean, sink: (chunk: Buffer) => void): boolean {
    if (bytes.length > 0) sink(bytes.takeAll());
    if (ended) this.complete = 'unknown';
    return ended;
  }
}

/** A body of exactly `size` octets. */
export class Exactly implements Framing {
  #left: number;
  complete = false;

  constructor(size: number) {
    this.#left = size;
  }

  take(bytes: ReceiveBuffer, _ended: boolean, sink: (chunk: Buffer) => void): boolean {
    if (bytes.length > 0 && this.#left > 0) {
      const chunk = bytes.takeUpTo(this.#left);
      this.#left -= chunk.length;
      sink(chunk);
    }
    this.complete = this.#left === 0;
    return this.complete;
  }
}

/** A dot block. Without its final dot it is cut short, unless the protocol lets the end of the connection do. */
export class DotBlock implements Framing {
  readonly #decoder: DotDecoder;
  readonly #endsWithout: boolean;
  complete: boolean | 'unknown' = false;

  constructor(options: { readonly unstuff?: Unstuff; readonly endsWithout?: boolean } = {}) {
    this.#decoder = new DotDecoder(options.unstuff);
    this.#endsWithout = options.endsWithout ?? false;
  }

  take(bytes: ReceiveBuffer, ended: boolean, sink: (chunk: Buffer) => void): boolean {
    if (this.#decoder.decode(bytes, sink)) {
      this.complete = true;
      return true;
    }
    if (!ended || !this.#endsWithout) return false;
    this.#decoder.finish(sink);
    this.complete = 'unknown';
    return true;
  }
}

/** Any body, but not more than `max` octets of it. */
export class AtMost implements Framing {
  readonly #framing: Framing;
  readonly #max: number;
  #taken = 0;

  constructor(framing: Framing, max: number) {
    this.#framing = framing;
    this.#max = max;
  }

  get complete(): boolean | 'unknown' {
    return this.#framing.complete;
  }

  take(bytes: ReceiveBuffer, ended: boolean, sink: (chunk: Buffer) => void): boolean {
    return this.#framing.take(bytes, ended, (chunk) => {
      this.#taken += chunk.length;
      if (this.#taken > this.#max) throw limitError('the size of a body', this.#max, { phase: 'body' });
      sink(chunk);
    });
  }
}
