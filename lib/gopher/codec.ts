/**
 * The grammar of Gopher (RFC 1436), of its URLs (RFC 4266), and of Gopher+.
 *
 * A selector is opaque octets: it is never normalised, and it is kept as a string with one character per octet
 * (Latin-1), so that what a menu gave is what is sent back.
 */
import { excerpt, ProtocolError, UsageError } from '../core/errors.ts';
import { decodeOctets, encodePath, refuseControls } from '../core/url.ts';
import { type Command, command } from '../wire/command.ts';

/** What a path asks for. `selector` has one character per octet. */
export interface Request {
  readonly type: string;
  readonly selector: string;
  readonly search?: string;
  /** A Gopher+ string: `+view`, `!`, `$`. */
  readonly plus?: string;
}

/**
 * Reads `/<type><selector>[%09<search>[%09<gopher+>]]` (RFC 4266 2.1). The first character is the type, and all that
 * follows is the selector, a slash included. An empty path is the menu with the empty selector.
 * Throws UsageError for CR, LF, NUL, and for a TAB where none belongs.
 */
export function parsePath(path: string): Request {
  refuseControls(path, 'a path');
  const octets = decodeOctets(path.replace(/^\//, '')).toString('latin1');
  if (/[\r\n\0]/.test(octets)) throw new UsageError('a selector holds CR, LF or NUL: it would become a second request');
  const [typed = '', search, plus, ...more] = octets.split('\t');
  const type = typed.charAt(0) || '1';
  const selector = typed.slice(1);
  const wrongSearch = search !== undefined && search !== '' && type !== '7';
  const wrongPlus = plus !== undefined && !/^[+!$]/.test(plus);
  if (wrongSearch || wrongPlus || more.length > 0) {
    throw new UsageError('a TAB (%09) in a selector: only a search item (type 7) has words behind one');
  }
  return { type, selector, ...(search && { search }), ...(plus && { plus }) };
}

/** The path of an item: the inverse of `parsePath`. */
export function formatPath(type: string, selector: string): string {
  const octets = type + selector;
  return octets === '1' ? '/' : `/${encodePath(ASCII.test(octets) ? octets : Buffer.from(octets, 'latin1'))}`;
}

const ASCII = /^[\x20-\x7e]*$/;

/** Whether a path names a menu, or a search that has its words. */
export function isMenuPath(path: string): boolean {
  return /^\/?(?:1|$|\+)/.test(path) || /^\/?7.*%09/.test(path);
}

/** The line that asks. Throws UsageError for TAB, CR, LF, NUL, and for what is no octet. */
export function formatRequest({ selector, search, plus }: Request): Command {
  const words = [selector, search, plus].filter((word) => word !== undefined);
  if (words.some((word) => word.includes('\t')))
    throw new UsageError('a TAB in a selector, a query or a Gopher+ string');
  // cut to its low octet, such a character would become another: U+0109 a TAB
  if (words.some((word) => /[^\0-\xff]/.test(word)))
    throw new UsageError('a selector, a query or a Gopher+ string holds a character that is no octet');
  const [first = '', second, third] = words.map((word) => Buffer.from(word, 'latin1'));
  if (second === undefined) return command`${first}`;
  return third === undefined ? command`${first}\t${second}` : command`${first}\t${second}\t${third}`;
}

/** A line of a menu. Text has one character per octet until its character set is known. */
export interface MenuItem {
  readonly type: string;
  name: string;
  readonly selector: string;
  readonly host: string;
  readonly port: number;
  /** A fifth field: `+` and `?` mark items of Gopher+. */
  readonly plus: string;
  /** The line as it came, when it is not an item: too few fields, or a port that is none. */
  readonly malformed?: string;
}

/** Some lines of a menu. */
export interface MenuLines {
  readonly items: MenuItem[];
  /** How many lines these were, blank ones included. */
  readonly lines: number;
  /** Whether the final dot came. What is behind it is not part of the menu. */
  readonly ended: boolean;
}

/**
 * Reads whole lines of a menu, one character per octet. Fields are found by position, without a list of fields for each
 * line: menus of a million lines exist. Lines may end with a bare LF. Throws ProtocolError for a line above `maxLine`.
 */
export function parseMenu(text: string, maxLine: number): MenuLines {
  const items: MenuItem[] = [];
  let lines = 0;
  let at = 0;
  while (at < text.length) {
    const lineEnd = text.indexOf('\n', at);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    let end = lineEnd < 0 ? text.length : lineEnd;
    if (end > at && text.charCodeAt(end - 1) === 13) end--;
    if (end - at > maxLine) {
      throw new ProtocolError(`a menu line of ${end - at} octets: the limit is ${maxLine}`, {
        reason: 'limit',
        phase: 'body',
      });
    }
    if (end - at === 1 && text.charCodeAt(at) === 46) return { items, lines, ended: true };
    lines++;
    if (end > at) items.push(parseItem(text, at, end, items.at(-1)?.host ?? ''));
    at = next;
  }
  return { items, lines, ended: false };
}

/** Most items of a menu have the same host: `host` is that of the one before, and is used again where it is. */
function parseItem(text: string, at: number, end: number, host: string): MenuItem {
  const type = text.charAt(at);
  const first = fieldEnd(text, at + 1, end);
  const second = first < 0 ? -1 : fieldEnd(text, first + 1, end);
  const third = second < 0 ? -1 : fieldEnd(text, second + 1, end);
  if (third >= 0) {
    const fourth = fieldEnd(text, third + 1, end);
    const portEnd = fourth < 0 ? end : fourth;
    const port = parsePort(text, third + 1, portEnd);
    const name = text.slice(at + 1, first);
    if (port > 0 && port <= 65535) {
      return {
        type,
        name,
        selector: text.slice(first + 1, second),
        host:
          host.length === third - second - 1 && text.startsWith(host, second + 1)
            ? host
            : text.slice(second + 1, third),
        port,
        plus: fourth < 0 ? '' : text.slice(fourth + 1, end).replace(/\t.*/s, ''),
      };
    }
    // lines that lead nowhere often say so with a port of 0
    if (isMessage(type)) return { type, name, selector: '', host: '', port: 0, plus: '' };
  }
  if (isMessage(type))
    return { type, name: text.slice(at + 1, first < 0 ? end : first), selector: '', host: '', port: 0, plus: '' };
  return { type, name: '', selector: '', host: '', port: 0, plus: '', malformed: text.slice(at, end) };
}

/** `i` is text for people, `3` an error: neither leads anywhere. */
function isMessage(type: string): boolean {
  return type === 'i' || type === '3';
}

function fieldEnd(text: string, from: number, end: number): number {
  const at = text.indexOf('\t', from);
  return at < end ? at : -1;
}

/** 0 when it is none. */
function parsePort(text: string, from: number, end: number): number {
  if (end === from || end - from > 5) return 0;
  let port = 0;
  for (let i = from; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return 0;
    port = port * 10 + digit;
  }
  return port;
}

/** A line of a menu, as a server writes it. `name` and `selector` have one character per octet here too. */
export function formatItem(
  item: Pick<MenuItem, 'type' | 'name' | 'selector' | 'host' | 'port'> & { readonly plus?: string },
): string {
  const fields = [
    item.type + item.name,
    item.selector,
    item.host,
    String(item.port),
    ...(item.plus ? [item.plus] : []),
  ];
  if (fields.some((field) => /[\t\r\n\0]/.test(field)))
    throw new UsageError('a field of a menu line holds TAB, CR, LF or NUL');
  return `${fields.join('\t')}\r\n`;
}

/** How long a Gopher+ answer is: a number of octets, up to a final dot, or up to the end of the connection. */
export type PlusLength = number | 'dot' | 'end';

/** The first line of a Gopher+ answer: `+` and a length, or `-` and a length for an error. Undefined when it is none. */
export function parsePlusHeader(line: string): { readonly ok: boolean; readonly length: PlusLength } | undefined {
  const match = /^([+-])(-[12]|\d{1,15})$/.exec(line);
  if (!match) return undefined;
  const [, sign, length = ''] = match;
  return { ok: sign === '+', length: length === '-1' ? 'dot' : length === '-2' ? 'end' : Number(length) };
}

/** The error inside a Gopher+ answer: `1 Admin <a@b>` and then its text. */
export function parsePlusError(text: string): { readonly code: string; readonly text: string } {
  const [first = '', ...rest] = text.split(/\r?\n/);
  const code = /^\d+/.exec(first)?.[0];
  if (code === undefined) throw new ProtocolError(`expected a Gopher+ error code, got ${excerpt(first)}`);
  return { code, text: rest.filter((line) => line !== '').join(' ') || first };
}

/** The attributes of a Gopher+ item: `+INFO: …`, `+ADMIN:` and lines that begin with a space. */
export function parseAttributes(text: string): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  let lines: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const block = /^\+([A-Za-z0-9_-]{1,64}):? ?(.*)$/.exec(line);
    if (block) {
      const [, name = '', rest = ''] = block;
      // a second +INFO begins the next item
      if (blocks.has(name.toUpperCase())) break;
      lines = rest === '' ? [] : [rest];
      blocks.set(name.toUpperCase(), lines);
    } else if (line !== '') lines?.push(line.replace(/^ /, ''));
  }
  return blocks;
}
