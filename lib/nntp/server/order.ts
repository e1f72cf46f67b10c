/** What a server's answers to its commands have in common. */

import { parseRange, type Range } from '../range.ts';
import { compileWildmat, type Match } from '../wildmat.ts';
import type { Feature } from './features.ts';
import type { NewsArticle } from './news-article.ts';
import type { Newsgroup } from './newsgroup.ts';
import type { NntpSession } from './session.ts';

/** Answers a command with these arguments; `quit` ends the session. */
export type Answer = (session: NntpSession, args: readonly string[], line: string) => Promise<unknown>;

/** A command: what must be on for it, who it is for, and whether it needs a login where everything does. */
export interface Order {
  readonly feature?: Feature;
  readonly for: 'anybody' | 'readers' | 'feeds';
  readonly free?: true;
  /** Whether an article follows at once, also where the command is refused (RFC 4644 2.5). */
  readonly brings?: true;
  readonly answer: Answer;
}

/** A refusal, with its code. It is thrown in the middle of an answer, before anything was said. */
export class Refusal {
  readonly line: string;

  constructor(code: number, words: string) {
    this.line = `${code} ${words}`;
  }
}

/** What stands in the middle of an answer where the client's words are none. */
export function syntax(what: string): Refusal {
  return new Refusal(501, `Syntax: ${what}`);
}

/** Throws Refusal (412) where no group has been selected. */
export function groupOf(session: NntpSession): Newsgroup {
  if (session.group) return session.group;
  throw new Refusal(412, 'No newsgroup selected');
}

/** The group of this name. Throws Refusal: 411, 480. */
export function findGroup(session: NntpSession, name: string): Newsgroup {
  const group = session.site.store.groups.get(name);
  if (!group) throw new Refusal(411, `No such newsgroup: ${harmless(name)}`);
  if (!session.maySee(name)) throw new Refusal(480, `Log in to read ${name}`);
  return group;
}

/** An article and the number that it has in the reply: 0 where it was asked for by its message-id. */
export interface Found {
  readonly article: NewsArticle;
  readonly number: number;
}

/** By its message-id. Throws Refusal: 430, 480. */
export function byId(session: NntpSession, messageId: string): Found {
  const article = session.site.store.article(messageId);
  if (!article) throw new Refusal(430, 'No article with that message-id');
  if (!session.maySeeArticle(article)) throw new Refusal(480, 'Log in to read that article');
  return { article, number: 0 };
}

/** The current one. Throws Refusal: 412, 420. */
export function currentOf(session: NntpSession): Found {
  const group = groupOf(session);
  const article = session.current === undefined ? undefined : group.article(session.current);
  if (article && session.current !== undefined) return { article, number: session.current };
  throw new Refusal(420, 'The current article is no longer there, or there never was one');
}

/** Throws Refusal (501). */
export function rangeOf(text: string): Range {
  try {
    return parseRange(text);
  } catch {
    throw syntax('a range is 5, 5- or 5-9');
  }
}

/** Throws Refusal (501). */
export function wildmatOf(text: string): Match {
  try {
    return compileWildmat(text);
  } catch {
    throw syntax('a wildmat is names with * and ?, and commas between');
  }
}

/** The client's own words, as they can be in a reply. */
export function harmless(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 100);
}
