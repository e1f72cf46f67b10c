/**
 * The net itself, for whatever has no protocol here: connections, servers, datagrams. What the classic socket and
 * SocketServer interfaces call what is in docs/net.md. Each is loaded when it is first used.
 */
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { ConnectOptions } from '../core/options.ts';
import type { AcceptOptions, ServerTls } from './accept.ts';
import type { ConnectTarget } from './connect.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import type { Handler, Listening, ListenOptions } from './listen.ts';
import type { UdpOptions, UdpSocket } from './udp.ts';

export { Command, command } from '../wire/command.ts';
export type { AcceptOptions, ServerTls } from './accept.ts';
export { type Address, formatAddress } from './address.ts';
export type { ConnectTarget } from './connect.ts';
export type { Connection, ConnectionOptions } from './connection.ts';
export type { Handler, Listening, ListenOptions } from './listen.ts';
export { Transcript, type TranscriptLine } from './transcript.ts';
export type { Datagram, ReceiveOptions, UdpOptions, UdpSocket } from './udp.ts';

/**
 * Connects, whatever the protocol; with `tls:` the peer is verified first. Throws UsageError for what is no target,
 * ConnectionError, TimeoutError, the reason of the signal.
 */
export async function connect(
  target: ConnectTarget,
  options?: ConnectOptions & ConnectionOptions,
): Promise<Connection> {
  return (await import('./connect.ts')).connect(target, options);
}

/** A connection over a stream that is connected already: a socket of somebody else's, a pipe, one half of a pair. */
export async function connectionOver(stream: Duplex, options?: ConnectionOptions): Promise<Connection> {
  return new (await import('./connection.ts')).Connection(stream, options);
}

/** Listens, and gives every client to `handler`, with whose end the connection ends in good order. */
export async function listen(options: ListenOptions, handler: Handler): Promise<Listening> {
  return (await import('./listen.ts')).listen(options, handler);
}

/** TLS on a stream, as the server: for the upgrade of a protocol. */
export async function acceptTls(stream: Duplex, tls: ServerTls, options?: AcceptOptions): Promise<TLSSocket> {
  return (await import('./accept.ts')).acceptTls(stream, tls, options);
}

/** A socket for datagrams. */
export async function udp(options?: UdpOptions): Promise<UdpSocket> {
  return (await import('./udp.ts')).udp(options);
}
