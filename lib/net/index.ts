/**
 * The net itself, for whatever has no protocol here: connections, servers, datagrams. What the classic socket and
 * SocketServer interfaces call what is in docs/net.md.
 */
export { Command, command } from '../wire/command.ts';
export { type AcceptOptions, acceptTls, type ServerTls } from './accept.ts';
export { type Address, formatAddress } from './address.ts';
export { type ConnectTarget, connect } from './connect.ts';
export { Connection, type ConnectionOptions } from './connection.ts';
export { type Handler, Listening, type ListenOptions, listen } from './listen.ts';
export { Transcript, type TranscriptLine } from './transcript.ts';
export { type Datagram, type ReceiveOptions, type UdpOptions, UdpSocket, udp } from './udp.ts';
