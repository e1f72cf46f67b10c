import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { ScriptedServer } from '../../lib/mock/script.ts';
import type { OpenOptions, TelnetClient, TelnetOptions } from '../../lib/telnet/client.ts';
import type { TelnetDialogue } from '../../lib/telnet/dialogue.ts';
import { telnet } from '../../lib/telnet/index.ts';

/** A client of a server that plays a dialogue; both must have said their part, and no more. */
export async function withServer<T>(
  dialogue: string,
  work: (client: TelnetClient, server: ScriptedServer) => Promise<T>,
  options: TelnetOptions = {},
): Promise<T> {
  await using server = await ScriptedServer.start(dialogue);
  await using client = await telnet.connect(`telnet://127.0.0.1:${server.port}`, options);
  return await work(client, server);
}

/** A conversation with such a server. */
export async function talk<T>(
  dialogue: string,
  work: (dialogue: TelnetDialogue) => Promise<T>,
  options: TelnetOptions & OpenOptions = {},
): Promise<T> {
  return withServer(
    dialogue,
    async (client) => {
      await using conversation = await client.open('/', options);
      return await work(conversation);
    },
    options,
  );
}

/** A client of a server that does anything with its sockets. */
export async function withSocket<T>(serve: (socket: Socket) => void, work: (url: string) => Promise<T>): Promise<T> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    return await work(`telnet://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
}

/** Writes a piece again and again, as fast as it is taken, until there is so much of it; then calls `done`. */
export function pour(socket: Socket, piece: Buffer, total: number, done: () => void = () => {}): void {
  let written = 0;
  const on = (): void => {
    while (written < total && !socket.destroyed) {
      written += piece.length;
      if (!socket.write(piece)) return;
    }
    socket.off('drain', on);
    done();
  };
  socket.on('drain', on);
  on();
}
