import { type Endpoint, hasScheme, parseTarget } from '../core/endpoint.ts';
import { excerpt, ReplyError, UsageError } from '../core/errors.ts';
import { loginOf } from '../core/login.ts';
import type { CallOptions } from '../core/options.ts';
import { type Entry, type Flow, type Listing, Resource } from '../core/resource.ts';
import type { Can, FetchAllOptions as CommonFetchAllOptions } from '../core/verbs.ts';
import { matches, parseQuery } from '../message/query.ts';
import { Connection } from '../net/connection.ts';
import { pass, passOver } from '../net/pass.ts';
import { type Address, parsePath } from './codec.ts';
import { type Pop3Options, retrieval } from './commands.ts';
import { type Known, lastingPath, MessageEntry, metaOf, urlOf } from './entry.ts';
import { SEARCHED, shownOf } from './header.ts';
import { Identity, told } from './identity.ts';
import { checkLogin } from './login.ts';
import { Pop3Messages, SOME } from './many.ts';
import { MessageOrder } from './order.ts';
import type { Scan } from './scan.ts';
import { SCHEMES } from './schemes.ts';

export type { Pop3Options } from './commands.ts';
export type { Credentials } from './lifetime.ts';
export type { EachOptions, Numbers, Visit } from './many.ts';

export interface ListOptions extends CallOptions {
  /** Also sender, subject and date, from the headers (TOP). */
  readonly headers?: boolean | undefined;
}

export interface FetchOptions extends CallOptions {
  /** Only the header and this many lines of the body (TOP). */
  readonly lines?: number | undefined;
  /** Only the header. */
  readonly head?: boolean | undefined;
}

export interface FetchAllOptions extends FetchOptions, Pick<CommonFetchAllOptions, 'refused'> {
  /** Whether the message with this id is not wanted, because it is there already. */
  readonly known?: ((id: string) => boolean) | undefined;
}

/** What a message is called, beside its number. */
interface Scanned {
  readonly sizes: Scan<number>;
  /** Undefined where the server has no UIDL. */
  readonly uids: Scan<string> | undefined;
}

/**
 * A session with a POP3 server (RFC 1939), in which one client has the maildrop to itself. A message is named by its
 * number, `/3`, which counts in this session only, or by its unique id, `/;UIDL=id`.
 *
 * **What is removed is deleted at the end**: `remove` and `dele` set marks, `close` says QUIT, and the server deletes
 * when it answers +OK. `close` rejects where that is not sure. `abandon` leaves without a deletion.
 */
export class Pop3Client extends Pop3Messages implements Can<'list' | 'fetch' | 'info' | 'search' | 'remove'> {
  readonly #identity = new Identity(this);
  /** What LIST told last, for the sizes of bodies. */
  #sizes: Scan<number> | undefined;

  /**
   * Connects: greeting, CAPA, STLS where it is wanted (by the scheme, else by `options.starttls`, which is `required` but
   * towards this machine), and the login, where there is a user. Throws ReplyError where the server refuses the session
   * or the user, ConnectionError (`tls-required`), UsageError (`policy`) before a password would go where somebody can
   * listen. Without a user there is no maildrop: `check`, `login` and the commands that come before one can be used.
   */
  static async connect(endpoint: Endpoint, options: Pop3Options = {}): Promise<Pop3Client> {
    const login = loginOf(endpoint, options);
    checkLogin(login);
    const connection = await Connection.open(endpoint, { protocol: 'pop3', ...options });
    const client = new Pop3Client(endpoint, connection, options);
    try {
      await client.begin(login);
      return client;
    } catch (error) {
      await client.abandon();
      throw error;
    }
  }

  /**
   * Every message, by LIST and UIDL; with `headers` also what its header says of it. Throws ProtocolError (`limit`) past
   * 1,000,000 of them.
   */
  async *list(path = '/', options: ListOptions = {}): Listing {
    this.#onlyMaildrop(path);
    if (options.headers) return yield* this.#found(() => true, options);
    const { sizes, uids } = await this.#scan(options);
    for (const [number, size] of sizes) {
      yield new MessageEntry({ number, size, uid: uids?.get(number) }, this.endpoint);
    }
    return true;
  }

