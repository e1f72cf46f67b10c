/**
 * A stream of bytes in both directions, pulled: what nobody asks for stays in the socket, so a slow reader slows the
 * peer down and no buffer grows. Both ends of every protocol speak through it.
 *
 * There is one way to receive, `receive(take)`: `take` is run on the bytes that are there, and again whenever more have
 * come, until it returns something. It runs inside the arrival of the bytes, so it must return what is the caller's to
 * keep (a string, a copy), never a view. Everything else here is a sentence of that.
 *
 * The first failure wins and destroys the socket: nobody knows what the next byte would mean.
 */
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../core/endpoint.ts';
import type { Phase } from '../core/errors.ts';
import type { ConnectOptions, Listener, Timeouts } from '../core/options.ts';
import type { Flow } from '../core/resource.ts';
import type { Secret } from '../core/secret.ts';
import type { Report } from '../core/verbs.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import { Command } from '../wire/command.ts';
import { DotBlock, type Framing, ToEnd } from '../wire/framing.ts';
import type { ChannelBinding } from '../wire/mechanism.ts';
import { type Address, localOf, peerOf } from './address.ts';
import { bindingsOf } from './bindings.ts';
import { bodyOf } from './body.ts';
import { Channel } from './channel.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { describeStream } from './describe.ts';
import type { Take } from './receiver.ts';
import { socketOf } from './reset.ts';
import { isTls } from './secured.ts';
import { Speech } from './speech.ts';
import { secure } from './tls.ts';
import { isLocal, isLoopback } from './upgrade.ts';

export type { ConnectionOptions } from './connection-options.ts';

const MAX_LINE = 8192;

export class Connection implements AsyncDisposable {
  readonly #channel: Channel;
  readonly #options: ConnectionOptions & ConnectOptions;
  readonly #speech: Speech;
  #local: Address | undefined;
  #peer: Address | undefined;

  /** Connects to an endpoint; TLS too where its scheme begins with it. */
  static async open(endpoint: Endpoint, options: ConnectOptions & ConnectionOptions = {}): Promise<Connection> {
    return new Connection(await Channel.open(endpoint, options), options);
  }

  /** Takes over a connected stream: a socket, a TLS socket, one half of a pair. */
  constructor(stream: Duplex | Channel, options: ConnectionOptions & ConnectOptions = {}) {
    this.#channel = stream instanceof Channel ? stream : new Channel(stream, options);
    this.#options = options;
    this.#speech = new Speech(options.side ?? 'client', this, options.transcript);
  }

  get host(): string {
    return this.#channel.host;
  }

  get port(): number {
    return this.#channel.port;
  }

  get timeouts(): Timeouts {
    return this.#channel.timeouts;
  }

  /** The stream beneath. Whoever reads or writes it directly takes it away from this connection. */
  get stream(): Duplex {
    return this.#channel.stream;
  }

  get secure(): boolean {
    return isTls(socketOf(this.stream));
  }

