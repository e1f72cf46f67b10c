import type { ReceiveBuffer } from '../wire/buffer.ts';
import { DotDecoder } from '../wire/dot.ts';
import type { Framing } from '../wire/framing.ts';

const DOT_LINE = Buffer.from('.\r\n');

/**
 * The body of a text document. RFC 1436 ends it with a line of one dot and doubles the dots that begin other lines;
 * many servers do neither. So only a doubled dot is undone, the end of the connection ends a text too, and a line of
 * one dot ends it only where nothing follows: a server closes after its answer, and what goes on was not over.
 */
export class TextBody implements Framing {
  #decoder = new DotDecoder('doubled');
  complete: boolean | 'unknown' = false;

  /** Whether the last thing that came was the final dot. */
  get dotted(): boolean {
    return this.#decoder.ended;
  }

  take(bytes: ReceiveBuffer, ended: boolean, sink: (chunk: Buffer) => void): boolean {
    while (bytes.length > 0) {
      if (this.#decoder.ended) {
        sink(DOT_LINE);
        this.#decoder = new DotDecoder('doubled');
      }
      this.#decoder.decode(bytes, sink);
    }
    if (!ended) return false;
    if (!this.#decoder.ended) this.#decoder.finish(sink);
    this.complete = this.#decoder.ended ? true : 'unknown';
    return true;
  }
}
