/** What both ends of a TLS connection know of it, and nobody in between: channel bindings for SASL. */
import type { TLSSocket } from 'node:tls';
import type { ChannelBinding } from '../wire/mechanism.ts';

/**
 * The bindings of a TLS connection, the best first: `tls-exporter` (RFC 9266; TLS 1.3 only) and `tls-server-end-point`
 * (RFC 5929 4). `certificate` is the server's, where this end is the server; a client asks the connection for it.
 */
export function bindingsOf(socket: TLSSocket, certificate?: string | Uint8Array): readonly ChannelBinding[] {
  const bindings: ChannelBinding[] = [];
  if (socket.getProtocol() === 'TLSv1.3') {
    const data = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    bindings.push({ type: 'tls-exporter', data });
  }
  const { createHash, X509Certificate } = process.getBuiltinModule('node:crypto');
  const server = certificate === undefined ? socket.getPeerX509Certificate() : new X509Certificate(certificate);
  const hash = server && hashOf(server.raw);
  if (server && hash !== undefined) {
    bindings.push({ type: 'tls-server-end-point', data: createHash(hash).update(server.raw).digest() });
  }
  return bindings;
}

/** Signature algorithms by the octets of their object identifiers, and the hash that RFC 5929 4.1 takes for each. */
const HASHES: ReadonlyMap<string, string> = new Map([
  // md5, sha1, sha256, sha384, sha512 and sha224 with RSA
  ['2a864886f70d010104', 'sha256'],
  ['2a864886f70d010105', 'sha256'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a864886f70d01010e', 'sha224'],
  // ECDSA with sha1, sha224, sha256, sha384, sha512
  ['2a8648ce3d0401', 'sha256'],
  ['2a8648ce3d040301', 'sha224'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
]);

/**
 * The hash of a certificate's signature: SEQUENCE { tbsCertificate, SEQUENCE { OBJECT IDENTIFIER …, in DER. Undefined for
 * signatures without a single hash (Ed25519, RSASSA-PSS), for which no binding is defined.
 */
function hashOf(der: Uint8Array): string | undefined {
  const [outer] = contentAt(der, 0);
  const [, behindTbs] = contentAt(der, outer);
  const [algorithm] = contentAt(der, behindTbs);
  const [from, to] = contentAt(der, algorithm);
  return HASHES.get(Buffer.from(der.subarray(from, to)).toString('hex'));
}

/** Where the content of the DER element at `at` begins, and where it ends. */
function contentAt(der: Uint8Array, at: number): [from: number, to: number] {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return [at + 2, at + 2 + first];
  const octets = first & 0x7f;
  let length = 0;
  for (let i = 0; i < octets; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  return [at + 2 + octets, at + 2 + octets + length];
}
