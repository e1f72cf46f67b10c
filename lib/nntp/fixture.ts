/** What a news server has, as it is written in a test. */
import type { Account } from '../wire/sasl.ts';

/** An article: text in UTF-8, or octets; bare line feeds become CR LF. A number is kept, others follow the one before. */
export type ArticleSource = string | Uint8Array | { readonly number: number; readonly content: string | Uint8Array };

/**
 * `y` may be posted to, `n` may not, `m` is moderated; `x` takes nothing at all, `j` files in the group `junk`, and
 * `=other.group` in that group (RFC 3977 7.6.3, RFC 6048 3.1).
 */
export type GroupStatusFlag = 'y' | 'n' | 'm' | 'x' | 'j' | `=${string}`;

export interface GroupFixture {
  readonly name: string;
  readonly description?: string | undefined;
  /** Default `y`. */
  readonly status?: GroupStatusFlag | undefined;
  /** Default: the first of January 2024. */
  readonly created?: Date | undefined;
  readonly creator?: string | undefined;
  /**
   * Articles that lack a Message-ID or a Newsgroups header are given one. Those whose Newsgroups name other groups of the
   * fixture are in these too, and one that is listed twice, under the same Message-ID, is one article.
   */
  readonly articles?: readonly ArticleSource[] | undefined;
}

export interface NntpFixture {
  readonly groups: readonly GroupFixture[];
  /** Passwords by user, or what else proves who it is. Default, where somebody must log in: `user` and `password`. */
  readonly users?: Readonly<Record<string, string | Account>> | undefined;
  /** LIST DISTRIB.PATS: `10:local.*:local`. */
  readonly distribPats?: readonly string[] | undefined;
  /** LIST DISTRIBUTIONS: what they are for, by name. */
  readonly distributions?: Readonly<Record<string, string>> | undefined;
  /** LIST MODERATORS: `local.*:%s@moderators.example`. */
  readonly moderators?: readonly string[] | undefined;
  /** LIST MOTD. */
  readonly motd?: string | undefined;
  /** LIST SUBSCRIPTIONS: what new readers should see first. */
  readonly subscriptions?: readonly string[] | undefined;
  /** Is told every article that came, before its sender is; when it throws, the article is not taken. */
  readonly keep?: ((article: Kept) => Promise<void>) | undefined;
}

/** An article that came: where it is to be, and what it is. */
export interface Kept {
  readonly messageId: string;
  readonly numbers: ReadonlyMap<string, number>;
  readonly octets: Uint8Array;
}
