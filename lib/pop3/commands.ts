import type { Endpoint } from '../core/endpoint.ts';
import { type Reply, ReplyError, UsageError } from '../core/errors.ts';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import type { Connection } from '../net/connection.ts';
import { Pipeline, WINDOW } from '../net/pipeline.ts';
import { type Command, command } from '../wire/command.ts';
import { type Maildrop, parseCapabilities, parseListing, parseScan, parseStat, parseUid, parseUids } from './codec.ts';
import { grammarOf, understood } from './grammar.ts';
import { Scan } from './scan.ts';

export interface Pop3Options extends ConnectOptions {
  /** Send commands before the replies to others have come, where the server offers it. Default true. */
  readonly pipelining?: boolean | undefined;
  /** UTF-8 mode (RFC 6856). Default: where user or password are not ASCII. Throws UsageError where the server has none. */
  readonly utf8?: boolean | undefined;
}

/** Lists longer than this are not taken, nor those of more messages than a Scan can have. */
const LIST_LIMITS = { line: 1_024, size: 64 * 1024 * 1024 } as const;
const CAPA_LIMITS = { line: 1_024, lines: 1_000, size: 64 * 1024 } as const;

/**
 * The commands of RFC 1939 and its extensions, one method each. Where the server offers PIPELINING, calls that are not
 * awaited go out together. Every call throws ReplyError where the server says no, and the errors of its connection.
 */
export abstract class Pop3Commands {
  readonly endpoint: Endpoint;
  readonly #options: Pop3Options;
  readonly #line: Pipeline;
  readonly #deleted = new Set<number>();
  #welcome = '';
  #capabilities: ReadonlyMap<string, readonly string[]> | undefined;
  #isIn = false;
  #passing = false;

  protected constructor(endpoint: Endpoint, connection: Connection, options: Pop3Options) {
    this.endpoint = endpoint;
    // a login is over when it is over: its secrets are not kept
    const { password, token, ...rest } = options;
    this.#options = rest;
    this.#line = new Pipeline(connection, grammarOf(connection));
  }

  /** What the server said first, without its `+OK`. */
  get welcome(): string {
    return this.#welcome;
  }

  /** What the server says that it can do (RFC 2449), names in capitals; empty where it has no CAPA. */
  get capabilities(): ReadonlyMap<string, readonly string[]> {
    return this.#capabilities ?? NONE;
  }

  /** Whether somebody has logged in, so that there is a maildrop. */
  get isLoggedIn(): boolean {
    return this.#isIn;
  }

  /** The messages that are marked as deleted: they go when QUIT is answered with +OK, and not before. */
  get deleted(): ReadonlySet<number> {
    return this.#deleted;
  }

  /** How many messages there are, and how many octets they have. */
  async stat(options: CallOptions = {}): Promise<Maildrop> {
    const { text } = await this.transaction.say(command`STAT`, options);
    return this.#read('STAT', () => parseStat(text));
  }

