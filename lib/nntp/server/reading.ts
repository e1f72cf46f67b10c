/** Groups and articles (RFC 3977 6.1, 6.2), as a server gives them. */
import { formatGroup } from '../codec.ts';
import type { Range } from '../range.ts';
import type { Newsgroup } from './newsgroup.ts';
import { byId, currentOf, type Found, findGroup, groupOf, type Order, Refusal, rangeOf, syntax } from './order.ts';
import type { NntpSession } from './session.ts';

export const READING: Readonly<Record<string, Order>> = {
  GROUP: { for: 'readers', answer: group },
  LISTGROUP: { for: 'readers', feature: 'LISTGROUP', answer: listGroup },
  LAST: { for: 'readers', answer: (session) => step(session, 'before') },
  NEXT: { for: 'readers', answer: (session) => step(session, 'after') },
  ARTICLE: { for: 'anybody', answer: article },
  HEAD: { for: 'anybody', answer: head },
  BODY: { for: 'anybody', answer: body },
  STAT: { for: 'anybody', answer: stat },
};

async function group(session: NntpSession, [name, more]: readonly string[]): Promise<void> {
  if (name === undefined || more !== undefined) throw syntax('GROUP newsgroup');
  const found = findGroup(session, name);
  enter(session, found);
  await session.say(`211 ${formatGroup(found)}`);
}

async function listGroup(session: NntpSession, [name, span, more]: readonly string[]): Promise<void> {
  if (more !== undefined) throw syntax('LISTGROUP [newsgroup [range]]');
  const range: Range = span === undefined ? { low: 0 } : rangeOf(span);
  const found = name === undefined ? groupOf(session) : findGroup(session, name);
  enter(session, found);
  await session.lines(`211 ${formatGroup(found)} list follows`, Array.from(found.numbers(range), String));
}

/** Selects a group, and its first article if it has one. */
function enter(session: NntpSession, found: Newsgroup): void {
  session.group = found;
  session.current = found.count > 0 ? found.low : undefined;
}

async function step(session: NntpSession, where: 'before' | 'after'): Promise<void> {
  const selected = groupOf(session);
  if (session.current === undefined) throw new Refusal(420, 'There is no current article');
  const number = selected[where](session.current);
  const found = number === undefined ? undefined : selected.article(number);
  if (number === undefined || !found)
    throw where === 'after'
      ? new Refusal(421, 'No next article in this group')
      : new Refusal(422, 'No previous article in this group');
  session.current = number;
  await session.say(`223 ${number} ${found.messageId}`);
}

/** The article that is meant by a number, a message-id, or nothing. A number makes it the current one. */
function find(session: NntpSession, [which, more]: readonly string[]): Found {
  if (more !== undefined) throw syntax('a number, a message-id, or nothing');
  if (which?.startsWith('<')) return byId(session, which);
  if (!session.reads) throw new Refusal(401, 'MODE-READER');
  if (which === undefined) return currentOf(session);
  if (!/^\d{1,15}$/.test(which)) throw syntax('a number, a message-id, or nothing');
  const number = Number(which);
  const found = groupOf(session).article(number);
  if (!found) throw new Refusal(423, 'No article with that number');
  session.current = number;
  return { article: found, number };
}

async function article(session: NntpSession, args: readonly string[]): Promise<void> {
  const found = find(session, args);
  await session.block(`220 ${ref(found)}`, found.article.head, LINE_END, found.article.body);
}

async function head(session: NntpSession, args: readonly string[]): Promise<void> {
  const found = find(session, args);
  await session.block(`221 ${ref(found)}`, found.article.head);
}

async function body(session: NntpSession, args: readonly string[]): Promise<void> {
  const found = find(session, args);
  await session.block(`222 ${ref(found)}`, found.article.body);
}

async function stat(session: NntpSession, args: readonly string[]): Promise<void> {
  await session.say(`223 ${ref(find(session, args))}`);
}

function ref({ article, number }: Found): string {
  return `${number} ${article.messageId}`;
}

const LINE_END = Buffer.from('\r\n');
