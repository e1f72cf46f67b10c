import { Duplex } from 'node:stream';

/** Two streams, each of which reads what is written to the other. One that is destroyed before its end resets the other. */
export function pair(): [Half, Half] {
  const left = new Half();
  const right = new Half();
  left.other = right;
  right.other = left;
  return [left, right];
}

export class Half extends Duplex {
  other: Half | undefined;
  #taken: (() => void) | undefined;

  override _read(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // Whoever reads may write into what it got.
    if (!this.other?.push(Buffer.from(chunk)) && this.other) this.other.#taken = done;
    else done();
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.writableFinished && !this.other?.destroyed) this.other?.destroy(new Error('the other end was destroyed'));
    done(error);
  }
}
