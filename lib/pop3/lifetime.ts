import { ConnectionError, type Outcome, type Reply, ReplyError, TimeoutError, UsageError } from '../core/errors.ts';
import { type Login, loginOf } from '../core/login.ts';
import type { CallOptions, ConnectOptions } from '../core/options.ts';
import { Secret } from '../core/secret.ts';
import type { Report } from '../core/verbs.ts';
import { notUpgraded, upgradeOf } from '../net/upgrade.ts';
import { command } from '../wire/command.ts';
import { parseStamp } from './codec.ts';
import { Pop3Commands } from './commands.ts';
import { urlOf } from './entry.ts';
import { checkLogin, logIn, refuseListeners } from './login.ts';

/** Who logs in later than at `connect`. */
export type Credentials = Pick<ConnectOptions, 'user' | 'password' | 'token' | 'authzid' | 'auth'>;

/** How a session begins, and how it ends. */
export abstract class Pop3Lifetime extends Pop3Commands implements AsyncDisposable {
  #closing: Promise<void> | undefined;
  #over = false;

  /**
   * STLS (RFC 2595): TLS from here on, verified; what the server can do is asked again. Throws ConnectionError (`tls`, and
   * `tls-injection` where something came in the clear behind the server's yes).
   */
  async stls(options: CallOptions = {}): Promise<void> {
    await this.line.alone(async (talk) => {
      await talk.say(command`STLS`);
      await this.connection.upgradeToTls();
    }, options);
    await this.learn();
  }

  /**
   * Logs in, where `connect` did not. Throws ReplyError (`auth`; `busy` where somebody else has the maildrop), UsageError
   * (`policy`) before a password would go where somebody can listen.
   */
  async login(credentials: Credentials): Promise<void> {
    // an endpoint without a user: who it was does not matter any more
    const { scheme, host, port, tls } = this.endpoint;
    await this.enter(loginOf({ scheme, host, port, tls }, credentials));
  }

  /** Logs in with this mechanism and no other: `SCRAM-SHA-256`, `PLAIN`, `XOAUTH2` … */
  async auth(mechanism: string, credentials: Credentials): Promise<void> {
    await this.login({ ...credentials, auth: mechanism });
  }

  /** Logs in by the MD5 of the greeting's stamp and the password (RFC 1939 7). */
  async apop(user: string, password: string | Secret): Promise<void> {
    await this.login({ user, password, auth: 'APOP' });
  }

  /** USER by itself; `pass` is to follow. */
  async user(name: string, options: CallOptions = {}): Promise<Reply> {
    this.#refuseTwice();
    return this.line.say(command`USER ${name}`, options);
  }

  /** PASS by itself, behind `user`. Throws UsageError (`policy`) where somebody could listen. */
  async pass(password: string | Secret, options: CallOptions = {}): Promise<Reply> {
    this.#refuseTwice();
    refuseListeners(this.line, this.options);
    const reply = await this.line.say(command`PASS ${Secret.of(password)}`, options);
    this.entered();
    if (this.offered) await this.learn(this.offered);
    return reply;
  }

  /** UTF-8 mode (RFC 6856): header and names may come as UTF-8. It is said before a login, and behind STLS. */
  async utf8(options: CallOptions = {}): Promise<Reply> {
    return this.line.say(command`UTF8`, options);
  }

  /** Says hello without changing anything, and tells who is there: TLS, greeting, what it can do, what the maildrop has. */
  async check(options: CallOptions = {}): Promise<Report> {
    const began = performance.now();
    const { count, size } = this.isLoggedIn ? await this.stat(options) : {};
    const milliseconds = Math.round(performance.now() - began);
    return {
      url: urlOf(this.endpoint, '/'),
      ...this.connection.describe(),
      milliseconds,
      greeting: this.welcome,
      capabilities: Array.from(this.capabilities, ([name, words]) => [name, ...words].join(' ')),
      ...(count !== undefined && { messages: count, octets: size }),
    };
  }

