/** Reads forms with files (`multipart/form-data`, RFC 7578; RFC 2046 5.1) as their octets come. */
import { isUtf8 } from 'node:buffer';
import { ConnectionError, limitError, ProtocolError } from '../core/errors.ts';
import type { Decode } from '../wire/charset.ts';
import { boundaryOf, checkBoundary } from './boundary.ts';
import { parseMediaType } from './media-type.ts';
import { isContainer, type PartHead, readPartHead } from './part-head.ts';

/** Is told what comes: for each part `begin`, its body in pieces, `end`. What it throws, `push` throws. */
export interface PartHandler {
  begin(head: PartHead): void;
  /** BORROWED: a view of what was pushed, or of memory that is used again. */
  body(octets: Buffer): void;
  end(): void;
}

export interface MultipartOptions {
  /** The most parts, those inside of others too. Default 1000. */
  readonly parts?: number | undefined;
  /** Octets of a part's header. Default 16 KiB. */
  readonly header?: number | undefined;
  /** Lines of a part's header. Default 32. */
  readonly headerLines?: number | undefined;
  /** Octets before the first part. Default 64 KiB. */
  readonly preamble?: number | undefined;
  /** How deep parts may be inside of parts (`multipart/mixed`): 0 is not at all. Default 1. */
  readonly nesting?: number | undefined;
  /** Of the headers. Default UTF-8, where what is none becomes U+FFFD. */
  readonly decode?: Decode | undefined;
  /** Whether headers that are no UTF-8 are an error. Default false. */
  readonly strict?: boolean | undefined;
}

const DEFAULTS = { parts: 1000, header: 16 * 1024, headerLines: 32, preamble: 64 * 1024, nesting: 1 };
/** Blanks behind a boundary: nobody writes any, and they have to be kept until it is known whether it is one. */
const PADDING = 64;

const [TAB, LF, CR, SPACE, HYPHEN] = [0x09, 0x0a, 0x0d, 0x20, 0x2d];
const CRLF = 2;
const BLANK = Buffer.from('\r\n\r\n');

type State = 'body' | 'line' | 'head' | 'epilogue';

/** Where a parser is that reads the body of a part of another. */
interface Within {
  readonly name: string;
  readonly depth: number;
  readonly count: { parts: number };
}

/**
 * A machine: octets in, parts out. It keeps nothing of a body, and looks at each octet of it once.
 *
 * Lines end with CR LF: LF alone is an error where a boundary or a header has it. `--boundary` with anything but blanks
 * behind it belongs to the body.
 */
export class MultipartParser {
  readonly #handler: PartHandler;
  readonly #options: MultipartOptions & typeof DEFAULTS;
  readonly #within: Within | undefined;
  readonly #count: { parts: number };
  /** CR LF `--` boundary. There is a CR only at its start, so what begins like it and is not it begins no other. */
  readonly #delimiter: Buffer;
  #state: State = 'body';
  /** How many octets of the delimiter were the last that came; the first `#virtual` of them belong to no body. */
  #held = CRLF;
  #virtual = CRLF;
  /** What came behind a delimiter, as long as it is not known whether it is one. */
  #padding: number[] = [];
  #head: Buffer | undefined;
  #headSize = 0;
  #preamble = 0;
  /** Whom the body of this part goes to; undefined before the first. */
  #part: Pick<PartHandler, 'body' | 'end'> | undefined;

  /** Throws ProtocolError for what cannot be a boundary. `within` is for its own use. */
  constructor(boundary: string, handler: PartHandler, options: MultipartOptions = {}, within?: Within) {
    this.#delimiter = Buffer.from(`\r\n--${checkBoundary(boundary)}`, 'latin1');
    this.#handler = handler;
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    this.#options = { ...DEFAULTS, ...given };
    this.#within = within;
    this.#count = within?.count ?? { parts: 0 };
  }

  /** Whether the last boundary has come: what follows it means nothing. */
  get complete(): boolean {
    return this.#state === 'epilogue';
  }

  /** Throws ProtocolError for what is no form, and (`limit`) past a limit. After that there is nothing more to be done. */
  push(chunk: Uint8Array): void {
    const octets = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < octets.length; ) {
      if (this.#state === 'body') at = this.#takeBody(octets, at);
      else if (this.#state === 'line') at = this.#takeLine(octets, at);
      else if (this.#state === 'head') at = this.#takeHead(octets, at);
      else return;
    }
  }

  /** Nothing more comes. Throws ConnectionError (`truncated`) where the last boundary is missing. */
  end(): void {
    if (!this.complete)
      throw new ConnectionError('the form broke off before its end', { reason: 'truncated', phase: 'body' });
  }

  #takeBody(octets: Buffer, at: number): number {
    const delimiter = this.#delimiter;
    if (this.#held > 0) {
      let next = at;
      while (this.#held < delimiter.length && next < octets.length && octets[next] === delimiter[this.#held]) {
        this.#held++;
        next++;
      }
      if (this.#held === delimiter.length) return this.#delimited(next);
      if (next === octets.length) return next;
      // what came with this chunk is still there
      this.#give(delimiter, this.#virtual, this.#held - (next - at));
      this.#held = this.#virtual = 0;
    }
    const found = octets.indexOf(delimiter, at);
    if (found >= 0) {
      this.#give(octets, at, found);
      return this.#delimited(found + delimiter.length);
    }
    this.#held = heldBack(octets, at, delimiter);
    this.#give(octets, at, octets.length - this.#held);
    return octets.length;
  }

  #delimited(at: number): number {
    this.#held = 0;
    this.#state = 'line';
    return at;
  }

  #give(octets: Buffer, from: number, to: number): void {
    if (from >= to) return;
    if (this.#part) this.#part.body(octets.subarray(from, to));
    else this.#skip(to - from);
  }

  /** Of what stands before the first part. */
  #skip(count: number): void {
    this.#preamble += count;
    const { preamble } = this.#options;
    if (this.#preamble > preamble) throw limitError('the preamble of a form', preamble);
  }

  /** Behind a delimiter: `--`, or blanks and the end of the line; or it was none. */
  #takeLine(octets: Buffer, at: number): number {
    const padding = this.#padding;
    for (let next = at; next < octets.length; next++) {
      const octet = octets[next] ?? 0;
      const last = padding.at(-1);
      if (last === CR && octet === LF) return this.#parted(next + 1);
      if (last === HYPHEN && octet === HYPHEN) return this.#ended(next + 1);
      if (last === CR || last === HYPHEN || !mayFollow(octet, last)) return this.#undelimited(next);
      if (octet === LF) throw new ProtocolError('the lines of a form end with CR LF, not with LF alone');
      if (padding.push(octet) > PADDING) throw new ProtocolError('a boundary with a line of blanks behind it');
    }
    return octets.length;
  }

