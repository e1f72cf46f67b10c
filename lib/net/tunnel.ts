/** HTTP CONNECT, RFC 9110 9.3.6: after an answer with 2xx the connection is the server's. */
import { ConnectionError, excerpt, limitError, ProtocolError, ReplyError } from '../core/errors.ts';
import { hostInUrl } from '../core/url.ts';
import type { Deadline, Destination } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { type ProxyServer, proxyName } from './proxy.ts';

/** The longest header that a proxy may answer with, in octets. */
const MAX_HEADER = 65_536;

/** Asks an HTTP proxy for a connection. Throws ReplyError `auth` for 407, ConnectionError `proxy`, ProtocolError. */
export async function tunnel(
  exchange: Exchange,
  proxy: ProxyServer,
  to: Destination,
  deadline: Deadline,
): Promise<void> {
  const authority = `${hostInUrl(to.host.replace(/%.*$/, ''))}:${to.port}`;
  exchange.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization(proxy)}\r\n`);
  let status: Status;
  do {
    const header = await exchange.take(headerEnd(deadline));
    status = parseStatus(header.toString('latin1'), proxy, deadline);
  } while (status.code < 200); // an interim answer
  if (status.code >= 300) throw refused(status, proxy, deadline);
}

interface Status {
  readonly code: number;
  readonly text: string;
}

/** Sees the empty line; what it has already looked at it does not look at again. */
function headerEnd(deadline: Deadline): (bytes: Buffer) => number | undefined {
  let seen = 0;
  return (bytes) => {
    for (; seen < bytes.length; seen++) {
      if (bytes[seen] !== 0x0a) continue;
      const before = bytes[seen - 1] === 0x0d ? seen - 2 : seen - 1;
      if (bytes[before] === 0x0a) return seen + 1;
    }
    if (bytes.length > MAX_HEADER) throw limitError('the header of a proxy', MAX_HEADER, deadline.detail('proxy'));
    return undefined;
  };
}

function parseStatus(header: string, proxy: ProxyServer, deadline: Deadline): Status {
  const [line = ''] = header.split(/\r?\n/, 1);
  const match = /^HTTP\/1\.[01] ([1-5]\d\d)(?: (.*))?$/.exec(line);
  if (!match)
    throw new ProtocolError(
      `${proxyName(proxy)} answered ${excerpt(proxy.password?.redact(line) ?? line)}, which is not HTTP`,
      deadline.detail('proxy'),
    );
  return { code: Number(match[1]), text: match[2] ?? '' };
}

/** Basic, RFC 7617. */
function authorization({ user, password }: ProxyServer): string {
  if (user === undefined) return '';
  const pair = Buffer.from(`${user}:${password?.reveal() ?? ''}`, 'utf8');
  return `Proxy-Authorization: Basic ${pair.toString('base64')}\r\n`;
}

const TEMPORARY = [408, 429, 500, 502, 503, 504];

function refused({ code, text }: Status, proxy: ProxyServer, deadline: Deadline): ReplyError | ConnectionError {
  const shown = proxy.password?.redact(text) ?? text;
  const detail = { ...deadline.detail('proxy'), temporary: TEMPORARY.includes(code) };
  // some proxies say 401, as if they were the server
  if (code === 407 || code === 401) {
    const what =
      proxy.user === undefined ? 'it wants a user name and a password' : 'the user name or the password is wrong';
    const reply = { ok: false, code: `${code}`, text: shown };
    return new ReplyError(`${proxyName(proxy)} let us not in: ${what}`, { ...detail, reason: 'auth', reply });
  }
  const { host, port } = deadline.to;
  const what = `${proxyName(proxy)} did not connect to ${host} port ${port}: ${code} ${excerpt(shown)}`;
  return new ConnectionError(what, { ...detail, reason: 'proxy' });
}
