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
import { type Phase, UsageError } from '../core/errors.ts';
import type { ConnectOptions, Listener, Timeouts } from '../core/options.ts';
import type { Flow } from '../core/resource.ts';
import type { Report } from '../core/verbs.ts';
import { ReceiveBuffer } from '../wire/buffer.ts';
import { Command } from '../wire/command.ts';
import { DotBlock, type Framing, ToEnd } from '../wire/framing.ts';
import { type Address, localOf, peerOf } from './address.ts';
import { attend } from './attend.ts';
import { bodyOf } from './body.ts';
import { type ConnectionOptions, timeoutsOf } from './connection-options.ts';
import { describeStream } from './describe.ts';
import { dial } from './dial.ts';
import { drained, flushed } from './flush.ts';
import { Latch } from './latch.ts';
import { Receiver, type Take } from './receiver.ts';
import { Speech } from './speech.ts';
import { secure } from './tls.ts';
import { announce } from './transcript.ts';
import { Trouble } from './trouble.ts';

export type { ConnectionOptions } from './connection-options.ts';

const MAX_LINE = 8192;

export class Connection implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #options: ConnectionOptions & ConnectOptions;
  readonly timeouts: Timeouts;
  readonly #trouble: Trouble;
  readonly #receiver: Receiver;
  readonly #speech: Speech;
  readonly #total: NodeJS.Timeout | undefined;
  #stream: Duplex;
  #closed = false;
  #upgrading = false;
  readonly #gone = new Latch();
  #detach: () => void = () => {};
  #local: Address | undefined;
  #peer: Address | undefined;

  /** Connects to an endpoint; TLS too where its scheme begins with it. */
  static async open(endpoint: Endpoint, options: ConnectOptions & ConnectionOptions = {}): Promise<Connection> {
    const { host, port, tls } = endpoint;
    // what is no duration is better found before there is a socket
    timeoutsOf(options);
    const bytes = new ReceiveBuffer();
    let connection: Connection | undefined;
    const onread = {
      buffer: () => bytes.space(),
      callback: (count: number): boolean => (connection ? connection.#receiver.filled(count) : false),
    };
    const dialed = await dial(endpoint, options, tls === 'implicit' ? undefined : onread);
    const stream = tls === 'implicit' ? await secure(dialed.stream, host, options, port) : dialed.stream;
    connection = new Connection(stream, { ...options, host, port }, bytes);
    announce('opened', connection);
    if (tls === 'implicit') announce('secured', connection);
    return connection;
  }

  /** Takes over a connected stream: a socket, a TLS socket, one half of a pair. */
  constructor(
    stream: Duplex,
    options: ConnectionOptions & ConnectOptions = {},
    bytes: ReceiveBuffer = new ReceiveBuffer(),
  ) {
    const { host = '', port = 0, protocol, minRate = 0, signal } = options;
    this.host = host;
    this.port = port;
    this.#options = options;
    this.#speech = new Speech(options.side ?? 'client', this, options.transcript);
    this.timeouts = timeoutsOf(options);
    this.#trouble = new Trouble(protocol, host, port);
    this.#stream = stream;
    const source = {
      pause: () => void this.#stream.pause(),
      resume: () => void this.#stream.resume(),
      fail: (error: unknown) => this.destroy(error),
    };
    this.#receiver = new Receiver(bytes, source, { timeouts: this.timeouts, minRate }, this.#trouble);
    this.#attach(stream);
    if (signal?.aborted) this.destroy(signal.reason);
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    const { total } = this.timeouts;
    if (Number.isFinite(total)) {
      const late = (): void => this.destroy(this.#trouble.timeout('command', `the whole took longer than ${total} ms`));
      this.#total = setTimeout(late, total);
    }
  }

  /** The stream beneath. Whoever reads or writes it directly takes it away from this connection. */
  get stream(): Duplex {
    return this.#stream;
  }

  get secure(): boolean {
    return 'encrypted' in this.#stream;
  }

  /** This end, as the system names it; the first answer is kept. */
  get local(): Address {
    this.#local ??= localOf(this.#stream);
    return this.#local;
  }

  /** The other end, as the system names it: a proxy's, where there is one. The first answer is kept. */
  get peer(): Address {
    this.#peer ??= peerOf(this.#stream);
    return this.#peer;
  }

  /** Who is at the other end, and how safely: for reports. */
  describe(): Report {
    return { host: this.host, ...describeStream(this.#stream) };
  }

  /** Who receives the dialogue from now on. */
  reportTo(listener: Listener): void {
    this.#speech.listener = listener;
  }

  /** Octets received so far. */
  get received(): number {
    return this.#trouble.received;
  }

  /** Octets that have come and have not been asked for. */
  get unasked(): number {
    return this.#receiver.bytes.length + this.#stream.readableLength;
  }

  /** Resolves when it has been closed or lost. */
  get gone(): Promise<void> {
    return this.#gone.opened;
  }

  /** Whether it can still be used. */
  get usable(): boolean {
    return this.#receiver.failure === undefined && !this.#closed;
  }

  /**
   * Runs `take` on the bytes that are there, and again whenever more have come, until it returns something; that is the
   * caller's to keep. With `ended` nothing more will come.
   * Throws TimeoutError, ConnectionError (`closed` before the first byte of it, `truncated` after), what `take` throws.
   */
  async receive<T>(take: Take<T>, phase: Phase = 'command'): Promise<T> {
    if (this.#closed) throw this.#whyNot();
    this.#refuseDuringUpgrade();
    return this.#receiver.receive(take, phase);
  }

  /** One line, without its line end. Throws ProtocolError (`limit`) when it is longer than `maxLine`. */
  readLine(phase: Phase = 'command'): Promise<string> {
    return this.receive((bytes) => this.#line(bytes), phase);
  }

  /** Every line until the peer ends. Throws ConnectionError (`truncated`) when the last one has no line end. */
  async *lines(): AsyncGenerator<string> {
    for (;;) {
      const line = await this.receive((bytes, ended): string | null | undefined => {
        return this.#line(bytes) ?? (ended && bytes.length === 0 ? null : undefined);
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
      (size) => this.#speech.note(`${size} octets`),
    );
  }

  readDotBlock(): Flow {
    return this.body(new DotBlock());
  }

  readToEnd(): Flow {
    return this.body(new ToEnd());
  }

  /** Resolves when the socket has taken it. There are no strings here: see `command`. */
  async write(data: Command | Uint8Array): Promise<void> {
    if (!this.usable || this.#stream.destroyed) throw this.#whyNot();
    this.#refuseDuringUpgrade();
    if (this.#stream.writableEnded) throw new UsageError('nothing can be written after end()');
    if (data instanceof Command) this.#speech.commanded(data);
    if (this.#stream.write(data instanceof Command ? data.wire() : data)) return;
    const { idle } = this.timeouts;
    const late = (): void => this.destroy(this.#trouble.timeout('write', `the peer took nothing for ${idle} ms`));
    if (!(await drained(this.#stream, idle, late))) throw this.#whyNot();
  }

  /** Text in UTF-8, line ends included, exactly as it is. Arguments from elsewhere belong into a `command`. */
  async writeText(text: string): Promise<void> {
    for (const line of text.split(/\r?\n/).filter((line, i, all) => line !== '' || i < all.length - 1))
      this.#speech.said(line);
    await this.write(Buffer.from(text, 'utf8'));
  }

  /** Nothing more will be written; what the peer still says can be read. */
  end(): void {
    if (!this.#stream.writableEnded) this.#stream.end();
  }

  /**
   * Puts TLS on top, by `handshake`. Throws ConnectionError (`tls-injection`) when a byte has already come in the clear:
   * it would be taken for the secured peer's.
   */
  async upgrade(handshake: (stream: Duplex) => Promise<Duplex>): Promise<void> {
    this.#refuseDuringUpgrade();
    if (this.unasked > 0) {
      const error = this.#trouble.planted();
      this.destroy(error);
      throw error;
    }
    const plain = this.#stream;
    // Until the handshake is over, an abort and the total deadline reach the plain stream.
    this.#receiver.stop();
    this.#detach();
    this.#upgrading = true;
    try {
      const secured = await handshake(plain);
      this.#stream = secured;
      this.#attach(secured);
      announce('secured', this);
    } catch (error) {
      plain.on('error', () => {});
      this.destroy(error);
      // an abort, or the total deadline, came first where there was one
      throw this.#whyNot();
    } finally {
      this.#upgrading = false;
    }
  }

  /** TLS as a client, verified against the host of this connection; what is said here goes before what it was opened with. */
  async upgradeToTls(options: ConnectOptions = {}): Promise<void> {
    const tls = { ...this.#options.tls, ...options.tls };
    const all = { ...this.#options, timeouts: this.timeouts, ...options, tls };
    await this.upgrade((stream) => secure(stream, this.host, all, this.port));
  }

  /** Ends the connection: what was written goes out, then it is over. Never throws. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // an error is dear: there is one only for who is waiting
    if (this.#receiver.phase !== undefined) this.#receiver.fail(this.#trouble.closed());
    await flushed(this.#stream, this.timeouts.close);
    this.#release();
    this.#stream.destroy();
    announce('closed', this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Fails this connection: the first failure wins, whoever waits is told, and the socket is destroyed. */
  destroy(error: unknown): void {
    const reason = error ?? this.#trouble.closed();
    if (this.#receiver.failure === undefined) announce('failed', this, reason);
    this.#release();
    this.#stream.destroy();
    this.#receiver.fail(reason);
  }

  /** Whether anybody listens to the dialogue. */
  get isHeard(): boolean {
    return this.#speech.isHeard;
  }

  /** What the peer said, without the secrets that it was told: for an error. */
  redact(text: string): string {
    return this.#speech.redact(text);
  }

  /** Tells the transcript what the other end said, where it was read by `receive`. */
  heard(text: string): void {
    this.#speech.heard(text);
  }

  #line(bytes: ReceiveBuffer): string | undefined {
    const line = bytes.takeLine(this.#options.maxLine ?? MAX_LINE)?.toString('utf8');
    if (line !== undefined) this.#speech.heard(line);
    return line;
  }

  #attach(stream: Duplex): void {
    this.#detach = attend(stream, this.#receiver, this.#trouble, {
      destroy: (error) => this.destroy(error),
      released: () => this.#release(),
      isClosed: () => this.#closed,
    });
  }

  readonly #onAbort = (): void => this.destroy(this.#options.signal?.reason);

  #whyNot(): unknown {
    return this.#receiver.failure ?? this.#trouble.closed();
  }

  #refuseDuringUpgrade(): void {
    if (this.#upgrading) throw new UsageError('TLS is being set up on this connection: wait until it is');
  }

  #release(): void {
    this.#gone.open();
    clearTimeout(this.#total);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }
}
