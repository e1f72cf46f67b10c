/** The grammar of POP3 (RFC 1939, RFC 2449), of AUTH in it (RFC 5034), and of the paths of its URLs. Pure; for both ends. */
import { excerpt, ProtocolError, type Reply, type ReplyReason, UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { decodeText, encodePath, refuseControls } from '../core/url.ts';

/**
 * Reads a status line, without its line end. `code` is the response code of RFC 2449 8 in capitals, `IN-USE` or
 * `SYS/TEMP`, empty where there is none; `text` is all that follows the word, the response code included.
 * Throws ProtocolError for anything but `+OK` or `-ERR`, followed by a space or by nothing.
 */
export function parseReply(line: string): Reply {
  const ok = line.startsWith('+OK');
  const word = ok ? 3 : 4;
  if (!(ok || line.startsWith('-ERR')) || (line.length > word && line[word] !== ' '))
    throw new ProtocolError(`a POP3 server answers +OK or -ERR, not ${excerpt(line)}`);
  const text = line.slice(word + 1);
  // most replies have no code, and there may be a hundred thousand of them
  return { ok, code: text.startsWith('[') ? codeOf(text) : '', text };
}

function codeOf(text: string): string {
  const [, code = ''] = /^\[([\x21-\x5c\x5e-\x7e]{1,64})\]/.exec(text) ?? [];
  return code.toUpperCase();
}

/** The challenge of `+ challenge` (RFC 5034 4), in base64, and `+` alone is an empty one; undefined where the line is no challenge. */
export function parseChallenge(line: string): string | undefined {
  return line === '+' ? '' : line.startsWith('+ ') ? line.slice(2) : undefined;
}

/** Why a server said no, and whether asking again later may help. */
export interface Refusal {
  readonly reason: ReplyReason;
  readonly temporary: boolean;
}

/** What the response codes mean: RFC 2449 8.1, RFC 3206 4. */
const CODES: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['AUTH', { reason: 'auth', temporary: false }],
  ['IN-USE', { reason: 'busy', temporary: true }],
  ['LOGIN-DELAY', { reason: 'busy', temporary: true }],
  ['SYS/TEMP', { reason: 'busy', temporary: true }],
  ['SYS/PERM', { reason: 'refused', temporary: false }],
]);

const LOGIN: ReadonlySet<string> = new Set(['USER', 'PASS', 'APOP', 'AUTH']);
const OF_A_MESSAGE: ReadonlySet<string> = new Set(['RETR', 'TOP', 'DELE', 'LIST', 'UIDL']);

/** How servers say that a message is not there: there is no code for it. */
const MISSING =
  /no such|no message|not exist|n't exist|not found|not available|deleted|out of range|(?:invalid|bad|unknown|illegal) (?:message|number)/i;

/** Why the server refused this command: `PASS ***`, or its verb alone; none for the greeting. */
export function reasonOf({ code, text }: Reply, command = ''): Refusal {
  const known = CODES.get(code);
  if (known) return known;
  const verb = command.split(' ', 1)[0]?.toUpperCase() ?? '';
  if (LOGIN.has(verb)) return { reason: 'auth', temporary: false };
  if (OF_A_MESSAGE.has(verb) && MISSING.test(text)) return { reason: 'missing', temporary: false };
  return { reason: 'refused', temporary: false };
}

