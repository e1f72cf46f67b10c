import type { Duplex } from 'node:stream';
import { UsageError } from '../core/errors.ts';
import type { Listener } from '../core/options.ts';
import { acceptTls, type ServerTls } from '../net/accept.ts';
import type { Address } from '../net/address.ts';
import type { Connection } from '../net/connection.ts';
import { type Transcript, tell } from '../net/transcript.ts';
import type { ChannelBinding } from '../wire/mechanism.ts';
import { Delivery, pause } from './delivery.ts';
import { describeFault, type Fault, type FaultPlan, verbOf } from './faults.ts';

/** What a server gives to each of its sessions. */
export interface SessionParts {
  readonly id: number;
  readonly connection: Connection;
  /** What was said in this session. */
  readonly transcript: Transcript;
  /** Where it is said: this transcript, the server's, and whoever else listens. */
  readonly listener: Listener;
  readonly faults: FaultPlan;
  readonly tls?: ServerTls | undefined;
}

/** Octets, text in UTF-8, or octets that come in chunks. */
export type Said = string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** One client at a mock server. Protocols extend it with what they remember of a client. */
export class Session {
  /** From 1 on. */
  readonly id: number;
  readonly connection: Connection;
  readonly transcript: Transcript;
  /** Who it is: also when it has gone. */
  readonly peer: Address;
  readonly #listener: Listener;
  /** What is to go wrong, in all sessions. */
  protected readonly faults: FaultPlan;
  readonly #tls: ServerTls | undefined;
  #delivery: Delivery;
  /** What is said now goes out at the end of this turn of the event loop. */
  #gathering = false;

  constructor({ id, connection, transcript, listener, faults, tls }: SessionParts) {
    this.id = id;
    this.connection = connection;
    this.transcript = transcript;
    this.#listener = listener;
    this.faults = faults;
    this.#tls = tls;
    this.#delivery = this.#deliver();
    this.peer = connection.peer;
  }

  get secure(): boolean {
    return this.connection.secure;
  }

  /**
   * A command has come: ends the reply to the one before, and looks for the fault of this one. True when the fault has
   * answered it; false when the protocol is to answer. Throws ConnectionError when the fault has ended the session.
   */
  async faulted(line: string): Promise<boolean> {
    await this.finish();
    const fault = this.faults.take(this.id, line);
    if (!fault) return false;
    this.note(describeFault(fault));
    this.#delivery = this.#deliver(fault);
    if (fault.delay !== undefined) await pause(fault.delay, this.connection);
    const { reply, hangUp, reset, stall, garbage, terminator, drip, truncate } = fault;
    if (reply !== undefined) {
      await this.reply(typeof reply === 'string' && !reply.endsWith('\n') ? `${reply}\r\n` : reply);
    } else if (!(hangUp || reset || stall) || (garbage ?? terminator ?? drip ?? truncate) !== undefined) return false;
    await this.finish();
    return true;
  }

  /**
   * The next command that the protocol is to answer; undefined when the client has ended. Commands that a fault answers
   * are not seen here.
   */
  async command(): Promise<string | undefined> {
    for await (const line of this.connection.lines()) {
      this.gather();
      if (!(await this.faulted(line))) return line;
    }
    return undefined;
  }

  /** What a server says before it is asked; a fault with the verb `greeting` befalls it. */
  async greet(line: string): Promise<void> {
    if (!(await this.faulted('greeting'))) await this.say(line);
  }

  /** One line; its end is added. */
  async say(line: string): Promise<void> {
    await this.reply(`${line}\r\n`);
  }

  /**
   * The reply to the command, or the next part of it. Text is shown in the transcript, octets are counted there. Throws
   * ConnectionError when the connection is lost, or a fault has ended it.
   */
  async reply(said: Said): Promise<void> {
    if (typeof said === 'string') {
      this.told(said);
      return this.put(Buffer.from(said, 'utf8'));
    }
    let size = 0;
    try {
      for await (const chunk of said instanceof Uint8Array ? [said] : said) {
        size += chunk.length;
        await this.put(chunk);
      }
    } finally {
      this.note(`${size} octets`);
    }
  }

  /** Octets of the reply, of which the transcript knows already. */
  protected put(octets: Uint8Array): Promise<void> {
    return this.#delivery.send(octets);
  }

  /** The transcript has what is said, line by line; what the client says too, where nobody else tells of it. */
  protected told(text: string | readonly string[], from: 'C' | 'S' = 'S'): void {
    const lines = typeof text === 'string' ? text.replace(/\r?\n$/, '').split(/\r?\n/) : text;
    for (const line of lines) tell(this.#listener, from, line, this.connection);
  }

  /** The reply is whole. What ends a session or begins the next command does this too. */
  async finish(): Promise<void> {
    const delivery = this.#delivery;
    this.#delivery = this.#deliver();
    await delivery.end();
  }

  #deliver(fault?: Fault): Delivery {
    return new Delivery(this.connection, fault, (octets) => this.transmit(octets));
  }

  /** Puts octets on the wire: to be overridden where something stands between. */
  protected transmit(octets: Uint8Array): Promise<void> {
    return this.connection.write(octets);
  }

  /** Puts TLS on top; say that it may begin before. Throws ConnectionError (`tls`, `tls-injection`). */
  async upgradeToTls(): Promise<void> {
    const { timeouts } = this.connection;
    const tls = this.#tls;
    if (!tls) throw new UsageError('this server has no certificate: start it with tls: "upgrade"');
    await this.upgrade((stream) => acceptTls(stream, tls, { timeouts }));
  }

  /** Puts something else on top, such as compression; say that it may begin before. */
  async upgrade(handshake: (stream: Duplex) => Promise<Duplex>): Promise<void> {
    await this.finish();
    this.#release();
    await this.connection.upgrade(handshake);
  }

  /** How a line of the client's is shown in transcripts: to be overridden where it may hold a secret. */
  shown(line: string): string {
    return line;
  }

  /** What both ends know of the TLS channel, the best first: for SASL. */
  bindings(): readonly ChannelBinding[] {
    return this.connection.bindings(this.#tls?.cert);
  }

  /** What is said at once to commands that came together, and the parts of one reply, go out together. */
  protected gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.connection.stream.cork();
    process.nextTick(() => this.#release());
  }

  #release(): void {
    if (!this.#gathering) return;
    this.#gathering = false;
    this.connection.stream.uncork();
  }

  /** A remark in the transcript. */
  note(text: string): void {
    tell(this.#listener, '*', text, this.connection);
  }
}

/** Answers one verb. Words are what follows it, split at spaces. To give (or resolve to) `quit` ends the session. */
export type Answer<S> = (session: S, words: readonly string[], line: string) => unknown;

/**
 * Reads commands and answers them from a table, whatever their case, until an answer says `quit` or the client ends.
 * What is not in the table goes to its `*`.
 */
export async function serveCommands<S extends Session>(
  session: S,
  table: Readonly<Record<string, Answer<S>>>,
): Promise<void> {
  const answers = new Map(Object.entries(table).map(([verb, answer]) => [verb.toUpperCase(), answer]));
  for (let line = await session.command(); line !== undefined; line = await session.command()) {
    const answer = answers.get(verbOf(line)) ?? answers.get('*');
    if (!answer) throw new UsageError(`nothing answers ${verbOf(line)}: put a * into the table`);
    const words = line.trim().split(/ +/).slice(1);
    if ((await answer(session, words, line)) === 'quit') break;
  }
  await session.finish();
}
