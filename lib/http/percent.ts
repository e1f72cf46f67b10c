/** Percent-encoding (RFC 3986 2.1): counterparts of Python's `quote`, `unquote` and their kin. */
import { isUtf8 } from 'node:buffer';
import { UsageError } from '../core/errors.ts';
import { builtInDecoder, type Decode } from '../wire/charset.ts';

const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';

/**
 * Percent-encodes text (as UTF-8) or octets: everything but letters, digits, `-._~`, and the ASCII signs in `safe`.
 * Throws UsageError for half a surrogate pair, which no UTF-8 can say.
 *
 * Unlike Python, text in another character set is given as octets.
 */
export function quote(text: string | Uint8Array, safe = '/'): string {
  return encode(text, safe === '/' ? PATH : tableOf(UNRESERVED + safe));
}

/** As forms are written (`application/x-www-form-urlencoded`): a space is `+`; all but letters, digits and `*-._` is encoded. */
export function quotePlus(text: string | Uint8Array): string {
  return encode(text, FORM);
}

/**
 * Undoes percent-encoding. A `%` without two hexadecimal digits stays what it is; octets that are not of the character set
 * become U+FFFD. `charset` is one that Node has itself, or a function that decodes. Throws UsageError for another name.
 */
export function unquote(text: string, charset: string | Decode = 'utf-8'): string {
  const decode = decoderOf(charset);
  if (!text.includes('%')) return text;
  if (isUtf8Name(charset)) return unquoteToOctets(text).toString('utf8');
  let read = '';
  let from = 0;
  // text between the escapes is text already, of whatever character set the octets are
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at)) {
    const end = endOfEscapes(text, at);
    if (end > at) {
      read += text.slice(from, at) + decode(unquoteToOctets(text.slice(at, end)));
      from = end;
    }
    at = Math.max(end, at + 1);
  }
  return read + text.slice(from);
}

/** As `unquote`, with `+` for a space. */
export function unquotePlus(text: string, charset: string | Decode = 'utf-8'): string {
  return unquote(text.replaceAll('+', ' '), charset);
}

/** Undoes percent-encoding; what is not encoded is UTF-8. A `%` without two hexadecimal digits stays what it is. */
export function unquoteToOctets(text: string): Buffer {
  const octets = Buffer.from(text, 'utf8');
  let length = 0;
  for (let at = 0; at < octets.length; at++) {
    let octet = octets[at] ?? 0;
    if (octet === PERCENT) {
      const [high, low] = [digitOf(octets[at + 1]), digitOf(octets[at + 2])];
      if (high >= 0 && low >= 0) {
        octet = high * 16 + low;
        at += 2;
      }
    }
    octets[length++] = octet;
  }
  return octets.subarray(0, length);
}

/** Whether every `%` begins an octet, and the octets are UTF-8. */
export function isWellEncoded(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text) && isUtf8(unquoteToOctets(text));
}

/** The decoder of a character set that Node has itself. Throws UsageError for another. */
export function decoderOf(charset: string | Decode): Decode {
  const decode = typeof charset === 'string' ? builtInDecoder(charset) : charset;
  if (!decode) throw new UsageError(`Node has no character set ${charset} itself: give a function that decodes it`);
  return decode;
}

export function isUtf8Name(charset: string | Decode): boolean {
  return typeof charset === 'string' && /^utf-?8$/i.test(charset);
}

/** Text as UTF-8. Throws UsageError for half a surrogate pair. */
export function toUtf8(text: string): Buffer {
  if (/\p{Surrogate}/u.test(text)) throw new UsageError('this text has half a surrogate pair: no UTF-8 can say it');
  return Buffer.from(text, 'utf8');
}

const PERCENT = 0x25;
const DIGITS = Buffer.from('0123456789ABCDEF');
const VALUES = Array.from({ length: 128 }, (_, octet) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(octet).toLowerCase()),
);

/** The value of a hexadecimal digit; -1 for what is none. */
function digitOf(octet: number | undefined): number {
  return VALUES[octet ?? 0] ?? -1;
}

/** Where the escapes end that begin at `at`; `at` itself where there is none. */
function endOfEscapes(text: string, at: number): number {
  let end = at;
  while (text[end] === '%' && digitOf(text.charCodeAt(end + 1)) >= 0 && digitOf(text.charCodeAt(end + 2)) >= 0)
    end += 3;
  return end;
}

/** What each octet is written as; 0 where it is encoded. */
function tableOf(plain: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const octet of Buffer.from(plain)) if (octet < 0x80) table[octet] = octet;
  return table;
}

const PATH = tableOf(`${UNRESERVED}/`);
const FORM = tableOf(UNRESERVED.replace('~', '*'));
FORM[0x20] = 0x2b;

function encode(text: string | Uint8Array, table: Uint8Array): string {
  const octets = typeof text === 'string' ? toUtf8(text) : text;
  const written = Buffer.allocUnsafe(octets.length * 3);
  let length = 0;
  for (const octet of octets) {
    const plain = table[octet] ?? 0;
    if (plain > 0) written[length++] = plain;
    else {
      written[length++] = PERCENT;
      written[length++] = DIGITS[octet >> 4] ?? 0;
      written[length++] = DIGITS[octet & 15] ?? 0;
    }
  }
  return written.toString('latin1', 0, length);
}
