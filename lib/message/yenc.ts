/**
 * yEnc 1.3: octets as lines of octets, each 42 higher; what a line cannot hold stands behind a `=`, 64 higher still.
 *
 *     =ybegin part=1 total=2 line=128 size=20000 name=file.bin
 *     =ypart begin=1 end=10000
 *     ...
 *     =yend size=10000 part=1 pcrc32=abcdef12 crc32=12345678
 */
import { crc32 } from 'node:zlib';
import { type ErrorDetail, excerpt, limitError, ProtocolError, type ProtocolReason } from '../core/errors.ts';
import { utf8OrOlder } from '../wire/charset.ts';

/** What is said of a block before its octets. */
export interface YencHeader {
  /** As it came: never a path by itself. */
  readonly name: string;
  /** Of the whole file. */
  readonly size: number;
  readonly line: number;
  /** The number of this part, from 1 on; undefined for a file that is not in parts. */
  readonly part?: number;
  readonly total?: number;
  /** Which octets of the file these are: from 1 on, the last included. */
  readonly begin: number;
  readonly end: number;
}

/** A block that has been decoded, and found as it should be. */
export interface YencPart extends YencHeader {
  /** Of the octets of this part. */
  readonly crc32: number;
  /** What that of the whole file should be, where a part says so. */
  readonly fileCrc32?: number;
}

const ESCAPE = 0x3d;
const KEYWORD = 0x79;
const CR = 13;
const LF = 10;
/** Of a line that begins with =y, in octets. */
const MAX_KEYWORD_LINE = 4096;

/** What is being read: text until =ybegin, the line of =ypart, octets, or text that does not matter. */
type Place = 'before' | 'part' | 'octets' | 'after';

/** Where in a line we are: a line that begins with =y is gathered, one that does not is data, or passed over. */
type Column = 'start' | 'equals' | 'keyword' | 'inside';

/**
 * Decodes the first block of a text, of which dots have been undone. Text before and behind it is passed over. Throws
 * ProtocolError: `integrity` where a size or a checksum is wrong, or the end is missing.
 */
export class YencDecoder {
  #place: Place = 'before';
  #column: Column = 'start';
  #escaped = false;
  #line: number[] = [];
  #header: YencHeader | undefined;
  #trailer: ReadonlyMap<string, string> | undefined;
  #size = 0;
  #crc = 0;
  #scratch = Buffer.alloc(0);

  /** Known before the first octets are given to the sink: a part belongs at `begin - 1` of its file. */
  get header(): YencHeader | undefined {
    return this.#header;
  }

