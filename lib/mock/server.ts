/**
 * The other end, for tests and for `netkit … serve`. A protocol's mock server extends this with what it serves
 * (`converse`); listening, sessions, TLS, faults, transcript and the end are here.
 */
import { TimeoutError } from '../core/errors.ts';
import type { CallOptions, Listener, Timeouts } from '../core/options.ts';
import type { Mock } from '../core/protocol.ts';
import { hostInUrl } from '../core/url.ts';
import type { ServerTls } from '../net/accept.ts';
import { formatAddress } from '../net/address.ts';
import type { Connection } from '../net/connection.ts';
import { type Listening, listen } from '../net/listen.ts';
import { Transcript, type TranscriptLine } from '../net/transcript.ts';
import { type Certificate, certificate } from './certificate.ts';
import { FaultPlan } from './faults.ts';
import { Session, type SessionParts } from './session.ts';

export { type Answer, type Said, Session, type SessionParts, serveCommands } from './session.ts';

/** What a protocol says of its server. */
export interface MockKind {
  /** How its URL begins. */
  readonly scheme: string;
  readonly protocol?: string | undefined;
  /** The longest line that a client may send, in octets. Default 8192. */
  readonly maxLine?: number | undefined;
  /** What it speaks within TLS, the best first (RFC 7301). Default: nothing is said of it. */
  readonly alpn?: readonly string[] | undefined;
}

export interface MockOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** `implicit`: TLS from the first byte; `upgrade`: by a command of the protocol. Default `none`. */
  readonly tls?: 'none' | 'implicit' | 'upgrade' | undefined;
  /** Let nobody do more than begin TLS before there is TLS, with `upgrade`. Default false. */
  readonly requireTls?: boolean | undefined;
  /** Default: one for `localhost`, `127.0.0.1` and `::1`, from an authority of this process. */
  readonly certificate?: Certificate | undefined;
  /** Is also told everything that is said. */
  readonly transcript?: Listener | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** How many finished sessions are remembered. Default 1000. */
  readonly remembered?: number | undefined;
}

export interface WaitOptions extends CallOptions {
  /** In milliseconds. Default 5000. */
  readonly timeout?: number | undefined;
}

/** What a line is recognised by: a part of it (as it is printed, `C: QUIT`), a pattern, a question. */
export type LineMatch = string | RegExp | ((line: TranscriptLine) => boolean);

interface Waiter {
  readonly matches: (line: TranscriptLine) => boolean;
  readonly resolve: (line: TranscriptLine) => void;
}

/** There are up to a thousand of these, beside that of the server. */
const OF_A_SESSION = { lines: 10_000, characters: 1024 * 1024 } as const;

export abstract class MockServer<S extends Session = Session> implements Mock {
  /** Everything that was said, in all sessions, in order. */
  readonly transcript: Transcript = new Transcript();
  readonly faults: FaultPlan = new FaultPlan();
  /** What a client must trust, in PEM, where there is TLS. */
  readonly ca: string | undefined;
  readonly #kind: MockKind;
  readonly #options: MockOptions;
  readonly #tls: ServerTls | undefined;
  readonly #sessions = new Map<Connection, S>();
  readonly #waiters = new Set<Waiter>();
  #count = 0;
  #listening: Listening | undefined;

  protected constructor(kind: MockKind, options: MockOptions = {}) {
    this.#kind = kind;
    this.#options = options;
    if ((options.tls ?? 'none') === 'none') return;
    const { cert, key, ca } = options.certificate ?? certificate();
    this.#tls = { cert, key, alpn: kind.alpn };
    this.ca = ca;
  }

  /** Makes the session of a connection: to be overridden where sessions have more to remember. */
  protected begin(parts: SessionParts): S {
    // Who asks for another kind of session brings it.
    return new Session(parts) as S;
  }

  /** Speaks with one client, to the end. What it throws, unless it is the client's doing, is thrown again by `close`. */
  protected abstract converse(session: S): Promise<void>;