/** A number as it may stand on the wire: 1 to 15 decimal digits. Undefined for anything else. */
export function parseNumber(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** What `STAT` answers: how many messages, and how many octets. */
export interface Maildrop {
  readonly count: number;
  readonly size: number;
}

/** Reads the text of the answer to `STAT`: `2 320`, and what may follow. Throws ProtocolError. */
export function parseStat(text: string): Maildrop {
  const [, count, size] = /^(\d{1,15}) +(\d{1,15})(?: .*)?$/s.exec(text) ?? [];
  if (count === undefined) throw new ProtocolError(`STAT answers two numbers, not ${excerpt(text)}`);
  return { count: Number(count), size: Number(size) };
}

/** Takes a line of a list: the number of a message, and its size in octets. */
export type TakeSize = (number: number, size: number) => void;
/** Takes a line of a list: the number of a message, and its unique id. */
export type TakeUid = (number: number, uid: string) => void;

/**
 * Reads whole lines of `LIST`, `number size`: one string of many lines, without a string or a list for each of them. Lines
 * end with LF or CRLF, the last one may end with the text; blank ones are passed over, and what follows the size too,
 * since servers put their own words there. Throws ProtocolError for a line that does not begin with two numbers.
 */
export function parseListing(text: string, take: TakeSize): void {
  eachLine(text, (from, end) => {
    const first = digitsEnd(text, from, end);
    const second = digitsStart(text, first, end);
    const last = second < 0 ? -1 : digitsEnd(text, second, end);
    const number = last < 0 || isWord(text, last, end) ? 0 : numberAt(text, from, first);
    if (number === 0)
      throw new ProtocolError(`a line of LIST is a message number and a size, not ${excerpt(text.slice(from, end))}`);
    take(number, numberAt(text, second, last));
  });
}

/** The longest id that is taken, in octets. RFC 1939 7 has 70, and servers have more. */
const LONGEST_ID = 512;

/**
 * Reads whole lines of `UIDL`, `number id`, as `parseListing` does. An id is 1 to 512 octets of 21 to 7E; a message is
 * passed over whose id is none, because it is empty, longer, or more than a word. Throws ProtocolError for a line that
 * does not begin with a number, and for all other octets: they could do harm where an id is shown, or names a file.
 */
export function parseUids(text: string, take: TakeUid): void {
  eachLine(text, (from, end) => {
    const first = digitsEnd(text, from, end);
    const number = isWord(text, first, end) ? 0 : numberAt(text, from, first);
    if (number === 0 || !isPrintable(text, first, end))
      throw new ProtocolError(`a line of UIDL is a message number and an id, not ${excerpt(text.slice(from, end))}`);
    const start = skipSpaces(text, first, end);
    const stop = wordEnd(text, start, end);
    const size = stop - start;
    if (size >= 1 && size <= LONGEST_ID && skipSpaces(text, stop, end) === end) take(number, text.slice(start, stop));
  });
}

/** A message and its size in octets, as `LIST n` answers it. */
export interface Scan {
  readonly number: number;
  readonly size: number;
}

/** Reads the text of the answer to `LIST n`. Throws ProtocolError. */
export function parseScan(text: string): Scan {
  let scan: Scan | undefined;
  parseListing(text, (number, size) => {
    scan = { number, size };
  });
  if (scan) return scan;
  throw nothing('LIST');
}

/** Reads the text of the answer to `UIDL n`: the id, or undefined where it is none, as in `parseUids`. Throws ProtocolError. */
export function parseUid(text: string): string | undefined {
  let found: string | undefined;
  if (text === '') throw nothing('UIDL');
  parseUids(text, (_, uid) => {
    found = uid;
  });
  return found;
}

function nothing(verb: string): ProtocolError {
  return new ProtocolError(`${verb} with a message number answers a line, and here is none`);
}

/** The lines of a text, as places in it; blank ones are left out. */
function eachLine(text: string, take: (from: number, end: number) => void): void {
  for (let at = 0; at < text.length; ) {
    const lineEnd = text.indexOf('\n', at);
    const stop = lineEnd < 0 ? text.length : lineEnd;
    const end = stop > at && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
    if (end > at) take(at, end);
    at = stop + 1;
  }
}

/** Where 1 to 15 digits end that begin at `from`; `from` itself where they do not. */
function digitsEnd(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(text.charCodeAt(at))) at++;
  return at - from > 15 ? from : at;
}

/** Where, behind spaces, digits begin; -1 where they do not. */
function digitsStart(text: string, from: number, end: number): number {
  const at = skipSpaces(text, from, end);
  return at > from && at < end && isDigit(text.charCodeAt(at)) ? at : -1;
}

/** Whether something else than a space goes on here. */
function isWord(text: string, at: number, end: number): boolean {
  return at < end && text.charCodeAt(at) !== 32;
}

function skipSpaces(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text.charCodeAt(at) === 32) at++;
  return at;
}

