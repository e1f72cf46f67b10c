/** Overviews and single headers (RFC 3977 8, RFC 2980 2.6, 2.8, 2.9), as a server gives them. */

import { compilePattern } from '../wildmat.ts';
import { byId, currentOf, type Found, groupOf, type Order, Refusal, rangeOf, syntax } from './order.ts';
import type { NntpSession } from './session.ts';

export const SUMMARIES: Readonly<Record<string, Order>> = {
  OVER: { for: 'readers', feature: 'OVER', answer: (session, args) => over(session, args, 423) },
  XOVER: { for: 'readers', feature: 'XOVER', answer: (session, args) => over(session, args, 420) },
  HDR: { for: 'readers', feature: 'HDR', answer: hdr },
  XHDR: { for: 'readers', feature: 'XHDR', answer: xhdr },
  XPAT: { for: 'readers', feature: 'XPAT', answer: xpat },
};

/** So many octets of a long list are put together before they are sent. */
const PIECE = 64 * 1024;

async function over(session: NntpSession, [which, more]: readonly string[], none: number): Promise<void> {
  if (more !== undefined) throw syntax('OVER [range or message-id]');
  if (which?.startsWith('<') && !session.has('OVER MSGID'))
    throw new Refusal(503, 'There are overviews by number only');
  const rows = map(select(session, which, none), ({ article, number }) => `${article.overview(number)}`);
  await session.parts('224 Overview information follows', pieces(rows));
}

async function hdr(session: NntpSession, [name, which, more]: readonly string[]): Promise<void> {
  if (name === undefined || more !== undefined || !isName(name)) throw syntax('HDR header [range or message-id]');
  if (name.startsWith(':') && !METADATA.has(name.toLowerCase())) throw new Refusal(503, 'There is no such metadata');
  const rows = map(select(session, which, 423), (found) => `${found.number} ${fieldOf(found, name) ?? ''}\r\n`);
  await session.parts('225 Headers follow', pieces(rows));
}

/** What the article does not have is `(none)`, and an article that was asked for by its message-id is called by that. */
async function xhdr(session: NntpSession, [name, which, more]: readonly string[]): Promise<void> {
  if (name === undefined || more !== undefined || !isName(name)) throw syntax('XHDR header [range or message-id]');
  const rows = map(select(session, which, 420), (found) => {
    return `${called(found)} ${fieldOf(found, name) ?? '(none)'}\r\n`;
  });
  await session.parts('221 Headers follow', pieces(rows));
}

/** RFC 2980 2.9: what follows the range is one pattern, with one space where there were any. */
async function xpat(session: NntpSession, [name, which, ...words]: readonly string[]): Promise<void> {
  if (name === undefined || which === undefined || words.length === 0 || !isName(name))
    throw syntax('XPAT header range-or-message-id pattern');
  const pattern = words.join(' ');
  if (/[\\[\]]/.test(pattern)) throw syntax('this server has no sets in patterns: write ? for each character');
  const match = compilePattern(pattern);
  const isWanted = (found: Found): boolean => match(Buffer.from(fieldOf(found, name) ?? '', 'latin1').toString('utf8'));
  const rows = map(filter(select(session, which, undefined), isWanted), (found) => {
    return `${called(found)} ${fieldOf(found, name) ?? ''}\r\n`;
  });
  await session.parts('221 Headers follow', pieces(rows));
}

/** The articles that are meant; `none` is the code for a range without any, where that is refused. */
function select(session: NntpSession, which: string | undefined, none: number | undefined): Iterable<Found> {
  if (which?.startsWith('<')) return [byId(session, which)];
  if (which === undefined) return [currentOf(session)];
  // RFC 2980 has 412 for whoever has no group, whatever else is wrong
  const group = groupOf(session);
  const numbers = group.numbers(rangeOf(which));
  const first = numbers.next();
  if (first.done && none !== undefined) throw new Refusal(none, 'No articles in that range');
  return (function* () {
    for (let step = first; !step.done; step = numbers.next()) {
      const article = group.article(step.value);
      if (article) yield { article, number: step.value };
    }
  })();
}

/** `:bytes` and `:lines` are metadata; of old they were asked for as headers. */
const METADATA: ReadonlyMap<string, (found: Found) => number> = new Map([
  [':bytes', ({ article }) => article.bytes],
  [':lines', ({ article }) => article.lines],
]);

/** A header or metadata in one line, each octet a character. */
function fieldOf(found: Found, name: string): string | undefined {
  const key = name.toLowerCase();
  const header = key.startsWith(':') ? undefined : found.article.field(name)?.replace(/[\0\t\r\n]/g, ' ');
  const metadata = METADATA.get(key) ?? METADATA.get(`:${key}`);
  return header ?? (metadata && String(metadata(found)));
}

function called({ article, number }: Found): string {
  return number === 0 ? article.messageId : String(number);
}

function isName(name: string): boolean {
  return /^:?[\x21-\x39\x3b-\x7e]+$/.test(name);
}

function* map<T>(items: Iterable<T>, make: (item: T) => string): Generator<string> {
  for (const item of items) yield make(item);
}

function* filter<T>(items: Iterable<T>, isWanted: (item: T) => boolean): Generator<T> {
  for (const item of items) if (isWanted(item)) yield item;
}

/** Rows, each octet a character, in pieces of about 64 KiB. */
function* pieces(rows: Iterable<string>): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    text += row;
    if (text.length < PIECE) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}