  /**
   * Says QUIT, and closes. Only when it is answered with +OK has been deleted what was marked. Throws ReplyError where the
   * server could not delete all of it, and ConnectionError or TimeoutError with the outcome `unknown` where nobody knows:
   * look again before anything is deleted twice. It gets its turn within `timeouts.close`, and its answer too;
   * a server that has to delete may take `timeouts.idle` for it.
   */
  async quit(options: CallOptions = {}): Promise<void> {
    const { close, idle } = this.connection.timeouts;
    let outcome: Outcome = 'none';
    let timer = this.#limit(close, 'QUIT did not get its turn');
    const begun = (): void => {
      outcome = 'unknown';
      clearTimeout(timer);
      timer = this.#limit(this.deleted.size > 0 ? idle : close, 'the server did not answer QUIT');
    };
    try {
      this.connection.refuseGone();
      await this.sayQuit(begun, options);
    } catch (error) {
      throw this.deleted.size > 0 ? undeleted(error, outcome) : error;
    } finally {
      this.#over = true;
      clearTimeout(timer);
      await this.connection.close();
    }
  }

  /**
   * Ends the session with QUIT. Where messages are marked as deleted it throws what `quit` throws unless they have been
   * deleted; else it never throws. To be called again does nothing.
   */
  async close(): Promise<void> {
    if (this.#closing) return this.#closing.catch(() => {});
    this.#closing = this.#close();
    await this.#closing;
  }

  /** Leaves without QUIT, so that nothing is deleted. Never throws. */
  async abandon(): Promise<void> {
    this.#over = true;
    await this.connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** From the greeting to the login. */
  protected async begin(login: Login | undefined): Promise<void> {
    await this.greet();
    await this.learn();
    await this.#upgrade();
    if (login) await this.enter(login);
  }

  /** Logs in. Throws UsageError where there is nobody to, or somebody is in already. */
  protected async enter(login: Login | undefined): Promise<void> {
    this.#refuseTwice();
    if (!login) throw new UsageError('nobody to log in: give user and password', { protocol: 'pop3', phase: 'auth' });
    checkLogin(login);
    const { offered: capabilities } = this;
    let learned: Promise<void> | undefined;
    const ask = async (): Promise<void> => {
      learned ??= capabilities && this.learn(capabilities);
      await learned;
    };
    await logIn(this.line, login, { capabilities, stamp: parseStamp(this.welcome), ask }, this.options);
    this.entered();
    await ask();
  }

  #refuseTwice(): void {
    if (this.isLoggedIn) throw new UsageError('somebody has logged in already', { protocol: 'pop3', phase: 'auth' });
  }

  async #upgrade(): Promise<void> {
    const wanted = upgradeOf(this.endpoint, this.options);
    if (wanted === 'off') return;
    const { host, port } = this.connection;
    const detail = { protocol: 'pop3', host, port };
    if (!this.capabilities.has('STLS')) {
      if (wanted === 'try') return;
      throw notUpgraded('the server does not offer STLS', detail);
    }
    try {
      await this.stls();
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      if (wanted === 'required') throw notUpgraded('the server refused STLS', { ...detail, cause: error });
    }
  }

  async #close(): Promise<void> {
    const pending = this.deleted.size > 0;
    if (this.#over || (!pending && !this.connection.usable)) return this.connection.close();
    try {
      await this.quit();
    } catch (error) {
      if (pending) throw error;
    }
  }

  /** Ends the connection when it takes longer. */
  #limit(limit: number, what: string): NodeJS.Timeout | undefined {
    if (!Number.isFinite(limit)) return undefined;
    const { host, port } = this.connection;
    const detail = { protocol: 'pop3', phase: 'close', command: 'QUIT', host, port } as const;
    return setTimeout(() => this.connection.destroy(new TimeoutError(`${what} within ${limit} ms`, detail)), limit);
  }
}

/** A failure to say QUIT, and what became of the messages that were to be deleted. */
function undeleted(error: unknown, outcome: Outcome): unknown {
  if (!(error instanceof ConnectionError)) return error;
  const { protocol = 'pop3', host, port, bytesReceived, temporary, reason } = error;
  const what =
    outcome === 'none' ? 'nothing has been deleted' : 'nobody knows whether what was marked has been deleted';
  const message = `${error.message}: ${what}`;
  const peer = { protocol, phase: 'close', host, port, bytesReceived } as const;
  const detail = { ...peer, temporary, command: 'QUIT', outcome, cause: error };
  return error instanceof TimeoutError
    ? new TimeoutError(message, detail)
    : new ConnectionError(message, { ...detail, reason });
}
