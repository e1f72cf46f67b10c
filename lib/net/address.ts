import { isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { hostInUrl } from '../core/url.ts';

/** One end of a connection. A Unix socket has a path (or nothing) for an address, and port 0. */
export interface Address {
  readonly address: string;
  readonly port: number;
}

/** This end of a stream; empty where the stream is no socket. */
export function localOf(stream: Duplex): Address {
  return stream instanceof Socket ? normal(stream.localAddress, stream.localPort) : NOWHERE;
}

/** The other end of a stream; empty where the stream is no socket, and once it has been destroyed. */
export function peerOf(stream: Duplex): Address {
  return stream instanceof Socket ? normal(stream.remoteAddress, stream.remotePort) : NOWHERE;
}

/** `127.0.0.1:9999`, `[::1]:9999`, a path. */
export function formatAddress({ address, port }: Address): string {
  return port === 0 ? address || 'an unnamed peer' : `${hostInUrl(address)}:${port}`;
}

const NOWHERE: Address = { address: '', port: 0 };

/** A socket of both families shows IPv4 peers as `::ffff:192.0.2.1` (RFC 4291 2.5.5.2): they are meant as IPv4. */
function normal(address = '', port = 0): Address {
  return { address: address.replace(/^::ffff:(?=\d+\.)/i, ''), port };
}

/** The 4 or 16 octets of an address. */
export function addressOctets(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // the URL parser writes the last 32 bits in hexadecimal too, whatever was written
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]/`);
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
