/**
 * Certificates for servers in tests (RFC 5280): ECDSA on P-256, signed by an authority that lives as long as the
 * process, so that a client can verify as it would anywhere. They are written here byte by byte: it is little, and a
 * library for it would bring a dozen others, and a change to the global `Reflect`, into the user's tests.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { addressOctets } from '../net/address.ts';
import { bitString, integer, octetString, oid, sequence, set, tagged, time, truth, utf8 } from './der.ts';

/** All in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** What a client must trust to accept it. */
  readonly ca: string;
}

/** Somebody who signs certificates. */
export interface Authority {
  readonly name: string;
  readonly key: KeyObject;
  /** Its own certificate, in PEM. */
  readonly cert: string;
  /** Names its key in what it signs. */
  readonly keyId: Buffer;
}

export interface CertificateOptions {
  /** Who signs. Default: the authority of this process. */
  readonly ca?: Authority | undefined;
  /** Names and addresses. Default: `localhost`, `127.0.0.1` and `::1`. */
  readonly hosts?: readonly string[] | undefined;
  /** It was valid in 2020. */
  readonly expired?: boolean | undefined;
  /** It is signed with its own key, and `ca` of the result is itself. */
  readonly selfSigned?: boolean | undefined;
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const VALID = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2099-12-31T23:59:59Z') };
const EXPIRED = { from: VALID.from, to: new Date('2020-12-31T23:59:59Z') };

let shared: Authority | undefined;
let usual: Certificate | undefined;

/** A certificate and its key. Without options it is always the same one. */
export function certificate(options: CertificateOptions = {}): Certificate {
  if (Object.values(options).every((value) => value === undefined)) {
    usual ??= issue(options);
    return usual;
  }
  return issue(options);
}

/** A new authority. */
export function createAuthority(name = 'netkit test authority'): Authority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = { name, key: pair.privateKey, cert: '', keyId: keyIdOf(pair.publicKey) };
  const extensions = [
    extension('2.5.29.19', sequence(truth()), true), // basicConstraints: an authority
    extension('2.5.29.15', bitString(Buffer.from([0x06]), 1), true), // keyUsage: keyCertSign, cRLSign
    extension('2.5.29.14', octetString(authority.keyId)), // subjectKeyIdentifier
  ];
  return { ...authority, cert: write(name, pair.publicKey, authority, VALID, extensions) };
}

function issue(options: CertificateOptions): Certificate {
  const { hosts = LOOPBACK, expired, selfSigned } = options;
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyId = keyIdOf(pair.publicKey);
  const name = hosts[0] ?? 'nobody';
  const signer = selfSigned ? { name, key: pair.privateKey, cert: '', keyId } : (options.ca ?? sharedAuthority());
  const extensions = [
    extension('2.5.29.19', sequence(), true), // basicConstraints: no authority
    extension('2.5.29.15', bitString(Buffer.from([0x80]), 7), true), // keyUsage: digitalSignature
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
    extension('2.5.29.17', sequence(...hosts.map(generalName))), // subjectAltName
    extension('2.5.29.14', octetString(keyId)), // subjectKeyIdentifier
    extension('2.5.29.35', sequence(tagged(0x80, signer.keyId))), // authorityKeyIdentifier
  ];
  const cert = write(name, pair.publicKey, signer, expired ? EXPIRED : VALID, extensions);
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { cert, key, ca: selfSigned ? cert : signer.cert };
}

function sharedAuthority(): Authority {
  shared ??= createAuthority();
  return shared;
}

/** RFC 5280 4.1, in PEM. */
function write(
  subject: string,
  key: KeyObject,
  signer: Authority,
  valid: { readonly from: Date; readonly to: Date },
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40; // positive, and of one length
  const signed = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    algorithm,
    distinguishedName(signer.name),
    sequence(time(valid.from), time(valid.to)),
    distinguishedName(subject),
    key.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const der = sequence(signed, algorithm, bitString(sign('sha256', signed, signer.key)));
  const lines = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [truth()] : []), octetString(value));
}

/** A commonName alone. */
function distinguishedName(name: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), utf8(name))));
}

function generalName(host: string): Buffer {
  return isIP(host) ? tagged(0x87, addressOctets(host)) : tagged(0x82, Buffer.from(host, 'ascii'));
}

/** RFC 7093 2: the first 20 bytes of a SHA-256 of the key. */
function keyIdOf(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);
}
