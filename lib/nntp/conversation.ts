/** What a client and a server say before anything else, and what they agree on: TLS, readers, who it is, compression. */
import type { Endpoint } from '../core/endpoint.ts';
import { ReplyError } from '../core/errors.ts';
import { type Login, loginOf } from '../core/login.ts';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import { Connection } from '../net/connection.ts';
import { Pipeline, WINDOW } from '../net/pipeline.ts';
import { notUpgraded, type Upgrade, upgradeOf } from '../net/upgrade.ts';
import { command } from '../wire/command.ts';
import { type Capabilities, offers, parseCapabilities } from './codec.ts';
import { grammarOf } from './grammar.ts';
import { Learned } from './learned.ts';

/** What a connection to a news server takes beside what all connections do. */
export interface NntpConnectOptions extends ConnectOptions {
  /** Compress what is said (RFC 8054), where the server offers it. Default false. */
  readonly compress?: boolean | undefined;
  /** `feed` leaves a server that speaks to other servers first as it is: for IHAVE and streaming. Default `reader`. */
  readonly mode?: 'reader' | 'feed' | undefined;
}

/** Refusals that say no more than that a command is not known, or not for now. */
const UNKNOWN: ReadonlySet<string> = new Set(['500', '501', '503']);
const MAX_CAPABILITIES = { lines: 1000, size: 256 * 1024 };

export class Conversation {
  readonly endpoint: Endpoint;
  readonly line: Pipeline;
  /** What the server said first, also where that was in the clear. */
  welcome = '';
  /** What the server can do; undefined where it has no CAPABILITIES (RFC 2980). */
  capabilities: Capabilities | undefined;
  learned = new Learned();
  /** Counts logins: what was refused before one may be accepted after it. */
  logins = 0;
  compressed = false;
  /** How many bodies are being read. */
  reading = 0;
  readonly #options: NntpConnectOptions;
  #login: Login | undefined;
  #allowed = false;
  /** Whether a login was refused: another attempt would only bring the account nearer to being locked. */
  #refused = false;
  #loggingIn: { readonly login: Login; readonly over: Promise<void> } | undefined;

