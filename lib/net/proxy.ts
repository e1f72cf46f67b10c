import { UsageError } from '../core/errors.ts';
import type { ConnectOptions } from '../core/options.ts';
import { Secret } from '../core/secret.ts';
import { decodeText, hostInUrl, splitUrl } from '../core/url.ts';
import { exempts } from './no-proxy.ts';

/** A proxy, and who we are there. */
export interface ProxyServer {
  readonly scheme: 'socks5' | 'socks5h' | 'socks4' | 'socks4a' | 'http';
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: Secret;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PORTS = { socks5: 1080, socks5h: 1080, socks4: 1080, socks4a: 1080, http: 80 } as const;

/** Whether the proxy is told names, and resolves them itself. */
export function resolvesNames(proxy: ProxyServer): boolean {
  return proxy.scheme !== 'socks5' && proxy.scheme !== 'socks4';
}

/** How a proxy is called in messages: without credentials. */
export function proxyName(proxy: ProxyServer): string {
  return `the proxy ${proxy.scheme}://${hostInUrl(proxy.host)}:${proxy.port}`;
}

/** The proxy for a host, or undefined for none. `scheme` asks the environment for `<scheme>_proxy` first. */
export function chooseProxy(
  options: ConnectOptions,
  host: string,
  port: number,
  env: Environment,
  scheme?: string,
): ProxyServer | undefined {
  if (!options.proxy) return undefined;
  const fromEnv = options.proxy === 'env';
  const text = fromEnv ? proxyFromEnv(env, scheme) : options.proxy;
  if (!text) return undefined;
  const except = options.noProxy ?? (fromEnv ? (env['no_proxy'] ?? env['NO_PROXY']) : undefined);
  return except !== undefined && exempts(except, host, port) ? undefined : parseProxy(text);
}

/**
 * What the environment says; `http_proxy` only in lower case, as everywhere. In a CGI program it says nothing: there a header `Proxy:` of the request becomes HTTP_PROXY
 * (the httpoxy attack), and who can set one name may well set another.
 */
export function proxyFromEnv(env: Environment, scheme?: string): string | undefined {
  if (env['GATEWAY_INTERFACE'] !== undefined || env['REQUEST_METHOD'] !== undefined) return undefined;
  const shouted = scheme === undefined || scheme === 'http' ? undefined : env[`${scheme.toUpperCase()}_PROXY`];
  const own = scheme === undefined ? undefined : env[`${scheme}_proxy`];
  return own ?? shouted ?? env['all_proxy'] ?? env['ALL_PROXY'];
}

/** Reads the URL of a proxy; without a scheme it is an `http` one. Throws UsageError, never with the credentials in it. */
export function parseProxy(text: string): ProxyServer {
  const url = splitUrl(text.includes('://') ? text : `http://${text}`);
  const { scheme, host, port, userinfo } = url;
  if (!isKnown(scheme))
    throw new UsageError(`a proxy here is one of ${Object.keys(PORTS).join('://, ')}://, not ${scheme}://`, {
      reason: 'unsupported',
    });
  if (!host) throw new UsageError(`this proxy has no host: ${scheme}://host:port`);
  if (!/^\/?$/.test(url.path)) throw new UsageError(`a proxy has no path: ${scheme}://host:port`);
  return { scheme, host, port: port ?? PORTS[scheme], ...parseCredentials(userinfo) };
}

function isKnown(scheme: string | undefined): scheme is ProxyServer['scheme'] {
  return scheme !== undefined && Object.hasOwn(PORTS, scheme);
}

function parseCredentials(userinfo: string | undefined): Pick<ProxyServer, 'user' | 'password'> {
  if (!userinfo) return {};
  const colon = userinfo.indexOf(':');
  const user = decodeText(colon < 0 ? userinfo : userinfo.slice(0, colon));
  const password = colon < 0 ? '' : decodeText(userinfo.slice(colon + 1));
  for (const text of [user, password]) {
    if (/[\r\n\0]/.test(text)) throw new UsageError('the credentials of a proxy have no CR, LF or NUL');
  }
  return { user, password: new Secret(password) };
}
