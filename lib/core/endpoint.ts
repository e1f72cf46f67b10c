import { UsageError } from './errors.ts';
import { Secret } from './secret.ts';
import { decodeText, hostInUrl, splitUrl } from './url.ts';

/** What a URL scheme says of itself. */
export interface Scheme {
  readonly port: number;
  /** `implicit`: TLS from the first byte. `upgrade`: TLS by a command of the protocol. */
  readonly tls?: 'implicit' | 'upgrade';
  /** The environment variable that names the server, `host` or `host:port`, where a URL need not: `news:group`. */
  readonly serverFrom?: string;
  /** A fragment (`#part`) may end such a URL. It is for whoever shows what comes, and left out. */
  readonly fragment?: true;
}

/** Where a server is, and as whom it is to be spoken to. */
export interface Endpoint {
  readonly scheme: string;
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: 'none' | 'implicit' | 'upgrade';
  readonly user?: string;
  readonly password?: Secret;
  /** What followed the user after `;`, `AUTH=…` in mail URLs. */
  readonly auth?: string;
}

/** An endpoint, and the path there: percent-encoded, query included, as the URL had it. */
export interface Target {
  readonly endpoint: Endpoint;
  readonly path: string;
}

/**
 * Reads a target: a URL, or without a scheme `[user@]host[:port][/path]` of the scheme `fallback`.
 * Throws UsageError for what is no URL, a scheme that is not among `schemes`, a missing host, or a fragment.
 */
export function parseTarget(text: string | URL, schemes: Readonly<Record<string, Scheme>>, fallback: string): Target {
  const written = typeof text === 'string' ? text : text.href;
  const url = splitUrl(hasScheme(written) ? written : `${fallback}://${written}`);
  const name = url.scheme ?? fallback;
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (!scheme)
    throw new UsageError(`a target here starts with ${Object.keys(schemes).join(':// or ')}://, not ${name}:`);
  if (url.host === undefined && scheme.serverFrom !== undefined) return withoutServer(url.path, name, scheme);
  if (!url.host) throw new UsageError(`this target names no host: ${name}://host/path`);
  if (url.fragment !== undefined && !scheme.fragment)
    throw new UsageError('a # ends a URL: write %23 where it belongs to the path');
  return {
    endpoint: {
      scheme: name,
      host: url.host,
      port: url.port ?? scheme.port,
      tls: scheme.tls ?? 'none',
      ...parseUserinfo(url.userinfo),
    },
    path: (url.path || '/') + (url.query === undefined ? '' : `?${url.query}`),
  };
}

/** A URL such as `news:group`: the environment says where its server is. */
function withoutServer(path: string, name: string, scheme: Scheme): Target {
  const { serverFrom = '' } = scheme;
  const server = process.env[serverFrom];
  if (!server) throw new UsageError(`${name}: without a server: set ${serverFrom}, or write ${name}://host/${path}`);
  const { host, port } = splitUrl(`${name}://${server}`);
  if (!host) throw new UsageError(`${serverFrom} names no host`);
  const endpoint = { scheme: name, host, port: port ?? scheme.port, tls: scheme.tls ?? 'none' } as const;
  return { endpoint, path: `/${path}` };
}

/** Whether the text starts with a scheme. `host:70` is none, and `host:70/x` is none. */
export function hasScheme(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/|(?!\d{1,5}(?:$|[/?#])))/.test(text);
}

/** The URL of a path at an endpoint, without credentials; the default port of the scheme is left out. */
export function formatUrl(endpoint: Endpoint, path: string, defaultPort?: number): string {
  const port = endpoint.port === defaultPort ? '' : `:${endpoint.port}`;
  return `${endpoint.scheme}://${hostInUrl(endpoint.host)}${port}${path}`;
}

function parseUserinfo(userinfo: string | undefined): Pick<Endpoint, 'user' | 'password' | 'auth'> {
  if (userinfo === undefined || userinfo === '') return {};
  const match = /^([^:;]*)(;[^:]*)?(?::(.*?)(;AUTH=[^:;]*)?)?$/i.exec(userinfo);
  if (!match) throw new UsageError('the user and password of this URL cannot be told apart');
  const [, user = '', before, password, after] = match;
  const auth = (before ?? after)?.slice(1);
  return {
    user: decodeText(user),
    ...(password !== undefined && { password: new Secret(decodeText(password)) }),
    ...(auth !== undefined && { auth: decodeText(auth) }),
  };
}