  /**
   * A message, streamed: its dots undone, its octets as they came. Read it or close it before anything else is asked: what
   * is not read of it is let come, up to 64 MiB; beyond that the connection ends.
   */
  async fetch(path: string, { lines, head, signal }: FetchOptions = {}): Promise<Resource> {
    const { number, uid } = await this.#find(path, { signal });
    const { reply, body } = await this.transaction.ask(retrieval(number, head ? 0 : lines), { signal });
    const [, announced] = /^(\d{1,15}) octets\b/i.exec(reply.text) ?? [];
    const size = this.#sizes?.get(number) ?? (announced === undefined ? undefined : Number(announced));
    const isWhole = !head && lines === undefined;
    return this.#resource(body, path, { number, uid, size: isWhole ? size : undefined });
  }

  /** A message by its number, streamed. */
  async retrieve(number: number, options: FetchOptions = {}): Promise<Resource> {
    retrieval(number);
    return this.fetch(`/${number}`, options);
  }

  /**
   * Every message, in order, each to be read before the next; what is not read is passed over. Where the server offers
   * PIPELINING the next ones are asked for meanwhile, up to 1 MiB of them: meanwhile nothing else can be asked. Each has
   * its unique id in `meta.uid`; where UIDL tells none it is a digest of its header. The first message that the server refuses is
   * thrown, unless `refused` takes it.
   */
  async *fetchAll(path = '/', options: FetchAllOptions = {}): AsyncGenerator<Resource, void, void> {
    this.#onlyMaildrop(path);
    const { signal, known, refused } = options;
    const lines = options.head ? 0 : options.lines;
    if (lines !== undefined) retrieval(1, lines);
    const { sizes } = await this.#scan({ signal });
    const ids = await this.#identity.ids(sizes.numbers, { signal });
    const all = Array.from(sizes, ([number, size]) => new MessageOrder(number, size, lines));
    const orders = known ? all.filter(({ number }) => !known(ids.get(number) ?? '')) : all;
    const line = this.transaction;
    for await (const answers of this.during(pass(line, orders, { signal }))) {
      for (const { order, reply, body } of answers) {
        const { number, size } = order;
        if (!body) {
          const error = line.refusal(reply, order.command);
          if (!refused) throw error;
          refused(error, `/${number}`);
          continue;
        }
        const whole = lines === undefined ? size : undefined;
        const resource = this.#resource(body, `/${number}`, { number, uid: ids.get(number), size: whole });
        yield resource;
        await resource.close();
      }
    }
  }

  /** Of `/` how many messages and octets there are; of a message its size, its id, and of its header the main fields. */
  async info(path: string, options: CallOptions = {}): Promise<Entry> {
    if (this.#parse(path).kind === 'maildrop') {
      const { count, size } = await this.stat(options);
      return {
        ...{ name: '/', path: '/', url: urlOf(this.endpoint, '/'), size },
        kind: 'container',
        meta: { messages: `${count}` },
      };
    }
    const { number, uid: asked } = await this.#find(path, options);
    let fields: ReadonlyMap<string, string> | undefined;
    const [size, uid] = await Promise.all([
      this.sizeOf(number, options),
      this.#uidOf(number, options),
      this.headers(
        [number],
        (header) => {
          fields = shownOf(header);
        },
        options,
      ),
    ]);
    return new MessageEntry({ number, size, uid: uid ?? asked, fields }, this.endpoint);
  }

  /**
   * The messages in whose header all of the words are, whatever their case: in subject, sender, recipients, date or
   * Message-ID, or in the one that is named, `from:ann subject:"two words"`. The headers are got by TOP, some at a time.
   */
  async *search(path: string, query: string, options: CallOptions = {}): Listing {
    const wanted = parseQuery(query, SEARCHED);
    this.#onlyMaildrop(path);
    return yield* this.#found((fields) => matches(wanted, (field) => valuesOf(fields, field)), options);
  }

