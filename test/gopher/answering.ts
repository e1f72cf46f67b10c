import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A server that reads one line, answers with just these octets, and closes; or does what it is told. */
export async function answering(
  reply: string | Uint8Array | ((socket: Socket, line: Buffer) => void),
): Promise<{ url: string; port: number; asked: string[]; connections: () => number; close(): Promise<void> }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    count++;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let line = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      line = Buffer.concat([line, chunk]);
      if (!line.includes(10)) return;
      asked.push(line.toString('latin1'));
      if (typeof reply === 'function') reply(socket, line);
      else socket.end(typeof reply === 'string' ? Buffer.from(reply, 'latin1') : reply);
      line = Buffer.alloc(0);
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `gopher://127.0.0.1:${port}`,
    port,
    asked,
    connections: () => count,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
