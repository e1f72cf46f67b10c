/** Writing yEnc 1.3: see `yenc.ts`. */
import { crc32 } from 'node:zlib';
import { UsageError } from '../core/errors.ts';
import type { YencHeader } from './yenc.ts';

export interface YencOptions {
  readonly name: string;
  /** Of the whole file. */
  readonly size: number;
  /** Octets of a line, 1 to 997. Default 128. */
  readonly line?: number | undefined;
  /** For a file in parts: which part of how many, and which octets these are, from 1 on, the last included. */
  readonly part?:
    | (Pick<YencHeader, 'begin' | 'end'> & { readonly number: number; readonly total?: number })
    | undefined;
  /** The checksum of the whole file, for its last part. */
  readonly fileCrc32?: number | undefined;
}

const ESCAPE = 0x3d;
const DOT = 0x2e;
const CR = 13;
const LF = 10;

/** What becomes of an octet: itself and 42, above 255 where it cannot stand in a line: NUL, LF, CR and `=`. */
const CODES = Uint16Array.from({ length: 256 }, (_, octet) => {
  const code = (octet + 42) & 255;
  return code === 0 || code === LF || code === CR || code === ESCAPE ? 256 + ((code + 64) & 255) : code;
});

/** Encodes octets that come in chunks: `begin`, `encode` for each chunk, `finish`. Lines end with CRLF; dots are not doubled. */
export class YencEncoder {
  readonly #options: YencOptions;
  readonly #line: number;
  readonly #wanted: number;
  #column = 0;
  #size = 0;
  #crc = 0;

  /** Throws UsageError for a name that no line holds, and for a part that is none of the file. */
  constructor(options: YencOptions) {
    const { name, size, line = 128, part } = options;
    if (!/^[^\x00-\x20\x7f](?:[^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$/.test(name))
      throw usage('the name of a file in yEnc has no control characters, and no spaces around it');
    if (!isCount(size)) throw usage(`a size is a whole number, not ${size}`);
    if (!isCount(line) || line < 1 || line > 997) throw usage(`a line of yEnc has 1 to 997 octets, not ${line}`);
    if (part && !isPart(part, size)) throw usage(`a part from ${part.begin} to ${part.end} is none of ${size} octets`);
    this.#options = options;
    this.#line = line;
    this.#wanted = part ? part.end - part.begin + 1 : size;
  }

  /** The lines before the octets. */
  begin(): Buffer {
    const { name, size, part } = this.#options;
    if (!part) return Buffer.from(`=ybegin line=${this.#line} size=${size} name=${name}\r\n`);
    const { number, total, begin, end } = part;
    const which = `part=${number}${total === undefined ? '' : ` total=${total}`}`;
    return Buffer.from(
      `=ybegin ${which} line=${this.#line} size=${size} name=${name}\r\n=ypart begin=${begin} end=${end}\r\n`,
    );
  }

  /** The lines of a chunk, the last of them perhaps unfinished. */
  encode(chunk: Uint8Array): Buffer {
    this.#size += chunk.length;
    this.#crc = crc32(chunk, this.#crc);
    const line = this.#line;
    const out = Buffer.allocUnsafe(chunk.length * 2 + 2 * Math.ceil((chunk.length * 2) / line) + 2);
    let [to, column] = [0, this.#column];
    for (let at = 0; at < chunk.length; at++) {
      let code = CODES[chunk[at] ?? 0] ?? 0;
      if (column === 0 || column === line - 1) code = atEdge(code, column);
      if (code > 255) {
        out[to++] = ESCAPE;
        column++;
      }
      out[to++] = code;
      if (++column >= line) {
        out[to++] = CR;
        out[to++] = LF;
        column = 0;
      }
    }
    this.#column = column;
    return out.subarray(0, to);
  }

  /** The end of the last line, and the line behind the octets. Throws UsageError when these were not as many as announced. */
  finish(): Buffer {
    const { part, fileCrc32 } = this.#options;
    if (this.#size !== this.#wanted)
      throw usage(`${this.#size} octets were encoded, where ${this.#wanted} were announced`);
    const end = this.#column === 0 ? '' : '\r\n';
    const whole = part ? fileCrc32 : this.#crc;
    const checksums = [
      ...(part ? [`part=${part.number}`, `pcrc32=${hex(this.#crc)}`] : []),
      ...(whole === undefined ? [] : [`crc32=${hex(whole)}`]),
    ];
    return Buffer.from(`${end}=yend size=${this.#size} ${checksums.join(' ')}\r\n`);
  }
}

/** Octets that are there as a whole. */
export function encodeYenc(
  octets: Uint8Array,
  options: Omit<YencOptions, 'size'> & { readonly size?: number },
): Buffer {
  const encoder = new YencEncoder({ size: octets.length, ...options });
  return Buffer.concat([encoder.begin(), encoder.encode(octets), encoder.finish()]);
}

/** White space at either end of a line gets lost, and a dot at its beginning has a meaning. */
function atEdge(code: number, column: number): number {
  const lost = code === 9 || code === 32 || (code === DOT && column === 0);
  return lost ? 256 + code + 64 : code;
}

function isPart({ number, total, begin, end }: NonNullable<YencOptions['part']>, size: number): boolean {
  const counts = [number, total ?? number, begin, end].every(isCount);
  return counts && number >= 1 && number <= (total ?? number) && begin >= 1 && end >= begin - 1 && end <= size;
}

function isCount(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0 && number < 1e15;
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

function usage(message: string): UsageError {
  return new UsageError(message);
}
