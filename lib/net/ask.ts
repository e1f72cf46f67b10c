import type { Duplex } from 'node:stream';
import { ConnectionError } from '../core/errors.ts';
import { abandon } from './abandon.ts';
import type { Deadline } from './deadline.ts';
import { Exchange } from './exchange.ts';
import { type ProxyServer, proxyName } from './proxy.ts';
import { socks4, socks5 } from './socks.ts';
import { tunnel } from './tunnel.ts';

/**
 * Asks a proxy for an address. Gives the refusal after which another address may be tried; other errors are thrown. After
 * both the stream is destroyed.
 */
export async function ask(
  stream: Duplex,
  proxy: ProxyServer,
  to: { readonly host: string; readonly port: number },
  deadline: Deadline,
): Promise<ConnectionError | undefined> {
  const exchange = new Exchange(stream, deadline, proxyName(proxy));
  const hello = proxy.scheme === 'http' ? tunnel : proxy.scheme.startsWith('socks5') ? socks5 : socks4;
  try {
    await hello(exchange, proxy, to, deadline);
    exchange.end();
    return undefined;
  } catch (error) {
    abandon(stream);
    if (error instanceof ConnectionError && error.reason === 'proxy') return error;
    throw error;
  }
}