  /** Takes a chunk, and gives what is decoded of it to `sink`, in memory that is valid only during the call. */
  push(chunk: Uint8Array, sink: (octets: Buffer) => void): void {
    for (let at = 0; at < chunk.length && this.#place !== 'after'; ) {
      if (this.#column === 'keyword') at = this.#gather(chunk, at);
      else at = this.#place === 'octets' ? this.#decode(chunk, at, sink) : this.#skip(chunk, at);
    }
  }

  /** After the last chunk: what was decoded. */
  finish(): YencPart {
    const header = this.#header;
    if (!header) throw wrong('there is no yEnc in this text');
    if (!this.#trailer) throw wrong(`the yEnc of ${excerpt(header.name)} has no end`);
    return { ...header, crc32: this.#crc, ...checkTrailer(this.#trailer, header, this.#size, this.#crc) };
  }

  /** Text: only a line that begins with =y is looked at. */
  #skip(chunk: Uint8Array, at: number): number {
    const octet = chunk[at] ?? 0;
    if (this.#column === 'start' && octet === ESCAPE) this.#column = 'equals';
    else if (this.#column === 'equals' && octet === KEYWORD) this.#begin();
    else {
      const end = chunk.indexOf(LF, at);
      this.#column = end < 0 ? 'inside' : 'start';
      if (this.#place === 'part') throw broken('a yEnc part begins with =ypart');
      return end < 0 ? chunk.length : end + 1;
    }
    return at + 1;
  }

  /** Octets, up to the end of the chunk or to a line that begins with =y. */
  #decode(chunk: Uint8Array, from: number, sink: (octets: Buffer) => void): number {
    if (this.#scratch.length < chunk.length) this.#scratch = Buffer.allocUnsafe(chunk.length);
    const out = this.#scratch;
    let [at, to] = [from, 0];
    let escaped = this.#escaped;
    let atStart = this.#column !== 'inside';
    let keyword = false;
    while (at < chunk.length && !keyword) {
      const octet = chunk[at++] ?? 0;
      if (octet === LF || octet === CR) {
        // no octet is escaped so: the escape was of none
        escaped = false;
        atStart = octet === LF;
      } else if (escaped) {
        keyword = atStart && octet === KEYWORD;
        if (!keyword) out[to++] = octet - 106;
        escaped = atStart = false;
      } else if (octet === ESCAPE) escaped = true;
      else {
        out[to++] = octet - 42;
        atStart = false;
        const run = decodeRun(chunk, at, out, to);
        at += run;
        to += run;
      }
    }
    this.#escaped = escaped;
    this.#column = atStart ? 'start' : 'inside';
    if (keyword) this.#begin();
    this.#give(out.subarray(0, to), sink);
    return at;
  }

  #give(octets: Buffer, sink: (octets: Buffer) => void): void {
    if (octets.length === 0) return;
    this.#size += octets.length;
    const { begin = 0, end = 0 } = this.#header ?? {};
    if (this.#size > end - begin + 1) throw wrong(`more octets than the ${end - begin + 1} that were announced`);
    this.#crc = crc32(octets, this.#crc);
    sink(octets);
  }

  #begin(): void {
    this.#column = 'keyword';
    this.#line = [ESCAPE, KEYWORD];
  }

  /** A line that begins with =y. */
  #gather(chunk: Uint8Array, at: number): number {
    const end = chunk.indexOf(LF, at);
    const part = chunk.subarray(at, end < 0 ? chunk.length : end);
    if (this.#line.length + part.length > MAX_KEYWORD_LINE) return this.#overlong(at);
    this.#line.push(...part);
    if (end < 0) return chunk.length;
    this.#column = 'start';
    this.#keyword(utf8OrOlder(Buffer.from(this.#line)).trimEnd());
    return end + 1;
  }

  /** Text may have such a line, yEnc may not. */
  #overlong(at: number): number {
    if (this.#place !== 'before') throw limitError('a line of yEnc', MAX_KEYWORD_LINE);
    this.#column = 'inside';
    return at;
  }

  #keyword(line: string): void {
    if (this.#place === 'before') {
      // text may speak of =ybegin
      if (!isBegin(line)) return;
      this.#header = parseBegin(line);
      this.#place = this.#header.part === undefined ? 'octets' : 'part';
    } else if (this.#place === 'part' && this.#header) {
      this.#header = parsePart(line, this.#header);
      this.#place = 'octets';
    } else {
      if (!line.startsWith('=yend ')) throw broken(`expected =yend, not ${excerpt(line)}`);
      this.#trailer = attributesOf(line.slice(6));
      this.#place = 'after';
    }
  }
}

/** Octets that stand for themselves, as most do; how many there were. */
function decodeRun(chunk: Uint8Array, from: number, out: Buffer, to: number): number {
  let at = from;
  for (; at < chunk.length; at++) {
    const octet = chunk[at] ?? 0;
    if (octet === ESCAPE || octet === CR || octet === LF) break;
    out[to + at - from] = octet - 42;
  }
  return at - from;
}

function isBegin(line: string): boolean {
  return line.startsWith('=ybegin ') && line.includes(' line=') && line.includes(' name=');
}

function parseBegin(line: string): YencHeader {
  // the name is all that follows, spaces included
  const [, before = '', name = ''] = /^=ybegin (.*?) name=(.*)$/s.exec(line) ?? [];
  const attributes = attributesOf(before);
  const size = numberOf(attributes, 'size');
  const part = attributes.has('part') ? numberOf(attributes, 'part') : undefined;
  return {
    name: name.trim(),
    size,
    line: numberOf(attributes, 'line'),
    ...(part !== undefined && { part }),
    ...(attributes.has('total') && { total: numberOf(attributes, 'total') }),
    begin: 1,
    end: size,
  };
}

function parsePart(line: string, header: YencHeader): YencHeader {
  if (!line.startsWith('=ypart ')) throw broken(`a yEnc part begins with =ypart, not ${excerpt(line)}`);
  const attributes = attributesOf(line.slice(7));
  const [begin, end] = [numberOf(attributes, 'begin'), numberOf(attributes, 'end')];
  if (begin < 1 || end < begin - 1 || end > header.size)
    throw broken(`a part from ${begin} to ${end} is none of a file of ${header.size} octets`);
  return { ...header, begin, end };
}

/** Throws ProtocolError (`integrity`) for a size or checksum that is not that of what came. */
function checkTrailer(
  trailer: ReadonlyMap<string, string>,
  { part, begin, end, size: whole }: YencHeader,
  size: number,
  crc: number,
): { readonly fileCrc32?: number } {
  const wanted = end - begin + 1;
  const told = numberOf(trailer, 'size');
  if (size !== wanted || size !== told)
    throw wrong(`${size} octets came: ${wanted} were announced, and ${told} at the end`);
  if (trailer.has('part') && numberOf(trailer, 'part') !== part) throw wrong('the end is that of another part');
  const [ofPart, ofFile] = [checksumOf(trailer, 'pcrc32'), checksumOf(trailer, 'crc32')];
  const isWhole = size === whole;
  const right = [ofPart, isWhole ? ofFile : undefined].every((each) => each === undefined || each === crc);
  if (!right) throw wrong('the checksum (CRC-32) is not that of the octets that came');
  return ofFile === undefined ? {} : { fileCrc32: ofFile };
}

/** `size=1 part=2` */
function attributesOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(/[ \t]+/).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  return new Map(pairs);
}

function numberOf(attributes: ReadonlyMap<string, string>, name: string): number {
  const text = attributes.get(name) ?? '';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw broken(`yEnc says its ${name} in digits, not ${excerpt(text)}`);
}

/** Eight hexadecimal digits; some write the sign of a 64-bit number before them. */
function checksumOf(attributes: ReadonlyMap<string, string>, name: string): number | undefined {
  const text = attributes.get(name);
  if (text === undefined) return undefined;
  if (/^[\dA-Fa-f]{1,16}$/.test(text)) return Number.parseInt(text.slice(-8), 16);
  throw broken(`yEnc says its ${name} in hexadecimal digits, not ${excerpt(text)}`);
}

function wrong(message: string): Error {
  return broken(message, { phase: 'body', reason: 'integrity' });
}

function broken(message: string, detail: ErrorDetail & { readonly reason?: ProtocolReason } = {}): ProtocolError {
  return new ProtocolError(message, detail);
}
