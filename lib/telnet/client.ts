import { type Endpoint, formatUrl, hasScheme, parseTarget } from '../core/endpoint.ts';
import { excerpt, UsageError } from '../core/errors.ts';
import { loginOf } from '../core/login.ts';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import { type Body, type Entry, type Receipt, Resource } from '../core/resource.ts';
import type { Can, Report, ScriptOptions } from '../core/verbs.ts';
import { Connection } from '../net/connection.ts';
import { charsetOf, decodeWhole } from '../wire/charset.ts';
import { IDLE } from './body.ts';
import { TelnetDialogue } from './dialogue.ts';
import { inquire } from './inquiry.ts';
import { checkCredentials, type LoginPrompts } from './login.ts';
import { clientOptions } from './options/index.ts';
import { SCHEMES } from './schemes.ts';
import type { Step } from './script.ts';
import { sendLines } from './send.ts';
import type { TelnetSettings } from './settings.ts';

/** What every conversation of a client begins with, where a call does not say otherwise. */
export interface TelnetOptions extends ConnectOptions, TelnetSettings {
  /** The prompts of the login, where they are not what servers mostly say. */
  readonly prompts?: LoginPrompts | undefined;
}

export interface OpenOptions extends CallOptions, TelnetSettings {
  /** How much text a wait may pass over, in characters. Default 8 Mi. */
  readonly maxSize?: number | undefined;
}

export interface FetchOptions extends ScriptOptions, TelnetSettings {
  /** What is waited for and said while the body is read. Where its last step waits for something, the body ends there. */
  readonly script?: readonly Step[] | undefined;
  /** How long nothing must come, behind the first octet, until the body is over; in milliseconds. Default 3,000. */
  readonly idle?: number | undefined;
}

export interface SendOptions extends CallOptions, TelnetSettings {
  /** How long nothing must come until the answer is over, in milliseconds. Default 3,000. */
  readonly idle?: number | undefined;
}

export interface InfoOptions extends CallOptions, TelnetSettings {
  /** How long nothing must come until the server has said what it has to say, in milliseconds. Default 500. */
  readonly idle?: number | undefined;
}

/** Each verb is a connection of its own. A user with a password is logged in first, by the prompts of the server. */
export class TelnetClient implements Can<'open' | 'fetch' | 'send' | 'info'> {
  readonly endpoint: Endpoint;
  readonly #options: TelnetOptions;
  readonly #open = new Set<TelnetDialogue>();

  private constructor(endpoint: Endpoint, options: TelnetOptions) {
    this.endpoint = endpoint;
    this.#options = options;
  }

