/** Whether a connection that began in the clear is to be upgraded to TLS, and who could listen if it is not. */
import { isIP } from 'node:net';
import type { Endpoint } from '../core/endpoint.ts';
import { ConnectionError, type ErrorDetail } from '../core/errors.ts';
import type { ConnectOptions } from '../core/options.ts';
import { chooseProxy } from './proxy.ts';

/** `required`: nothing else is said without it. `try`: where the server offers it. `off`: no. */
export type Upgrade = 'required' | 'try' | 'off';

/** What is wanted: a scheme that upgrades requires it; else the options say; else it is required, but not on this machine. */
export function upgradeOf(endpoint: Endpoint, options: ConnectOptions): Upgrade {
  if (endpoint.tls === 'implicit') return 'off';
  if (endpoint.tls === 'upgrade') return 'required';
  return options.starttls ?? (isLocal(endpoint, options) ? 'off' : 'required');
}

/** Whether the way to an endpoint stays on this machine, by its own address or a Unix socket: nobody in between can listen. */
export function isLocal({ host, port }: Pick<Endpoint, 'host' | 'port'>, options: ConnectOptions): boolean {
  if (options.unixSocket !== undefined) return true;
  if (options.via !== undefined || options.resolve !== undefined) return false;
  return isLoopback(host) && chooseProxy(options, host, port, process.env) === undefined;
}

/** Whether a name or an address is this machine's own. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 6) return host === '::1' || host.startsWith('::ffff:127.');
  return isIP(host) === 4 ? host.startsWith('127.') : host === 'localhost' || host.endsWith('.localhost');
}

/** The server has no upgrade, or did not make it, and it is required. */
export function notUpgraded(how: string, detail: ErrorDetail): ConnectionError {
  const message = `${how}, and what would be said then could be heard by everybody on the way`;
  return new ConnectionError(message, { phase: 'tls', ...detail, reason: 'tls-required', temporary: false });
}
