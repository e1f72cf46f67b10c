/** The main headers of an article, for who asks what it is. */
import type { Entry, Resource } from '../core/resource.ts';
import { parseDate } from '../message/date.ts';
import { fieldsOf } from '../message/fields.ts';

/** The most octets of a header block. */
const MAX_HEAD = 256 * 1024;

/** Headers by what they are called in `meta`: the same as in a list. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['subject', 'Subject'],
  ['from', 'From'],
  ['date', 'Date'],
  ['references', 'References'],
  ['newsgroups', 'Newsgroups'],
  ['lines', 'Lines'],
  ['xref', 'Xref'],
]);

/** What the headers of an article say. Takes the answer to HEAD. */
export async function articleInfo(head: Resource): Promise<Entry> {
  const { path, url, meta } = head;
  const fields = fieldsOf(await head.bytes(MAX_HEAD), FIELDS);
  const { number, id = '' } = meta;
  const known = { ...(number !== undefined && { number }), id, ...Object.fromEntries(fields) };
  const modified = parseDate(fields.get('date') ?? '');
  return { name: number ?? id, path, url, kind: 'item', ...(modified && { modified }), meta: known };
}
