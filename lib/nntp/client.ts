import { type Endpoint, hasScheme, parseTarget } from '../core/endpoint.ts';
import { excerpt, ReplyError, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Body, Entry, Listing, Receipt, Resource } from '../core/resource.ts';
import type { Can, FetchAllOptions as CommonFetchAllOptions, Gathers, Report } from '../core/verbs.ts';
import { matches, parseQuery } from '../message/query.ts';
import { Asker } from './asker.ts';
import { isUnknown } from './catalogue.ts';
import { Conversation, type NntpConnectOptions } from './conversation.ts';
import { ArticleEntry, groupEntry } from './entry.ts';
import { articleInfo } from './header.ts';
import { parseActive, parseLines } from './listing.ts';
import type { Overview } from './overview.ts';
import { formatPath, type NewsPath, parsePath } from './path.ts';
import type { Range } from './range.ts';
import { NntpRanges } from './ranges.ts';
import { FIELDS, prepare, type SendOptions, valuesOf } from './requests.ts';
import { SCHEMES } from './schemes.ts';

export type { Credentials, Fed, FeedOptions, Posted, PostOptions } from './author.ts';
export type { NntpConnectOptions } from './conversation.ts';
export type { OverOptions } from './overviews.ts';
export type { EachOptions, Part, Several, Visit, Which } from './reader.ts';
export type { SendOptions } from './requests.ts';

export interface ListOptions extends CallOptions {
  /** Of groups: also what they are for. */
  readonly descriptions?: boolean | undefined;
}

export interface FetchOptions extends CallOptions {
  /** Only the headers. */
  readonly head?: boolean | undefined;
  /** Only the body. */
  readonly body?: boolean | undefined;
  /** The file, or the part of one, that the body holds in yEnc, its size and checksum proved at the end. */
  readonly yenc?: boolean | undefined;
}

export interface FetchAllOptions extends CommonFetchAllOptions {
  /** Only the headers. */
  readonly head?: boolean | undefined;
}

/**
 * A session with a news server (RFC 3977). Paths are those of news URLs: `/` and `/comp.*` are groups, `/comp.test` is a
 * group, `/comp.test/1042` and `/comp.test/100-200` are articles of it, `/id@host` is an article anywhere.
 */
export class NntpClient extends NntpRanges implements Can<'list' | 'fetch' | 'info' | 'search' | 'send'>, Gathers {
  readonly endpoint: Endpoint;

  /**
   * Connects: greeting, CAPABILITIES, MODE READER where the server wants it, STARTTLS where it is wanted (by the scheme,
   * by `options.starttls`, and by default where somebody logs in, but not towards this machine), and the login, where
   * there is a user and the server offers one. A server that asks for it later is answered later. Throws ReplyError,
   * ConnectionError (`tls-required`), UsageError (`policy`) before a password would go where somebody can listen.
   */
  static async connect(endpoint: Endpoint, options: NntpConnectOptions = {}): Promise<NntpClient> {
    return new NntpClient(endpoint, await Conversation.open(endpoint, options));
  }

  private constructor(endpoint: Endpoint, conversation: Conversation) {
    super(new Asker(conversation));
    this.endpoint = endpoint;
  }

