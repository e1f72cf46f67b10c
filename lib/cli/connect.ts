import { readFile } from 'node:fs/promises';
import { UsageError } from '../core/errors.ts';
import type { ConnectOptions, TlsOptions } from '../core/options.ts';
import type { Values } from './options.ts';
import type { Reporter } from './reporter.ts';

/** The options of a connection that the flags ask for. Throws UsageError, and the error of a file that cannot be read. */
export async function connectOptions(values: Values, reporter: Reporter): Promise<ConnectOptions> {
  if (values.ipv4 && values.ipv6) throw new UsageError('-4 and -6 exclude each other');
  if (values.insecure) reporter.warn('--insecure: nobody checks who the server is');
  const { timeout, connectTimeout, proxy = 'env' } = values;
  return {
    timeouts: {
      ...(timeout !== undefined && { idle: timeout, greeting: timeout }),
      ...(connectTimeout !== undefined && { connect: connectTimeout, tls: connectTimeout }),
    },
    tls: await tlsOptions(values),
    starttls: values.starttls,
    auth: values.auth,
    insecureLogin: values.insecureLogin,
    proxy: proxy === 'none' ? undefined : proxy,
    noProxy: values.noProxy,
    resolve: values.resolve && addresses(values.resolve),
    unixSocket: values.unixSocket,
    via: values.via,
    family: values.ipv4 ? 4 : values.ipv6 ? 6 : undefined,
    transcript: values.verbose ? reporter : undefined,
  };
}

async function tlsOptions(values: Values): Promise<TlsOptions> {
  if ((values.cert === undefined) !== (values.key === undefined)) throw new UsageError('--cert and --key go together');
  return {
    ca: values.cacert === undefined ? undefined : await readFile(values.cacert),
    cert: values.cert === undefined ? undefined : await readFile(values.cert),
    key: values.key === undefined ? undefined : await readFile(values.key),
    pins: values.pin,
    minVersion: values.tlsMin && `TLSv${values.tlsMin}`,
    servername: values.servername,
    insecure: values.insecure,
  };
}

/** `host:port:address[,address]` as `host:port` and addresses. IPv6 addresses may have brackets. */
function addresses(lines: readonly string[]): Record<string, string[]> {
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const match = /^(\[[^\]]+\]|[^:[\]]+):(\d{1,5}):(.+)$/.exec(line);
    if (!match) throw new UsageError('--resolve is written HOST:PORT:ADDRESS');
    const [, host = '', port, list = ''] = match;
    const key = `${host.toLowerCase()}:${port}`;
    const given = list.split(',').map((address) => address.replace(/^\[(.*)\]$/, '$1'));
    found.set(key, [...(found.get(key) ?? []), ...given]);
  }
  return Object.fromEntries(found);
}
