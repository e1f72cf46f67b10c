import { MockServer, type SessionParts } from '../mock/server.ts';
import type { NntpFixture } from './fixture.ts';
import { greeting, obey } from './server/commands.ts';
import type { NewsArticle } from './server/news-article.ts';
import { NntpSession } from './server/session.ts';
import { type NntpMockOptions, Site } from './server/site.ts';

export type { NntpFixture } from './fixture.ts';
export type { NewsArticle } from './server/news-article.ts';
export { NntpSession } from './server/session.ts';
export type { NntpMockOptions } from './server/site.ts';

const EMPTY: NntpFixture = { groups: [{ name: 'netkit.test', description: 'This server has nothing yet' }] };
/** Longer than any command, so that one that is too long can be refused in words. */
const MAX_LINE = 64 * 1024;
/** Who reads an article says nothing for a while: a server waits at least three minutes (RFC 3977 3.1). In milliseconds. */
const IDLE = 10 * 60 * 1000;

/**
 * A news server (RFC 3977) for tests and for `netkit nntp serve`: for readers, for authors, and for feeds. What it can do
 * is a matter of its options, and CAPABILITIES says just that.
 */
export class NntpMockServer extends MockServer<NntpSession> {
  readonly #site: Site;

  private constructor(fixture: NntpFixture, options: NntpMockOptions) {
    const scheme = options.tls === 'implicit' ? 'nntps' : 'nntp';
    super(
      { scheme, protocol: 'nntp', maxLine: MAX_LINE },
      { ...options, timeouts: { idle: IDLE, ...options.timeouts } },
    );
    this.#site = new Site(fixture, options);
  }

  static async start(fixture: NntpFixture = EMPTY, options: NntpMockOptions = {}): Promise<NntpMockServer> {
    return new NntpMockServer(fixture, options).listen();
  }

  /** As whom to log in, where there are logins. */
  get login(): { readonly user: string; readonly password: string } | undefined {
    return this.#site.login;
  }

  /** The articles of a group, in the order of their numbers; of all groups in the order in which they came. */
  articles(group?: string): NewsArticle[] {
    const { store } = this.#site;
    if (group === undefined) return [...store.articles];
    const found = store.groups.get(group);
    return [...(found?.numbers({ low: 0 }) ?? [])].flatMap((number) => found?.article(number) ?? []);
  }

  article(messageId: string): NewsArticle | undefined {
    return this.#site.store.article(messageId);
  }

  /** What was posted to moderated groups, and is with their moderators. */
  get moderated(): readonly NewsArticle[] {
    return this.#site.moderated;
  }

  /** Takes an article away, as time or a cancel message does. Whether it was there. */
  cancel(messageId: string): boolean {
    return this.#site.store.cancel(messageId);
  }

  protected override begin(parts: SessionParts): NntpSession {
    return new NntpSession(parts, this.#site);
  }

  protected override async converse(session: NntpSession): Promise<void> {
    await session.greet(greeting(session));
    for (let line = await session.command(); line !== undefined; line = await session.command()) {
      if (await obey(session, line)) return;
    }
  }
}
