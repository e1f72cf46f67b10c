import { type Endpoint, formatUrl, hasScheme, parseTarget } from '../core/endpoint.ts';
import { excerpt, limitError, ProtocolError, ReplyError, TimeoutError, UsageError } from '../core/errors.ts';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import { type Entry, type Flow, Resource } from '../core/resource.ts';
import type { Can, Report } from '../core/verbs.ts';
import { Connection } from '../net/connection.ts';
import { decodeGuessing, decoderFor, encodeAs } from '../wire/charset.ts';
import { AtMost, type Framing, ToEnd } from '../wire/framing.ts';
import { formatRequest, type MenuItem, parseMenu, parsePath, type Request } from './codec.ts';
import { isMenu, isText, linkOf, MenuEntry, mediaType } from './entry.ts';
import * as plus from './plus.ts';
import { TextBody } from './text.ts';

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
  /** The bytes as they came: no dot is taken away. */
  readonly raw?: boolean | undefined;
  /** The most octets to accept. Default: no limit for a stream. */
  readonly maxSize?: number | undefined;
}

export type InfoOptions = CallOptions & Pick<ListOptions, 'charset'>;
export type SearchOptions = CallOptions & Pick<ListOptions, 'charset' | 'maxItems' | 'info'>;

const MAX_LINE = 4096;
const MAX_ITEMS = 100_000;
/** Strings larger than this go to another part of the heap, where they cost twice as much. */
const BLOCK = 48 * 1024;

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
      throw new UsageError('Gopher has no users: leave out what stands before the @', { protocol: 'gopher' });
    }
    return new GopherClient(endpoint, options);
  }

  /** The entries of a menu. A menu that is only an error item is a ReplyError (`missing`). */
  async *list(path = '/', options: ListOptions = {}): AsyncGenerator<Entry> {
    for await (const items of this.menu(path, options)) {
      for (const item of items) {
        if (options.info || (item.type !== 'i' && item.malformed === undefined))
          yield new MenuEntry(item, this.endpoint);
      }
    }
  }

  /** The lines of a menu as they come, many at a time: for menus that are too long to go through one by one. */
  async *menu(path = '/', options: ListOptions = {}): AsyncGenerator<MenuItem[]> {
    const request = this.#parse(path);
    if (!isMenu(request.type)) throw this.#usage(`${path} is no menu: fetch it`);
    if (request.type === '7' && request.search === undefined) throw this.#usage(`${path} is a search: it needs words`);
    yield* this.#menu(request, options);
  }

  /** Asks a search item (type 7). The words are sent as they are, in the character set of the options. */
  async *search(path: string, query: string, options: SearchOptions = {}): AsyncGenerator<Entry> {
    const request = this.#parse(path);
    if (request.type !== '7') throw this.#usage(`${path} is no search: its type is ${request.type}, not 7`);
    if (/[\t\r\n\0]/.test(query)) throw this.#usage('a query holds TAB, CR, LF or NUL');
    const search = (await encodeAs(query, options.charset ?? 'utf-8')).toString('latin1');
    for await (const items of this.#menu({ ...request, search }, options)) {
      for (const item of items) {
        if (options.info || (item.type !== 'i' && item.malformed === undefined))
          yield new MenuEntry(item, this.endpoint);
      }
    }
  }

  /**
   * A document, streamed. Text (type 0) has its dots undone; everything else is left as it is, menus included.
   * `complete` is true when the server ended it with a dot or a length, `unknown` when it only closed the connection.
   */
  async fetch(path: string, options: FetchOptions = {}): Promise<Resource> {
    const request = this.#parse(path);
    if (request.type === '7' && request.search === undefined) throw this.#usage(`${path} is a search: it needs words`);
    const { view, charset, maxSize } = options;
    if (view !== undefined && /[\t\r\n\0]/.test(view)) throw this.#usage('a view holds TAB, CR, LF or NUL');
    const decode = charset === undefined ? decodeGuessing : await decoderFor(charset);
    const asked = view === undefined ? request : { ...request, plus: `+${view}` };
    const connection = await this.#ask(asked, options);
    try {
      const framing = asked.plus
        ? await plus.readAnswer(connection)
        : await this.#framing(connection, request.type, options);
      const body = connection.body(maxSize === undefined ? framing : new AtMost(framing, maxSize));
      return new Resource({
        body: framing instanceof TextBody ? untilQuiet(body, framing) : body,
        path,
        url: formatUrl(this.endpoint, path, 70),
        type: view?.split(' ')[0] || mediaType(request.type),
        ...(framing instanceof plus.Counted && { size: framing.size }),
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
    if (attributes) return plus.toEntry(await decode(attributes), path, formatUrl(this.endpoint, path, 70));
    for (const folder of foldersAbove(request.selector)) {
      for await (const items of this.#menu({ type: '1', selector: folder }, options)) {
        const found = items.find(({ type, selector }) => type === request.type && selector === request.selector);
        if (found) return new MenuEntry(found, this.endpoint);
      }
    }
    throw this.#missing('no menu above it lists it');
  }

  /** Reads the first menu, and reports how it was reached and what is there. */
  async check(options: CallOptions = {}): Promise<Report> {
    const began = performance.now();
    let connection: Connection | undefined;
    const counts = new Map<string, number>();
    for await (const items of this.#menu({ type: '1', selector: '' }, options, (opened) => {
      connection = opened;
    })) {
      for (const { type } of items) counts.set(type, (counts.get(type) ?? 0) + 1);
    }
    return {
      url: formatUrl(this.endpoint, '/', 70),
      ...connection?.describe(),
      milliseconds: Math.round(performance.now() - began),
      items: Object.fromEntries(counts),
    };
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Connects and sends the line that asks. */
  async #ask(request: Request, { signal }: CallOptions): Promise<Connection> {
    const line = formatRequest(request);
    const link = linkOf(request.selector);
    if (link !== undefined) throw this.#usage(`this item is a link, which no Gopher server answers: ${excerpt(link)}`);
    const connection = await Connection.open(this.endpoint, {
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

  async *#menu(
    request: Request,
    options: ListOptions,
    opened: (connection: Connection) => void = () => {},
  ): AsyncGenerator<MenuItem[]> {
    const decode = options.charset === undefined ? decodeGuessing : await decoderFor(options.charset);
    const maxItems = options.maxItems ?? MAX_ITEMS;
    const connection = await this.#ask(request, options);
    opened(connection);
    let lines = 0;
    let items = 0;
    let malformed: string | undefined;
    try {
      for (;;) {
        const block = await connection.receive(
          (bytes, ended) => {
            const whole = bytes.takeLines(BLOCK);
            if (whole) return whole.toString('latin1');
            if (bytes.length > MAX_LINE)
              throw limitError('a menu line', MAX_LINE, { protocol: 'gopher', phase: 'body' });
            return ended && bytes.length === 0 && lines > 0 ? '' : undefined;
          },
          lines === 0 ? 'command' : 'body',
        );
        const menu = parseMenu(block, MAX_LINE);
        lines += menu.items.length;
        if (lines > maxItems) throw limitError('the lines of a menu', maxItems, { protocol: 'gopher', phase: 'body' });
        await decodeNames(menu.items, decode);
        for (const item of menu.items) {
          if (item.malformed !== undefined) malformed ??= item.malformed;
          else if (item.type === '3' && items === 0) throw this.#missing(item.name);
          else if (item.type !== 'i') items++;
        }
        if (items === 0 && malformed !== undefined && (menu.ended || block === '')) throw noMenu(malformed);
        if (menu.items.length > 0) yield menu.items;
        if (menu.ended || block === '') return;
      }
    } finally {
      await connection.close();
    }
  }

  /**
   * The framing of a document. An error comes as a menu of one error line whatever was asked for: to see it, the
   * beginning of the answer is looked at before the answer is given out.
   */
  async #framing(connection: Connection, type: string, { raw }: FetchOptions): Promise<Framing> {
    const error = await connection.receive((bytes, ended) => {
      const start = bytes.peek();
      if (start.length === 0) return ended ? '' : undefined;
      if (start[0] !== 0x33 || start.length > MAX_LINE) return '';
      const line = start.toString('latin1');
      if (ended || /\r?\n\.\r?\n$/.test(line)) return ERROR_ITEM.exec(line)?.[1] ?? '';
      // as long as it may become one
      return /^3[^\t\r\n]*(?:\t[^\t\r\n]*){0,4}(?:\r?\n[i.].*)?\s*$/s.test(line) ? undefined : '';
    });
    if (error !== '') throw this.#missing(await decodeGuessing(Buffer.from(error, 'latin1')));
    return isText(type) && !raw ? new TextBody() : new ToEnd();
  }

  /** What a server of Gopher+ says to `!`; undefined from another. */
  async #attributes(request: Request, options: CallOptions): Promise<Buffer | undefined> {
    const connection = await this.#ask({ ...request, plus: '!' }, options);
    try {
      return await plus.readAttributes(connection);
    } finally {
      await connection.close();
    }
  }

  #parse(path: string): Request {
    if (!hasScheme(path)) return parsePath(path);
    const { endpoint, path: inner } = parseTarget(path, { gopher: { port: 70 }, gophers: { port: 70 } }, 'gopher');
    const { host, port, scheme } = this.endpoint;
    if (endpoint.host !== host || endpoint.port !== port || endpoint.scheme !== scheme) {
      throw new UsageError(`this item is on another server: open ${excerpt(path)} by itself`, {
        protocol: 'gopher',
        reason: 'policy',
      });
    }
    return parsePath(inner);
  }

  #usage(message: string): UsageError {
    return new UsageError(message, { protocol: 'gopher' });
  }

  #missing(text: string): ReplyError {
    const { host, port } = this.endpoint;
    return new ReplyError(`the server says: ${excerpt(text)}`, {
      protocol: 'gopher',
      host,
      port,
      phase: 'command',
      reason: 'missing',
      reply: { ok: false, code: '3', text },
    });
  }
}

