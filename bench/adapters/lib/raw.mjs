// The limits of raw Node: what a client would cost that understands nothing of what it receives.
import net from 'node:net';
import { args } from './args.mjs';

const ONREAD = 256 * 1024;

/** Each way of reading gives the options of the socket, and what it does with a chunk. */
const WAYS = {
  /** 'data' events, counted. */
  discard: () => (chunk) => chunk.length,
  /** 'data' events, and every line end looked for. */
  lines: () => (chunk) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1));
    return chunk.length;
  },
};

/** Connects, says `blob`, and reads until the server closes. Gives the octets that came. */
export function until(way, blob) {
  return new Promise((resolve, reject) => {
    let octets = 0;
    const to = { port: args.port, host: '127.0.0.1', noDelay: true };
    let socket;
    if (way === 'onread') {
      const callback = (count) => {
        octets += count;
        return true;
      };
      socket = net.connect({ ...to, onread: { buffer: Buffer.allocUnsafe(ONREAD), callback } });
    } else {
      const take = WAYS[way]();
      socket = net.connect(to).on('data', (chunk) => {
        octets += take(chunk);
      });
    }
    socket.on('error', reject).on('close', () => resolve(octets));
    socket.write(blob);
    socket.resume();
  });
}
