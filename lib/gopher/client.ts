import { type Endpoint, formatUrl, hasScheme, parseTarget, type Target } from '../core/endpoint.ts';
import { excerpt, UsageError } from '../core/errors.ts';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import { type Entry, type Listing, Resource } from '../core/resource.ts';
import type { Can, Report } from '../core/verbs.ts';
import { Connection } from '../net/connection.ts';
import { decodeGuessing, decoderFor, encodeAs } from '../wire/charset.ts';
import { formatRequest, parsePath, type Request } from './codec.ts';
import { framingOf, readBody, refuseErrorItem } from './document.ts';
import { optionsElsewhere } from './elsewhere.ts';
import { isMenu, linkOf, MenuEntry, mediaType } from './entry.ts';
import { type Menu, missing, readMenu } from './menu.ts';
import { Counted, readAnswer, readAttributes, toEntry } from './plus.ts';
import { SCHEMES } from './schemes.ts';
import { type WalkOptions, walk } from './walk.ts';

export interface ListOptions extends CallOptions {
  /** Also the lines that are text for people, and those that are no items. Default false. */
  readonly info?: boolean | undefined;
  /** The character set of the menu. Default: UTF-8 where it can be, else CP437 or Latin-1. */
  readonly charset?: string | undefined;
  /** The most lines to accept. Default 100,000. */
  readonly maxItems?: number | undefined;
}

export interface FetchOptions extends CallOptions {
  /** The character set of a text. Default: UTF-8 where it can be, else CP437 or Latin-1. */
  readonly charset?: string | undefined;
  /** The Gopher+ view to ask for: `text/plain`, `text/plain En_US`. */
  readonly view?: string | undefined;
  /** The octets as they came: no dot is taken away. */
  readonly raw?: boolean | undefined;
  /** The most octets to accept. Default: no limit for a stream. */
  readonly maxSize?: number | undefined;
}

export type InfoOptions = CallOptions & Pick<ListOptions, 'charset'>;

const NO_USERS = 'Gopher has no users: leave out the name before the @';

/** Gopher has no session: each verb is one connection, one line, one answer (RFC 1436 2). */
export class GopherClient implements Can<'list' | 'fetch' | 'info' | 'search'> {
  readonly endpoint: Endpoint;
  readonly #options: ConnectOptions;

  private constructor(endpoint: Endpoint, options: ConnectOptions) {
    this.endpoint = endpoint;
    this.#options = options;
  }

  /** Nothing is sent before the first verb. Throws UsageError for a user name: Gopher has none. */
  static async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<GopherClient> {
    if (endpoint.user !== undefined || options.user !== undefined) {
      throw new UsageError(NO_USERS, { protocol: 'gopher' });
    }
    return new GopherClient(endpoint, options);
  }

  /** The entries of a menu; `unknown` at its end when its final dot never came. A menu that begins with an error item is a
   * ReplyError (`missing`). */
  async *list(path = '/', options: ListOptions = {}): Listing {
    return yield* this.#entries(this.menu(path, options), options);
  }

  /** The lines of a menu as they come, many at a time: for menus that are too long to go through one by one. */
  async *menu(path = '/', options: ListOptions = {}): Menu {
    const request = this.#parse(path);
    if (!isMenu(request.type))
      throw this.#usage(`${excerpt(path)} is no menu: a path begins with its type, a menu's with 1, as in /1/folder`);
    return yield* this.#menu(this.#withWords(request), options);
  }

  /** Asks a search item (type 7). The words are sent as they are, in the character set of the options. */
  async *search(path: string, query: string, options: ListOptions = {}): Listing {
    const request = this.#parse(path);
    if (request.type !== '7')
      throw this.#usage(`${excerpt(path)} is no search: a path begins with its type, a search's with 7, as in /7/find`);
    if (/[\t\r\n\0]/.test(query)) throw this.#usage('a query holds TAB, CR, LF or NUL');
    const search = (await encodeAs(query, options.charset ?? 'utf-8')).toString('latin1');
    return yield* this.#entries(this.#menu({ ...request, search }, options), options);
  }

