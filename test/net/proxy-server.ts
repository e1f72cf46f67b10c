/** A proxy for tests: reads the hello of one kind of client, connects, and pipes. */
import { connect, type Socket } from 'node:net';
import { Loopback } from './loopback.ts';

/** What a proxy was told. */
export interface Asked {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

export interface ProxyOptions {
  /** Demanded of the client, as `user:password`. */
  readonly login?: string;
  /** Where to connect, whatever was asked for. */
  readonly port: number;
}

type Hello = (reader: Reader, socket: Socket, login: string | undefined) => Promise<{ asked: Asked; yes: Uint8Array }>;

/** Starts a proxy; `asked` collects what its clients want. */
export async function startProxy(
  kind: 'socks4' | 'socks5' | 'http',
  options: ProxyOptions,
): Promise<{ server: Loopback; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = await Loopback.start((socket) => {
    const serve = async (): Promise<void> => {
      const hello = await HELLOS[kind](new Reader(socket), socket, options.login);
      asked.push(hello.asked);
      const upstream = connect(options.port, '127.0.0.1');
      upstream.on('error', () => socket.destroy());
      upstream.once('data', (greeting) => {
        socket.write(Buffer.concat([hello.yes, greeting])); // in one segment with what the server says first
        upstream.pipe(socket);
      });
      socket.pipe(upstream);
    };
    serve().catch(() => socket.end());
  });
  return { server, asked };
}

class Reader {
  readonly #chunks: AsyncIterator<Buffer>;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#chunks = socket.iterator({ destroyOnReturn: false });
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) await this.#more();
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async through(mark: string): Promise<string> {
    while (!this.#bytes.includes(mark)) await this.#more();
    return (await this.bytes(this.#bytes.indexOf(mark) + mark.length)).toString('latin1').slice(0, -mark.length);
  }

  async #more(): Promise<void> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new Error('the client has left');
    this.#bytes = Buffer.concat([this.#bytes, value]);
  }
}

const socks5: Hello = async (reader, socket, login) => {
  const [, count = 0] = await reader.bytes(2);
  const methods = await reader.bytes(count);
  const method = login === undefined ? 0 : 2;
  if (!methods.includes(method)) socket.write(Buffer.of(5, 255));
  socket.write(Buffer.of(5, method));
  let user: string | undefined;
  let password: string | undefined;
  if (method === 2) {
    user = await counted(reader, 1);
    password = await counted(reader, 0);
    socket.write(Buffer.of(1, login === `${user}:${password}` ? 0 : 1));
  }
  const [, , , kind] = await reader.bytes(4);
  const host =
    kind === 3
      ? await counted(reader, 0)
      : kind === 1
        ? (await reader.bytes(4)).join('.')
        : (await reader.bytes(16)).toString('hex');
  const port = (await reader.bytes(2)).readUInt16BE();
  const asked = { host, port, ...(user !== undefined && { user }), ...(password !== undefined && { password }) };
  return { asked, yes: Buffer.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0) };
};

/** Text after an octet that counts it, `skip` octets in. */
async function counted(reader: Reader, skip: number): Promise<string> {
  const count = (await reader.bytes(skip + 1)).at(-1) ?? 0;
  return (await reader.bytes(count)).toString('utf8');
}

const socks4: Hello = async (reader) => {
  const head = await reader.bytes(8);
  const user = await reader.through('\0');
  const named = head.subarray(4, 7).every((octet) => octet === 0) && head[7] !== 0;
  const host = named ? await reader.through('\0') : head.subarray(4).join('.');
  const asked = { host, port: head.readUInt16BE(2), ...(user && { user }) };
  return { asked, yes: Buffer.of(0, 90, 0, 0, 0, 0, 0, 0) };
};

const http: Hello = async (reader, socket, login) => {
  const header = await reader.through('\r\n\r\n');
  const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) HTTP\/1\.1\r\nHost: \1:\2/.exec(header) ?? [];
  const basic = /\r\nProxy-Authorization: Basic (\S+)/.exec(header)?.[1];
  const [user, password] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  if (login !== undefined && login !== `${user}:${password}`) {
    socket.write('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\r\n');
    throw new Error('no');
  }
  const asked = {
    host,
    port: Number(port),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
  };
  return { asked, yes: Buffer.from('HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n') };
};

const HELLOS = { socks4, socks5, http } as const;
