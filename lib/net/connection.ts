/**
 * A stream of bytes in both directions, pulled: nothing leaves the socket until someone asks, so a slow reader slows
 * the peer down and no buffer grows. Both ends of every protocol speak through it.
 *
 * There is one way to receive, `receive(take)`: `take` is run on the bytes that are there, and again whenever more have
 * come, until it returns something. It runs inside the arrival of the bytes, so it must return what is the caller's to
 * keep (a string, a copy), never a view. Everything else here is a sentence of that.
 *
 * The first failure wins and destroys the socket: nobody knows what the next byte would mean.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Endpoint } from '../core/endpoint.ts';
import {
  ConnectionError,
  type ErrorDetail,
  NetkitError,
  type Phase,
  TimeoutError,
  UsageError,
} from '../core/errors.ts';
import { type ConnectOptions, type Listener, TIMEOUTS, type Timeouts } from '../core/options.ts';
import type { Flow } from '../core/resource.ts';
import type { Report } from '../core/verbs.ts';
import { ReceiveBuffer } from '../wire/buffer.ts';
import { Command } from '../wire/command.ts';
import { DotBlock, type Framing, ToEnd } from '../wire/framing.ts';
import { type Address, localOf, peerOf } from './address.ts';
import { describeStream } from './describe.ts';
import { dial } from './dial.ts';
import { closedCleanly, secure } from './tls.ts';
import { announce, isHeard, tell } from './transcript.ts';

export interface ConnectionOptions {
  readonly side?: 'client' | 'server' | undefined;
  readonly protocol?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly transcript?: Listener | undefined;
  /** The longest line, in octets. Default 8192. */
  readonly maxLine?: number | undefined;
  /** Octets per second that a body must bring on average over the idle timeout. Default 0. */
  readonly minRate?: number | undefined;
}

/** What is being waited for. */
interface Wait {
  /** True when it has what it wanted, or has failed. */
  attempt(): boolean;
  fail(error: unknown): void;
  readonly phase: Phase;
}

const MAX_LINE = 8192;