  /** Connects, and begins. Throws what a greeting, an upgrade or a login can be refused with. */
  static async open(endpoint: Endpoint, options: NntpConnectOptions = {}): Promise<Conversation> {
    const login = loginOf(endpoint, options);
    const connection = await Connection.open(endpoint, { protocol: 'nntp', ...options });
    const conversation = new Conversation(endpoint, options, login, connection);
    try {
      await conversation.#begin();
      return conversation;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  private constructor(
    endpoint: Endpoint,
    options: NntpConnectOptions,
    login: Login | undefined,
    connection: Connection,
  ) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#login = login;
    this.line = new Pipeline(connection, grammarOf(connection));
  }

  get connection(): Connection {
    return this.line.connection;
  }

  /** Whether articles may be posted, as far as the server has said. */
  get canPost(): boolean {
    return this.capabilities ? this.offers('POST') : this.#allowed;
  }

  /** Whether somebody could log in who has not. */
  get canLogIn(): boolean {
    return this.#login !== undefined && this.logins === 0 && !this.#refused;
  }

  offers(label: string, argument?: string): boolean {
    return this.capabilities !== undefined && offers(this.capabilities, label, argument);
  }

  /** Whether it is worth asking for: the server offers it, or does not say what it offers. */
  mayOffer(label: string, argument?: string): boolean {
    return this.capabilities === undefined || this.offers(label, argument);
  }

  /** Who is to log in from now on. */
  logInAs(login: Login): void {
    this.#login = login;
    this.#refused = false;
    this.logins = 0;
  }

  /** MODE READER (RFC 3977 5.3). */
  async modeReader(options: CallOptions = {}): Promise<void> {
    await this.#sayReader(options);
    await this.askCapabilities(options);
  }

  /** Logs in, once, however many ask for the same login, so that nobody's abort ends it; another one comes after it. */
  async logIn(): Promise<void> {
    const login = this.#login;
    if (!login || this.#loggingIn?.login === login) return this.#loggingIn?.over;
    const over = this.#logInAfter(this.#loggingIn?.over, login);
    this.#loggingIn = { login, over };
    try {
      await over;
    } finally {
      if (this.#loggingIn?.over === over) this.#loggingIn = undefined;
    }
  }

  async #logInAfter(before: Promise<void> | undefined, login: Login): Promise<void> {
    // whoever asked for that one is told what became of it
    await before?.catch(() => {});
    await this.#authenticate(login);
  }

  /** STARTTLS (RFC 4642). Everything that was said before is forgotten. Throws ReplyError, ConnectionError. */
  async startTls(options: CallOptions = {}): Promise<void> {
    await this.#secure(options);
    await this.#read();
  }

  /** COMPRESS DEFLATE (RFC 8054). Nobody can log in after it. */
  async compress(options: CallOptions = {}): Promise<void> {
    const { deflated } = await import('../net/deflate.ts');
    await this.line.alone(async (talk) => {
      await talk.say(command`COMPRESS DEFLATE`);
      await this.connection.upgrade(async (stream) => deflated(stream));
    }, options);
    this.compressed = true;
    await this.askCapabilities();
  }

  /** Asks what the server can do. A server that does not know the question offers what servers of old did. */
  async askCapabilities(options: CallOptions = {}): Promise<void> {
    try {
      const lines = await this.line.lines(command`CAPABILITIES`, { ...MAX_CAPABILITIES, ...options });
      this.capabilities = parseCapabilities(lines);
    } catch (error) {
      if (!(error instanceof ReplyError) || error.reply.code === '400') throw error;
      this.capabilities = undefined;
    }
  }

  /** Says QUIT, and closes; at once, where a body has not been read. Never throws. */
  async close(): Promise<void> {
    const { connection } = this;
    const { close } = connection.timeouts;
    if (connection.usable && this.reading === 0) {
      const timer = Number.isFinite(close) ? setTimeout(() => void connection.close(), close) : undefined;
      await this.line.say(command`QUIT`).catch(() => {});
      clearTimeout(timer);
    }
    await connection.close();
  }

  async #begin(): Promise<void> {
    const { code, text } = await this.line.greeting();
    this.line.window = WINDOW;
    this.welcome = `${code} ${text}`.trim();
    this.#allowed = code === '200';
    await this.askCapabilities();
    const upgrade = this.#upgrade();
    // a server for servers may have TLS only for readers
    if (upgrade !== 'off' && this.offers('MODE-READER') && !this.offers('STARTTLS')) await this.#read();
    if (upgrade !== 'off') await this.#upgradeToTls(upgrade);
    await this.#read();
    if (this.#login && this.#mayLogInNow()) await this.#logInFirst();
    if (this.#options.compress && this.offers('COMPRESS', 'DEFLATE')) await this.compress();
  }

  /** News that anybody may read comes in the clear, where nobody asks for anything else. */
  #upgrade(): Upgrade {
    const { tls } = this.endpoint;
    const isPlain = tls === 'none' && this.#login === undefined && this.#options.starttls === undefined;
    return isPlain ? 'off' : upgradeOf(this.endpoint, this.#options);
  }

  async #upgradeToTls(upgrade: Upgrade): Promise<void> {
    const { host, port } = this.endpoint;
    const detail = { protocol: 'nntp', host, port };
    if (!this.mayOffer('STARTTLS')) {
      if (upgrade === 'try') return;
      throw notUpgraded('the server does not offer STARTTLS', detail);
    }
    try {
      await this.#secure();
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      if (upgrade === 'required') throw notUpgraded('the server refuses STARTTLS', { ...detail, cause: error });
    }
  }

  async #secure(options: CallOptions = {}): Promise<void> {
    await this.line.alone(async (talk) => {
      await talk.say(command`STARTTLS`);
      await this.connection.upgradeToTls();
    }, options);
    // anybody on the way may have said it
    this.learned = new Learned();
    await this.askCapabilities(options);
  }

  /** Servers that speak to servers first must be told that a reader is here (RFC 3977 5.3). */
  async #read(): Promise<void> {
    if (this.#options.mode === 'feed') return;
    if (this.capabilities && !this.offers('MODE-READER')) return;
    try {
      await this.#sayReader();
    } catch (error) {
      if (!(error instanceof ReplyError) || this.capabilities) throw error;
      const { code } = error.reply;
      if (code === '480' && this.canLogIn) {
        await this.logIn();
        await this.#sayReader();
      } else if (code !== '500' && code !== '501') throw error;
    }
    if (this.capabilities) await this.askCapabilities();
  }

  async #sayReader(options: CallOptions = {}): Promise<void> {
    const { code } = await this.line.alone((talk) => talk.say(command`MODE READER`), options);
    this.#allowed = code === '200';
  }

  /** A server that has no CAPABILITIES may still know AUTHINFO. One that offers it in name only has not now. */
  #mayLogInNow(): boolean {
    if (this.logins > 0) return false;
    return this.capabilities === undefined || (this.capabilities.get('AUTHINFO') ?? []).length > 0;
  }

  async #logInFirst(): Promise<void> {
    try {
      await this.logIn();
    } catch (error) {
      const isUnknown = error instanceof ReplyError && UNKNOWN.has(error.reply.code);
      if (this.capabilities || !isUnknown) throw error;
    }
  }

  async #authenticate(login: Login): Promise<void> {
    const { capabilities } = this;
    const insecure = this.#options.insecureLogin ?? false;
    // most read without one: what it takes is large
    const { logIn } = await import('./login.ts');
    try {
      await this.line.alone((talk) => logIn(talk, this.connection, { login, capabilities, insecure }));
    } catch (error) {
      if (this.#login === login) this.#refused = error instanceof ReplyError && error.reason === 'auth';
      throw error;
    }
    this.logins++;
    await this.askCapabilities();
  }
}
