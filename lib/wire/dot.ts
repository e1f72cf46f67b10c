/**
 * Dot blocks: text that ends with a line of one dot, where a line that begins with a dot has another put before it
 * (RFC 1939 3, RFC 3977 3.1.1, RFC 5321 4.5.2; RFC 1436 calls it the Lastline).
 *
 * Only CR LF `.` CR LF ends a block. A dot between bare line feeds is text: mail could forge replies otherwise.
 */
import type { ReceiveBuffer } from './buffer.ts';

const DOT = 0x2e;
const CR = 0x0d;
const LF = 0x0a;
const LINE_DOT = Buffer.from('\r\n.');
const ONE_DOT = Buffer.from('.');
const ONE_CR = Buffer.from('\r');
const ONE_LF = Buffer.from('\n');

/** Where in the text the last chunk ended. The dot and the CR of the last two states have been held back. */
type Place = 'text' | 'cr' | 'line start' | 'dot' | 'dot cr';

/** What becomes of a line's leading dot: `any` is taken away, or only one that is `doubled` (Gopher servers often do not stuff). */
export type Unstuff = 'any' | 'doubled';

export class DotDecoder {
  readonly #unstuff: Unstuff;
  #place: Place = 'line start';
  /** Whether the final dot has come. */
  ended = false;

  constructor(unstuff: Unstuff = 'any') {
    this.#unstuff = unstuff;
  }

  /** The next block begins. */
  reset(): void {
    this.#place = 'line start';
    this.ended = false;
  }

  /**
   * Takes from `bytes` what belongs to the block and gives its text to `sink`, in views of the same memory. True when
   * the block has ended; what lies behind it has not been touched.
   */
  decode(bytes: ReceiveBuffer, sink: (text: Buffer) => void): boolean {
    while (bytes.length > 0 && !this.ended) {
      if (this.#place === 'text' || (this.#place === 'line start' && bytes.first !== DOT)) this.#run(bytes, sink);
      else this.#step(bytes, sink);
    }
    return this.ended;
  }

  /** For a block that may end with the connection: what was held back is text after all. */
  finish(sink: (text: Buffer) => void): void {
    if (this.#place === 'dot' || this.#place === 'dot cr') sink(ONE_DOT);
    if (this.#place === 'dot cr') sink(ONE_CR);
    this.#place = 'text';
  }

  /** Text up to the next line that begins with a dot. Dots that were stuffed are closed up in place. */
  #run(bytes: ReceiveBuffer, sink: (text: Buffer) => void): void {
    const { view: text, start } = bytes;
    let from = start; // text before this is in its final place, at `to`
    let to = start;
    for (;;) {
      const at = text.indexOf(LINE_DOT, from);
      // The two bytes behind the dot decide; where they have not come, the careful steps take over.
      if (at < 0 || at + 5 > text.length || this.#endsAt(text, at)) {
        const stop = at < 0 ? text.length : at + 2;
        this.ended = at >= 0 && at + 5 <= text.length;
        this.#place = placeAfter(text, start, stop);
        if (from !== to) text.copyWithin(to, from, stop);
        to += stop - from;
        bytes.drop((this.ended ? stop + 3 : stop) - start);
        if (to > start) sink(text.subarray(start, to));
        return;
      }
      const keep = this.#unstuff === 'any' || text[at + 3] === DOT ? at + 2 : at + 3;
      if (from !== to) text.copyWithin(to, from, keep);
      to += keep - from;
      from = at + 3;
    }
  }

  #endsAt(text: Buffer, at: number): boolean {
    return text[at + 3] === CR && text[at + 4] === LF;
  }

  /** One byte, at a place where it matters. */
  #step(bytes: ReceiveBuffer, sink: (text: Buffer) => void): void {
    const next = bytes.first;
    const place = this.#place;
    if (place === 'line start' && next === DOT) {
      bytes.drop(1);
      this.#place = 'dot';
    } else if (place === 'dot' && next === CR) {
      bytes.drop(1);
      this.#place = 'dot cr';
    } else if (place === 'dot cr' && next === LF) {
      bytes.drop(1);
      this.ended = true;
    } else if (place === 'cr' && next === LF) {
      sink(bytes.takeUpTo(1));
      this.#place = 'line start';
    } else {
      const dropped = this.#unstuff === 'any' || next === DOT;
      if ((place === 'dot' && !dropped) || (place === 'dot cr' && this.#unstuff === 'doubled')) sink(ONE_DOT);
      if (place === 'dot cr') sink(ONE_CR);
      this.#place = 'text';
    }
  }
}

/** What is before `start` belongs to something else by now. */
function placeAfter(text: Buffer, start: number, stop: number): Place {
  const last = stop > start ? text[stop - 1] : undefined;
  if (last === CR) return 'cr';
  return last === LF && stop - 2 >= start && text[stop - 2] === CR ? 'line start' : 'text';
}

/** Makes a dot block of text that comes in chunks. Every line end becomes CR LF: a bare LF, and a bare CR too. */
export class DotEncoder {
  /** The octet before, in what has been written: after LF a line begins. */
  #before = LF;

  encode(chunk: Uint8Array): Buffer {
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const parts: Buffer[] = [];
    let from = 0; // what is before this has been put into the parts
    const insert = (at: number, octet: Buffer): void => {
      parts.push(text.subarray(from, at), octet);
      from = at;
    };
    this.#begin(text, insert);
    let cr = text.indexOf(CR);
    let lf = text.indexOf(LF);
    while (cr >= 0 || lf >= 0) {
      const isBareLf = lf >= 0 && (cr < 0 || lf < cr);
      if (isBareLf && !(lf === 0 && this.#before === CR)) insert(lf, ONE_CR);
      if (!isBareLf && cr + 1 === text.length) break;
      if (!isBareLf && lf !== cr + 1) insert(cr + 1, ONE_LF);
      const line = (isBareLf || lf === cr + 1 ? lf : cr) + 1;
      if (text[line] === DOT) insert(line, ONE_DOT);
      if (cr >= 0 && cr < line) cr = text.indexOf(CR, line);
      if (lf >= 0 && lf < line) lf = text.indexOf(LF, line);
    }
    this.#before = text.at(-1) ?? this.#before;
    parts.push(text.subarray(from));
    return Buffer.concat(parts);
  }

  /** What the octet before and the first one ask for. */
  #begin(text: Buffer, insert: (at: number, octet: Buffer) => void): void {
    const bareCr = this.#before === CR && text.length > 0 && text[0] !== LF;
    if (bareCr) insert(0, ONE_LF);
    if ((bareCr || this.#before === LF) && text[0] === DOT) insert(0, ONE_DOT);
  }

  /** The end of the last line where it is missing, and the final dot. */
  finish(): Buffer {
    return Buffer.from(this.#before === LF ? '.\r\n' : this.#before === CR ? '\n.\r\n' : '\r\n.\r\n');
  }
}
