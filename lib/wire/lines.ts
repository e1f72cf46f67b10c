import { isAscii, isUtf8 } from 'node:buffer';
import { limitError } from '../core/errors.ts';
import { utf8OrOlder } from './charset.ts';

export interface LineLimits {
  /** The most octets of one line. Default 65,536. */
  readonly maxLine?: number | undefined;
  /** The most octets of all lines. Default: no limit. */
  readonly maxSize?: number | undefined;
}

/** One string for so many octets: larger ones leave the memory in which short-lived strings are cheap. */
const BLOCK = 48 * 1024;
const LF = 10;

/**
 * Cuts text that comes in chunks into strings of whole lines, line ends included. A string has many lines, of which
 * parts can be taken without a copy: that is what makes a list of a million lines quick to read.
 */
export class LineBlocks {
  readonly #maxLine: number;
  readonly #maxSize: number;
  /** A line that has begun. */
  #begun: Buffer[] = [];
  #length = 0;
  #size = 0;

  constructor({ maxLine = 65_536, maxSize = Number.POSITIVE_INFINITY }: LineLimits = {}) {
    this.#maxLine = maxLine;
    this.#maxSize = maxSize;
  }

  /** Gives to `sink` the lines that are whole now. Throws ProtocolError (`limit`). */
  push(chunk: Buffer, sink: (text: string) => void): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxSize) throw limitError('the size of a list', this.#maxSize, { phase: 'body' });
    let from = 0;
    if (this.#length > 0) {
      const stop = chunk.indexOf(LF) + 1;
      this.#keep(stop > 0 ? chunk.subarray(0, stop) : chunk);
      if (stop === 0) return;
      this.finish(sink);
      from = stop;
    }
    while (from < chunk.length) {
      const stop = this.#stop(chunk, from);
      if (stop < 0) break;
      sink(textOf(chunk.subarray(from, stop)));
      from = stop;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /** Nothing more will come: gives a last line that has no line end. */
  finish(sink: (text: string) => void): void {
    if (this.#length > 0) sink(textOf(Buffer.concat(this.#begun)));
    this.#begun = [];
    this.#length = 0;
  }

  /** Behind the last line end of the next block; -1 where there is no line end. */
  #stop(chunk: Buffer, from: number): number {
    const to = Math.min(chunk.length, from + BLOCK);
    let at = chunk.lastIndexOf(LF, to - 1);
    // a line that is longer than a block is a block of its own
    if (at < from) at = chunk.indexOf(LF, to);
    if (at < 0) return -1;
    if (at - from > BLOCK && at - from > this.#maxLine) throw limitError('a line', this.#maxLine, { phase: 'body' });
    return at + 1;
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#maxLine) throw limitError('a line', this.#maxLine, { phase: 'body' });
    this.#begun.push(Buffer.from(part));
  }
}

/** Octets as text: ASCII and UTF-8 as what they are; otherwise each line by itself, in UTF-8 or an older character set. */
function textOf(octets: Buffer): string {
  if (isAscii(octets)) return octets.toString('latin1');
  if (isUtf8(octets)) return octets.toString('utf8');
  let text = '';
  for (let from = 0; from < octets.length; ) {
    const at = octets.indexOf(LF, from);
    const line = octets.subarray(from, at < 0 ? octets.length : at + 1);
    text += utf8OrOlder(line);
    from += line.length;
  }
  return text;
}
