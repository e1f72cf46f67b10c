/** A way to a server on which each connection breaks off after so many octets of the server. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Breaker {
  readonly port: number;
  close(): Promise<void>;
}

/** `after` says, for each connection by its number from 0, how many octets come through. */
export async function breaker(to: number, how: 'fin' | 'rst', after: (count: number) => number): Promise<Breaker> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((client) => {
    const beyond = connect(to, '127.0.0.1');
    let left = after(count++);
    for (const socket of [client, beyond]) sockets.add(socket.on('error', () => {}));
    client.on('data', (chunk) => beyond.write(chunk)).once('close', () => beyond.destroy());
    beyond.once('close', () => client.end());
    beyond.on('data', (chunk) => {
      const piece = chunk.subarray(0, left);
      left -= piece.length;
      if (!client.write(piece)) {
        beyond.pause();
        client.once('drain', () => beyond.resume());
      }
      if (left > 0) return;
      beyond.destroy();
      if (how === 'rst') client.resetAndDestroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, close };
}
