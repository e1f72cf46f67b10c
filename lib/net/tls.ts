/** TLS over a connected stream, as the client. */
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { PeerCertificate, SecureContext, TLSSocket } from 'node:tls';
import { ConnectionError, UsageError } from '../core/errors.ts';
import { type ConnectOptions, TIMEOUTS, type TlsOptions } from '../core/options.ts';
import { abandon } from './abandon.ts';
import { Deadline, type Destination } from './deadline.ts';
import { watchEnd } from './tls-end.ts';
import { explain, wasCut } from './tls-trouble.ts';

/**
 * Begins TLS on a stream, within `timeouts.tls`, and verifies that the peer is `host` (or `tls.servername`). The result is
 * paused. When it fails the stream is destroyed. `port` is for the errors.
 * Throws ConnectionError `tls`, TimeoutError, the reason of the signal; UsageError for bad options, and `policy` where
 * the environment would turn verification off.
 */
export async function secure(
  stream: Duplex,
  host: string,
  options: ConnectOptions = {},
  port?: number,
): Promise<TLSSocket> {
  const to = { host, port };
  let deadline: Deadline | undefined;
  try {
    const { tls = {}, timeouts } = options;
    refuseSwitch(tls, to);
    const pins = pinsOf(tls, to);
    const context = contextOf(tls, to);
    deadline = new Deadline(timeouts?.tls ?? TIMEOUTS.tls, 'tls', to, options);
    const socket = await handshake(stream, context, tls, deadline);
    if (pins) checkPin(socket, pins, deadline);
    return socket;
  } catch (error) {
    abandon(stream);
    throw error;
  } finally {
    deadline?.end();
  }
}

async function handshake(
  stream: Duplex,
  context: SecureContext,
  tls: TlsOptions,
  deadline: Deadline,
): Promise<TLSSocket> {
  const name = (tls.servername ?? deadline.to.host).replace(/\.$/, '').replace(/%.*$/, '');
  return deadline.step<TLSSocket>('tls', (done, fail) => {
    const socket = process.getBuiltinModule('node:tls').connect({
      socket: stream,
      secureContext: context,
      rejectUnauthorized: tls.insecure !== true,
      checkServerIdentity: (_, cert) => checkIdentity(name, cert),
      ...(!isIP(name) && { servername: name }),
      ...(tls.alpn && { ALPNProtocols: [...tls.alpn] }),
    });
    watchEnd(socket, stream);
    let established = false;
    const secured = (): void => {
      established = true;
      socket.pause();
      done(socket);
    };
    const failed = (error: Error): void => fail(troubled(error, deadline));
    const closed = (): void => fail(cut(deadline));
    socket.on('secureConnect', secured).on('error', failed).on('close', closed);
    return () => {
      socket.off('secureConnect', secured).off('error', failed).off('close', closed);
      if (!established) abandon(socket);
    };
  });
}

/** Some versions of Node 22 find no IPv6 address in a certificate; OpenSSL does. */
function checkIdentity(name: string, cert: PeerCertificate): Error | undefined {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  const found = isIP(name) !== 0 && new X509Certificate(cert.raw).checkIP(name) !== undefined;
  return found ? undefined : process.getBuiltinModule('node:tls').checkServerIdentity(name, cert);
}

function troubled(error: Error, deadline: Deadline): ConnectionError {
  if (wasCut(error)) return cut(deadline, error);
  const detail = { ...deadline.detail('tls', error), reason: 'tls' } as const;
  return new ConnectionError(`${deadline.to.host}: ${explain(error)}`, detail);
}

function cut(deadline: Deadline, cause?: Error): ConnectionError {
  const detail = { ...deadline.detail('tls', cause), reason: 'tls', temporary: true } as const;
  return new ConnectionError(
    `${deadline.to.host}: it closed the connection during the TLS handshake: is this a port for TLS?`,
    detail,
  );
}

/** A switch that turns verification off for everything is refused, not obeyed and not ignored. */
function refuseSwitch(tls: TlsOptions, to: Destination): void {
  if (process.env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0' || tls.insecure === true) return;
  throw new UsageError(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 would accept any certificate: unset it, and set insecure for this one connection',
    { ...to, reason: 'policy' },
  );
}

function contextOf(tls: TlsOptions, to: Destination): SecureContext {
  const { ca, cert, key, passphrase, minVersion = 'TLSv1.2' } = tls;
  try {
    return process.getBuiltinModule('node:tls').createSecureContext({
      minVersion,
      ...(ca !== undefined && { ca: typeof ca === 'string' || ca instanceof Uint8Array ? pem(ca) : ca.map(pem) }),
      ...(cert !== undefined && { cert: pem(cert) }),
      ...(key !== undefined && { key: pem(key) }),
      ...(passphrase && { passphrase: passphrase.reveal() }),
    });
  } catch (cause) {
    throw new UsageError('ca, cert, key and passphrase do not go together, or are no PEM', { ...to, cause });
  }
}

function pem(text: string | Uint8Array): string | Buffer {
  return typeof text === 'string' ? text : Buffer.from(text);
}

/** The pins, without the mark of the digest that some tools write before them. */
function pinsOf({ pins }: TlsOptions, to: Destination): readonly string[] | undefined {
  if (!pins) return undefined;
  const plain = pins.map((pin) => pin.replace(/^sha256\/{1,2}/, ''));
  if (plain.length === 0 || !plain.every((pin) => /^[A-Za-z0-9+/]{43}=$/.test(pin)))
    throw new UsageError('a pin is the SHA-256 digest of a public key (SPKI) in base64: 44 characters', to);
  return plain;
}

/** The key of the server's own certificate, not of an authority: RFC 7469 2.6 without the chain. */
function checkPin(socket: TLSSocket, pins: readonly string[], deadline: Deadline): void {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  const { createHash } = process.getBuiltinModule('node:crypto');
  const digest = key && createHash('sha256').update(key).digest('base64');
  if (digest !== undefined && pins.includes(digest)) return;
  abandon(socket);
  throw new ConnectionError(`${deadline.to.host}: its key is not a pinned one, but ${digest ?? 'missing'}`, {
    ...deadline.detail('tls'),
    reason: 'tls',
  });
}
