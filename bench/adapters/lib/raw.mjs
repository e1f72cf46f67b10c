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

/** Connects; `took` is told how many octets have come, and the last of them. */
function connect(way, took, room = ONREAD) {
  const to = { port: args.port, host: '127.0.0.1', noDelay: true };
  if (way === 'onread') {
    const callback = (count, buffer) => {
      took(count, buffer[count - 1]);
      return true;
    };
    return net.connect({ ...to, onread: { buffer: Buffer.allocUnsafe(room), callback } });
  }
  const take = WAYS[way]();
  return net.connect(to).on('data', (chunk) => took(take(chunk), chunk[chunk.length - 1]));
}

/** Connects, says `blob`, and reads until the server closes. Gives the octets that came. */
export function until(way, blob, room) {
  return new Promise((resolve, reject) => {
    let octets = 0;
    const socket = connect(
      way,
      (count) => {
        octets += count;
      },
      room,
    );
    socket.on('error', reject).on('close', () => resolve(octets));
    socket.write(blob);
    socket.resume();
  });
}

/**
 * Waits for the greeting, says each line, and waits for its answer before it says the next; `end` ends an answer. Gives the
 * octets that came.
 */
export async function lockstep(way, lines, end = 10, greeted = true) {
  let octets = 0;
  let answered = () => {};
  const answer = () =>
    new Promise((resolve) => {
      answered = resolve;
    });
  let next = answer();
  const took = (count, last) => {
    octets += count;
    if (last === end) answered();
  };
  const socket = connect(way, took, greeted ? ONREAD : 16_384);
  if (greeted) await next;
  for (const line of lines) {
    next = answer();
    socket.write(line);
    await next;
  }
  socket.destroy();
  return octets;
}

/** Says `line`, then `chunk` as often as it takes to have sent `size` octets of it, and waits for the answer. */
export function pour(way, line, chunk, size) {
  return new Promise((resolve, reject) => {
    let left = size;
    const socket = connect(way, () => {
      socket.destroy();
      resolve();
    });
    const go = () => {
      let room = true;
      while (left > 0 && room) {
        const piece = left < chunk.length ? chunk.subarray(0, left) : chunk;
        left -= piece.length;
        room = socket.write(piece);
      }
    };
    socket.on('error', reject).on('drain', go);
    socket.write(line);
    go();
  });
}

/** `make(1)` to `make(count)`, one behind the other. */
export function repeated(count, make) {
  return Array.from({ length: count }, (_, i) => make(i + 1)).join('');
}
