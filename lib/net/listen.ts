/** Servers: a handler for each connection. */
import { createServer, type Server, type Socket } from 'node:net';
import { ConnectionError, ProtocolError, TimeoutError, UsageError } from '../core/errors.ts';
import type { CallOptions, Listener, Timeouts } from '../core/options.ts';
import { hostInUrl } from '../core/url.ts';
import { acceptTls, checkTls, type ServerTls } from './accept.ts';
import { type Address, formatAddress } from './address.ts';
import { bind } from './bind.ts';
import { Connection } from './connection.ts';
import { timeoutsOf } from './connection-options.ts';
import { farewell } from './farewell.ts';
import { announce } from './transcript.ts';

export interface ListenOptions extends CallOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Default 0: a free one. */
  readonly port?: number | undefined;
  /** A path to listen at instead of host and port. It is removed at the end. */
  readonly unixSocket?: string | undefined;
  /** TLS from the first byte. For TLS after a command see `acceptTls`. */
  readonly tls?: ServerTls | undefined;
  /** How many handlers may run at once; further connections wait. 1: one after another. Default: no limit. */
  readonly concurrency?: number | undefined;
  /** How many connections may be open, the waiting ones included; further ones are closed at once. Default: no limit. */
  readonly maxConnections?: number | undefined;
  /** How many connections the system keeps for us. Default 511. */
  readonly backlog?: number | undefined;
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** The longest line, in octets. Default 8192. */
  readonly maxLine?: number | undefined;
  readonly protocol?: string | undefined;
  /** Receives the dialogues of all connections. */
  readonly transcript?: Listener | undefined;
  /**
   * Told whatever a handler or a handshake fails with. By default the peer's failures (ConnectionError, ProtocolError) end
   * their connection and no more, and the first of any other kind is kept and thrown by `close`.
   */
  readonly onError?: ((error: unknown, connection?: Connection) => void) | undefined;
  /** What a connection is called when `close` cannot end it. Default: its peer, and how much it has said. */
  readonly describe?: ((connection: Connection) => string) | undefined;
}

/** Speaks with one peer. When it has ended, so does the connection, in good order. */
export type Handler = (connection: Connection) => Promise<void> | void;

/** How long `close` waits for handlers, in milliseconds. */
const PATIENCE = 2_000;

/** How long what has been written may take to go out when `close` has been called, in milliseconds. */
const LAST_WORDS = 1_000;

/**
 * Listens, and runs `handler` for each connection. Throws ConnectionError (`connect`) when the address is taken or not
 * ours, UsageError for a certificate that cannot be used and for timeouts that are none, the reason of the signal.
 */
export async function listen(options: ListenOptions, handler: Handler): Promise<Listening> {
  return Listening.start(options, handler);
}

/** A server that listens, until it is closed or its signal aborts. */
export class Listening implements AsyncDisposable {
  /** Where it listens; the port is the real one. */
  readonly address: Address;
  /** `tcp://127.0.0.1:9999`, `tls://…`, `unix:/path`. */
  readonly url: string;
  readonly #server: Server;
  readonly #options: ListenOptions;
  readonly #handler: Handler;
  /** Accepted, and not yet a connection: waiting, or shaking hands. */
  readonly #fresh = new Set<Socket>();
  readonly #waiting: Socket[] = [];
  readonly #connections = new Set<Connection>();
  /** Those whose handler runs. */
  readonly #handled = new Set<Connection>();
  readonly #work = new Set<Promise<void>>();
  #running = 0;
  #crash: { readonly error: unknown } | undefined;
  #closing: Promise<void> | undefined;

