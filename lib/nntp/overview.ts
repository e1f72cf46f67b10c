/**
 * Overviews: a line of an article's most important headers, with TABs between (RFC 3977 8.3). Groups of a million
 * articles exist, so a row is only where it lies in the text that came; a field is cut out when it is asked for.
 */
import { inspect } from 'node:util';
import { parseDate } from '../message/date.ts';
import { decodeWords } from '../message/words.ts';
import { broken } from './codes.ts';
import { type ExtraField, type OverviewFormat, USUAL_FORMAT } from './overview-format.ts';
import { cut, cutOut, FIELDS, idsIn, numberAt, numberIn, PLACE, stopOf, whatIsWrong } from './overview-row.ts';

/** A row as an object of its own. */
export interface OverviewRecord {
  readonly number: number;
  readonly subject: string;
  readonly from: string;
  readonly date: string;
  readonly messageId: string;
  readonly references: readonly string[];
  readonly bytes: number | undefined;
  readonly lines: number | undefined;
  readonly xref: string | undefined;
  /** The other fields behind the first seven, by the names of the format, in lower case; undefined where it has none. */
  readonly extras: Readonly<Record<string, string>> | undefined;
  readonly malformed: string | undefined;
}

/** By the names that they have in a format. */
const PLACES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(PLACE),
  [':bytes', PLACE.bytes],
  [':lines', PLACE.lines],
]);
/** Fields behind this one are not looked for. */
const MAX_FIELDS = 256;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/**
 * One article of an overview. It keeps alive the text that it lies in, up to 48 KiB: where few rows of many are kept for
 * long, keep what `toJSON` gives. A field that is not there is empty, a number undefined; `malformed` says so.
 */
export class Overview {
  readonly #text: string;
  readonly #start: number;
  readonly #end: number;
  readonly #format: OverviewFormat;

  static {
    Object.defineProperty(Overview.prototype, inspect.custom, {
      value(this: Overview) {
        return this.toJSON();
      },
    });
  }

  /** A row from `start` to `end` of the text, without its line end. */
  constructor(text: string, start: number, end: number, format: OverviewFormat) {
    this.#text = text;
    this.#start = start;
    this.#end = end;
    this.#format = format;
  }

  /** The number in the group; 0 for an article that was asked for by its message-id, and in a malformed row. */
  get number(): number {
    return this.#numberAt(0) ?? 0;
  }

