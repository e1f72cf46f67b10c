import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/** Whether a stream is TLS. It is told by what it has: to ask for its class would load TLS for connections without it. */
export function isTls(stream: Duplex): stream is TLSSocket {
  return 'encrypted' in stream && 'getPeerCertificate' in stream;
}