  static async start(options: ListenOptions, handler: Handler): Promise<Listening> {
    options.signal?.throwIfAborted();
    if (options.tls) checkTls(options.tls);
    timeoutsOf({ timeouts: options.timeouts });
    if (options.concurrency !== undefined && !(options.concurrency >= 1))
      throw new UsageError('concurrency is a number from 1 on');
    // Waiting connections are not read from: what they say stays where it is.
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true });
    if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections;
    await bind(server, options);
    return new Listening(server, options, handler);
  }

  private constructor(server: Server, options: ListenOptions, handler: Handler) {
    this.#server = server;
    this.#options = options;
    this.#handler = handler;
    const bound = server.address();
    this.address = typeof bound === 'object' && bound ? bound : { address: options.unixSocket ?? '', port: 0 };
    this.url = urlOf(this.address, options);
    server.on('connection', (socket: Socket) => this.#accept(socket));
    server.on('error', (error) => this.#failed(error));
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted) this.#onAbort();
  }

  get host(): string {
    return this.address.address;
  }

  get port(): number {
    return this.address.port;
  }

  /** Those that are open. */
  get connections(): ReadonlySet<Connection> {
    return this.#connections;
  }

  /**
   * Stops listening and ends every connection; what has been written still goes out, within a second. Throws the first crash of a handler,
   * once, as it is (unless `onError` was told), and TimeoutError when handlers do not end within 2 seconds: it names them.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#end();
    await this.#closing;
    const crash = this.#crash;
    this.#crash = undefined;
    if (crash) throw crash.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  readonly #onAbort = (): void => {
    // What it finds is kept for whoever calls `close`.
    this.#closing ??= this.#end();
  };

  #accept(socket: Socket): void {
    // Until it is somebody's; a peer that resets while it waits is no news.
    socket.on('error', () => {});
    if (this.#closing) {
      socket.destroy();
      return;
    }
    this.#fresh.add(socket);
    socket.once('close', () => this.#fresh.delete(socket));
    this.#waiting.push(socket);
    this.#next();
  }

  #next(): void {
    const { concurrency = Number.POSITIVE_INFINITY } = this.#options;
    while (this.#running < concurrency) {
      const socket = this.#waiting.shift();
      if (!socket) return;
      if (socket.destroyed) continue;
      this.#running++;
      const work = this.#serve(socket);
      this.#work.add(work);
      void work.then(() => this.#work.delete(work));
    }
  }

  /** Never rejects. */
  async #serve(socket: Socket): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await this.#begin(socket);
      this.#handled.add(connection);
      await this.#handler(connection);
    } catch (error) {
      this.#failed(error, connection);
    }
    this.#running--;
    if (!this.#closing) this.#next();
    if (!connection) return;
    this.#handled.delete(connection);
    await farewell(connection);
    this.#connections.delete(connection);
  }

  async #begin(socket: Socket): Promise<Connection> {
    const { tls, timeouts, maxLine, protocol, transcript } = this.#options;
    const stream = tls ? await acceptTls(socket, tls, { timeouts }) : socket;
    this.#fresh.delete(socket);
    const { remoteAddress: host, remotePort: port } = socket;
    const connection = new Connection(stream, {
      side: 'server',
      ...{ host, port, timeouts, maxLine, protocol, transcript },
    });
    this.#connections.add(connection);
    announce('opened', connection);
    if (tls) announce('secured', connection);
    if (this.#closing) await this.#leave(connection);
    return connection;
  }

  #failed(error: unknown, connection?: Connection): void {
    const { onError } = this.#options;
    try {
      if (onError) onError(error, connection);
      else if (!(error instanceof ConnectionError || error instanceof ProtocolError)) this.#crash ??= { error };
    } catch (fault) {
      this.#crash ??= { error: fault };
    }
  }

  async #end(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#fresh) socket.destroy();
    const all = async (): Promise<void> => {
      await Promise.all([...this.#connections].map((connection) => this.#leave(connection)));
      await Promise.all(this.#work);
      await closed;
    };
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), PATIENCE);
    });
    if ((await Promise.race([all(), late])) === 'late') {
      if (this.#handled.size > 0) this.#crash ??= { error: this.#stuck() };
      for (const socket of this.#fresh) socket.destroy();
      for (const { stream } of this.#connections) stream.destroy();
    }
    clearTimeout(timer);
  }

  /** Ends a connection; a peer that does not read has no more than a moment. */
  async #leave(connection: Connection): Promise<void> {
    const timer = setTimeout(() => connection.stream.destroy(), LAST_WORDS);
    await connection.close();
    clearTimeout(timer);
  }

  #stuck(): TimeoutError {
    const { describe = describePeer } = this.#options;
    const names = [...this.#handled].map(describe).join('; ');
    return new TimeoutError(`after ${PATIENCE} ms there are handlers that do not end: ${names}`, { phase: 'close' });
  }
}

function describePeer(connection: Connection): string {
  return `${formatAddress(connection.peer)} (${connection.received} octets received)`;
}

function urlOf(address: Address, { tls, unixSocket }: ListenOptions): string {
  if (unixSocket !== undefined) return `unix:${unixSocket}`;
  return `${tls ? 'tls' : 'tcp'}://${hostInUrl(address.address)}:${address.port}`;
}
