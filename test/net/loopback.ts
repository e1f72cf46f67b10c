import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A server on 127.0.0.1, on a free port or at a path, that ends with all its connections. */
export class Loopback implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly accepted: Promise<Socket>;

  private constructor(serve: (socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      serve(socket);
    });
    this.accepted = once(this.#server, 'connection').then(([socket]) => socket);
  }

  static async start(serve: (socket: Socket) => void = () => {}, path?: string): Promise<Loopback> {
    const loopback = new Loopback(serve);
    if (path === undefined) loopback.#server.listen(0, '127.0.0.1');
    else loopback.#server.listen(path);
    await once(loopback.#server, 'listening');
    return loopback;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** A port on which nothing listens. */
export async function deadPort(): Promise<number> {
  await using server = await Loopback.start();
  return server.port;
}