  /** Groups, or the articles of a group: the best answer where the path names many. */
  async *list(path = '/', options: ListOptions = {}): Listing {
    for await (const entries of this.#listed(path, options)) for (const entry of entries) yield entry;
    return true;
  }

  /**
   * An article, its headers or its body, streamed; or the file that it holds in yEnc, with what is known of that in
   * `meta`. Read it or close it before anything else is asked.
   */
  async fetch(path: string, { head, body, yenc, signal }: FetchOptions = {}): Promise<Resource> {
    const at = this.#parse(path);
    if (at.kind !== 'message' && at.kind !== 'article') throw this.#usage(`${excerpt(path)} is no article: list it`);
    if (head && (body || yenc)) throw this.#usage('the headers, or the body, or both by neither: not head with body');
    const part = head ? 'head' : body || yenc ? 'body' : 'article';
    const [which, group] = at.kind === 'message' ? [at.messageId, undefined] : [at.number, at.group];
    return yenc ? this.file(which, group, { signal }) : this.part(part, which, { group }, { signal });
  }

  /** Of a group how many articles there are; of an article its main headers, decoded. */
  async info(path: string, options: CallOptions = {}): Promise<Entry> {
    const at = this.#parse(path);
    if (at.kind === 'group') return groupEntry(await this.asker.enter(at.group, options), this.#urlOf);
    if (at.kind === 'groups') return { name: '/', path, url: this.urlOf(path), kind: 'container', meta: {} };
    if (at.kind === 'range') throw this.#usage(`${excerpt(path)} is many articles: list them`);
    const [which, group] = at.kind === 'message' ? [at.messageId, undefined] : [at.number, at.group];
    return articleInfo(await this.part('head', which, { group }, options));
  }

  /**
   * The articles of a group, or of a range of it, in whose overview all of the words are, whatever their case: in
   * subject, sender, date, message-id or references, or in the one that is named, `from:ann subject:"two words"`.
   */
  async *search(path: string, query: string, options: CallOptions = {}): Listing {
    const wanted = parseQuery(query, FIELDS);
    const [group, range] = this.#many(path, 'search');
    for await (const rows of this.#rows(group, range, options)) {
      for (const row of rows) {
        if (row.number > 0 && matches(wanted, (field) => valuesOf(row, field)))
          yield new ArticleEntry(row, group, this.#urlOf);
      }
    }
    return true;
  }

  /**
   * Posts an article to the group of the path, or with `/` to those that its Newsgroups header names: octets with their
   * headers, or, with the options `subject` and `from`, the text alone. Its Message-ID is in the path of the receipt. See
   * `post` for what it throws.
   */
  async send(path: string, body: Body, options: SendOptions = {}): Promise<Receipt> {
    const at = this.#parse(path);
    if (at.kind !== 'group' && path !== '/' && path !== '') throw this.#usage(`${excerpt(path)} is no group`);
    options.signal?.throwIfAborted();
    const article = await prepare(at.kind === 'group' ? at.group : undefined, body, options);
    const allow = options.allow?.split(',').map((name) => name.trim());
    const { messageId, text } = await this.post(article, { signal: options.signal, allow });
    return { text, path: formatPath({ kind: 'message', messageId }) };
  }

  /**
   * Every article of a group, or of a range of it, in order, each to be read before the next; what is not read is passed
   * over. The next ones are asked for meanwhile, and nothing else can be. Each has its message-id in `meta.uid`. Those
   * that are cancelled meanwhile are left out; what else the server refuses is thrown, unless `refused` takes it.
   */
  async *fetchAll(path = '/', options: FetchAllOptions = {}): AsyncGenerator<Resource, void, void> {
    const [group, range] = this.#many(path, 'fetch');
    const { known, refused, head, signal } = options;
    const status = await this.asker.enter(group, { signal });
    if (status.empty && range === undefined) return;
    const { low, high } = status;
    yield* this.whole(status, range ?? { low, high }, { part: head ? 'head' : 'article', known, refused, signal });
  }

  /** Who is there, how it was reached, and what it offers. */
  async check(options: CallOptions = {}): Promise<Report> {
    const began = performance.now();
    const now = await this.date(options).catch((error: unknown) => {
      // servers of old have no clock
      if (error instanceof ReplyError && error.reason !== 'auth') return undefined;
      throw error;
    });
    const { connection } = this.asker.conversation;
    return {
      url: this.urlOf('/'),
      ...connection.describe(),
      milliseconds: Math.round(performance.now() - began),
      greeting: this.welcome,
      ...(this.implementation !== undefined && { implementation: this.implementation }),
      ...(now && { date: now.toISOString() }),
      canPost: this.canPost,
      capabilities: Array.from(this.capabilities ?? [], ([label, args]) => [label, ...args].join(' ')),
    };
  }

  /** Says QUIT, waits for the answer for `timeouts.close` at most, and closes the connection. Never throws. */
  async close(): Promise<void> {
    await this.asker.conversation.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Entries as they come, many at a time. */
  #listed(path: string, options: ListOptions): AsyncGenerator<readonly Entry[], void, void> {
    const at = this.#parse(path);
    if (at.kind === 'groups') return this.#groups(at.wildmat, options);
    if (at.kind === 'group') return this.#articles(at.group, undefined, options);
    if (at.kind === 'range') return this.#articles(at.group, at.range, options);
    throw this.#usage(`${excerpt(path)} is an article: fetch it`);
  }

  async *#groups(wildmat: string | undefined, options: ListOptions): AsyncGenerator<readonly Entry[], void, void> {
    const { descriptions, signal } = options;
    const told = descriptions ? await this.#descriptions(wildmat, { signal }) : undefined;
    for await (const texts of this.activeTexts(wildmat, { signal })) {
      for (const text of texts) {
        const { items, malformed } = parseLines(text, parseActive);
        yield items.map((group) => groupEntry({ ...group, description: told?.get(group.name) }, this.#urlOf));
        yield malformed.map(malformedEntry);
      }
    }
  }

  async #descriptions(wildmat: string | undefined, options: CallOptions): Promise<ReadonlyMap<string, string>> {
    try {
      const { items } = await this.newsgroups(wildmat, options);
      return new Map(items.map(({ name, text }) => [name, text]));
    } catch (error) {
      // a server that has none has the groups all the same
      if (isUnknown(error)) return new Map();
      throw error;
    }
  }

  async *#articles(
    group: string,
    range: Range | undefined,
    options: CallOptions,
  ): AsyncGenerator<readonly Entry[], void, void> {
    for await (const rows of this.#rows(group, range, options)) {
      yield rows.map((row) => new ArticleEntry(row, group, this.#urlOf));
    }
  }

  async *#rows(group: string, range: Range | undefined, options: CallOptions): AsyncGenerator<Overview[], void, void> {
    const status = await this.asker.enter(group, options);
    const { low, high, empty } = status;
    if (range === undefined && empty) return;
    yield* this.rowsOf(status, range ?? { low, high }, options);
  }

  /** The group, and the range of it, that a path names. */
  #many(path: string, what: string): readonly [group: string, range: Range | undefined] {
    const at = this.#parse(path);
    if (at.kind === 'group') return [at.group, undefined];
    if (at.kind === 'range') return [at.group, at.range];
    throw this.#usage(`${excerpt(path)} is no group: name the one to ${what}`);
  }

  readonly #urlOf = (path: string): string => this.urlOf(path);

  /** A path, or the URL that an entry has, when it is of this server. */
  #parse(path: string): NewsPath {
    return parsePath(hasScheme(path) ? this.#pathOf(path) : path);
  }

  #pathOf(url: string): string {
    const { endpoint, path } = parseTarget(url, SCHEMES, 'nntp');
    const { scheme, host, port } = this.endpoint;
    if (endpoint.scheme === scheme && endpoint.host === host && endpoint.port === port) return path;
    throw new UsageError('this is not of this server: open its URL by itself', { protocol: 'nntp', reason: 'policy' });
  }

  #usage(message: string): UsageError {
    return new UsageError(message, { protocol: 'nntp' });
  }
}

/** A line that cannot be read costs no other. */
function malformedEntry(line: string): Entry {
  return { name: `malformed: ${excerpt(line)}`, path: '', url: '', kind: 'error', meta: { malformed: line } };
}
