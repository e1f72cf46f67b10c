/** What a search asks for: words, some of them of one field only. */
import { UsageError } from '../core/errors.ts';

/** A word, in small letters, and the one field in which it must be; undefined is any. */
interface Term {
  readonly field: string | undefined;
  readonly word: string;
}

export type Query = readonly Term[];

/** The words before a colon that are fields, and the fields that they are. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['subject', 'subject'],
  ['from', 'from'],
  ['to', 'to'],
  ['cc', 'cc'],
  ['date', 'date'],
  ['message-id', 'message-id'],
  ['id', 'message-id'],
]);

/**
 * Reads `budget from:ann subject:"two words"`. Quotes hold words together. Throws UsageError for CR, LF and NUL, and
 * where there is no word.
 */
export function parseQuery(text: string): Query {
  if (/[\r\n\0]/.test(text)) throw new UsageError('a query holds CR, LF or NUL', { protocol: 'pop3' });
  const terms = [...text.matchAll(/(?:([A-Za-z-]{1,20}):)?(?:"([^"]*)"|([^\s"]+))/g)].map(
    ([, name, quoted, plain = '']): Term => {
      const field = name === undefined ? undefined : FIELDS.get(name.toLowerCase());
      const word = quoted ?? plain;
      // what is before the colon of a URL is no field
      const isField = name === undefined || field !== undefined;
      return { field, word: (isField ? word : `${name}:${word}`).toLowerCase() };
    },
  );
  const words = terms.filter(({ word }) => word !== '');
  if (words.length > 0) return words;
  throw new UsageError('a search needs words: budget, from:ann, subject:"two words"', { protocol: 'pop3' });
}

/** Whether all of it is in the fields of a header. */
export function matches(query: Query, fields: ReadonlyMap<string, string>): boolean {
  const lowered = new Map(Array.from(fields, ([name, value]) => [name, value.toLowerCase()]));
  const isIn = (word: string): boolean => [...lowered.values()].some((value) => value.includes(word));
  return query.every(({ field, word }) =>
    field === undefined ? isIn(word) : (lowered.get(field)?.includes(word) ?? false),
  );
}
