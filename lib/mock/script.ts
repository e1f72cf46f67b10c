/** One side of a written dialogue, played against a real client or a real server. For its lines see `dialogue.ts`. */
import { ProtocolError } from '../core/errors.ts';
import type { ConnectOptions, Timeouts } from '../core/options.ts';
import { acceptTls } from '../net/accept.ts';
import { type ConnectTarget, connect } from '../net/connect.ts';
import type { Connection } from '../net/connection.ts';
import { type Listening, listen } from '../net/listen.ts';
import { Transcript } from '../net/transcript.ts';
import { type Certificate, certificate } from './certificate.ts';
import { parseDialogue } from './dialogue.ts';
import { Player } from './player.ts';

export interface ScriptedServerOptions {
  readonly port?: number | undefined;
  /** `implicit`: TLS from the first byte. `*: tls` in a dialogue needs nothing said here. */
  readonly tls?: 'none' | 'implicit' | undefined;
  readonly certificate?: Certificate | undefined;
  /** Default: `idle` 5,000 ms for each part of the client's, `close` 1,000 ms. */
  readonly timeouts?: Partial<Timeouts> | undefined;
}

/** Nobody who plays a part needs to think for long. */
const TIMEOUTS = { idle: 5_000, close: 1_000 } as const;

/** Plays the server's side: each connection gets the next of the dialogues, and the client must say its part of it. */
export class ScriptedServer implements AsyncDisposable {
  /** What was really said. */
  readonly transcript: Transcript = new Transcript();
  /** What a client must trust, in PEM, where there is TLS. */
  readonly ca: string;
  readonly #timeouts: Partial<Timeouts>;
  readonly #certificate: Certificate;
  readonly #players: readonly Player[];
  readonly #settled: Promise<void>;
  #settle: () => void = () => {};
  #listening: Listening | undefined;
  /** How many have begun, and how many have played to the end. */
  #begun = 0;
  #done = 0;
  #failure: { readonly error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  /** Listens at a free port of the loopback interface. Throws UsageError for a dialogue that cannot be played. */
  static async start(
    dialogues: string | readonly string[],
    options: ScriptedServerOptions = {},
  ): Promise<ScriptedServer> {
    const server = new ScriptedServer([dialogues].flat(), options);
    const { cert, key } = server.#certificate;
    const { port, tls } = options;
    server.#listening = await listen(
      { port, timeouts: server.#timeouts, ...(tls === 'implicit' && { tls: { cert, key } }) },
      (connection) => server.#serve(connection),
    );
    return server;
  }

  private constructor(dialogues: readonly string[], options: ScriptedServerOptions) {
    this.#timeouts = { ...TIMEOUTS, ...options.timeouts };
    this.#certificate = options.certificate ?? certificate();
    this.ca = this.#certificate.ca;
    const { cert, key } = this.#certificate;
    const toTls = (connection: Connection): Promise<void> =>
      connection.upgrade((stream) => acceptTls(stream, { cert, key }, { timeouts: connection.timeouts }));
    this.#players = dialogues.map((text) => new Player('S', parseDialogue(text), toTls, this.transcript));
    this.#settled = new Promise<void>((resolve) => {
      this.#settle = resolve;
    });
  }

  get port(): number {
    return this.#listening?.port ?? 0;
  }

  /**
   * Waits up to `timeouts.close` for what has not been played yet, and stops. Throws ProtocolError, once, when a client
   * did not say its part, or not all of it, or more.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const timer = setTimeout(this.#settle, this.#timeouts.close ?? TIMEOUTS.close);
    await this.#settled;
    clearTimeout(timer);
    await this.#listening?.close();
    if (this.#begun < this.#players.length) {
      const error = new ProtocolError(`there are ${this.#players.length} dialogues, and ${this.#begun} clients came`);
      this.#failure ??= { error };
    }
  }

  /** What goes wrong is kept for `close`: the client is not to blame itself. */
  async #serve(connection: Connection): Promise<void> {
    try {
      const player = this.#players[this.#begun++];
      if (!player) throw new ProtocolError(`there are ${this.#players.length} dialogues, and one more client came`);
      await player.play(connection);
      connection.end();
      await player.expectEnd(connection);
      if (++this.#done === this.#players.length) this.#settle();
    } catch (error) {
      this.#failure ??= { error };
      this.#settle();
    }
  }
}

/** Plays the client's side, and the server must say its part. */
export class ScriptedClient {
  /** What was really said. */
  readonly transcript: Transcript = new Transcript();
  readonly #dialogue: string;

  constructor(dialogue: string) {
    this.#dialogue = dialogue;
  }

  /**
   * Plays it once, against a server. Throws ProtocolError when the server did not say its part, UsageError for a dialogue
   * that cannot be played, ConnectionError and TimeoutError where there is no connection.
   */
  async play(target: ConnectTarget, options: ConnectOptions = {}): Promise<void> {
    const toTls = (connection: Connection): Promise<void> => connection.upgradeToTls(options);
    const player = new Player('C', parseDialogue(this.#dialogue), toTls, this.transcript);
    const connection = await connect(target, { ...options, timeouts: { ...TIMEOUTS, ...options.timeouts } });
    try {
      await player.play(connection);
    } finally {
      await connection.close();
    }
  }
}
