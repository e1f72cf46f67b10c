/**
 * Bad weather between a client and a server: a proxy on the loopback interface that hands on what the client says, and
 * does to what the server says what a network might. It knows no protocol; it counts octets.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { reset } from '../net/reset.ts';

export interface Weather {
  /** After so many octets of the server, over all connections, nothing more comes: an end, a reset, or silence. */
  readonly cut?: { readonly after: number; readonly how: Cut } | undefined;
  /** After so many octets there is a pause, so that what follows arrives by itself. */
  readonly split?: number | undefined;
  /** Octets at a time, and the milliseconds between. */
  readonly drip?: { readonly bytes: number; readonly every: number } | undefined;
  /** Milliseconds that everything the server says comes late. */
  readonly latency?: number | undefined;
}

export type Cut = 'fin' | 'rst' | 'stall';

/**
 * The pause of a split, and before a reset, in milliseconds: long enough for the other end to read, short enough for
 * thousands. A reset that arrives together with octets passes for a good end in libuv.
 */
const PAUSE = 3;

export class Tamper implements AsyncDisposable {
  readonly #server: Server;
  readonly #target: number;
  readonly #weather: Weather;
  readonly #sockets = new Set<Socket>();
  #count = 0;

  /** Stands before a port of the loopback interface. */
  static async before(port: number, weather: Weather = {}): Promise<Tamper> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    return new Tamper(server, port, weather);
  }

  private constructor(server: Server, target: number, weather: Weather) {
    this.#server = server;
    this.#target = target;
    this.#weather = weather;
    server.on('connection', (client: Socket) => this.#join(client));
  }

  /** Where the client is to connect to. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Octets that the client has been given so far. */
  get count(): number {
    return this.#count;
  }

  /** Ends all connections, at once. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #join(client: Socket): void {
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {}).once('close', () => this.#sockets.delete(socket));
    }
    client.pipe(server);
    // Whoever is lost is lost to the other too.
    client.once('close', () => server.destroy());
    server.once('close', (failed) => {
      if (failed) reset(client);
    });
    void this.#handOn(server, client);
  }

  async #handOn(server: Socket, client: Socket): Promise<void> {
    if (this.#left() === 0) return this.#cut(server, client);
    try {
      for await (const chunk of server.iterator({ destroyOnReturn: false })) {
        await pause(this.#weather.latency ?? 0);
        for (const piece of this.#pieces(chunk)) {
          await this.#give(client, piece);
          if (this.#left() === 0) return this.#cut(server, client);
        }
      }
    } catch {
      // The server's connection was lost: `join` tells the client.
      return;
    }
    client.end();
  }

  /** How much more may come. */
  #left(): number {
    const { cut } = this.#weather;
    return cut ? Math.max(0, cut.after - this.#count) : Number.POSITIVE_INFINITY;
  }

  *#pieces(chunk: Buffer): Generator<Buffer> {
    const { drip, split = 0 } = this.#weather;
    for (let at = 0; at < chunk.length; ) {
      const toSplit = split > this.#count ? split - this.#count : Number.POSITIVE_INFINITY;
      const size = Math.min(chunk.length - at, drip?.bytes ?? chunk.length, toSplit, this.#left());
      yield chunk.subarray(at, at + size);
      at += size;
    }
  }

  async #give(client: Socket, piece: Buffer): Promise<void> {
    const { drip, split } = this.#weather;
    this.#count += piece.length;
    await new Promise<void>((resolve) => {
      client.write(piece, () => resolve());
    });
    if (this.#count === split) await pause(PAUSE);
    if (drip) await pause(drip.every);
  }

  async #cut(server: Socket, client: Socket): Promise<void> {
    const how = this.#weather.cut?.how;
    if (how === 'rst') {
      await pause(PAUSE);
      reset(client);
    }
    if (how === 'fin') client.end();
    // The server may go on talking; nobody hears it.
    server.resume();
  }
}

/** Zero is a turn of the event loop. */
async function pause(ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    if (ms === 0) setImmediate(resolve);
    else setTimeout(resolve, ms);
  });
}
