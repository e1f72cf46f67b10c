import { withCrlf } from '../../message/line-ends.ts';
import { findBody } from '../../wire/headers.ts';
import type { ArticleSource, GroupFixture, NntpFixture } from '../fixture.ts';
import { headersOf, NewsArticle } from './news-article.ts';
import { Newsgroup } from './newsgroup.ts';

/** Everything a server has: groups by name, and articles by Message-ID, each once in however many groups. */
export class NewsStore {
  readonly groups: ReadonlyMap<string, Newsgroup>;
  readonly #groups = new Map<string, Newsgroup>();
  readonly #articles = new Map<string, NewsArticle>();
  readonly #host: string | undefined;

  /** `host` is the name in Xref; without it there is none. Throws UsageError for numbers and names that cannot be. */
  constructor(fixture: NntpFixture, host?: string) {
    this.groups = this.#groups;
    this.#host = host;
    for (const group of fixture.groups) this.#groups.set(group.name, new Newsgroup(group));
    const loaded = fixture.groups.flatMap((group) => this.#load(group));
    // what was listed has its number before what is only named
    for (const { article, newsgroups } of loaded) this.file(article, groupsOf(newsgroups));
  }

  /** All articles, in the order in which they came. */
  get articles(): IterableIterator<NewsArticle> {
    return this.#articles.values();
  }

  article(messageId: string): NewsArticle | undefined {
    return this.#articles.get(messageId);
  }

  /** An article that is nowhere yet. */
  make(octets: Buffer, messageId: string): NewsArticle {
    return new NewsArticle(octets, messageId, this.#host);
  }

  /** Puts an article into those of the groups that there are and where it is not yet. */
  file(article: NewsArticle, names: Iterable<string>): void {
    for (const name of names) {
      const group = this.#groups.get(name);
      if (group && !article.numbers.has(name)) group.add(article);
    }
    this.#articles.set(article.messageId, article);
  }

  /** Takes an article away. Its numbers are not given again. Whether it was there. */
  cancel(messageId: string): boolean {
    const article = this.#articles.get(messageId);
    for (const [name, number] of article?.numbers ?? []) this.#groups.get(name)?.remove(number);
    return this.#articles.delete(messageId);
  }

  /** The articles that are listed under a group: those with numbers have theirs, the others follow the one before. */
  #load({ name, articles = [] }: GroupFixture): { readonly article: NewsArticle; readonly newsgroups: string }[] {
    const group = this.#groups.get(name);
    return articles.flatMap((source) => {
      const [content, number] = contentOf(source);
      const { octets, messageId, newsgroups } = complete(content, name, number ?? (group?.high ?? 0) + 1);
      const known = this.#articles.get(messageId);
      const article = known ?? this.make(octets, messageId);
      this.#articles.set(messageId, article);
      group?.add(article, number);
      return known ? [] : [{ article, newsgroups }];
    });
  }
}

/** The groups that a Newsgroups header names. */
export function groupsOf(newsgroups: string): string[] {
  const text = Buffer.from(newsgroups, 'latin1').toString('utf8');
  return [
    ...new Set(
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
  ];
}

function contentOf(source: ArticleSource): [content: Buffer, number: number | undefined] {
  if (typeof source === 'string') return [Buffer.from(source, 'utf8'), undefined];
  if (source instanceof Uint8Array) return [Buffer.from(source), undefined];
  return [contentOf(source.content)[0], source.number];
}

interface Complete {
  readonly octets: Buffer;
  readonly messageId: string;
  readonly newsgroups: string;
}

/** With CR LF at the end of each line, an empty line behind the header, and the two headers without which nothing goes. */
function complete(content: Buffer, group: string, number: number): Complete {
  const text = withCrlf(content);
  const parts = [text];
  if (text.length > 0 && text[text.length - 1] !== LF) parts.push(LINE_END);
  if (findBody(text) === undefined) parts.push(LINE_END);
  const headers = headersOf(text);
  const { messageId = `<${number}.${hostOf(group)}@localhost>`, newsgroups = latin1(group) } = {
    messageId: headers.get('message-id'),
    newsgroups: headers.get('newsgroups'),
  };
  if (!headers.has('newsgroups')) parts.unshift(Buffer.from(`Newsgroups: ${group}\r\n`));
  if (!headers.has('message-id')) parts.unshift(Buffer.from(`Message-ID: ${messageId}\r\n`));
  return { octets: parts.length === 1 ? text : Buffer.concat(parts), messageId, newsgroups };
}

const LF = 10;
const LINE_END = Buffer.from('\r\n');

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A group's name as it can be in a Message-ID. */
function hostOf(group: string): string {
  return group.replace(/[^A-Za-z0-9.+-]/g, '-');
}
