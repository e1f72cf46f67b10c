import { utf8OrOlder } from '../../wire/charset.ts';
import { findBody, HeaderBlock } from '../../wire/headers.ts';
import { formatOverview } from '../overview.ts';

/** An article that a server has: its octets, and where it is. Its lines end with CR LF. */
export class NewsArticle {
  readonly messageId: string;
  /** When it came. */
  readonly received: Date;
  /** Its number in each of its groups. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly #numbers = new Map<string, number>();
  readonly #octets: Buffer;
  readonly #bodyAt: number;
  /** Who writes Xref; undefined where nobody does. */
  readonly #host: string | undefined;
  #head: Buffer | undefined;
  #overview: string | undefined;
  #lines: number | undefined;

  constructor(octets: Buffer, messageId: string, host?: string, received = new Date()) {
    this.numbers = this.#numbers;
    this.#octets = octets;
    this.#bodyAt = findBody(octets) ?? octets.length;
    this.#host = host;
    this.messageId = messageId;
    this.received = received;
  }

  /** Puts it into a group. */
  file(group: string, number: number): void {
    this.#numbers.set(group, number);
    this.#head = this.#overview = undefined;
  }

  /** The header as it is sent, without the empty line behind it. */
  get head(): Buffer {
    this.#head ??= this.#withXref();
    return this.#head;
  }

  get body(): Buffer {
    return this.#octets.subarray(this.#bodyAt);
  }

  /** All of it, as it is sent before dots are doubled. */
  get octets(): Buffer {
    return Buffer.concat([this.head, LINE_END, this.body]);
  }

  /** Its size, in octets (RFC 3977 8.1.1). */
  get bytes(): number {
    return this.head.length + 2 + this.#octets.length - this.#bodyAt;
  }

  /** The lines of its body. */
  get lines(): number {
    this.#lines ??= countLines(this.body);
    return this.#lines;
  }

  /** A header as text; encoded words stay as they are. */
  header(name: string): string | undefined {
    const value = this.field(name);
    return value && utf8OrOlder(Buffer.from(value, 'latin1'));
  }

  /** A header, each octet a character: as it is sent. */
  field(name: string): string | undefined {
    return headersOf(this.head).get(name);
  }

  /** Its row in the overview of a group, each octet a character. */
  overview(number: number): string {
    this.#overview ??= behindNumber(formatOverview(0, headersOf(this.head), this.bytes, this.lines));
    return number + this.#overview;
  }

  toString(): string {
    return this.octets.toString('utf8');
  }

  #withXref(): Buffer {
    const end = this.#bodyAt >= 2 && this.#bodyAt <= this.#octets.length ? this.#bodyAt - 2 : 0;
    const head = this.#octets.subarray(0, end);
    if (this.#host === undefined || this.#numbers.size === 0) return head;
    const places = Array.from(this.#numbers, ([group, number]) => ` ${group}:${number}`).join('');
    return Buffer.concat([withoutField(head, 'xref'), Buffer.from(`Xref: ${this.#host}${places}\r\n`, 'utf8')]);
  }
}

const LINE_END = Buffer.from('\r\n');

/** The fields of a header, each octet a character, so that they can be sent on as they came. */
export function headersOf(head: Uint8Array): HeaderBlock {
  return HeaderBlock.parse(latin1(head));
}

/** A header without the fields of a name, given in lower case. */
export function withoutField(head: Buffer, name: string): Buffer {
  if (!latin1(head).toLowerCase().includes(`${name}:`)) return head;
  let dropped = false;
  const kept = latin1(head)
    .split(/(?<=\n)/)
    .filter((line) => {
      if (!/^[ \t]/.test(line)) dropped = line.toLowerCase().startsWith(`${name}:`);
      return !dropped;
    });
  return Buffer.from(kept.join(''), 'latin1');
}

/** Text as it is sent in a block: a dot before each line that begins with one, and nothing else changed (RFC 3977 3.1.1). */
export function stuffed(text: Buffer): Buffer {
  const parts: Buffer[] = text[0] === DOT ? [ONE_DOT] : [];
  let from = 0;
  for (let at = text.indexOf(LINE_DOT); at >= 0; at = text.indexOf(LINE_DOT, at + 2)) {
    parts.push(text.subarray(from, at + 2), ONE_DOT);
    from = at + 2;
  }
  return parts.length === 0 ? text : Buffer.concat([...parts, text.subarray(from)]);
}

const DOT = 0x2e;
const ONE_DOT = Buffer.from('.');
const LINE_DOT = Buffer.from('\r\n.');

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
}

function behindNumber(row: string): string {
  return row.slice(row.indexOf('\t'));
}

function countLines(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) count++;
  return count;
}
