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
  // text between the escapes is text already, of whatever character set the octets are
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => decode(Buffer.from(escapes.replaceAll('%', ''), 'hex')));
}

/** As `unquote`, with `+` for a space. */
export function unquotePlus(text: string, charset: string | Decode = 'utf-8'): string {
  return unquote(text.replaceAll('+', ' '), charset);
}

/** Undoes percent-encoding; what is not encoded is UTF-8. A `%` without two hexadecimal digits stays what it is. */
export function unquoteToOctets(text: string): Buffer {
  const parts = text.split(/((?:%[0-9A-Fa-f]{2})+)/);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part, 'utf8'))),
  );
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

/** Text as UTF-8. Throws UsageError for half a surrogate pair. */
export function toUtf8(text: string): Buffer {
  if (/\p{Surrogate}/u.test(text)) throw new UsageError('this text has half a surrogate pair: no UTF-8 can say it');
  return Buffer.from(text, 'utf8');
}

/** How each octet is written. */
function tableOf(plain: string): readonly string[] {
  const octets = new Set(Buffer.from(plain, 'latin1'));
  return Array.from({ length: 256 }, (_, octet) =>
    octet < 0x80 && octets.has(octet)
      ? String.fromCharCode(octet)
      : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

const PATH = tableOf(`${UNRESERVED}/`);
const FORM = tableOf(UNRESERVED.replace('~', '*')).with(0x20, '+');

function encode(text: string | Uint8Array, table: readonly string[]): string {
  let written = '';
  for (const octet of typeof text === 'string' ? toUtf8(text) : text) written += table[octet];
  return written;
}
