import type { Duplex } from 'node:stream';
import type { Endpoint } from '../core/endpoint.ts';
import { type Phase, UsageError } from '../core/errors.ts';
import type { ConnectOptions, Timeouts } from '../core/options.ts';
import { ReceiveBuffer } from '../wire/buffer.ts';
import { attend, type Owner } from './attend.ts';
import { type ConnectionOptions, timeoutsOf } from './connection-options.ts';
import { dial } from './dial.ts';
import { drained, flushed } from './flush.ts';
import { Latch } from './latch.ts';
import { Receiver, type Source, type Take } from './receiver.ts';
import { socketOf } from './reset.ts';
import { isTls } from './secured.ts';
import { secure } from './tls.ts';
import { announce } from './transcript.ts';
import { Trouble } from './trouble.ts';

/** Octets that a socket reads at a time where something stands on it. */
const MEMORY = 64 * 1024;

/** Bytes in both directions, and the life of a connection: its deadlines, its one failure, its end. */
export class Channel implements Source, Owner {
  readonly host: string;
  readonly port: number;
  readonly timeouts: Timeouts;
  readonly #signal: AbortSignal | undefined;
  readonly #trouble: Trouble;
  readonly #receiver: Receiver;
  readonly #total: NodeJS.Timeout | undefined;
  readonly #gone = new Latch();
  readonly #dialed: Duplex;
  #stream: Duplex;
  #upgrading = false;
  /** Until the peer takes more; true when it did. */
  #taking: Promise<boolean> | undefined;
  /** Whether something stands on the stream that was dialed. */
  #above = false;
  #memory: Buffer | undefined;
  #closing: Promise<void> | undefined;
  #detach: (() => void) | undefined;

