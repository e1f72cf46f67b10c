/**
 * SOCKS 5 (RFC 1928; names and passwords RFC 1929), SOCKS 4 and 4a: a few octets each way. The proxy's answer ends at
 * an exact octet, and the next one is the server's.
 */
import { isIP } from 'node:net';
import { ConnectionError, excerpt, ProtocolError, ReplyError, UsageError } from '../core/errors.ts';
import { addressOctets } from './address.ts';
import type { Deadline, Destination } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { type ProxyServer, proxyName } from './proxy.ts';

/** Asks a SOCKS 5 proxy for a connection. Throws ReplyError `auth`, ConnectionError `proxy`, ProtocolError. */
export async function socks5(
  exchange: Exchange,
  proxy: ProxyServer,
  to: Destination,
  deadline: Deadline,
): Promise<void> {
  const login = loginOf(proxy);
  const request = Buffer.concat([Buffer.of(5, 1, 0), socksAddress(to.host), portOctets(to.port)]);
  exchange.write(login ? Buffer.of(5, 2, 0, 2) : Buffer.of(5, 1, 0));
  const [version, method] = await exchange.read(2);
  if (version !== 5) throw foreign(proxy, Buffer.of(version ?? 0, method ?? 0), deadline);
  if (method === 2 && login) {
    exchange.write(login);
    const [, status = 1] = await exchange.read(2);
    if (status !== 0) throw refusedLogin(proxy, status, 'the user name or the password is wrong', deadline);
  } else if (method === 255) {
    throw refusedLogin(proxy, 255, login ? 'it takes no password' : 'it wants a user name and a password', deadline);
  } else if (method !== 0) {
    throw new ProtocolError(`${proxyName(proxy)} chose a method that it was not offered`, deadline.detail('proxy'));
  }
  exchange.write(request);
  const [again, status = 1] = await exchange.read(2);
  if (again !== 5) throw foreign(proxy, Buffer.of(again ?? 0, status), deadline);
  if (status !== 0) throw refused(proxy, SOCKS5[status] ?? `status ${status}`, status !== 2, deadline);
  await skipBoundAddress(exchange, proxy, deadline);
}

/** RFC 1928 6. */
const SOCKS5: Readonly<Record<number, string>> = {
  1: 'it failed',
  2: 'its rules do not allow this',
  3: 'it finds no way to this network',
  4: 'it finds no way to this host',
  5: 'nothing listens there',
  6: 'the time to live has expired',
  7: 'it does not know this command',
  8: 'it does not know this kind of address',
};

/** The octets of the address that the proxy connected from; nobody wants it, but it has to be read. */
async function skipBoundAddress(exchange: Exchange, proxy: ProxyServer, deadline: Deadline): Promise<void> {
  const [, kind] = await exchange.read(2);
  if (kind === 1) await exchange.read(4 + 2);
  else if (kind === 4) await exchange.read(16 + 2);
  else if (kind === 3) await exchange.read(((await exchange.read(1))[0] ?? 0) + 2);
  else
    throw new ProtocolError(`${proxyName(proxy)} answered with an unknown kind of address`, deadline.detail('proxy'));
}

/** Asks a SOCKS 4 or 4a proxy for a connection. Throws ReplyError `auth`, ConnectionError `proxy`, ProtocolError. */
export async function socks4(
  exchange: Exchange,
  proxy: ProxyServer,
  to: Destination,
  deadline: Deadline,
): Promise<void> {
  if (isIP(to.host) === 6) throw new UsageError('SOCKS 4 knows no IPv6: use socks5://', deadline.to);
  if (proxy.password?.reveal())
    throw new UsageError('SOCKS 4 knows no password: use socks5://, or leave it out', deadline.to);
  const named = isIP(to.host) === 0; // 4a: an impossible address, and the name at the end
  exchange.write(
    Buffer.concat([
      Buffer.of(4, 1),
      portOctets(to.port),
      named ? Buffer.of(0, 0, 0, 1) : addressOctets(to.host),
      short(proxy.user ?? '', 'the user of a SOCKS proxy'),
      Buffer.of(0),
      named ? Buffer.from(`${to.host}\0`) : Buffer.alloc(0),
    ]),
  );
  const [version, status = 0] = await exchange.read(2);
  if (version !== 0) throw foreign(proxy, Buffer.of(version ?? 0, status), deadline);
  if (status === 92 || status === 93) throw refusedLogin(proxy, status, 'it does not believe the user name', deadline);
  if (status !== 90) throw refused(proxy, status === 91 ? 'it refused, or failed' : `status ${status}`, true, deadline);
  await exchange.read(6);
}

function loginOf({ user, password }: ProxyServer): Buffer | undefined {
  if (user === undefined) return undefined;
  const name = short(user, 'the user of a SOCKS proxy');
  const secret = short(password?.reveal() ?? '', 'the password of a SOCKS proxy');
  return Buffer.concat([Buffer.of(1, name.length), name, Buffer.of(secret.length), secret]);
}

/** Text in at most 255 octets, which is what one octet can count. */
function short(text: string, what: string): Buffer {
  const octets = Buffer.from(text, 'utf8');
  if (octets.length > 255) throw new UsageError(`${what} has at most 255 octets`);
  return octets;
}

function socksAddress(host: string): Buffer {
  const family = isIP(host);
  if (family) return Buffer.concat([Buffer.of(family === 4 ? 1 : 4), addressOctets(host)]);
  const name = short(host, 'a host behind a SOCKS proxy');
  return Buffer.concat([Buffer.of(3, name.length), name]);
}

function portOctets(port = 0): Buffer {
  return Buffer.of(port >> 8, port & 255);
}

function foreign(proxy: ProxyServer, came: Buffer, deadline: Deadline): ProtocolError {
  const hint = /^HT/.test(came.toString('latin1')) ? ': it is an HTTP proxy, write http://' : '';
  const what = `${proxyName(proxy)} answered ${excerpt(came.toString('latin1'))}, which is not SOCKS${hint}`;
  return new ProtocolError(what, deadline.detail('proxy'));
}

function refused(proxy: ProxyServer, text: string, temporary: boolean, deadline: Deadline): ConnectionError {
  const { host, port } = deadline.to;
  const detail = { ...deadline.detail('proxy'), reason: 'proxy', temporary } as const;
  return new ConnectionError(`${proxyName(proxy)} did not connect to ${host} port ${port}: ${text}`, detail);
}

function refusedLogin(proxy: ProxyServer, status: number, text: string, deadline: Deadline): ReplyError {
  const reply = { ok: false, code: String(status), text };
  return new ReplyError(`${proxyName(proxy)} let us not in: ${text}`, {
    ...deadline.detail('proxy'),
    reason: 'auth',
    reply,
  });
}
