/** A server for one test: it says raw octets, and remembers what it was asked. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { HttpClient, type HttpConnectOptions } from '../../lib/http/client.ts';

export interface Asked {
  readonly method: string;
  readonly target: string;
  /** By name in lower case; several of a name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** `reset`, `cut` (what is said is all, and then the end), or what is said. */
export type Said = string | Buffer | { readonly cut: string | Buffer } | { readonly reset: string | Buffer };
export type Answer = (asked: Asked, count: number) => Said | Promise<Said>;

export class Peer implements AsyncDisposable {
  readonly asked: Asked[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients: HttpClient[] = [];

  static async open(answer: Answer): Promise<Peer> {
    const peer = new Peer(answer);
    peer.#server.listen(0, '127.0.0.1');
    await once(peer.#server, 'listening');
    return peer;
  }

  private constructor(answer: Answer) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => {});
      this.#serve(socket, answer).catch((error) => socket.destroy(error));
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async client(options: HttpConnectOptions = {}): Promise<HttpClient> {
    const endpoint = { scheme: 'http', host: '127.0.0.1', port: this.port, tls: 'none' } as const;
    const client = await HttpClient.connect(endpoint, options);
    this.#clients.push(client);
    return client;
  }

  /** Says something to all who are connected, without having been asked. */
  say(octets: string): void {
    for (const socket of this.#sockets) if (socket.writable) socket.write(octets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(socket: Socket, answer: Answer): Promise<void> {
    let text = '';
    for await (const chunk of socket) {
      text += Buffer.from(chunk).toString('latin1');
      for (let parsed = parse(text); parsed; parsed = parse(text)) {
        text = parsed.rest;
        this.asked.push(parsed.asked);
        const said = await answer(parsed.asked, this.asked.length);
        if (typeof said === 'string' || Buffer.isBuffer(said)) socket.write(said);
        else if ('cut' in said) socket.end(said.cut);
        else if (said.reset.length === 0) return void socket.resetAndDestroy();
        else socket.write(said.reset, () => socket.resetAndDestroy());
      }
    }
  }
}

/** An answer with its length. */
export function reply(status: string, headers: Readonly<Record<string, string>>, body: string | Buffer = ''): Buffer {
  const octets = Buffer.from(body);
  const lines = Object.entries({ ...headers, 'Content-Length': octets.length }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1'), octets]);
}

function parse(text: string): { readonly asked: Asked; readonly rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  const [method = '', target = ''] = start.split(' ');
  const from = end + 4;
  if (headers.get('transfer-encoding') === 'chunked') {
    const stop = text.indexOf('0\r\n\r\n', from);
    if (stop < 0) return undefined;
    const body = text.slice(from, stop).replace(/[0-9a-f]+\r\n([^\r]*)\r\n/gi, '$1');
    return { asked: { method, target, headers, body }, rest: text.slice(stop + 5) };
  }
  const stop = from + Number(headers.get('content-length') ?? 0);
  if (text.length < stop) return undefined;
  return { asked: { method, target, headers, body: text.slice(from, stop) }, rest: text.slice(stop) };
}