  /** Connects to an endpoint; TLS too where its scheme begins with it. */
  static async open(endpoint: Endpoint, options: ConnectOptions & ConnectionOptions): Promise<Channel> {
    const { host, port, tls } = endpoint;
    // what is no duration is better found before there is a socket
    timeoutsOf(options);
    const bytes = new ReceiveBuffer();
    let channel: Channel | undefined;
    const onread = {
      buffer: (): Uint8Array => channel?.memory ?? bytes.space(),
      callback: (count: number, memory: Uint8Array): boolean => (channel ? channel.#came(count, memory) : false),
    };
    const dialed = await dial(endpoint, options, tls === 'implicit' ? undefined : onread);
    const stream = tls === 'implicit' ? await secure(dialed.stream, host, options, port) : dialed.stream;
    channel = new Channel(stream, options, endpoint, bytes);
    announce('opened', channel);
    if (tls === 'implicit') announce('secured', channel);
    return channel;
  }

  constructor(
    stream: Duplex,
    options: ConnectionOptions,
    { host = '', port = 0 }: Pick<ConnectionOptions, 'host' | 'port'> = options,
    bytes: ReceiveBuffer = new ReceiveBuffer(),
  ) {
    const { protocol, minRate = 0, signal } = options;
    this.host = host;
    this.port = port;
    this.timeouts = timeoutsOf(options);
    this.#signal = signal;
    this.#trouble = new Trouble(protocol, host, port);
    this.#stream = this.#dialed = stream;
    this.#receiver = new Receiver(bytes, this, { timeouts: this.timeouts, minRate }, this.#trouble);
    this.#attach(stream);
    if (signal?.aborted) this.destroy(signal.reason);
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    const { total } = this.timeouts;
    if (Number.isFinite(total)) {
      const late = (): void => this.destroy(this.#trouble.timeout('command', `the whole took longer than ${total} ms`));
      this.#total = setTimeout(late, total);
    }
  }

  /** Where the dialed socket reads to, once something stands on it. */
  private get memory(): Buffer | undefined {
    if (this.#above) this.#memory ??= Buffer.allocUnsafeSlow(MEMORY);
    return this.#memory;
  }

  get stream(): Duplex {
    return this.#stream;
  }

  get received(): number {
    return this.#trouble.received;
  }

  get unasked(): number {
    return this.#receiver.bytes.length + this.#stream.readableLength;
  }

  get gone(): Promise<void> {
    return this.#gone.opened;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  get usable(): boolean {
    return this.#receiver.failure === undefined && !this.#closing;
  }

  receive<T>(take: Take<T>, phase: Phase | (() => Phase), longest?: number): Promise<T> {
    if (this.#closing) return Promise.reject(this.#whyNot());
    if (this.#upgrading) return Promise.reject(duringUpgrade());
    return this.#receiver.receive(take, phase, longest);
  }

  leave(reason: unknown): void {
    this.#receiver.leave(reason);
  }

  /** Throws why it cannot be used any more, if it cannot. */
  refuseGone(): void {
    if (!this.usable || this.#stream.destroyed) throw this.#whyNot();
  }

  /** A promise where the socket has not taken it yet. Throws at once where nothing can be written. */
  write(octets: Uint8Array): Promise<void> | undefined {
    this.refuseGone();
    this.#refuseDuringUpgrade();
    if (this.#stream.writableEnded) throw new UsageError('nothing can be written after end()');
    return this.#stream.write(octets) ? undefined : this.#taken();
  }

  async #taken(): Promise<void> {
    const { idle } = this.timeouts;
    const late = (): void => this.destroy(this.#trouble.timeout('write', `the peer took nothing for ${idle} ms`));
    // many that wait wait for the same
    this.#taking ??= drained(this.#stream, idle, late).finally(() => {
      this.#taking = undefined;
    });
    if (!(await this.#taking)) throw this.#whyNot();
  }

  end(): void {
    this.#refuseDuringUpgrade();
    if (!this.#stream.writableEnded) this.#stream.end();
  }

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
    this.#detach?.();
    this.#upgrading = this.#above = true;
    try {
      const secured = await handshake(plain);
      this.#stream = secured;
      this.#attach(secured);
      if (isTls(socketOf(secured))) announce('secured', this);
    } catch (error) {
      plain.on('error', () => {});
      this.destroy(error);
      // an abort, or the total deadline, came first where there was one
      throw this.#whyNot();
    } finally {
      this.#upgrading = false;
    }
  }

  /** The socket has put bytes into memory: that of the buffer, unless something stands on it that is to have them. */
  #came(count: number, memory: Uint8Array): boolean {
    if (!this.#above) return this.#receiver.filled(count);
    this.#dialed.emit('data', Buffer.from(memory.subarray(0, count)));
    return true;
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  /** The first failure wins, whoever waits is told, and the socket is destroyed. */
  destroy(error: unknown): void {
    const reason = error ?? this.#trouble.closed();
    if (this.#receiver.failure === undefined) announce('failed', this, reason);
    this.released();
    this.#stream.destroy();
    this.#receiver.fail(reason);
  }

  async #close(): Promise<void> {
    // an error is dear: there is one only for who is waiting
    if (this.#receiver.phase !== undefined) this.#receiver.fail(this.#trouble.closed());
    await flushed(this.#stream, this.timeouts.close);
    this.released();
    this.#stream.destroy();
    announce('closed', this);
  }

  #attach(stream: Duplex): void {
    this.#detach = attend(stream, this.#receiver, this.#trouble, this);
  }

  readonly #onAbort = (): void => this.destroy(this.#signal?.reason);

  #whyNot(): unknown {
    return this.#receiver.failure ?? this.#trouble.closed();
  }

  /** Whatever is said during a handshake would go out in the clear. */
  #refuseDuringUpgrade(): void {
    if (this.#upgrading) throw duringUpgrade();
  }

  /** It is over: what it had is let go. */
  released(): void {
    this.#gone.open();
    this.#receiver.release();
    clearTimeout(this.#total);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

function duringUpgrade(): UsageError {
  return new UsageError('this connection is being upgraded: wait until it is');
}
