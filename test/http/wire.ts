/** A client of HTTP that is only a socket: what is said is exactly what is on the wire. */
import { connect } from 'node:net';

/** Says it all at once, ends, and gives all that is answered, as Latin-1. */
export async function say(port: number, said: string | Uint8Array): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
  socket.end(said);
  await new Promise((resolve) => socket.on('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
}

/** A request of HTTP/1.1 without a body. */
export function request(start: string, ...fields: readonly string[]): string {
  return [`${start} HTTP/1.1`, 'Host: example.org', ...fields, '', ''].join('\r\n');
}

/** The answers of a connection: each its head, without what differs from run to run. */
export function heads(answered: string): string[] {
  return [...answered.matchAll(/HTTP\/1\.1 [\s\S]*?\r\n\r\n/g)].map(([head]) =>
    head
      .replace(/\r\nDate: [^\r]*/, '')
      .replace(/\r\nConnection: keep-alive/, '')
      .trim()
      .replaceAll('\r\n', '\n'),
  );
}

/** What is behind the head of the only answer. */
export function bodyOf(answered: string): string {
  return answered.slice(answered.indexOf('\r\n\r\n') + 4);
}
