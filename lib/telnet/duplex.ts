import { Duplex } from 'node:stream';
import type { TelnetLink } from './link.ts';
import type { Reader } from './reader.ts';

type Done = (error?: Error | null) => void;

/** A dialogue as a stream of octets; `close` ends it. Throws UsageError where somebody reads. */
export function duplexOf(link: TelnetLink, reader: Reader, close: () => Promise<void>): Duplex {
  reader.occupy();
  const before = reader.takeOctets();
  return new DialogueStream(link, before, close);
}

class DialogueStream extends Duplex {
  readonly #link: TelnetLink;
  readonly #close: () => Promise<void>;
  #before: Buffer;

  constructor(link: TelnetLink, before: Buffer, close: () => Promise<void>) {
    super({ allowHalfOpen: true });
    this.#link = link;
    this.#before = before;
    this.#close = close;
  }

  override _read(): void {
    this.#pull().then(
      (octets) => this.push(octets),
      (error) => this.destroy(error),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#link.writePart(chunk).then(() => done(), done);
  }

  override _final(done: Done): void {
    this.#link.end().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#close().then(() => done(error), done);
  }

  /** Some octets; null at the end. */
  async #pull(): Promise<Buffer | null> {
    const before = this.#before;
    this.#before = NOTHING;
    if (before.length > 0) return before;
    const parts: Buffer[] = [];
    await this.#link.receive(
      (chunk) => parts.push(Buffer.from(chunk)),
      (ended) => parts.length > 0 || ended || undefined,
    );
    return parts.length > 0 ? Buffer.concat(parts) : null;
  }
}

const NOTHING = Buffer.alloc(0);
