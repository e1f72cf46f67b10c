/** Datagrams (RFC 768): each is a message by itself, and may be lost, doubled, or late. */
import { createSocket, type RemoteInfo, type Socket, type SocketType } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ConnectionError, TimeoutError, UsageError } from '../core/errors.ts';
import { type CallOptions, durationOf, TIMEOUTS } from '../core/options.ts';
import { type Address, formatAddress } from './address.ts';

export interface UdpOptions extends CallOptions {
  /** The local address. Default 127.0.0.1: nobody else is heard. `0.0.0.0` and `::` are all. */
  readonly host?: string | undefined;
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** Allows sending to broadcast addresses. */
  readonly broadcast?: boolean | undefined;
  /** Lets others listen at the same address. */
  readonly reuseAddress?: boolean | undefined;
  /** Multicast groups to hear. */
  readonly groups?: readonly string[] | undefined;
  /** How many routers a multicast may pass. Default 1. */
  readonly multicastTtl?: number | undefined;
  /** How many datagrams are kept for `receive`; when it is full the new ones are dropped. Default 1024. */
  readonly maxQueue?: number | undefined;
}

export interface Datagram {
  readonly data: Buffer;
  readonly from: Address;
}

export interface ReceiveOptions extends CallOptions {
  /** In milliseconds; `Infinity` is no limit. Default 60,000. */
  readonly timeout?: number | undefined;
}

interface Waiter {
  resolve(datagram: Datagram): void;
  fail(error: unknown): void;
}

/** Opens a UDP socket. Throws ConnectionError (`connect`) when the address cannot be had, UsageError for what is no port; the reason of the signal. */
export async function udp(options: UdpOptions = {}): Promise<UdpSocket> {
  return UdpSocket.open(options);
}

export class UdpSocket implements AsyncDisposable, AsyncIterable<Datagram> {
  /** Where it is bound. */
  readonly local: Address;
  readonly #socket: Socket;
  readonly #signal: AbortSignal | undefined;
  readonly #max: number;
  readonly #queue: Datagram[] = [];
  readonly #waiters = new Set<Waiter>();
  /** How to fail those who send: Node forgets them when the socket is closed. */
  readonly #sending = new Set<(error: unknown) => void>();
  #dropped = 0;
  #over: { readonly error: unknown } | undefined;

  static async open(options: UdpOptions = {}): Promise<UdpSocket> {
    options.signal?.throwIfAborted();
    const { host = '127.0.0.1', port = 0 } = options;
    if (!(Number.isInteger(port) && port >= 0 && port < 65_536))
      throw new UsageError('a port to listen at is a number from 0 to 65535');
    const type: SocketType = isIPv6(host) ? 'udp6' : 'udp4';
    const socket = createSocket({ type, reuseAddr: options.reuseAddress ?? false });
    try {
      await bind(socket, host, port);
      if (options.broadcast) socket.setBroadcast(true);
      if (options.multicastTtl !== undefined) socket.setMulticastTTL(options.multicastTtl);
      for (const group of options.groups ?? []) socket.addMembership(group);
    } catch (cause) {
      socket.close();
      throw new ConnectionError(`cannot open UDP port ${port} of ${host}: ${messageOf(cause)}`, {
        ...{ phase: 'connect', reason: 'connect', temporary: false, host, port, cause },
      });
    }
    return new UdpSocket(socket, options);
  }

  private constructor(socket: Socket, { signal, maxQueue = 1_024 }: UdpOptions) {
    this.#socket = socket;
    this.#signal = signal;
    this.#max = maxQueue;
    const { address, port } = socket.address();
    this.local = { address, port };
    socket.on('message', (data: Buffer, from: RemoteInfo) => this.#arrived({ data, from: pick(from) }));
    socket.on('error', (cause) => this.#end(lost(cause)));
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
  }

  /** Datagrams that came when the queue was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Sends one datagram; text is UTF-8. It is on its way when the promise resolves: nothing says whether it arrives.
   * Throws ConnectionError when the system refuses it, such as one that is too large, and when the
   * socket is closed before.
   */
  async send(data: string | Uint8Array, to: { readonly host: string; readonly port: number } | Address): Promise<void> {
    if (this.#over) throw this.#over.error;
    const host = 'host' in to ? to.host : to.address;
    const octets = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
    if (!(Number.isInteger(to.port) && to.port > 0 && to.port < 65_536)) {
      throw new UsageError('a port is a number from 1 to 65535');
    }
    await new Promise<void>((resolve, reject) => {
      this.#sending.add(reject);
      this.#socket.send(octets, to.port, host, (cause) => {
        this.#sending.delete(reject);
        if (cause) reject(lost(cause));
        else resolve();
      });
    });
  }

  /** The next datagram, in the order they came. Throws TimeoutError, ConnectionError once it is closed. */
  async receive({ timeout = TIMEOUTS.idle, signal }: ReceiveOptions = {}): Promise<Datagram> {
    signal?.throwIfAborted();
    const limit = durationOf(timeout);
    const next = this.#queue.shift();
    if (next) return next;
    if (this.#over) throw this.#over.error;
    return new Promise<Datagram>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: (datagram) => {
          leave();
          resolve(datagram);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = (): void => waiter.fail(signal?.reason);
      const timer = Number.isFinite(limit) ? setTimeout(() => waiter.fail(this.#late(limit)), limit) : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Every datagram, until the socket is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Datagram> {
    for (;;) {
      try {
        yield await this.receive({ timeout: Number.POSITIVE_INFINITY });
      } catch (error) {
        if (this.#over?.error === error && error instanceof ConnectionError && error.reason === 'closed') return;
        throw error;
      }
    }
  }

  /** Ends it, and whoever waits for a datagram. Never throws. */
  async close(): Promise<void> {
    this.#end(new ConnectionError('this UDP socket has been closed', { phase: 'close', temporary: false }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  readonly #onAbort = (): void => this.#end(this.#signal?.reason);

  #arrived(datagram: Datagram): void {
    const [waiter] = this.#waiters;
    if (waiter) waiter.resolve(datagram);
    else if (this.#queue.length < this.#max) this.#queue.push(datagram);
    else this.#dropped++;
  }

  #end(error: unknown): void {
    if (this.#over) return;
    this.#over = { error };
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#socket.close();
    for (const waiter of this.#waiters) waiter.fail(error);
    for (const fail of this.#sending) fail(error);
    this.#sending.clear();
  }

  #late(timeout: number): TimeoutError {
    return new TimeoutError(`no datagram came to ${formatAddress(this.local)} within ${timeout} ms`, { phase: 'body' });
  }
}

async function bind(socket: Socket, address: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function pick({ address, port }: RemoteInfo): Address {
  return { address, port };
}

function lost(cause: Error): ConnectionError {
  return new ConnectionError(`UDP failed: ${cause.message}`, { phase: 'write', reason: 'reset', cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
