/**
 * Header blocks, as in mail (RFC 5322 2.2), news (RFC 5536), HTTP (RFC 9110 5) and CGI (RFC 3875 6.3): fields in their
 * order, with names that are compared without case. Lines end with CRLF or LF; a block ends with an empty line.
 */
import { excerpt, limitError, UsageError } from '../core/errors.ts';

export interface HeaderLimits {
  /** Bytes of a block. Default 262,144. */
  readonly size?: number | undefined;
  /** Lines of a block. Default 10,000. */
  readonly lines?: number | undefined;
}

/** A field: its name as it was written, and its value. */
export type Field = readonly [name: string, value: string];

export class HeaderBlock implements Iterable<Field> {
  #fields: Field[] = [];
  /** Lines that were no field and belonged to none, as they came. Where the grammar must hold, this must be empty. */
  readonly defects: readonly string[];

  /** Throws UsageError for a name that is no token and a value with CR, LF or NUL. */
  constructor(fields: Iterable<Field> = [], defects: readonly string[] = []) {
    this.defects = defects;
    for (const [name, value] of fields) this.append(name, value);
  }

  /**
   * Reads a block, up to its empty line or to the end; bytes are UTF-8, or Latin-1 where they are not. Folded values
   * are unfolded: the line end goes, the white space stays. Throws ProtocolError `limit`, and for nothing else.
   */
  static parse(block: string | Uint8Array, limits: HeaderLimits = {}): HeaderBlock {
    const fields: { readonly name: string; readonly parts: string[] }[] = [];
    const defects: string[] = [];
    // where a folded line goes on: the parts of the field above, or with the defect above
    let above = defects;
    for (const line of linesOf(block, limits.size ?? 262_144, limits.lines ?? 10_000)) {
      const folded = /^[ \t]/.test(line);
      const [, name, value = ''] = /^([\x21-\x39\x3b-\x7e]+):(.*)$/s.exec(line) ?? [];
      if (!folded) above = name === undefined ? defects : [];
      above.push(name === undefined ? line : value);
      if (name !== undefined) fields.push({ name, parts: above });
    }
    const headers = new HeaderBlock([], defects);
    // not by append: what a peer may send is more than what may be sent
    headers.#fields.push(...fields.map(({ name, parts }): Field => [name, trim(parts.join(''))]));
    return headers;
  }

  /** Fields as a peer sent them: more than may be sent, so nothing is checked. */
  static received(fields: readonly Field[]): HeaderBlock {
    const headers = new HeaderBlock();
    headers.#fields = [...fields];
    return headers;
  }

  /** The same fields, and more behind them, in a block of its own. Nothing is checked. */
  copy(...more: readonly Field[]): HeaderBlock {
    const headers = new HeaderBlock();
    headers.#fields = [...this.#fields, ...more];
    return headers;
  }

  /** The value of the first field of this name. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase();
    for (const [other, value] of this.#fields) if (isNamed(other, wanted)) return value;
    return undefined;
  }

  /** The values of all fields of this name, in their order. */
  getAll(name: string): string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (const [other, value] of this.#fields) if (isNamed(other, wanted)) values.push(value);
    return values;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  get size(): number {
    return this.#fields.length;
  }

  /** One more field, at the end. Throws UsageError for a name that is no token and a value with CR, LF or NUL. */
  append(name: string, value: string): this {
    this.#fields.push(checkField(name, value));
    return this;
  }

  /** The only field of this name, in the place of the first. Throws as `append`. */
  set(name: string, value: string): this {
    const field = checkField(name, value);
    const at = this.#fields.findIndex(named(name));
    if (at < 0) return this.append(name, value);
    const rest = this.#fields.slice(at + 1).filter((other) => !named(name)(other));
    this.#fields.splice(at, this.#fields.length - at, field, ...rest);
    return this;
  }

  /** Whether there was one. */
  delete(name: string): boolean {
    const rest = this.#fields.filter((field) => !named(name)(field));
    return rest.length < this.#fields.splice(0, this.#fields.length, ...rest).length;
  }

  [Symbol.iterator](): IterableIterator<Field> {
    return this.#fields[Symbol.iterator]();
  }

  /**
   * The bytes, UTF-8, without the empty line that follows. `width` is where lines are folded, in characters, at white
   * space only; for mail and news 78, for HTTP and CGI never. Throws UsageError for a field that was parsed and must
   * not be sent on, since its name is no token or its value holds CR or NUL.
   */
  format(width = Number.POSITIVE_INFINITY): Buffer {
    const lines = this.#fields.map(([name, value]) => fold(checkField(name, value), width));
    return Buffer.from(lines.map((line) => `${line}\r\n`).join(''));
  }
}

/**
 * Where the body starts: behind the first empty line; undefined where there is none yet. Searches from `from`, where a
 * line must start: for a block that comes in pieces, behind the last LF that had come before.
 */
export function findBody(bytes: Uint8Array, from = 0): number | undefined {
  let at = from;
  for (;;) {
    if (bytes[at] === LF) return at + 1;
    if (bytes[at] === CR && bytes[at + 1] === LF) return at + 2;
    const end = bytes.indexOf(LF, at);
    if (end < 0) return undefined;
    at = end + 1;
  }
}

const LF = 0x0a;
const CR = 0x0d;

/** The lines up to the empty one. */
function linesOf(block: string | Uint8Array, size: number, count: number): string[] {
  const bytes = typeof block === 'string' ? Buffer.from(block) : block;
  const head = bytes.subarray(0, findBody(bytes));
  if (head.length > size) throw limitError('a header block', size);
  const lines = decode(head).split(/\r?\n/, count + 2);
  const end = lines.indexOf('');
  if (end >= 0) lines.length = end;
  if (lines.length > count) throw limitError('header lines', count);
  return lines;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

function named(name: string): (field: Field) => boolean {
  const wanted = name.toLowerCase();
  return ([other]) => isNamed(other, wanted);
}

/** `wanted` is in lower case. */
function isNamed(name: string, wanted: string): boolean {
  // most are told apart by their length
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** RFC 9110 5.6.2: a token; each is also a field name of RFC 5322. */
function checkField(name: string, value: string): Field {
  if (!/^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(name))
    throw new UsageError(`a header name is letters, digits and hyphens, not ${excerpt(name)}`);
  if (/[\r\n\0]/.test(value)) throw new UsageError(`a header value has no CR, LF or NUL: ${name}: ${excerpt(value)}`);
  return [name, trim(value)];
}

/** Without the spaces and tabs around it. */
function trim(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && (value[start] === ' ' || value[start] === '\t')) start++;
  while (end > start && (value[end - 1] === ' ' || value[end - 1] === '\t')) end--;
  return value.slice(start, end);
}

/** RFC 5322 2.2.3: a line may be broken before white space, and no line is white space alone. */
function fold([name, value]: Field, width: number): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const word of ` ${value}`.match(/[ \t]+[^ \t]+/g) ?? []) {
    if (line.length + word.length > width && line !== `${name}:`) {
      lines.push(line);
      line = word;
    } else line += word;
  }
  return [...lines, line].join('\r\n');
}
