/** What a search in mail or news asks for: words, some of them of one field only. */
import { UsageError } from '../core/errors.ts';

/** A word, in small letters, and the one field in which it must be; undefined is any. */
interface Term {
  readonly field: string | undefined;
  readonly word: string;
}

export type Query = readonly Term[];

/**
 * Reads `budget from:ann subject:"two words"`. Quotes hold words together. `fields` are the words before a colon that
 * are fields, and what these are called; any other word before a colon is a word. Throws UsageError for CR, LF and NUL,
 * and where there is no word.
 */
export function parseQuery(text: string, fields: ReadonlyMap<string, string>): Query {
  if (/[\r\n\0]/.test(text)) throw new UsageError('a query holds CR, LF or NUL');
  const terms = [...text.matchAll(/(?:([A-Za-z-]{1,20}):)?(?:"([^"]*)"|([^\s"]+))/g)].map(
    ([, name, quoted, plain = '']): Term => {
      const field = name === undefined ? undefined : fields.get(name.toLowerCase());
      const word = quoted ?? plain;
      const isField = name === undefined || field !== undefined;
      return { field, word: (isField ? word : `${name}:${word}`).toLowerCase() };
    },
  );
  const words = terms.filter(({ word }) => word !== '');
  if (words.length > 0) return words;
  throw new UsageError('a search needs words: budget, from:ann, subject:"two words"');
}

/** Whether all of it is there. `values` are those of one field, or of all. */
export function matches(query: Query, values: (field: string | undefined) => readonly string[]): boolean {
  return query.every(({ field, word }) => values(field).some((value) => value.toLowerCase().includes(word)));
}
