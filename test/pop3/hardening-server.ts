import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What is said to a command: octets (one character each), or whatever this does with the socket. */
type Answer = string | ((socket: Socket, line: string) => void);

/** By the verb of the command, or by the whole line; `greeting` comes first. */
export type Answers = Readonly<Record<string, Answer>>;

const MESSAGE =
  '+OK 120 octets\r\nFrom: a@example.org\r\nSubject: one\r\n\r\nline 1\r\n..stuffed\r\n...\r\nend\r\n.\r\n';

/** A server that means well. */
const BENIGN: Answers = {
  greeting: '+OK POP3 ready\r\n',
  CAPA: '+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n',
  USER: '+OK\r\n',
  PASS: '+OK\r\n',
  STAT: '+OK 2 320\r\n',
  LIST: '+OK\r\n1 120\r\n2 200\r\n.\r\n',
  UIDL: '+OK\r\n1 uid-A\r\n2 uid-B\r\n.\r\n',
  RETR: MESSAGE,
  TOP: MESSAGE,
  DELE: '+OK\r\n',
  NOOP: '+OK\r\n',
  RSET: '+OK\r\n',
  STLS: '-ERR no TLS\r\n',
  QUIT: '+OK bye\r\n',
};

export interface HostileServer {
  readonly port: number;
  readonly url: string;
  /** The lines that clients have said. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** A server that means well but for these answers. */
export async function hostile(answers: Answers): Promise<HostileServer> {
  const all: Answers = { ...BENIGN, ...answers };
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const say = (answer: Answer, line: string): void => {
      if (typeof answer === 'function') answer(socket, line);
      else socket.write(Buffer.from(answer, 'latin1'));
    };
    let rest = '';
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        asked.push(line);
        say(all[line] ?? all[line.split(' ', 1)[0] ?? ''] ?? '-ERR unknown\r\n', line);
      }
    });
    say(all['greeting'] ?? '', '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `pop3://127.0.0.1:${port}`,
    asked,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Says this for ever, as long as somebody takes it; gives how much was said. */
export function pour(socket: Socket, text: string, before = ''): void {
  const block = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)), 'latin1');
  const more = (): void => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on('drain', more);
  socket.write(before);
  more();
}

/** Says this and then nothing more, and does not end. */
export function drip(socket: Socket, text: string, every: number): void {
  let at = 0;
  const timer = setInterval(() => {
    if (at < text.length && !socket.destroyed) socket.write(text.charAt(at++));
  }, every);
  socket.on('close', () => clearInterval(timer));
}