  /** It only looked like a boundary. */
  #undelimited(at: number): number {
    const octets = Buffer.from(this.#padding);
    this.#held = octets.at(-1) === CR ? 1 : 0;
    this.#give(this.#delimiter, this.#virtual, this.#delimiter.length);
    this.#virtual = 0;
    this.#padding = [];
    this.#state = 'body';
    this.#give(octets, 0, octets.length - this.#held);
    return at;
  }

  #parted(at: number): number {
    this.#endPart();
    this.#state = 'head';
    return at;
  }

  #ended(at: number): number {
    this.#endPart();
    this.#state = 'epilogue';
    return at;
  }

  #endPart(): void {
    this.#padding.length = 0;
    this.#part?.end();
    this.#part = undefined;
  }

  #takeHead(octets: Buffer, at: number): number {
    const most = this.#options.header;
    if (this.#headSize === 0) {
      const stop = endOfHead(octets, at, at);
      if (stop >= 0) return this.#begin(octets, at, stop);
    }
    this.#head ??= Buffer.allocUnsafe(most + BLANK.length);
    const had = this.#headSize;
    this.#headSize += octets.copy(this.#head, had, at);
    const stop = endOfHead(this.#head.subarray(0, this.#headSize), 0, Math.max(0, had - BLANK.length + 1));
    if (stop < 0 && this.#headSize === this.#head.length) throw limitError('the header of a part', most);
    if (stop < 0) return octets.length;
    this.#headSize = 0;
    return at + this.#begin(this.#head, 0, stop) - had;
  }

  /** The header has come: from one octet to another, where its last line ends. Where the body begins. */
  #begin(octets: Buffer, from: number, stop: number): number {
    const { header, headerLines, parts } = this.#options;
    if (stop - from > header) throw limitError('the header of a part', header);
    this.#count.parts++;
    if (this.#count.parts > parts) throw limitError('the parts of a form', parts);
    const head = readPartHead(this.#text(octets, from, stop), { lines: headerLines, within: this.#within?.name });
    if (isContainer(head)) this.#part = this.#inner(head);
    else {
      this.#part = this.#handler;
      this.#handler.begin(head);
    }
    // the boundary may follow at once: then there is no body
    this.#held = this.#virtual = CRLF;
    this.#state = 'body';
    return stop + (stop === from ? CRLF : BLANK.length);
  }

  #text(octets: Buffer, from: number, to: number): string {
    const { decode, strict } = this.#options;
    if (decode) return decode(octets.subarray(from, to));
    if (strict && !isUtf8(octets.subarray(from, to)))
      throw new ProtocolError('a header of a part that is no UTF-8', { reason: 'decode' });
    return octets.toString('utf8', from, to);
  }

  #inner({ name, type }: PartHead): Pick<PartHandler, 'body' | 'end'> {
    const depth = (this.#within?.depth ?? 0) + 1;
    const { nesting } = this.#options;
    if (depth > nesting) throw limitError('the nesting of a form', nesting);
    const boundary = boundaryOf(parseMediaType(type).parameters);
    const inner = new MultipartParser(boundary, this.#handler, this.#options, { name, depth, count: this.#count });
    return {
      body: (octets) => inner.push(octets),
      end: () => {
        if (!inner.complete)
          throw new ProtocolError('a part of a form has parts inside, and the last of them has no end');
      },
    };
  }
}

/** How many octets at the end could be the first of the delimiter. */
function heldBack(octets: Buffer, at: number, delimiter: Buffer): number {
  const start = Math.max(at, octets.length - delimiter.length + 1);
  for (let next = octets.length - 1; next >= start; next--) {
    if (octets[next] !== CR) continue;
    const length = octets.length - next;
    return delimiter.compare(octets, next, octets.length, 0, length) === 0 ? length : 0;
  }
  return 0;
}

/** Where the last line of a header ends; -1 where the empty line has not come. It is looked for from `from` on. */
function endOfHead(octets: Buffer, start: number, from: number): number {
  if (octets[start] === CR && octets[start + 1] === LF) return start;
  return octets.indexOf(BLANK, from);
}

function mayFollow(octet: number, last: number | undefined): boolean {
  return octet === SPACE || octet === TAB || octet === CR || octet === LF || (octet === HYPHEN && last === undefined);
}
