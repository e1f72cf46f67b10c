/** The header of a message, as far as lists and searches show it. */
import { parseDate } from '../message/date.ts';
import { fieldsOf } from '../message/fields.ts';
import { findBody } from '../wire/headers.ts';

/** The fields that are shown and searched, by their names in `meta`. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['subject', 'Subject'],
  ['from', 'From'],
  ['to', 'To'],
  ['cc', 'Cc'],
  ['date', 'Date'],
  ['message-id', 'Message-ID'],
]);

/** The words before a colon of a search, and the fields that they are. */
export const SEARCHED: ReadonlyMap<string, string> = new Map([
  ...Array.from(FIELDS.keys(), (key): [string, string] => [key, key]),
  ['id', 'message-id'],
]);

/** What of a header is shown: `subject`, `from`, `to`, `cc`, `date` and `message-id`, decoded, where they are there. */
export function shownOf(message: Uint8Array): Map<string, string> {
  return fieldsOf(message, FIELDS);
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
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `sha256-${createHash('sha256').update(message.subarray(0, end)).digest('base64url')}`;
}

/** Whether an id can be such a digest. */
export function isDigest(id: string): boolean {
  return id.startsWith('sha256-');
}
