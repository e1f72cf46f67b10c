/** What all sessions of a news server share. */
import { UsageError } from '../../core/errors.ts';
import type { MockOptions } from '../../mock/server.ts';
import { type Account, MECHANISM_NAMES, type Verifier } from '../../wire/sasl.ts';
import type { NntpFixture } from '../fixture.ts';
import type { Dialect } from '../overview-format.ts';
import { compileWildmat, type Match } from '../wildmat.ts';
import { type Feature, featuresOf, type Profile } from './features.ts';
import type { NewsArticle } from './news-article.ts';
import { NewsStore } from './store.ts';

export interface NntpMockOptions extends MockOptions {
  /** What it can do: see `Profile`. Default `full`. */
  readonly profile?: Profile | undefined;
  /** What it cannot do, beside that: `['OVER', 'LIST COUNTS']`. */
  readonly without?: readonly Feature[] | undefined;
  /** Whether articles may be posted. Default true. */
  readonly posting?: boolean | undefined;
  /** Who must log in: nobody, who posts, everybody, or who wants these groups (wildmats). Default: nobody. */
  readonly auth?: 'none' | 'post' | 'all' | readonly string[] | undefined;
  /** The mechanisms of AUTHINFO SASL. Default SCRAM-SHA-256, SCRAM-SHA-1, CRAM-MD5, PLAIN. */
  readonly sasl?: readonly string[] | undefined;
  /** What is refused without TLS, with 483. Default nothing. */
  readonly tlsFor?: 'nothing' | 'login' | 'all' | undefined;
  /** How LIST OVERVIEW.FMT names bytes and lines. Default `3977`. */
  readonly overview?: Dialect | undefined;
  /** It begins as a server for feeds, and is one for readers after MODE READER. Default false. */
  readonly transit?: boolean | undefined;
  /** What happens to a post for a moderated group without Approved: it is taken for the moderator, or refused. Default `accept`. */
  readonly moderation?: 'accept' | 'refuse' | undefined;
  /** The largest article that is taken, in octets. Default 1 MiB. */
  readonly maxArticle?: number | undefined;
  /** Whether articles are sent with Xref. Default true. */
  readonly xref?: boolean | undefined;
}

export const HOST = 'news.localhost';
const MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'CRAM-MD5', 'PLAIN'];
const MEBIBYTE = 1024 * 1024;

export class Site {
  readonly fixture: NntpFixture;
  readonly store: NewsStore;
  readonly features: ReadonlySet<Feature>;
  readonly posting: boolean;
  readonly mechanisms: readonly string[];
  readonly overview: Dialect;
  readonly transit: boolean;
  readonly moderation: 'accept' | 'refuse';
  readonly maxArticle: number;
  readonly tls: boolean;
  readonly tlsFor: 'nothing' | 'login' | 'all';
  /** Whether anybody can log in. */
  readonly logins: boolean;
  readonly verifier: Verifier;
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** What is with the moderators, in order. */
  readonly moderated: NewsArticle[] = [];
  readonly #auth: 'none' | 'post' | 'all' | 'groups';
  readonly #closed: Match;

  /** Throws UsageError for options and a fixture that cannot be. */
  constructor(fixture: NntpFixture, options: NntpMockOptions) {
    const { auth = 'none', sasl = MECHANISMS, maxArticle = MEBIBYTE } = options;
    this.fixture = fixture;
    this.store = new NewsStore(fixture, options.xref === false ? undefined : HOST);
    this.features = featuresOf(options.profile, options.without);
    this.posting = options.posting ?? true;
    this.mechanisms = sasl.map(checkMechanism);
    this.overview = options.overview ?? '3977';
    this.transit = options.transit ?? false;
    this.moderation = options.moderation ?? 'accept';
    this.maxArticle = maxArticle;
    this.tls = options.tls === 'upgrade';
    this.tlsFor = options.tlsFor ?? (options.requireTls ? 'all' : 'nothing');
    this.#auth = typeof auth === 'string' ? auth : 'groups';
    this.#closed = typeof auth === 'string' ? () => auth === 'all' : compileWildmat(auth.join(','));
    this.logins = auth !== 'none' || fixture.users !== undefined;
    const accounts = accountsOf(fixture);
    this.verifier = { lookup: (user) => accounts.get(user) };
    this.login = this.logins ? firstOf(accounts) : undefined;
  }

  /** Whether everything needs a login, or only posting. */
  needsLogin(what: 'all' | 'post'): boolean {
    return this.#auth === 'all' || this.#auth === what;
  }

  /** Whether a group is for those who have logged in. */
  isClosed(group: string): boolean {
    return this.#closed(group);
  }
}

function accountsOf({ users = { user: 'password' } }: NntpFixture): ReadonlyMap<string, Account> {
  return new Map(
    Object.entries(users).map(([user, account]) => [
      user,
      typeof account === 'string' ? { password: account } : account,
    ]),
  );
}

function firstOf(accounts: ReadonlyMap<string, Account>): { user: string; password: string } | undefined {
  for (const [user, { password }] of accounts) if (password !== undefined) return { user, password };
  return undefined;
}

function checkMechanism(name: string): string {
  const upper = name.toUpperCase();
  if (MECHANISM_NAMES.includes(upper) && !upper.endsWith('-PLUS')) return upper;
  throw new UsageError(`this server has no mechanism ${name}`, { protocol: 'nntp', reason: 'unsupported' });
}