/** The whole of an answer that is one error line, perhaps with lines of text for people, perhaps with a dot. */
const ERROR_ITEM =
  /^3([^\t\r\n]*)\t[^\t\r\n]*\t[^\t\r\n]*\t\d{1,5}(?:\t[^\r\n]*)?\r?\n(?:i[^\r\n]*\r?\n)*(?:\.\r?\n)?$/;

function noMenu(line: string): ProtocolError {
  return new ProtocolError(`expected a menu, got ${excerpt(line)}`, { protocol: 'gopher', phase: 'body' });
}

async function decodeNames(
  items: readonly MenuItem[],
  decode: (octets: Uint8Array) => string | Promise<string>,
): Promise<void> {
  for (const item of items) {
    if (/[\x80-\xff]/.test(item.name)) item.name = await decode(Buffer.from(item.name, 'latin1'));
  }
}

/** The selectors of the menus that may list this one: `/a/b/c` is in `/a/b`, in `/a/b/`, or in the first menu. */
function foldersAbove(selector: string): string[] {
  const slash = selector.replace(/\/$/, '').lastIndexOf('/');
  return slash <= 0 ? [''] : [selector.slice(0, slash), selector.slice(0, slash + 1), ''];
}

/** A text whose final dot has come is over, even where the server forgets to close. */
function untilQuiet(body: Flow, text: TextBody): Flow {
  const over = (error: unknown): undefined => {
    if (!(error instanceof TimeoutError && text.dotted)) throw error;
    text.complete = true;
  };
  return {
    get complete(): boolean | 'unknown' {
      return body.complete;
    },
    pull: () => body.pull().catch(over),
    each: (sink) => body.each(sink).catch(over),
  };
}

function eitherSignal(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a && b && a !== b ? AbortSignal.any([a, b]) : (a ?? b);
}