/** Whether all is spaces, and octets of 21 to 7E. */
function isPrintable(text: string, from: number, end: number): boolean {
  let at = from;
  while (at < end && text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) < 0x7f) at++;
  return at === end;
}

/** Where octets of 21 to 7E end. */
function wordEnd(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text.charCodeAt(at) > 0x20 && text.charCodeAt(at) < 0x7f) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function numberAt(text: string, from: number, stop: number): number {
  let value = 0;
  for (let at = from; at < stop; at++) value = value * 10 + text.charCodeAt(at) - 48;
  return value;
}

/**
 * Reads the lines of `CAPA` (RFC 2449 5): what a server can do, by its name in capitals, with its arguments. The arguments
 * of a name that comes twice are put together.
 */
export function parseCapabilities(lines: Iterable<string>): Map<string, string[]> {
  const capabilities = new Map<string, string[]>();
  for (const line of lines) {
    const words = line.split(' ').filter((word) => word !== '');
    const name = words.shift()?.toUpperCase();
    if (name === undefined) continue;
    const before = capabilities.get(name);
    if (before) before.push(...words);
    else capabilities.set(name, words);
  }
  return capabilities;
}

/**
 * The stamp of a greeting, which offers APOP: `<1896.697170952@dbc.mtview.ca.us>`, with its brackets. Undefined where there
 * is none that is a msg-id of printable ASCII: with other octets in it a server could find out the secret (CVE-2007-1558).
 */
export function parseStamp(greeting: string): string | undefined {
  for (const [stamp] of greeting.matchAll(/<[^<>]*>/g)) {
    const at = stamp.indexOf('@');
    if (at > 1 && at < stamp.length - 2 && /^[\x21-\x7e]*$/.test(stamp)) return stamp;
  }
  return undefined;
}

/** What APOP says instead of the password: the MD5 of stamp and password, in hexadecimal (RFC 1939 7). */
export function apopDigest(stamp: string, secret: Secret): Secret {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return new Secret(createHash('md5').update(stamp).update(secret.reveal()).digest('hex'));
}

/** What a path names: all of the maildrop, or a message by its number or by its unique id. */
export type Address =
  | { readonly kind: 'maildrop' }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'uid'; readonly uid: string };

/**
 * Reads `/` or nothing, `/3`, or `/;UIDL=id` with the id percent-encoded. Throws UsageError for anything else, and for
 * an id that no message can have.
 */
export function parsePath(path: string): Address {
  refuseControls(path, 'a path');
  const [, digits, uid] = /^\/?(?:(\d{1,15})|;UIDL=(.*))$/is.exec(path) ?? [];
  if (path === '' || path === '/') return { kind: 'maildrop' };
  if (digits !== undefined && Number(digits) > 0) return { kind: 'number', number: Number(digits) };
  if (uid !== undefined) return { kind: 'uid', uid: checkUid(decodeText(uid)) };
  throw new UsageError(`a path here is /, the number of a message (/3), or its id (/;UIDL=id), not ${excerpt(path)}`);
}

/** The path of an address: the inverse of `parsePath`. Throws UsageError for a number or an id that no message can have. */
export function formatPath(address: Address): string {
  if (address.kind === 'maildrop') return '/';
  // an id may look like a way up: whoever resolves paths must not find one
  if (address.kind === 'uid') return `/;UIDL=${encodePath(checkUid(address.uid)).replaceAll('/', '%2F')}`;
  if (Number.isSafeInteger(address.number) && address.number > 0) return `/${address.number}`;
  throw new UsageError(`the numbers of messages begin with 1: ${address.number} is none`);
}

function checkUid(uid: string): string {
  if (/^[\x21-\x7e]+$/.test(uid) && uid.length <= LONGEST_ID) return uid;
  throw new UsageError(
    `the id of a message is 1 to ${LONGEST_ID} characters of ASCII without spaces, not ${excerpt(uid)}`,
  );
}

/** Whether a server may give this as the unique id of a message: 1 to 70 octets of 21 to 7E (RFC 1939 7). */
export function isUid(text: string): boolean {
  return /^[\x21-\x7e]{1,70}$/.test(text);
}
