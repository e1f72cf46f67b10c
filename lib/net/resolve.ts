import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { ConnectionError, excerpt, UsageError } from '../core/errors.ts';
import type { ConnectOptions } from '../core/options.ts';
import { hostInUrl } from '../core/url.ts';
import type { Deadline } from './deadline.ts';

/** Gives the addresses of a name in the order of preference; `family` 0 is both. */
export type Lookup = (
  host: string,
  family: 0 | 4 | 6,
  found: (error: NodeJS.ErrnoException | null, addresses: readonly string[]) => void,
) => void;

/** The system's resolver. */
export const systemLookup: Lookup = (host, family, found) => {
  const { lookup } = process.getBuiltinModule('node:dns');
  lookup(host, { all: true, verbatim: true, family }, (error, addresses) =>
    found(error, error ? [] : addresses.map(({ address }) => address)),
  );
};

/**
 * A host in the one spelling that the rest may rely on: a name in ASCII and lower case, an address as the system would
 * read it (`0x7f.1`, `2130706433` and `017700000001` are all 127.0.0.1). Throws UsageError for what is neither.
 */
export function normalHost(host: string): string {
  if (isIP(host)) return host;
  const ascii = /^[\x00-\x7f]*$/.test(host) ? host.toLowerCase() : foreignHost(host);
  if (!/^[a-z0-9_~][a-z0-9._~-]*$/.test(ascii)) throw new UsageError(`this is no host: ${excerpt(host)}`, { host });
  return endsInNumber(ascii) ? readNumeric(ascii) : ascii;
}

/** An internationalised name in its ASCII form. The conversion drops some characters, and all after others: no such. */
function foreignHost(host: string): string {
  return /^[A-Za-z0-9._~\-\u0080-\uffff]+$/.test(host) ? domainToASCII(host) : '';
}

/** Whether the last label is a number, decimal or hexadecimal: then the whole is an IPv4 address, or nothing. */
function endsInNumber(host: string): boolean {
  return /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/.test(host);
}

function readNumeric(host: string): string {
  try {
    return new URL(`http://${host}/`).hostname;
  } catch (cause) {
    throw new UsageError(`this is no IPv4 address: ${excerpt(host)}`, { host, cause });
  }
}

/** The addresses that `options.resolve` has for a host: for `host:port`, `host`, `*:port`, `*`, the first that is there. */
export function overrides(host: string, port: number, options: ConnectOptions): readonly string[] | undefined {
  const { resolve } = options;
  if (!resolve) return undefined;
  const name = hostInUrl(host);
  const key = [`${name}:${port}`, host, `*:${port}`, '*'].find((k) => Object.hasOwn(resolve, k));
  const value = key === undefined ? undefined : resolve[key];
  if (value === undefined) return undefined;
  const addresses = (typeof value === 'string' ? [value] : value).map((a) => a.replace(/^\[(.*)\]$/, '$1'));
  const wrong = addresses.find((address) => !isIP(address));
  if (wrong !== undefined || addresses.length === 0)
    throw new UsageError(`resolve has no address for ${key}: ${excerpt(wrong ?? '')}`, { host, port });
  return addresses;
}

/**
 * The addresses of a host, in the order in which they are to be tried: families alternate (RFC 8305 4), and only those
 * that `family` and `localAddress` allow. Throws ConnectionError `resolve` when there are none.
 */
export async function resolve(
  host: string,
  port: number,
  options: ConnectOptions,
  deadline: Deadline,
  lookup: Lookup,
): Promise<readonly string[]> {
  const family = options.family ?? (options.localAddress === undefined ? 0 : familyOf(options.localAddress));
  const known = overrides(host, port, options) ?? (isIP(host) ? [host] : undefined);
  const addresses = known ?? (await ask(host, family, deadline, lookup));
  const usable = family === 0 ? addresses : addresses.filter((address) => isIP(address) === family);
  if (usable.length === 0) throw noAddress(host, family ? `no IPv${family} address` : 'no address', deadline);
  return interleave(usable);
}

function familyOf(localAddress: string): 4 | 6 {
  const family = isIP(localAddress);
  if (family === 4 || family === 6) return family;
  throw new UsageError(`localAddress is not an address: ${excerpt(localAddress)}`);
}

async function ask(host: string, family: 0 | 4 | 6, deadline: Deadline, lookup: Lookup): Promise<readonly string[]> {
  return deadline.step('resolve', (done, fail) => {
    lookup(host, family, (error, addresses) => {
      if (error) fail(unresolved(host, error, deadline));
      else done(addresses);
    });
    return () => {}; // the system's resolver cannot be interrupted: its late answer is not heard
  });
}

function unresolved(host: string, error: NodeJS.ErrnoException, deadline: Deadline): ConnectionError {
  if (error.code === 'ENOTFOUND') return noAddress(host, 'no such name: is it spelt right?', deadline, error);
  const what = error.code === 'EAI_AGAIN' ? 'the resolver does not answer: is there a network?' : error.message;
  return noAddress(host, what, deadline, error);
}

function noAddress(host: string, what: string, deadline: Deadline, cause?: NodeJS.ErrnoException): ConnectionError {
  return new ConnectionError(`${host}: ${what}`, {
    ...deadline.detail('resolve', cause),
    reason: 'resolve',
    temporary: cause !== undefined && cause.code !== 'ENOTFOUND',
  });
}

/** The families by turns, beginning with that of the first address. */
export function interleave(addresses: readonly string[]): readonly string[] {
  if (addresses.length < 2) return addresses;
  const first = addresses.filter((address) => isIP(address) === isIP(addresses[0] ?? ''));
  const second = addresses.filter((address) => !first.includes(address));
  return Array.from({ length: addresses.length }, (_, i) => [first[i], second[i]])
    .flat()
    .filter((address) => address !== undefined);
}