  /** Marks a message as deleted. It is deleted by `close`, when QUIT is answered with +OK. */
  async remove(path: string, options: CallOptions = {}): Promise<void> {
    const { number } = await this.#find(path, options);
    await this.dele(number, options);
  }

  /** The messages whose headers are wanted. */
  async *#found(isWanted: (fields: ReadonlyMap<string, string>) => boolean, options: CallOptions): Listing {
    const { sizes, uids } = await this.#scan(options);
    const { numbers } = sizes;
    for (let from = 0; from < numbers.length; from += SOME) {
      const found: Entry[] = [];
      const look = (header: Buffer, number: number): void => {
        const fields = shownOf(header);
        if (!isWanted(fields)) return;
        const known = { number, size: sizes.get(number), uid: uids?.get(number), fields };
        found.push(new MessageEntry(known, this.endpoint));
      };
      await this.headers(numbers.slice(from, from + SOME), look, options);
      yield* found;
    }
    return true;
  }

  /** LIST and UIDL in one go. */
  async #scan(options: CallOptions): Promise<Scanned> {
    const [sizes, uids] = await Promise.all([this.listing(options), told(this, options)]);
    this.#sizes = sizes;
    if (uids) this.#identity.learn(uids);
    return { sizes, uids };
  }

  async #uidOf(number: number, options: CallOptions): Promise<string | undefined> {
    if (!this.offers('UIDL')) return undefined;
    try {
      return await this.uidOf(number, options);
    } catch (error) {
      if (error instanceof ReplyError) return undefined;
      throw error;
    }
  }

  #resource(body: Flow, path: string, known: Known): Resource {
    const { size } = known;
    const url = urlOf(this.endpoint, lastingPath(known));
    const meta = metaOf(known);
    const close = (): Promise<void> => passOver(body);
    const type = 'message/rfc822';
    return new Resource(
      size === undefined ? { body, path, url, type, meta, close } : { body, path, url, type, size, meta, close },
    );
  }

  /** What a path means: a number, and the id by which it was found. Throws ReplyError (`missing`) for an id that no message has. */
  async #find(path: string, options: CallOptions): Promise<Known> {
    const address = this.#parse(path);
    if (address.kind === 'number') return { number: address.number };
    if (address.kind === 'maildrop') throw this.#usage('this is the maildrop: name a message by its number, as in /3');
    const number = await this.#identity.numberOf(address.uid, options);
    if (number !== undefined) return { number, uid: address.uid };
    const text = `no message has the id ${excerpt(address.uid)}`;
    const { host, port } = this.connection;
    const reply = { ok: false, code: '', text };
    throw new ReplyError(text, { protocol: 'pop3', phase: 'command', host, port, reason: 'missing', reply });
  }

  #onlyMaildrop(path: string): void {
    if (this.#parse(path).kind === 'maildrop') return;
    throw this.#usage(`${excerpt(path)} is a message: fetch it`);
  }

  /** A path, or the URL that an entry has, when it is of this server. */
  #parse(path: string): Address {
    const address = parsePath(hasScheme(path) ? this.#pathOf(path) : path);
    if (this.endpoint.scheme === 'pop' && address.kind !== 'maildrop')
      throw this.#usage('a pop: URL names a maildrop (RFC 2384): write pop3: for a message');
    return address;
  }

  #pathOf(url: string): string {
    const { endpoint, path } = parseTarget(url, SCHEMES, 'pop3');
    const { scheme, host, port } = this.endpoint;
    if (endpoint.scheme === scheme && endpoint.host === host && endpoint.port === port) return path;
    throw new UsageError(`this is not of this server: open ${excerpt(urlOf(endpoint, path))} by itself`, {
      protocol: 'pop3',
      reason: 'policy',
    });
  }

  #usage(message: string): UsageError {
    return new UsageError(message, { protocol: 'pop3' });
  }
}

/** The values of one field, or of all. */
function valuesOf(fields: ReadonlyMap<string, string>, field: string | undefined): readonly string[] {
  if (field === undefined) return [...fields.values()];
  const value = fields.get(field);
  return value === undefined ? [] : [value];
}
