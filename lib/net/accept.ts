/** TLS as a server, on a stream that has been accepted: at once, or after a command such as STARTTLS. */
import type { Duplex } from 'node:stream';
import type { Server, TLSSocket, TlsOptions } from 'node:tls';
import { ConnectionError, UsageError } from '../core/errors.ts';
import { type CallOptions, TIMEOUTS, type Timeouts } from '../core/options.ts';
import type { Secret } from '../core/secret.ts';
import { formatAddress, peerOf } from './address.ts';
import { Deadline } from './deadline.ts';
import { standsOn } from './reset.ts';
import { watchEnd } from './tls-end.ts';

/** Who a server says it is, and whom it lets in. */
export interface ServerTls {
  /** The certificate and its chain, in PEM. */
  readonly cert: string | Uint8Array;
  /** Its key, in PEM. */
  readonly key: string | Uint8Array;
  readonly passphrase?: Secret | undefined;
  /** Whether clients show a certificate. One that was shown is always verified. Default: they are not asked. */
  readonly clients?: 'asked' | 'required' | undefined;
  /** Authorities that clients' certificates must come from, in PEM. */
  readonly ca?: string | Uint8Array | undefined;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  readonly alpn?: readonly string[] | undefined;
}

export interface AcceptOptions extends CallOptions {
  readonly timeouts?: Partial<Timeouts> | undefined;
}

/**
 * Does the server's part of the handshake, within `timeouts.tls`. Throws ConnectionError (`tls`), TimeoutError,
 * UsageError for a certificate or key that cannot be used. The stream is destroyed when it fails.
 */
export async function acceptTls(
  stream: Duplex,
  tls: ServerTls,
  { timeouts, signal }: AcceptOptions = {},
): Promise<TLSSocket> {
  const { address, port } = peerOf(stream);
  const { allowHalfOpen } = stream;
  const deadline = new Deadline(timeouts?.tls ?? TIMEOUTS.tls, 'tls', { host: address, port }, { signal });
  try {
    const server = tlsServer(tls);
    const secured = await deadline.step<TLSSocket>('tls', (done, fail) => {
      const lost = (cause?: Error): void => fail(refused(stream, cause));
      const onClose = (): void => lost();
      const onSecure = (socket: TLSSocket): void => {
        watchEnd(socket, stream);
        socket.allowHalfOpen = stream.allowHalfOpen = allowHalfOpen;
        done(socket);
      };
      server.once('secureConnection', onSecure).once('tlsClientError', lost);
      stream.on('error', lost).on('close', onClose);
      // who ends in the middle of a handshake wants no more; TLS takes this from the stream beneath
      stream.allowHalfOpen = false;
      server.emit('connection', stream);
      return () => {
        server.removeAllListeners();
        stream.off('error', lost).off('close', onClose);
      };
    });
    refuseForged(secured, tls);
    standsOn(secured, stream);
    return secured;
  } catch (error) {
    stream.on('error', () => {});
    stream.destroy();
    throw error;
  } finally {
    deadline.end();
  }
}

/** Throws UsageError when a certificate and key cannot be used. */
export function checkTls(tls: ServerTls): void {
  tlsServer(tls);
}

/** A server that never listens: it is given its connection. */
function tlsServer({ cert, key, passphrase, clients, ca, minVersion, alpn }: ServerTls): Server {
  const options: TlsOptions = {
    cert: Buffer.from(cert),
    key: Buffer.from(key),
    minVersion: minVersion ?? 'TLSv1.2',
    requestCert: clients !== undefined,
    // Whoever is only asked may have no certificate, but not a wrong one: see `refuseForged`.
    rejectUnauthorized: clients === 'required',
    ...(passphrase && { passphrase: passphrase.reveal() }),
    ...(ca !== undefined && { ca: Buffer.from(ca) }),
    ...(alpn && { ALPNProtocols: [...alpn] }),
  };
  try {
    return process.getBuiltinModule('node:tls').createServer(options);
  } catch (cause) {
    throw new UsageError('this certificate and key cannot be used: give both in PEM, one for the other', { cause });
  }
}

function refuseForged(secured: TLSSocket, { clients }: ServerTls): void {
  if (clients === undefined || secured.authorized) return;
  // An empty object says that none was shown.
  if (Object.keys(secured.getPeerCertificate()).length > 0) {
    throw refused(secured, new Error('the certificate that it showed cannot be verified'));
  }
}

function refused(stream: Duplex, cause?: Error): ConnectionError {
  const { address: host, port } = peerOf(stream);
  const why = cause ? cause.message : 'it closed the connection';
  return new ConnectionError(`no TLS with the client ${formatAddress({ address: host, port })}: ${why}`, {
    phase: 'tls',
    reason: 'tls',
    host,
    port,
    cause,
  });
}
