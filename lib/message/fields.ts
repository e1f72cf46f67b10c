/** The fields of a header as lists and searches show them. */
import { utf8OrOlder } from '../wire/charset.ts';
import { findBody, HeaderBlock } from '../wire/headers.ts';
import { decodeWords } from './words.ts';

/** In octets: what of a header is beyond that is not looked at. */
const MOST = 256 * 1024;

/** What no header of `MOST` octets exceeds, also when each octet has become a character of three. */
const LIMITS = { size: 4 * MOST, lines: MOST } as const;

/**
 * Those of these fields that a message has, decoded: `names` are the fields by what they are to be called. Takes a
 * message, or its header alone; raw octets are UTF-8 or windows-1252. What is no header has no fields. Throws nothing.
 */
export function fieldsOf(message: Uint8Array, names: ReadonlyMap<string, string>): Map<string, string> {
  const head = message.subarray(0, Math.min(findBody(message) ?? message.length, MOST));
  const headers = HeaderBlock.parse(utf8OrOlder(head), LIMITS);
  const fields = new Map<string, string>();
  for (const [key, name] of names) {
    const value = headers.get(name);
    if (value !== undefined) fields.set(key, decodeWords(value));
  }
  return fields;
}
