/** What a search and a post are made of. */
import { UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Body } from '../core/resource.ts';
import { findBody, HeaderBlock } from '../wire/headers.ts';
import type { Post } from './article.ts';
import type { Overview } from './overview.ts';
import { octetsOf } from './post.ts';

export interface SendOptions extends CallOptions {
  /** The author: `Name <name@example.org>`. */
  readonly from?: string | undefined;
  readonly subject?: string | undefined;
  /** The groups to post to, with commas between, where there are more than that of the path. */
  readonly newsgroups?: string | undefined;
  /** The message-ids of what it answers, the oldest first, with spaces between. */
  readonly references?: string | undefined;
  readonly followupTo?: string | undefined;
  readonly organization?: string | undefined;
  readonly replyTo?: string | undefined;
  /** Headers that are otherwise refused, with commas between: `Approved,Control`. */
  readonly allow?: string | undefined;
}

/** The words before a colon that are fields of an overview. */
export const FIELDS: ReadonlyMap<string, string> = new Map([
  ['subject', 'subject'],
  ['from', 'from'],
  ['date', 'date'],
  ['message-id', 'message-id'],
  ['id', 'message-id'],
  ['references', 'references'],
]);

const VALUES: ReadonlyMap<string, (row: Overview) => string> = new Map([
  ['subject', (row: Overview) => row.subject],
  ['from', (row: Overview) => row.from],
  ['date', (row: Overview) => row.date],
  ['message-id', (row: Overview) => row.messageId],
  ['references', (row: Overview) => row.references.join(' ')],
]);

/** What a row has of one field, or of all. */
export function valuesOf(row: Overview, field: string | undefined): string[] {
  if (field !== undefined) return [VALUES.get(field)?.(row) ?? ''];
  return Array.from(VALUES.values(), (value) => value(row));
}

/** What is to be posted: the article as it is, with the group that it lacks; or its parts. Throws UsageError. */
export async function prepare(group: string | undefined, body: Body, options: SendOptions): Promise<Uint8Array | Post> {
  const octets = await octetsOf(body);
  const { from, subject } = options;
  if (from === undefined && subject === undefined) return addressed(octets, group);
  const newsgroups = [...new Set([...(group === undefined ? [] : [group]), ...(options.newsgroups?.split(',') ?? [])])];
  if (from === undefined || subject === undefined || newsgroups.length === 0)
    throw usage('an article has an author, a subject and a group: give all of them, or an article with its headers');
  if (hasHeaders(octets))
    throw usage(
      'this is an article with headers of its own, which would stand in its text: leave from and subject out',
    );
  const { references, followupTo, organization, replyTo } = options;
  return { from, subject, newsgroups, references, followupTo, organization, replyTo, body: textOf(octets) };
}

/** Whether it begins as only an article does, and no text. */
function hasHeaders(octets: Buffer): boolean {
  const head = octets.subarray(0, findBody(octets) ?? 0);
  const headers = HeaderBlock.parse(head);
  return headers.defects.length === 0 && ['From', 'Subject', 'Newsgroups'].some((name) => headers.has(name));
}

/** An article with its headers; the group is added where it names none, and must be among those that it names. */
function addressed(octets: Buffer, group: string | undefined): Uint8Array {
  if (group === undefined) return octets;
  const named = HeaderBlock.parse(octets.subarray(0, findBody(octets) ?? octets.length)).get('Newsgroups');
  if (named === undefined) return Buffer.concat([Buffer.from(`Newsgroups: ${group}\r\n`, 'utf8'), octets]);
  if (named.split(',').some((name) => name.trim() === group)) return octets;
  throw usage(`the article is for other groups than ${group}: change its Newsgroups, or post it to /`);
}

function textOf(octets: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (cause) {
    throw new UsageError('this text is not UTF-8: give an article with its headers', { protocol: 'nntp', cause });
  }
}

function usage(message: string): UsageError {
  return new UsageError(message, { protocol: 'nntp' });
}