export class Connection implements AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly #options: ConnectionOptions;
  readonly #timeouts: Timeouts;
  readonly #bytes: ReceiveBuffer;
  readonly #total: NodeJS.Timeout | undefined;
  #stream: Duplex;
  #wait: Wait | undefined;
  #failure: unknown;
  #ended = false;
  #closed = false;
  #received = 0;
  #rate = { since: 0, mark: 0 };
  #detach: () => void = () => {};
  #listener: Listener | undefined;
  #local: Address | undefined;
  #peer: Address | undefined;

  /** Connects to an endpoint; TLS too where its scheme begins with it. */
  static async open(endpoint: Endpoint, options: ConnectOptions & ConnectionOptions = {}): Promise<Connection> {
    const bytes = new ReceiveBuffer();
    let connection: Connection | undefined;
    const onread = {
      buffer: () => bytes.space(),
      callback: (count: number): boolean => (connection ? connection.#filled(count) : false),
    };
    const { host, port } = endpoint;
    const dialed = await dial(endpoint, options, endpoint.tls === 'implicit' ? undefined : onread);
    const stream = endpoint.tls === 'implicit' ? await secure(dialed.stream, host, options) : dialed.stream;
    connection = new Connection(stream, { ...options, host, port }, bytes);
    announce('opened', connection);
    if (endpoint.tls === 'implicit') announce('secured', connection);
    return connection;
  }

  /** Takes over a connected stream: a socket, a TLS socket, one half of a pair. */
  constructor(stream: Duplex, options: ConnectionOptions = {}, bytes: ReceiveBuffer = new ReceiveBuffer()) {
    this.host = options.host ?? '';
    this.port = options.port ?? 0;
    this.#options = options;
    this.#listener = options.transcript;
    this.#timeouts = { ...TIMEOUTS, ...definedOnly(options.timeouts) };
    this.#bytes = bytes;
    this.#stream = stream;
    this.#attach(stream);
    const { signal } = options;
    if (signal?.aborted) this.#fail(signal.reason);
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
    const { total } = this.#timeouts;
    if (Number.isFinite(total)) {
      this.#total = setTimeout(
        () => this.#fail(this.#timeout('command', `the whole took longer than ${total} ms`)),
        total,
      );
    }
  }

  /** The stream beneath. Whoever reads or writes it directly takes it away from this connection. */
  get stream(): Duplex {
    return this.#stream;
  }

  get secure(): boolean {
    return 'encrypted' in this.#stream;
  }

  get timeouts(): Timeouts {
    return this.#timeouts;
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
    this.#listener = listener;
  }

  /** Octets received so far. */
  get received(): number {
    return this.#received;
  }

  /** Octets that have come and have not been asked for. */
  get unasked(): number {
    return this.#bytes.length + this.#stream.readableLength;
  }

  /** Whether it can still be used. */
  get usable(): boolean {
    return this.#failure === undefined && !this.#closed;
  }

  /**
   * Runs `take` on the bytes that are there, and again whenever more have come, until it returns something; that is the
   * caller's to keep. With `ended` nothing more will come.
   * Throws TimeoutError, ConnectionError (`closed` before the first byte of it, `truncated` after), what `take` throws.
   */
  receive<T>(take: (bytes: ReceiveBuffer, ended: boolean) => T | undefined, phase: Phase = 'command'): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#wait) return reject(new UsageError('two readers of one connection'));
      if (this.#closed) return reject(this.#failure ?? this.#isClosed());
      let timer: NodeJS.Timeout | undefined;
      const leave = (): void => {
        clearTimeout(timer);
        this.#wait = undefined;
        this.#stream.pause();
      };
      const fail = (error: unknown): void => {
        leave();
        reject(error);
      };
      const attempt = (): boolean => {
        let value: T | undefined;
        try {
          value = take(this.#bytes, this.#ended);
          if (value === undefined && phase === 'body') this.#checkRate();
        } catch (error) {
          // Whatever could not be understood, nothing after it can be either.
          this.#fail(error);
          return true;
        }
        if (value === undefined) {
          if (this.#failure === undefined && !this.#ended) {
            // A body may take its time as long as it moves; a reply and a greeting have one limit as a whole.
            if (phase === 'body') timer?.refresh();
            return false;
          }
          fail(this.#failure ?? this.#cutShort(phase));
          return true;
        }
        leave();
        resolve(value);
        return true;
      };
      this.#wait = { attempt, fail, phase };
      if (attempt()) return;
      timer = this.#startTimer(phase);
      this.#stream.resume();
    });
  }

  /** One line, without its line end. Throws ProtocolError (`limit`) when it is longer than `maxLine`. */
  readLine(phase: Phase = 'command'): Promise<string> {
    const max = this.#options.maxLine ?? MAX_LINE;
    return this.receive((bytes) => {
      const line = bytes.takeLine(max)?.toString('utf8');
      if (line !== undefined) this.heard(line);
      return line;
    }, phase);
  }

  /** Every line until the peer ends. Throws ConnectionError (`truncated`) when the last one has no line end. */
  async *lines(): AsyncGenerator<string> {
    const max = this.#options.maxLine ?? MAX_LINE;
    for (;;) {
      const line = await this.receive((bytes, ended): string | null | undefined => {
        const text = bytes.takeLine(max)?.toString('utf8');
        return text ?? (ended && bytes.length === 0 ? null : undefined);
      });
      if (line === null) return;
      this.heard(line);
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
    let size = 0;
    let over = false;
    const finish = (): true => {
      over = true;
      this.#note(`${size} octets`);
      return true;
    };
    return {
      get complete(): boolean | 'unknown' {
        return framing.complete;
      },
      pull: async (): Promise<Buffer | undefined> => {
        if (over) return undefined;
        const chunk = await this.receive((bytes, ended): Buffer | undefined => {
          const parts: Buffer[] = [];
          if (framing.take(bytes, ended, (part) => parts.push(Buffer.from(part)))) over = true;
          else if (parts.length === 0) return undefined;
          return parts.length === 1 ? parts[0] : Buffer.concat(parts);
        }, 'body');
        size += chunk.length;
        if (over) finish();
        return chunk.length > 0 ? chunk : undefined;
      },
      each: async (sink: (chunk: Buffer) => void): Promise<void> => {
        if (over) return;
        const counted = (chunk: Buffer): void => {
          size += chunk.length;
          sink(chunk);
        };
        await this.receive((bytes, ended) => (framing.take(bytes, ended, counted) ? finish() : undefined), 'body');
      },
    };
  }

  readDotBlock(): Flow {
    return this.body(new DotBlock());
  }

  readToEnd(): Flow {
    return this.body(new ToEnd());
  }

  /** Resolves when the socket has taken it. There are no strings here: see `command`. */
  async write(data: Command | Uint8Array): Promise<void> {
    if (!this.usable || this.#stream.destroyed) throw this.#failure ?? this.#isClosed();
    if (data instanceof Command) this.#said(data.toString());
    if (this.#stream.write(data instanceof Command ? data.wire() : data)) return;
    await this.#drained();
  }

  /** Text in UTF-8, line ends included, exactly as it is. Arguments from elsewhere belong into a `command`. */
  async writeText(text: string): Promise<void> {
    for (const line of text.split(/\r?\n/).filter((line, i, all) => line !== '' || i < all.length - 1))
      this.#said(line);
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
    if (this.unasked > 0) {
      const error = new ConnectionError(
        'the peer spoke in the clear after TLS was agreed: somebody may have planted it',
        {
          ...this.#detail('tls'),
          reason: 'tls-injection',
        },
      );
      this.#fail(error);
      throw error;
    }
    const plain = this.#stream;
    this.#detach();
    // From here until the handshake is over an abort or the total deadline reaches the plain stream.
    try {
      const secured = await handshake(plain);
      this.#stream = secured;
      this.#attach(secured);
      announce('secured', this);
    } catch (error) {
      plain.on('error', () => {});
      this.#fail(error);
      throw error;
    }
  }

  /** TLS as a client, verified against the host of this connection. */
  async upgradeToTls(options: ConnectOptions = {}): Promise<void> {
    await this.upgrade((stream) => secure(stream, this.host, options));
  }

  /** Ends the connection: what was written goes out, then it is over. Never throws. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#wait?.fail(this.#isClosed());
    const stream = this.#stream;
    if (!stream.destroyed && stream.writableLength > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#timeouts.close);
        stream.end(() => {
          clearTimeout(timer);
          resolve();
        });
        stream.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.#release();
    stream.destroy();
    announce('closed', this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Fails this connection: every wait rejects with `error`, and the socket is destroyed. */
  destroy(error: unknown): void {
    this.#fail(error);
  }

  /** Bytes have been put into the memory of the buffer by the socket itself. False: no more for now. */
  #filled(count: number): boolean {
    this.#bytes.filled(count);
    this.#received += count;
    if (!this.#wait) return false;
    return !this.#wait.attempt();
  }

  #attach(stream: Duplex): void {
    const onData = (chunk: Buffer): void => {
      this.#received += chunk.length;
      this.#bytes.push(chunk);
      this.#wait?.attempt();
    };
    const onEnd = (): void => {
      if (wasReset(stream)) this.#fail(this.#lost());
      else if (closedCleanly(stream)) this.#ended = true;
      else this.#failure ??= this.#cutShort('body', 'the connection ended without the end of TLS (close_notify)');
      this.#wait?.attempt();
    };
    const onError = (error: Error): void => this.#fail(this.#lost(error));
    const onClose = (): void => {
      if (!this.#ended) this.#failure ??= this.#closed ? this.#isClosed() : this.#lost();
      this.#wait?.attempt();
      this.#release();
    };
    stream.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    stream.pause();
    this.#detach = (): void => {
      stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
    };
  }

  readonly #onAbort = (): void => this.#fail(this.#options.signal?.reason);

  #fail(error: unknown): void {
    if (this.#failure === undefined) {
      this.#failure = error ?? this.#isClosed();
      announce('failed', this, this.#failure);
    }
    this.#release();
    this.#stream.destroy();
    this.#wait?.fail(this.#failure);
  }

  #release(): void {
    clearTimeout(this.#total);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  #startTimer(phase: Phase): NodeJS.Timeout | undefined {
    const limit = phase === 'greeting' || phase === 'close' ? this.#timeouts[phase] : this.#timeouts.idle;
    if (!Number.isFinite(limit)) return undefined;
    return setTimeout(() => this.#fail(this.#timeout(phase, `nothing came for ${limit} ms`)), limit);
  }

  /** A body that only trickles keeps an idle timer alive for ever: `minRate` is for those. */
  #checkRate(): void {
    const { minRate = 0 } = this.#options;
    const now = performance.now();
    if (minRate <= 0 || now - this.#rate.since < this.#timeouts.idle) return;
    const arrived = this.#received - this.#rate.mark;
    if (this.#rate.since > 0 && (arrived * 1000) / (now - this.#rate.since) < minRate) {
      throw this.#timeout('body', `less than ${minRate} octets per second came`);
    }
    this.#rate = { since: now, mark: this.#received };
  }

  #drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = this.#stream;
      const { idle } = this.#timeouts;
      const timer = Number.isFinite(idle)
        ? setTimeout(() => this.#fail(this.#timeout('write', `the peer took nothing for ${idle} ms`)), idle)
        : undefined;
      const leave = (): void => {
        clearTimeout(timer);
        stream.off('drain', onDrain).off('close', onClose);
      };
      const onDrain = (): void => {
        leave();
        resolve();
      };
      const onClose = (): void => {
        leave();
        reject(this.#failure ?? this.#isClosed());
      };
      stream.on('drain', onDrain).on('close', onClose);
    });
  }

  #detail(phase: Phase): ErrorDetail {
    const { host, port } = this;
    return { protocol: this.#options.protocol, phase, bytesReceived: this.#received, ...(host && { host, port }) };
  }

  #timeout(phase: Phase, what: string): TimeoutError {
    return new TimeoutError(`${what}${this.host && ` from ${this.host}`}`, this.#detail(phase));
  }

  #cutShort(phase: Phase, message?: string): ConnectionError {
    const truncated = message !== undefined || this.#bytes.length > 0 || phase === 'body';
    return new ConnectionError(
      message ?? `the peer closed the connection ${truncated ? 'in the middle' : 'instead of answering'}`,
      {
        ...this.#detail(phase),
        reason: truncated ? 'truncated' : 'closed',
      },
    );
  }

  #lost(cause?: Error): unknown {
    if (cause instanceof NetkitError) return cause;
    const phase = this.#wait?.phase ?? 'command';
    return new ConnectionError(cause ? `the connection was lost: ${cause.message}` : 'the connection was lost', {
      ...this.#detail(phase),
      reason: 'reset',
      cause,
    });
  }

  #isClosed(): ConnectionError {
    return new ConnectionError('this connection has been closed', { ...this.#detail('close'), temporary: false });
  }

  #said(text: string): void {
    this.#tell(this.#options.side === 'server' ? 'S' : 'C', text);
  }

  /** Tells the transcript what the other end said, where it was read by `receive`. */
  heard(text: string): void {
    this.#tell(this.#options.side === 'server' ? 'C' : 'S', text);
  }

  #note(text: string): void {
    this.#tell('*', text);
  }

  #tell(from: 'C' | 'S' | '*', text: string): void {
    if (isHeard(this.#listener)) tell(this.#listener, from, text, this);
  }
}

function definedOnly(timeouts: Partial<Timeouts> = {}): Partial<Timeouts> {
  return Object.fromEntries(Object.entries(timeouts).filter(([, value]) => value !== undefined));
}

/**
 * A reset that comes together with the last octets is told by Node as an orderly end. What betrays it is that the
 * socket has no other end any more (as long as nobody has asked for it before, for then Node remembers it). Where our
 * end has been said before, a good end leaves no other end either, and the two cannot be told apart.
 */
function wasReset(stream: Duplex): boolean {
  if (stream.writableEnded) return false;
  return stream instanceof Socket && stream.localAddress !== undefined && stream.remoteAddress === undefined;
}