  /** Whether nobody on the way can listen: there is TLS, or the way does not leave this machine. */
  get isPrivate(): boolean {
    if (this.secure) return true;
    const { address } = this.peer;
    return isLocal(this, this.#options) && (address === '' || isLoopback(address));
  }

  /** What both ends know of the TLS channel, the best first: for SASL. `certificate` is this end's, where it is a server. */
  bindings(certificate?: string | Uint8Array): readonly ChannelBinding[] {
    const socket = socketOf(this.stream);
    return isTls(socket) ? bindingsOf(socket, certificate) : [];
  }

  /** This end, as the system names it; the first answer is kept. */
  get local(): Address {
    this.#local ??= localOf(socketOf(this.stream));
    return this.#local;
  }

  /** The other end, as the system names it: a proxy's, where there is one. The first answer is kept. */
  get peer(): Address {
    this.#peer ??= peerOf(socketOf(this.stream));
    return this.#peer;
  }

  /** Who is at the other end, and how safely: for reports. */
  describe(): Report {
    return { host: this.host, ...describeStream(socketOf(this.#channel.stream)) };
  }

  /** Who receives the dialogue from now on, and how a line that the peer says is shown there. */
  reportTo(listener: Listener, shown?: (line: string) => string): void {
    this.#speech.listener = listener;
    if (shown) this.#speech.shown = shown;
  }

  /** Octets received so far. */
  get received(): number {
    return this.#channel.received;
  }

  /** Octets that have come and have not been asked for. */
  get unasked(): number {
    return this.#channel.unasked;
  }

  /** Resolves when it has been closed or lost. */
  get gone(): Promise<void> {
    return this.#channel.gone;
  }

  /** Whether it can still be used. */
  get usable(): boolean {
    return this.#channel.usable;
  }

  /** Throws why it cannot be used any more, if it cannot. */
  refuseGone(): void {
    this.#channel.refuseGone();
  }

  /**
   * Runs `take` on the bytes that are there, and again whenever more have come, until it returns something; that is the
   * caller's to keep. With `ended` nothing more will come. What is being waited for may change meanwhile: then `phase` tells.
   * `longest` is how long nothing may come, in milliseconds, instead of the timeout of the phase.
   * Throws TimeoutError, ConnectionError (`closed` before the first byte of it, `truncated` after), what `take` throws.
   */
  receive<T>(take: Take<T>, phase: Phase | (() => Phase) = 'command', longest?: number): Promise<T> {
    return this.#channel.receive(take, phase, longest);
  }

  /** Ends the wait of `receive`, if there is one: it throws `reason`, and the connection can be used as before. */
  leave(reason: unknown): void {
    this.#channel.leave(reason);
  }

  /** One line, without its line end. Throws ProtocolError (`limit`) when it is longer than `maxLine`. */
  readLine(phase: Phase = 'command'): Promise<string> {
    return this.receive((bytes) => this.takeLine(bytes), phase);
  }

  /** Every line until the peer ends. Throws ConnectionError (`truncated`) when the last one has no line end. */
  async *lines(): AsyncGenerator<string> {
    for (;;) {
      const line = await this.receive((bytes, ended): string | null | undefined => {
        return this.takeLine(bytes) ?? (ended && bytes.length === 0 ? null : undefined);
      });
      if (line === null) return;
      yield line;
    }
  }

  readExactly(count: number, phase: Phase = 'body'): Promise<Buffer> {
    return this.receive((bytes) => {
      const taken = bytes.takeExactly(count);
      return taken && Buffer.from(taken);
    }, phase);
  }

  /** What comes next, however little; undefined at the end. */
  async read(phase: Phase = 'body'): Promise<Buffer | undefined> {
    const chunk = await this.receive((bytes, ended) => {
      if (bytes.length > 0) return Buffer.from(bytes.takeAll());
      return ended ? 'end' : undefined;
    }, phase);
    return chunk === 'end' ? undefined : chunk;
  }

  /** A body of this framing. What is behind it stays for the next to ask. */
  body(framing: Framing): Flow {
    return bodyOf(
      (take) => this.receive(take, 'body'),
      framing,
      (size) => this.note(`${size} octets`),
    );
  }

  readDotBlock(): Flow {
    return this.body(new DotBlock());
  }

  readToEnd(): Flow {
    return this.body(new ToEnd());
  }

  /** Resolves when the socket has taken it; several commands go out as one. There are no strings here: see `command`. */
  async write(data: Command | readonly Command[] | Uint8Array): Promise<void> {
    if (data instanceof Uint8Array) await this.#channel.write(data);
    else await this.say(data instanceof Command ? [data] : data);
  }

  /** The same, with a promise only where the socket has not taken it yet. Throws at once where nothing can be written. */
  say(commands: readonly Command[]): Promise<void> | undefined {
    if (this.usable) this.#speech.commanded(commands);
    return this.#channel.write(Command.join(commands));
  }

  /** Text in UTF-8, line ends included, exactly as it is. Arguments from elsewhere belong into a `command`. */
  async writeText(text: string): Promise<void> {
    for (const line of text.split(/\r?\n/).filter((line, i, all) => line !== '' || i < all.length - 1))
      this.#speech.said(line);
    await this.write(Buffer.from(text, 'utf8'));
  }

  /** Nothing more will be written; what the peer still says can be read. */
  end(): void {
    this.#channel.end();
  }

  /**
   * Puts TLS or compression on top, by `handshake`; until it is there nothing can be said or heard. Throws ConnectionError
   * (`tls-injection`) when a byte has already come in the clear: it would be taken for the secured peer's.
   */
  async upgrade(handshake: (stream: Duplex) => Promise<Duplex>): Promise<void> {
    await this.#channel.upgrade(handshake);
  }

  /** TLS as a client, verified against the host of this connection; what is said here goes before what it was opened with. */
  async upgradeToTls(options: ConnectOptions = {}): Promise<void> {
    const tls = { ...this.#options.tls, ...options.tls };
    const all = { ...this.#options, timeouts: this.timeouts, ...options, tls };
    await this.upgrade((stream) => secure(stream, this.host, all, this.port));
  }

  /** Ends the connection: what was written goes out, then it is over. Never throws. */
  async close(): Promise<void> {
    await this.#channel.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Fails this connection: the first failure wins, whoever waits is told, and the socket is destroyed. */
  destroy(error: unknown): void {
    this.#channel.destroy(error);
  }

  /** Whether anybody listens to the dialogue. */
  get isHeard(): boolean {
    return this.#speech.isHeard;
  }

  /** From now on this is shown nowhere, also where the peer says it. What a Command has of secrets is known anyway. */
  hide(secret: Secret | undefined): void {
    if (secret) this.#speech.hide(secret);
  }

  /** What the peer said, without the secrets that it was told: for an error. */
  redact(text: string): string {
    return this.#speech.redact(text);
  }

  /** Tells the transcript what the other end said, where it was read by `receive`. */
  heard(text: string): void {
    this.#speech.heard(text);
  }

  /** Tells the transcript what this end said, where octets were written; secrets are the caller's to leave out. */
  said(text: string): void {
    this.#speech.said(text);
  }

  /** A remark in the transcript. */
  note(text: string): void {
    this.#speech.note(text);
  }

  /** For `receive`: a line, without its line end, if it is all there. Throws ProtocolError past `maxLine`. */
  takeLine(bytes: ReceiveBuffer): string | undefined {
    const line = bytes.takeText(this.#options.maxLine ?? MAX_LINE);
    if (line !== undefined) this.#speech.heard(line);
    return line;
  }
}