  /** The sizes of all messages, by number. Throws ProtocolError (`limit`) past 1,000,000 of them. */
  async listing(options: CallOptions = {}): Promise<Scan<number>> {
    const sizes = new Scan<number>();
    const add = (number: number, size: number): void => sizes.add(number, size);
    const limits = { ...LIST_LIMITS, signal: options.signal };
    await this.transaction.blocks(command`LIST`, (text) => this.#read('LIST', () => parseListing(text, add)), limits);
    return sizes;
  }

  /**
   * The unique ids of all messages, by number; the same id may come twice, and a message whose id is none (empty, more
   * than a word, or more than 512 octets) is left out. Throws ReplyError where there is no UIDL.
   */
  async uidl(options: CallOptions = {}): Promise<Scan<string>> {
    const uids = new Scan<string>();
    const add = (number: number, uid: string): void => uids.add(number, uid);
    const limits = { ...LIST_LIMITS, signal: options.signal };
    await this.transaction.blocks(command`UIDL`, (text) => this.#read('UIDL', () => parseUids(text, add)), limits);
    return uids;
  }

  /** The size of one message, in octets. */
  async sizeOf(number: number, options: CallOptions = {}): Promise<number> {
    const { text } = await this.transaction.say(command`LIST ${messageNumber(number)}`, options);
    return this.#read('LIST', () => parseScan(text).size);
  }

  /** The unique id of one message; undefined where it is none, as in `uidl`. */
  async uidOf(number: number, options: CallOptions = {}): Promise<string | undefined> {
    const { text } = await this.transaction.say(command`UIDL ${messageNumber(number)}`, options);
    return this.#read('UIDL', () => parseUid(text));
  }

  /** A message as a whole. Throws ProtocolError (`limit`) when it is larger than `max` octets, by default 64 MiB. */
  retr(number: number, options?: CallOptions & { readonly max?: number }): Promise<Buffer> {
    // there may be a hundred thousand of them, and each promise between costs
    try {
      return this.transaction.octets(retrieval(number), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The header of a message, the empty line, and this many lines of the body. */
  async top(number: number, lines: number, options: CallOptions & { readonly max?: number } = {}): Promise<Buffer> {
    return this.transaction.octets(retrieval(number, lines), options);
  }

  /** Marks a message as deleted. It is deleted when QUIT is answered with +OK: `close` says it, and tells. */
  async dele(number: number, options: CallOptions = {}): Promise<Reply> {
    const reply = await this.transaction.say(command`DELE ${messageNumber(number)}`, options);
    this.#deleted.add(number);
    return reply;
  }

  async noop(options: CallOptions = {}): Promise<Reply> {
    return this.transaction.say(command`NOOP`, options);
  }

  /** Takes all marks back: nothing will be deleted. */
  async reset(options: CallOptions = {}): Promise<Reply> {
    const reply = await this.transaction.say(command`RSET`, options);
    this.#deleted.clear();
    return reply;
  }

  /** Sets the language of the server's texts (RFC 6856 3), `*` is its own; without a tag, lists those that there are. */
  async language(): Promise<string[]>;
  async language(tag: string, options?: CallOptions): Promise<Reply>;
  async language(tag?: string, options: CallOptions = {}): Promise<Reply | string[]> {
    if (tag === undefined) return this.line.lines(command`LANG`, { ...CAPA_LIMITS, signal: options.signal });
    return this.line.say(command`LANG ${tag}`, options);
  }

  /** Any command, as it is written; `multiline` where a block follows its reply. Throws UsageError for CR, LF and NUL. */
  async command(
    text: string,
    { multiline = false, signal }: CallOptions & { readonly multiline?: boolean } = {},
  ): Promise<{ readonly reply: Reply; readonly octets: Buffer }> {
    if (multiline) return this.line.gather(command`${text}`, { signal });
    return { reply: await this.line.say(command`${text}`, { signal }), octets: Buffer.alloc(0) };
  }

  /** What goes to the server. Throws UsageError while the messages of `fetchAll` are on their way. */
  protected get line(): Pipeline {
    if (!this.#passing) return this.#line;
    const message = 'the messages of fetchAll are on their way: do this after the last of them';
    throw new UsageError(message, { protocol: 'pop3', reason: 'unread-body' });
  }

  /** The same, for what needs a maildrop. Throws UsageError where nobody has logged in. */
  protected get transaction(): Pipeline {
    if (this.#isIn) return this.line;
    throw new UsageError('there is no maildrop before a login: log in with user and password', { protocol: 'pop3' });
  }

  protected get options(): Pop3Options {
    return this.#options;
  }

  protected get connection(): Connection {
    return this.#line.connection;
  }

  /** Whether the server is known to have no such command: what is not said of it may be tried. */
  protected lacks(capability: string): boolean {
    return this.#capabilities !== undefined && !this.#capabilities.has(capability);
  }

  /** Undefined where the server has no CAPA. */
  protected get offered(): ReadonlyMap<string, readonly string[]> | undefined {
    return this.#capabilities;
  }

  protected async greet(): Promise<void> {
    this.#welcome = (await this.#line.greeting()).text;
  }

  /** Asks what the server can do, which TLS and a login change; where it does not say, it is `otherwise`. */
  protected async learn(otherwise?: ReadonlyMap<string, readonly string[]>): Promise<void> {
    this.#capabilities = otherwise;
    try {
      this.#capabilities = parseCapabilities(await this.line.lines(command`CAPA`, CAPA_LIMITS));
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
    }
    const several = this.#options.pipelining !== false && this.capabilities.has('PIPELINING');
    this.#line.window = several ? WINDOW : 1;
  }

  protected entered(): void {
    this.#isIn = true;
  }

  /** QUIT itself, when all else is over; `begun` is called before it goes out. See `Pop3Client.quit`. */
  protected async sayQuit(begun: () => void, options: CallOptions): Promise<Reply> {
    const reply = await this.#line.alone((talk) => {
      begun();
      return talk.say(command`QUIT`);
    }, options);
    this.#deleted.clear();
    return reply;
  }

  #read<T>(verb: string, read: () => T): T {
    return understood(read, this.connection, verb);
  }

  /** Runs a pass, during which nothing else may be said. */
  protected async *during<T>(work: AsyncGenerator<T>): AsyncGenerator<T> {
    this.#passing = true;
    try {
      yield* work;
    } finally {
      this.#passing = false;
    }
  }
}

const NONE: ReadonlyMap<string, readonly string[]> = new Map();

/** The command for a message, or for its header and some lines. Throws UsageError for what is no number. */
export function retrieval(number: number, lines?: number): Command {
  if (lines === undefined) return command`RETR ${messageNumber(number)}`;
  if (Number.isSafeInteger(lines) && lines >= 0) return command`TOP ${messageNumber(number)} ${lines}`;
  throw new UsageError('a number of lines is a whole number from 0 on', { protocol: 'pop3' });
}

/** Throws UsageError for what cannot be the number of a message. */
export function messageNumber(number: number): number {
  if (Number.isSafeInteger(number) && number > 0 && number < 1e15) return number;
  throw new UsageError('the number of a message is a whole number from 1 on', { protocol: 'pop3' });
}