  /** With its encoded words decoded (RFC 2047), as `from` is; `field` gives both as they came. */
  get subject(): string {
    return decodeWords(this.#at(PLACE.subject));
  }

  get from(): string {
    return decodeWords(this.#at(PLACE.from));
  }

  /** As it was written: see `sent`. */
  get date(): string {
    return this.#at(PLACE.date);
  }

  /** The date as one; undefined where it cannot be read. */
  get sent(): Date | undefined {
    return parseDate(this.date);
  }

  /** With its `<` and `>`. */
  get messageId(): string {
    return this.#at(PLACE['message-id']);
  }

  /** The message-ids of what it answers, the oldest first. */
  get references(): string[] {
    return idsIn(this.#at(PLACE.references));
  }

  /** The size in octets. */
  get bytes(): number | undefined {
    return this.#numberAt(PLACE.bytes);
  }

  /** Of the body. */
  get lines(): number | undefined {
    return this.#numberAt(PLACE.lines);
  }

  /** Where it is in each of its groups: `host group:number group:number`. */
  get xref(): string | undefined {
    return this.get('xref');
  }

  /**
   * A field by name, as it came: one of the first seven, or one of the format. Its case does not count. Undefined where
   * it is not there; a header that the article does not have is empty, or undefined where names stand before values.
   */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    const place = PLACES.get(key) ?? this.#placeOfExtra(key);
    const value = place === undefined ? undefined : this.field(place);
    if (value === undefined || place === undefined || place < FIELDS) return value;
    const extra = this.#format.extras[place - FIELDS];
    return extra === undefined ? undefined : withoutName(value, extra);
  }

  /** A field by its place, as it came: 0 is the number, 1 to 7 are those of the RFC, then those of the format. */
  field(place: number): string | undefined {
    const from = place < MAX_FIELDS ? this.#startOf(place) : -1;
    return from < 0 ? undefined : this.#text.slice(from, this.#stopOf(from));
  }

  /** Where a field begins; -1 where it is not there. */
  #startOf(place: number): number {
    let from = this.#start;
    for (let i = 0; i < place; i++) {
      const tab = this.#text.indexOf('\t', from);
      if (tab < 0 || tab >= this.#end) return -1;
      from = tab + 1;
    }
    return from;
  }

  #stopOf(from: number): number {
    const tab = this.#text.indexOf('\t', from);
    return tab < 0 || tab > this.#end ? this.#end : tab;
  }

  /** No text is made of it. */
  #numberAt(place: number): number | undefined {
    const from = this.#startOf(place);
    return from < 0 ? undefined : numberAt(this.#text, from, this.#stopOf(from));
  }

  /** What is wrong with the row, if anything is. */
  get malformed(): string | undefined {
    const text = this.#text;
    return whatIsWrong(text, this.#start, cut(text, this.#start, this.#end));
  }

  /** The whole row, without its line end. */
  get raw(): string {
    return this.#text.slice(this.#start, this.#end);
  }

  toJSON(): OverviewRecord {
    const text = this.#text;
    const count = cut(text, this.#start, this.#end);
    return {
      number: numberAt(text, this.#start, stopOf(0)) ?? 0,
      subject: decodeWords(cutOut(text, count, PLACE.subject)),
      from: decodeWords(cutOut(text, count, PLACE.from)),
      date: cutOut(text, count, PLACE.date),
      messageId: cutOut(text, count, PLACE['message-id']),
      references: idsIn(cutOut(text, count, PLACE.references)),
      bytes: numberIn(text, count, PLACE.bytes),
      lines: numberIn(text, count, PLACE.lines),
      malformed: whatIsWrong(text, this.#start, count),
      xref: this.#xrefIn(count),
      extras: this.#others(),
    };
  }

  /** Xref stands first behind the seven, where nobody has made it otherwise. `count` is of this row, cut last. */
  #xrefIn(count: number): string | undefined {
    const [first] = this.#format.extras;
    if (this.#format.places.get('xref') !== 0 || first === undefined) return this.xref;
    return count <= FIELDS ? undefined : withoutName(cutOut(this.#text, count, FIELDS), first);
  }

  /** The fields of the format, but Xref. */
  #others(): Record<string, string> | undefined {
    const { places } = this.#format;
    if (places.size === 0 || (places.size === 1 && places.has('xref'))) return undefined;
    const others: Record<string, string> = Object.create(null);
    for (const name of places.keys()) {
      const value = name === 'xref' ? undefined : this.get(name);
      if (value !== undefined) others[name] = value;
    }
    return others;
  }

  /** A field that must be there. */
  #at(place: number): string {
    return this.field(place) ?? '';
  }

  /** Where a server's format does not know Xref, it may be sent all the same. */
  #placeOfExtra(name: string): number | undefined {
    const place = this.#format.places.get(name);
    return place === undefined ? undefined : place + FIELDS;
  }
}

/**
 * Adds the rows of a text of whole lines, which may end with a bare LF. A malformed row is a row too, and says so; when
 * `strict` it is a ProtocolError.
 */
export function parseOverview(text: string, rows: Overview[], format = USUAL_FORMAT, strict = false): void {
  for (let at = 0; at < text.length; ) {
    const lf = text.indexOf('\n', at);
    const next = lf < 0 ? text.length : lf + 1;
    let end = lf < 0 ? text.length : lf;
    if (end > at && text.charCodeAt(end - 1) === CR) end--;
    const row = new Overview(text, at, end, format);
    if (strict && row.malformed !== undefined) throw broken(`a row of the overview is malformed: ${row.malformed}`);
    rows.push(row);
    at = next;
  }
}

/** What an article has to say of itself. `HeaderBlock` is one. */
export interface Headers {
  get(name: string): string | undefined;
}

/**
 * A row as a server writes it, with its line end. `bytes` is the size of the article, `lines` that of its body; what
 * would end a field or a row becomes a space (RFC 3977 8.3.2).
 */
export function formatOverview(
  number: number,
  headers: Headers,
  bytes: number,
  lines: number,
  format: OverviewFormat = USUAL_FORMAT,
): string {
  const value = (name: string): string => clean(headers.get(name) ?? '');
  const fixed = ['Subject', 'From', 'Date', 'Message-ID', 'References'].map(value);
  const extras = format.extras.map(
    ({ name, full }) => (full && headers.get(name) !== undefined ? `${name}: ` : '') + value(name),
  );
  return `${[number, ...fixed, bytes, lines, ...extras].join('\t')}\r\n`;
}

/** A folded value is unfolded: its line end goes, its white space stays. */
function clean(value: string): string {
  return value.replace(/\r?\n/g, '').replace(/[\0\t\r\n]/g, ' ');
}

/** A value without the name that stands before it; undefined where none does: the article has no such header. */
function withoutName(value: string, { name, full }: ExtraField): string | undefined {
  if (!full) return value;
  const { length } = name;
  const named = value.startsWith(name) || value.slice(0, length).toLowerCase() === name.toLowerCase();
  if (!named || value.charCodeAt(length) !== COLON) return undefined;
  return value.charCodeAt(length + 1) === SPACE ? value.slice(length + 2) : value.slice(length + 1);
}