  /** Starts to listen: for the `start` of a protocol. */
  protected async listen(): Promise<this> {
    const { host, port, tls, timeouts } = this.#options;
    this.#listening = await listen(
      {
        ...{ host, port, timeouts, protocol: this.#kind.protocol, maxLine: this.#kind.maxLine },
        ...(tls === 'implicit' && { tls: this.#tls }),
        describe: (connection) => this.#describe(connection),
      },
      (connection) => this.#serve(connection),
    );
    return this;
  }

  get host(): string {
    return this.#listening?.host ?? '';
  }

  get port(): number {
    return this.#listening?.port ?? 0;
  }

  /** Where a client finds it, without credentials and path. */
  get url(): string {
    // Who listens at all addresses is to be found at this one.
    const host = this.host.replace(/^0\.0\.0\.0$/, '127.0.0.1').replace(/^::$/, '::1');
    return `${this.#kind.scheme}://${hostInUrl(host)}:${this.port}`;
  }

  /** Those that are, and those that were, in order. */
  get sessions(): readonly S[] {
    return [...this.#sessions.values()];
  }

  /**
   * A line that is said, or has been said already. Throws TimeoutError, with the end of the dialogue; the reason of the
   * signal.
   */
  async waitFor(match: LineMatch, { timeout = 5_000, signal }: WaitOptions = {}): Promise<TranscriptLine> {
    signal?.throwIfAborted();
    const matches = matcher(match);
    const said = this.transcript.lines.find(matches);
    if (said) return said;
    return new Promise<TranscriptLine>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        matches,
        resolve: (line) => {
          leave();
          resolve(line);
        },
      };
      const onAbort = (): void => {
        leave();
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        leave();
        reject(new TimeoutError(`nobody said ${match} within ${timeout} ms; the last that was said:\n${this.#tail()}`));
      }, timeout);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /**
   * Ends every session and stops. Throws the first crash of a session, as it is; TimeoutError when sessions cannot be
   * ended within 2 seconds: it names them, and what was said last.
   */
  async close(): Promise<void> {
    await this.#listening?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(connection: Connection): Promise<void> {
    const transcript = new Transcript(OF_A_SESSION);
    const listener: Listener = {
      add: (from, text) => {
        const line = { from, text };
        transcript.push(line);
        this.#said(line);
      },
    };
    const parts = { id: ++this.#count, connection, transcript, listener, faults: this.faults, tls: this.#tls };
    const session = this.begin(parts);
    connection.reportTo(listener, (line) => session.shown(line));
    this.#remember(session);
    await this.converse(session);
    await session.finish();
  }

  #said(line: TranscriptLine): void {
    this.transcript.push(line);
    this.#options.transcript?.add(line.from, line.text);
    for (const waiter of this.#waiters) if (waiter.matches(line)) waiter.resolve(line);
  }

  #remember(session: S): void {
    this.#sessions.set(session.connection, session);
    const { remembered = 1_000 } = this.#options;
    for (const connection of this.#sessions.keys()) {
      if (this.#sessions.size <= remembered) return;
      if (!this.#listening?.connections.has(connection)) this.#sessions.delete(connection);
    }
  }

  #describe(connection: Connection): string {
    const session = this.#sessions.get(connection);
    const last = session?.transcript.lines.at(-1);
    const said = last ? `last was ${last.from}: ${last.text}` : 'nothing was said';
    return `session ${session?.id} with ${formatAddress(connection.peer)}, ${said}`;
  }

  #tail(): string {
    return this.transcript.lines.slice(-10).map(printed).join('\n') || '(nothing)';
  }
}

function printed({ from, text }: TranscriptLine): string {
  return `${from}: ${text}`;
}

function matcher(match: LineMatch): (line: TranscriptLine) => boolean {
  if (typeof match === 'function') return match;
  if (typeof match === 'string') return (line) => printed(line).includes(match);
  return (line) => printed(line).search(match) >= 0;
}