  /** Nothing is said before the first verb. Throws UsageError for settings that cannot be told to a server. */
  static async connect(endpoint: Endpoint, options: TelnetOptions = {}): Promise<TelnetClient> {
    const client = new TelnetClient(endpoint, options);
    // what cannot be said is better found before there is a connection
    clientOptions(client.#settings({}));
    const { user, password } = loginOf(endpoint, options) ?? {};
    if (user !== undefined && password) checkCredentials(user, password);
    return client;
  }

  /** A conversation. It lasts until it is closed, or the client is. */
  async open(path = '/', options: OpenOptions = {}): Promise<TelnetDialogue> {
    return this.#begin(path, options);
  }

  /**
   * Everything that the server says, in octets, with all of Telnet undone, until it ends or falls silent; `complete` is
   * then `unknown`. With a script whose last step waits for something it ends there, and `complete` is true.
   */
  async fetch(path: string, options: FetchOptions = {}): Promise<Resource> {
    const dialogue = await this.#begin(path, options);
    try {
      const { idle, script, onFound } = options;
      return new Resource({
        body: dialogue.body({ idle, onFound }, script),
        path,
        url: this.#url(path),
        type: 'text/plain',
        decode: async (octets) => decodeWhole(await charsetOf(dialogue.charset), octets),
        close: () => dialogue.close(),
      });
    } catch (error) {
      await dialogue.close();
      throw error;
    }
  }

  /** Sends lines of text, in UTF-8 where they are octets; `text` of the receipt is what was answered. */
  async send(path: string, body: Body, options: SendOptions = {}): Promise<Receipt> {
    const { idle = IDLE } = options;
    return this.#during(path, options, async (dialogue) => ({ text: await sendLines(dialogue, body, idle, options) }));
  }

  /** What the server offers and asks for, how it greets, and what it says of itself (MSSP). */
  async info(path = '/', options: InfoOptions = {}): Promise<Entry> {
    const inquiry = inquire(this.#settings(options));
    const { idle = 500, signal } = options;
    return this.#during(path, { ...options, ...inquiry.settings }, async (dialogue) => {
      const greeting = await dialogue.readUntilIdle(idle, { signal });
      const meta = inquiry.findings(dialogue.charset, greeting);
      return { name: this.endpoint.host, path, url: this.#url(path), kind: 'item', meta };
    });
  }

  /** Connects, and reports how. Nothing is asked for, and nobody logs in. */
  async check(options: CallOptions = {}): Promise<Report> {
    const began = performance.now();
    const connection = await this.#connect(options);
    try {
      const peer = connection.describe();
      return { url: this.#url('/'), ...peer, milliseconds: Math.round(performance.now() - began) };
    } finally {
      await connection.close();
    }
  }

  /** Closes the conversations that are open. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map((dialogue) => dialogue.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #during<T>(path: string, options: OpenOptions, work: (dialogue: TelnetDialogue) => Promise<T>): Promise<T> {
    const dialogue = await this.#begin(path, options);
    try {
      return await work(dialogue);
    } finally {
      await dialogue.close();
    }
  }

  /** A conversation in which whoever is to log in has done so. */
  async #begin(path: string, options: OpenOptions): Promise<TelnetDialogue> {
    this.#checkPath(path);
    const { prompts, insecureLogin } = this.#options;
    const settings = this.#settings(options);
    const { charset, accept, onEvent } = settings;
    const parts = {
      options: clientOptions(settings),
      charset,
      accept,
      onEvent,
      insecureLogin,
      maxSize: options.maxSize,
    };
    // what nobody knows is better found before there is a connection
    if (charset !== undefined) await charsetOf(charset);
    const connection = await this.#connect(options);
    try {
      const dialogue = await TelnetDialogue.over(connection, parts);
      this.#open.add(dialogue);
      void connection.gone.then(() => this.#open.delete(dialogue));
      const { user, password } = loginOf(this.endpoint, this.#options) ?? {};
      if (user !== undefined && password) await dialogue.login({ user, password }, prompts, { signal: options.signal });
      return dialogue;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async #connect({ signal }: CallOptions): Promise<Connection> {
    const own = this.#options.signal;
    const both = signal && own ? AbortSignal.any([own, signal]) : signal;
    return Connection.open(this.endpoint, { protocol: 'telnet', ...this.#options, ...(both && { signal: both }) });
  }

  /** What this call says goes before what the client was told; who logs in is the peer's USER, unless it is told another. */
  #settings(options: TelnetSettings): TelnetSettings {
    const { endpoint } = this;
    const user = endpoint.user ?? this.#options.user;
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const settings: TelnetSettings = { ...this.#options, ...given };
    return user === undefined ? settings : { ...settings, env: { USER: user, ...settings.env } };
  }

  /** RFC 4248 has no path: whatever it is means nothing. A URL must be of this server. */
  #checkPath(path: string): void {
    if (/%0[0ad]|[\0\r\n]/i.test(path)) throw this.#usage('a path holds CR, LF or NUL');
    if (!hasScheme(path)) return;
    const { endpoint } = parseTarget(path, SCHEMES, 'telnet');
    const { scheme, host, port } = this.endpoint;
    if (endpoint.scheme === scheme && endpoint.host === host && endpoint.port === port) return;
    throw this.#usage(`this is not of this server: open ${excerpt(formatUrl(endpoint, '/'))} by itself`);
  }

  #url(path: string): string {
    return hasScheme(path)
      ? path
      : formatUrl(this.endpoint, path, this.endpoint.tls === 'implicit' ? SCHEMES.telnets.port : SCHEMES.telnet.port);
  }

  #usage(message: string): UsageError {
    return new UsageError(message, { protocol: 'telnet' });
  }
}
