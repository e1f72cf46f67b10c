import type { Endpoint } from '../core/endpoint.ts';
import { hasScheme } from '../core/endpoint.ts';
import { UsageError } from '../core/errors.ts';
import type { ConnectOptions } from '../core/options.ts';
import { decodeText, splitUrl } from '../core/url.ts';
import { Connection, type ConnectionOptions } from './connection.ts';

/** Whom to connect to: `host:port`, `tcp://host:port`, `tls://host:port`, `unix:/path`, or its parts. */
export type ConnectTarget =
  | string
  | URL
  | { readonly host: string; readonly port: number; readonly tls?: boolean | undefined }
  | { readonly unixSocket: string };

/**
 * Connects, whatever the protocol; with `tls:` the peer is verified first. Throws UsageError for what is no target,
 * ConnectionError, TimeoutError, the reason of the signal.
 */
export async function connect(
  target: ConnectTarget,
  options: ConnectOptions & ConnectionOptions = {},
): Promise<Connection> {
  const { endpoint, unixSocket } = aimOf(target);
  return Connection.open(endpoint, { ...options, ...(unixSocket !== undefined && { unixSocket }) });
}

interface Aim {
  readonly endpoint: Endpoint;
  readonly unixSocket?: string;
}

function aimOf(target: ConnectTarget): Aim {
  if (typeof target === 'string') return parse(target);
  if (target instanceof URL) return parse(target.href);
  if ('unixSocket' in target) return local(target.unixSocket);
  const { host, port, tls = false } = target;
  return { endpoint: { scheme: tls ? 'tls' : 'tcp', host, port, tls: tls ? 'implicit' : 'none' } };
}

function parse(text: string): Aim {
  const { scheme, host, port, path, userinfo } = splitUrl(hasScheme(text) ? text : `tcp://${text}`);
  if (scheme === 'unix') return local(decodeText(path));
  if (scheme !== 'tcp' && scheme !== 'tls')
    throw new UsageError(`tcp://, tls:// or unix: can be connected to, not ${scheme}:`);
  if (!host || port === undefined || userinfo !== undefined || (path !== '' && path !== '/')) {
    throw new UsageError('to connect needs a host and a port, and no more: tcp://host:port');
  }
  return { endpoint: { scheme, host, port, tls: scheme === 'tls' ? 'implicit' : 'none' } };
}

/** A Unix socket is at this host; it has no port, but an endpoint has one. */
function local(path: string): Aim {
  if (path === '') throw new UsageError('a Unix socket has a path: unix:/path');
  return { endpoint: { scheme: 'unix', host: 'localhost', port: 1, tls: 'none' }, unixSocket: path };
}
