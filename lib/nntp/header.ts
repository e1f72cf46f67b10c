/** The main headers of an article, for who asks what it is. */
import type { Entry, Resource } from '../core/resource.ts';
import { parseDate } from '../message/date.ts';
import { decodeHeaderBytes } from '../message/raw.ts';
import { decodeWords } from '../message/words.ts';
import { HeaderBlock } from '../wire/headers.ts';

/** The most octets of a header block. */
const MAX_HEAD = 256 * 1024;

/** Headers by what they are called in `meta`: the same as in a list. */
const FIELDS: readonly (readonly [name: string, header: string])[] = [
  ['subject', 'Subject'],
  ['from', 'From'],
  ['date', 'Date'],
  ['references', 'References'],
  ['newsgroups', 'Newsgroups'],
  ['lines', 'Lines'],
  ['xref', 'Xref'],
];

/** What the headers of an article say. Takes the answer to HEAD. */
export async function articleInfo(head: Resource): Promise<Entry> {
  const { path, url, meta } = head;
  const fields = HeaderBlock.parse(decodeHeaderBytes(await head.bytes(MAX_HEAD)));
  const { number, id = '' } = meta;
  const known: Record<string, string> = { ...(number !== undefined && { number }), id };
  for (const [name, header] of FIELDS) {
    const value = fields.get(header);
    if (value !== undefined) known[name] = decodeWords(value);
  }
  const modified = parseDate(known['date'] ?? '');
  return { name: number ?? id, path, url, kind: 'item', ...(modified && { modified }), meta: known };
}
