/**
 * Text of many lines as strings of whole lines: one string for tens of kilobytes, which whoever reads them cuts up where
 * they stand. That is several times faster than a string for each line.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { limitError } from '../core/errors.ts';
import { utf8OrOlder } from './charset.ts';

export interface LineLimits {
  /** Octets of a line, its line end included. Default 65,536. */
  readonly line?: number | undefined;
  /** Octets of all lines. Default: no limit. */
  readonly size?: number | undefined;
  /** Lines. Default: no limit. */
  readonly lines?: number | undefined;
}

/** Strings larger than this go to another part of the heap, where they cost twice as much. */
const BLOCK = 48 * 1024;
const LF = 10;
const NONE = Number.POSITIVE_INFINITY;

/**
 * Cuts what comes in chunks into strings of whole lines, of at most 48 KiB unless one line is longer. A string is UTF-8;
 * where it is not, each of its lines is by itself UTF-8 or windows-1252. Line ends stay as they are.
 */
export class LineBlocks {
  readonly #max: Readonly<Record<keyof LineLimits, number>>;
  /** The beginning of a line of which the end has not come. */
  #begun: Buffer[] = [];
  #beginning = 0;
  #size = 0;
  #lines = 0;

  constructor({ line = 65_536, size = NONE, lines = NONE }: LineLimits = {}) {
    this.#max = { line, size, lines };
  }

  /** Takes a chunk, which stays the caller's. Throws ProtocolError (`limit`). */
  push(chunk: Buffer, sink: (text: string) => void): void {
    this.#count(chunk);
    let from = this.#beginning === 0 ? 0 : this.#complete(chunk, sink);
    while (from < chunk.length) {
      const window = chunk.subarray(from, from + Math.min(BLOCK, this.#max.line));
      let stop = from + window.lastIndexOf(LF) + 1;
      if (stop === from) stop = this.#endOfLine(chunk, from);
      if (stop === from) break;
      sink(decode(chunk.subarray(from, stop)));
      from = stop;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  /** The end: a last line that has no line end is a line too. */
  finish(sink: (text: string) => void): void {
    if (this.#beginning > 0) sink(this.#take());
  }

  /** The end of the line that has begun, where it is there; how much of the chunk that was. */
  #complete(chunk: Buffer, sink: (text: string) => void): number {
    const stop = this.#endOfLine(chunk, 0);
    this.#keep(stop === 0 ? chunk : chunk.subarray(0, stop));
    if (stop === 0) return chunk.length;
    sink(this.#take());
    return stop;
  }

  /** Behind the next line end, or `from` where there is none. */
  #endOfLine(chunk: Buffer, from: number): number {
    const at = chunk.indexOf(LF, from);
    const end = at < 0 ? chunk.length : at + 1;
    if (this.#beginning + end - from > this.#max.line) throw limitError('a line', this.#max.line, { phase: 'body' });
    return at < 0 ? from : end;
  }

  #keep(part: Buffer): void {
    this.#begun.push(Buffer.from(part));
    this.#beginning += part.length;
  }

  #take(): string {
    const line = decode(Buffer.concat(this.#begun));
    this.#begun = [];
    this.#beginning = 0;
    return line;
  }

  #count(chunk: Buffer): void {
    const { size, lines } = this.#max;
    this.#size += chunk.length;
    if (this.#size > size) throw limitError('the size of a list', size, { phase: 'body' });
    if (lines === NONE) return;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) this.#lines++;
    if (this.#lines > lines) throw limitError('the lines of a list', lines, { phase: 'body' });
  }
}

function decode(lines: Buffer): string {
  if (isAscii(lines)) return lines.toString('latin1');
  if (isUtf8(lines)) return lines.toString('utf8');
  let text = '';
  for (let from = 0; from < lines.length; ) {
    const at = lines.indexOf(LF, from);
    const stop = at < 0 ? lines.length : at + 1;
    text += utf8OrOlder(lines.subarray(from, stop));
    from = stop;
  }
  return text;
}

/** The lines of a text, without their line ends. Behind the last line end there is no line. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