  /**
   * A document, streamed. Text (type 0) has its dots undone; everything else is left as it is, menus included.
   * `complete` is true when the server ended it with a dot or a length, `unknown` when it only closed the connection.
   */
  async fetch(path: string, options: FetchOptions = {}): Promise<Resource> {
    const request = this.#withWords(this.#parse(path));
    const { view, charset, maxSize, raw } = options;
    if (view !== undefined && !/^[\x20-\x7e\xa0-\xff]*$/.test(view)) {
      throw this.#usage('a view holds control characters, or others than Latin-1 has');
    }
    const decode = charset === undefined ? decodeGuessing : await decoderFor(charset);
    const asked = view === undefined ? request : { ...request, plus: `+${view}` };
    const connection = await this.#ask(asked, options);
    try {
      if (!asked.plus) await refuseErrorItem(connection);
      const framing = asked.plus ? await readAnswer(connection) : framingOf(request.type, raw);
      return new Resource({
        body: readBody(connection, framing, maxSize),
        path,
        url: this.#url(path),
        type: view?.split(' ')[0] || mediaType(request.type),
        ...(framing instanceof Counted && { size: framing.size }),
        meta: { type: request.type },
        decode,
        close: () => connection.close(),
      });
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** The Gopher+ attributes of an item; from a server that has none, its line in the menu above it. */
  async info(path: string, options: InfoOptions = {}): Promise<Entry> {
    const request = this.#parse(path);
    const decode = options.charset === undefined ? decodeGuessing : await decoderFor(options.charset);
    const attributes = await this.#attributes(request, options);
    if (attributes) return toEntry(await decode(attributes), path, this.#url(path));
    for (const selector of foldersAbove(request.selector)) {
      for await (const items of this.#menu({ type: '1', selector }, options)) {
        const found = items.find((item) => item.type === request.type && item.selector === request.selector);
        if (found) return new MenuEntry(found, this.endpoint);
      }
    }
    throw missing(this.endpoint, 'no menu above it lists it');
  }

  /** Every entry of a menu and of the menus in it, on this server only: see `walk`. */
  walk(path = '/', options: WalkOptions = {}): Listing {
    return walk(this, path, options);
  }

  /**
   * Fetches what an entry leads to, on another server too. Such a target was given by a server: it must be Gopher, and
   * unless the options of this client say `policy: 'any'` it must not be a private address or the port of another
   * protocol. It is told nothing that was meant for this server. Throws UsageError (`policy`).
   */
  async follow(entry: Pick<Entry, 'url'>, options: FetchOptions = {}): Promise<Resource> {
    if (!/^gophers?:\/\//i.test(entry.url)) throw this.#elsewhere(entry.url);
    const { endpoint, path } = this.#target(entry.url);
    if (this.#isHere(endpoint)) return this.fetch(path, options);
    const client = await GopherClient.connect(endpoint, optionsElsewhere(this.#options));
    return client.fetch(path, options);
  }

  /** Reads the first menu, and reports how it was reached and how many items of which type are there. */
  async check(options: CallOptions = {}): Promise<Report> {
    const began = performance.now();
    const connection = await this.#ask({ type: '1', selector: '' }, options);
    try {
      const peer = connection.describe();
      const items = new Map<string, number>();
      for await (const lines of readMenu(connection)) {
        for (const { type } of lines) items.set(type, (items.get(type) ?? 0) + 1);
      }
      const milliseconds = Math.round(performance.now() - began);
      return { url: this.#url('/'), ...peer, milliseconds, items: Object.fromEntries(items) };
    } finally {
      await connection.close();
    }
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Connects and sends the line that asks. */
  async #ask(request: Request, { signal }: CallOptions): Promise<Connection> {
    const line = formatRequest(request);
    const link = linkOf(request.selector);
    if (link !== undefined) throw this.#usage(`this item is a link, which no Gopher server answers: ${excerpt(link)}`);
    const connection = await Connection.open(this.endpoint, {
      // an answer is short, and has an idle limit: nobody needs to ask whether the peer is still there
      keepAlive: false,
      ...this.#options,
      protocol: 'gopher',
      signal: eitherSignal(this.#options.signal, signal),
    });
    try {
      await connection.write(line);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async *#menu(request: Request, options: ListOptions): Menu {
    const connection = await this.#ask(request, options);
    try {
      return yield* readMenu(connection, options);
    } finally {
      await connection.close();
    }
  }

  async *#entries(menu: Menu, { info }: ListOptions): Listing {
    try {
      for (;;) {
        const { done, value } = await menu.next();
        if (done) return value;
        for (const item of value) {
          if (info || (item.type !== 'i' && item.malformed === undefined)) yield new MenuEntry(item, this.endpoint);
        }
      }
    } finally {
      await menu.return(true);
    }
  }

  /** What a server of Gopher+ says to `!`; undefined from another. */
  async #attributes(request: Request, options: CallOptions): Promise<Buffer | undefined> {
    const connection = await this.#ask({ ...request, plus: '!' }, options);
    try {
      return await readAttributes(connection);
    } finally {
      await connection.close();
    }
  }

  /** A path, or the URL that an entry has, when it is of this server. */
  #parse(path: string): Request {
    if (!hasScheme(path)) return parsePath(path);
    const target = this.#target(path);
    if (!this.#isHere(target.endpoint)) throw this.#elsewhere(path);
    return parsePath(target.path);
  }

  /** Throws UsageError for a user name. */
  #target(url: string): Target {
    const target = parseTarget(url, SCHEMES, 'gopher');
    if (target.endpoint.user !== undefined) throw this.#usage(NO_USERS);
    return target;
  }

  #isHere({ scheme, host, port }: Endpoint): boolean {
    return host === this.endpoint.host && port === this.endpoint.port && scheme === this.endpoint.scheme;
  }

  #elsewhere(url: string): UsageError {
    return new UsageError(`this item is not of this server: open ${excerpt(url)} by itself`, {
      protocol: 'gopher',
      reason: 'policy',
    });
  }

  #withWords(request: Request): Request {
    if (request.type === '7' && request.search === undefined) {
      throw this.#usage('a search item needs words: search it, or write them behind %09');
    }
    return request;
  }

  #url(path: string): string {
    return hasScheme(path) ? path : formatUrl(this.endpoint, path, 70);
  }

  #usage(message: string): UsageError {
    return new UsageError(message, { protocol: 'gopher' });
  }
}

/** The selectors of the menus that may list this one: `/a/b/c` is in `/a/b`, in `/a/b/`, or in the first menu. */
function foldersAbove(selector: string): string[] {
  const slash = selector.replace(/\/$/, '').lastIndexOf('/');
  return slash <= 0 ? [''] : [selector.slice(0, slash), selector.slice(0, slash + 1), ''];
}

function eitherSignal(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a && b && a !== b ? AbortSignal.any([a, b]) : (a ?? b);
}
