/** What a server asks of an article before it takes it, and what it writes into one that was posted (RFC 5536, RFC 5537 3). */
import { formatDate, parseDate } from '../../message/date.ts';
import { isMessageId, makeMessageId } from '../../message/id.ts';
import { findBody, type HeaderBlock } from '../../wire/headers.ts';
import { isGroup } from '../codec.ts';
import { headersOf, withoutField } from './news-article.ts';
import type { Newsgroup } from './newsgroup.ts';
import { groupsOf, type NewsStore } from './store.ts';

/** An article that has come and has not been taken. */
export interface Proposal {
  readonly headers: HeaderBlock;
  /** The header, without the empty line behind it. */
  readonly head: Buffer;
  readonly body: Buffer;
}

/** Why an article is not taken, in words for its sender. */
export interface Objection {
  readonly why: string;
}

/** Where an article is to be filed; to nowhere but to its moderator where there is one. */
export interface Destination {
  readonly groups: readonly string[];
  readonly moderated?: string | undefined;
}

/** How it came: from its author, or from another server. */
export type Way = 'posted' | 'relayed';

/** Headers of which there is at most one (RFC 5536 3). */
const SINGLE = [
  ...['From', 'Newsgroups', 'Subject', 'Date', 'Message-ID', 'Path', 'Approved', 'Control', 'Distribution'],
  ...['Expires', 'Followup-To', 'Injection-Date', 'Injection-Info', 'References', 'Reply-To', 'Sender', 'Supersedes'],
];
const REQUIRED: Readonly<Record<Way, readonly string[]>> = {
  posted: ['From', 'Newsgroups', 'Subject'],
  relayed: ['From', 'Newsgroups', 'Subject', 'Date', 'Message-ID', 'Path'],
};
const DAY = 24 * 60 * 60 * 1000;

/** Reads what came. */
export function readProposal(octets: Buffer): Proposal | Objection {
  const bodyAt = findBody(octets);
  if (bodyAt === undefined) return { why: 'there is no empty line between header and body' };
  const head = octets.subarray(0, Math.max(0, bodyAt - 2));
  if (/(?<!\r)\n|\r(?!\n)|\0/.test(octets.subarray(0, bodyAt).toString('latin1')))
    return { why: 'a line of the header ends without CR LF, or holds a NUL' };
  try {
    return { headers: headersOf(head), head, body: octets.subarray(bodyAt) };
  } catch {
    return { why: 'the header is too large' };
  }
}

/** What is wrong with the header, if anything is. */
export function objectionTo({ headers }: Proposal, way: Way, now = new Date()): Objection | undefined {
  const [defect] = headers.defects;
  if (defect !== undefined) return { why: 'a line of the header is no field' };
  const missing = REQUIRED[way].find((name) => (headers.get(name) ?? '') === '');
  if (missing !== undefined) return { why: `the header ${missing} is missing` };
  const repeated = SINGLE.find((name) => headers.getAll(name).length > 1);
  if (repeated !== undefined) return { why: `there is more than one header ${repeated}` };
  const wrong = Object.entries(CHECKS).find(
    ([name, isRight]) => headers.has(name) && !isRight(headers.get(name) ?? ''),
  );
  if (wrong) return { why: `the header ${wrong[0]} is wrong` };
  const sent = parseDate(headers.get('date') ?? '');
  if (sent && sent.getTime() > now.getTime() + DAY) return { why: 'the header Date is more than a day ahead' };
  return undefined;
}

const CHECKS: Readonly<Record<string, (value: string) => boolean>> = {
  'Message-ID': isMessageId,
  Date: (value) => parseDate(value) !== undefined,
  From: (value) => /[^\s<>@]@[^\s<>@]/.test(value),
  Newsgroups: (value) => groupsOf(value).length > 0 && groupsOf(value).every(isGroup),
};

/**
 * Where an article goes. A group that there is not counts for nothing as long as there is another; one that may not be
 * posted to counts against the whole.
 */
export function destinationOf({ headers }: Proposal, way: Way, store: NewsStore): Destination | Objection {
  const named = groupsOf(headers.get('newsgroups') ?? '');
  const known = named.flatMap((name) => store.groups.get(name) ?? []);
  const goals = known.map((group) => goalOf(group, way, headers.has('approved')));
  const groups = goals.flatMap(({ group = '' }) => (store.groups.has(group) ? group : []));
  const moderated = goals.find((goal) => goal.moderated !== undefined)?.moderated;
  const why = goals.find((goal) => goal.why !== undefined)?.why;
  if (why !== undefined && (way === 'posted' || groups.length === 0)) return { why };
  if (moderated !== undefined) return { groups: [], moderated };
  return groups.length > 0 ? { groups } : { why: `there is no group ${named.join(', ')} here` };
}

/** What one of its groups means for an article: it is filed in a group, sent to a moderator, or not taken. */
interface Goal {
  readonly group?: string;
  readonly moderated?: string;
  readonly why?: string;
}

function goalOf({ name, status }: Newsgroup, way: Way, approved: boolean): Goal {
  if (status.startsWith('=')) return { group: status.slice(1) };
  if (status === 'm' && !approved)
    return way === 'posted' ? { moderated: name } : { why: `the group ${name} is moderated, and there is no Approved` };
  if (status === 'x' || (way === 'posted' && (status === 'n' || status === 'j')))
    return { why: `the group ${name} takes no articles` };
  return { group: status === 'j' ? 'junk' : name };
}

/** The Message-ID that it has, or is to have. */
export function messageIdOf({ headers }: Proposal): string {
  return headers.get('message-id') ?? makeMessageId('localhost');
}

/**
 * The octets of an article that is taken: Path begins with this server, and what was posted gets the Message-ID, Date and
 * Injection-Date that it lacks (RFC 5537 3.5). All else is as it came.
 */
export function accepted({ headers, head, body }: Proposal, messageId: string, way: Way, host: string): Buffer {
  const path = headers.get('path') || 'not-for-mail';
  const now = formatDate(new Date());
  const added =
    way === 'relayed'
      ? [`Path: ${host}!${path}`]
      : [
          `Path: ${host}!.POSTED!${path}`,
          ...(headers.has('message-id') ? [] : [`Message-ID: ${messageId}`]),
          ...(headers.has('date') ? [] : [`Date: ${now}`]),
          ...(headers.has('injection-date') ? [] : [`Injection-Date: ${now}`]),
        ];
  const first = Buffer.from(added.map((line) => `${line}\r\n`).join(''), 'latin1');
  return Buffer.concat([first, withoutField(head, 'path'), LINE_END, body]);
}

const LINE_END = Buffer.from('\r\n');
