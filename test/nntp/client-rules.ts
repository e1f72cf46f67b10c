import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { NntpConnectOptions } from '../../lib/nntp/client.ts';
import { nntp } from '../../lib/nntp/index.ts';

/** What a server says to commands that begin so: exactly these octets, or what a function does. */
export type Rules = Readonly<Record<string, string | Uint8Array | ((socket: Socket, line: string) => void)>>;

export const CAPABILITIES =
  '101 list\r\nVERSION 2\r\nREADER\r\nOVER MSGID\r\nHDR\r\nPOST\r\nLIST ACTIVE NEWSGROUPS OVERVIEW.FMT\r\n.\r\n';

const HEAD = 'From: a@example.org\r\nNewsgroups: misc.test\r\nSubject: one\r\nMessage-ID: <1@x>\r\n';
const USUAL: Rules = {
  CAPABILITIES,
  'MODE READER': '200 ok\r\n',
  GROUP: '211 2 1 2 misc.test\r\n',
  'LIST OVERVIEW':
    '215 fmt\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n:bytes\r\n:lines\r\nXref:full\r\n.\r\n',
  LIST: '215 list\r\nmisc.test 2 1 y\r\nalt.test 0 1 m\r\n.\r\n',
  OVER:
    '224 ov\r\n1\tone\ta@example.org\tMon, 1 Jan 2024 00:00:00 GMT\t<1@x>\t\t120\t3\r\n' +
    '2\ttwo\tb@example.org\tMon, 1 Jan 2024 00:00:00 GMT\t<2@x>\t<1@x>\t130\t4\r\n.\r\n',
  HDR: '225 h\r\n1 one\r\n2 two\r\n.\r\n',
  HEAD: `221 1 <1@x>\r\n${HEAD}.\r\n`,
  BODY: '222 1 <1@x>\r\nline 1\r\n..stuffed\r\n.\r\n',
  ARTICLE: `220 1 <1@x>\r\n${HEAD}\r\nline 1\r\n..stuffed\r\nend\r\n.\r\n`,
  STAT: '223 1 <1@x>\r\n',
  DATE: '111 20240101000000\r\n',
  QUIT: (socket) => void socket.end('205 bye\r\n'),
};

export interface Ruled {
  readonly url: string;
  readonly port: number;
  /** The lines that clients said, without their ends. */
  readonly asked: string[];
  readonly connections: () => number;
  close(): Promise<void>;
}

/** A server that knows only rules; they go before the usual ones. The longest that fits counts. */
export async function ruled(
  rules: Rules,
  greeting: string | ((socket: Socket) => void) = '200 ready\r\n',
): Promise<Ruled> {
  const all = Object.entries({ ...USUAL, ...rules }).sort(([a], [b]) => b.length - a.length);
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    count++;
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n')) {
        const line = text.slice(0, at);
        text = text.slice(at + 2);
        asked.push(line);
        const [, answer] = all.find(([start]) => line.startsWith(start)) ?? [];
        if (typeof answer === 'function') answer(socket, line);
        else if (socket.writable) socket.write(answer ?? '500 what\r\n');
      }
    });
    if (typeof greeting === 'function') greeting(socket);
    else socket.write(greeting);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ url: `nntp://127.0.0.1:${port}`, port, asked, connections: () => count },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

type Client = Awaited<ReturnType<typeof nntp.connect>>;

/** Does something with a client of a server that knows only rules, and ends both. Gives the lines that were said, too. */
export async function against<T>(
  rules: Rules,
  work: (client: Client) => Promise<T>,
  options: NntpConnectOptions = {},
): Promise<{ readonly value: T; readonly asked: string[] }> {
  const server = await ruled(rules);
  try {
    const client = await nntp.connect(server.url, { timeouts: { close: 200 }, ...options });
    try {
      return { value: await work(client), asked: server.asked };
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
  }
}

/** Writes the same again and again, for as long as it is taken, up to a limit in octets. */
export function pour(socket: Socket, text: string, limit = 256 * 1024 * 1024): void {
  const block = Buffer.from(text.repeat(Math.max(1, Math.ceil(65_536 / text.length))), 'latin1');
  let sent = 0;
  const more = (): void => {
    while (sent < limit && socket.writable) {
      sent += block.length;
      if (!socket.write(block)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}
