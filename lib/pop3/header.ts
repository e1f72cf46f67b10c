/** The header of a message, as far as lists and searches show it. */
import { createHash } from 'node:crypto';
import { parseDate } from '../message/date.ts';
import { decodeWords } from '../message/words.ts';
import { findBody, HeaderBlock } from '../wire/headers.ts';

/** The fields that are shown and searched, by their names in `meta`. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['subject', 'Subject'],
  ['from', 'From'],
  ['to', 'To'],
  ['cc', 'Cc'],
  ['date', 'Date'],
  ['message-id', 'Message-ID'],
]);

/** In octets: what is beyond that is not looked at. */
const MOST = 256 * 1024;

/** What of a header is shown: `subject`, `from`, `to`, `cc`, `date` and `message-id`, decoded, where they are there. */
export function fieldsOf(message: Uint8Array): Map<string, string> {
  const head = message.subarray(0, Math.min(findBody(message) ?? message.length, MOST));
  const headers = HeaderBlock.parse(head, { lines: MOST });
  const fields = new Map<string, string>();
  for (const [key, name] of FIELDS) {
    const value = headers.get(name);
    if (value !== undefined) fields.set(key, decodeWords(value));
  }
  return fields;
}

/** When a message says that it was written. */
export function dateOf(fields: ReadonlyMap<string, string>): Date | undefined {
  const date = fields.get('date');
  return date === undefined ? undefined : parseDate(date);
}

/**
 * What stands for the unique id of a message where the server has none: the SHA-256 of its header, without the empty
 * line behind it, which some servers leave out.
 */
export function digestOf(message: Uint8Array): string {
  let end = findBody(message) ?? message.length;
  while (end > 0 && (message[end - 1] === 10 || message[end - 1] === 13)) end--;
  return `sha256-${createHash('sha256').update(message.subarray(0, end)).digest('base64url')}`;
}
