import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Report } from '../core/verbs.ts';
import { isTls } from './secured.ts';

/** What is known of the other end of a stream, for a report: its address, and its TLS. */
export function describeStream(stream: Duplex): Report {
  const { remoteAddress, remotePort } = stream instanceof Socket ? stream : {};
  return {
    ...(remoteAddress !== undefined && { address: remoteAddress, port: remotePort }),
    secure: isTls(stream),
    ...(isTls(stream) && { tls: describeTls(stream) }),
  };
}

function describeTls(socket: TLSSocket): Report {
  const certificate = socket.getPeerCertificate();
  return {
    version: socket.getProtocol(),
    cipher: socket.getCipher().standardName,
    ...(socket.alpnProtocol && { alpn: socket.alpnProtocol }),
    verified: socket.authorized,
    subject: certificate.subject?.CN,
    names: certificate.subjectaltname,
    issuer: certificate.issuer?.CN,
    validFrom: certificate.valid_from,
    validTo: certificate.valid_to,
    fingerprint256: certificate.fingerprint256,
  };
}
