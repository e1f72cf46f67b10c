/** Which cookies a server may set (RFC 6265 5.2, 5.3, and its revision): the public suffix list and the parser are a library's. */
import { canonicalDomain, defaultPath, domainMatch, getPublicSuffix, Cookie as Parsed, pathMatch } from 'tough-cookie';
import { isLoopback } from '../net/upgrade.ts';
import { type Cookie, isPlain, MAX_LINE, MAX_PAIR } from './cookie.ts';

/** Who sets a cookie, or is asked for something. */
export interface Place {
  /** In lower case, an IPv6 address without brackets. */
  readonly host: string;
  readonly path: string;
  /** Whether nobody in between can listen. */
  readonly secure: boolean;
}

/** No cookie lives longer: 400 days. */
const LONGEST = 400 * 24 * 60 * 60 * 1000;
const MAX_PATH = 1_024;

export function placeOf(url: string): Place {
  const { protocol, hostname, pathname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return { host, path: pathname, secure: protocol === 'https:' || isLoopback(host) };
}

/** What a Set-Cookie sets; undefined where it must not, or cannot be read. Nothing in it is percent-decoded. */
export function accept(line: string, place: Place, now: number): Cookie | undefined {
  if (Buffer.byteLength(line) > MAX_LINE || !isPlain(line.replaceAll('\t', ' '))) return undefined;
  const parsed = Parsed.parse(line);
  if (!parsed) return undefined;
  const { key: name, value, secure, httpOnly } = parsed;
  if (name === '' || !isPlain(name + value) || Buffer.byteLength(name + value) > MAX_PAIR) return undefined;
  const scope = scopeOf(parsed.domain, place.host);
  if (!scope || (secure && !place.secure)) return undefined;
  const path = parsed.path?.startsWith('/') ? parsed.path : defaultPath(place.path);
  if (path.length > MAX_PATH || !mayBeCalled(name, parsed, place)) return undefined;
  const expires = endOf(parsed, now);
  const sameSite = SAME_SITE.get(parsed.sameSite ?? '');
  return {
    ...{ name, value, path, secure, httpOnly, created: new Date(now) },
    ...scope,
    ...(sameSite && { sameSite }),
    ...(expires && { expires }),
  };
}

const SAME_SITE: ReadonlyMap<string, NonNullable<Cookie['sameSite']>> = new Map([
  ['strict', 'strict'],
  ['lax', 'lax'],
  ['none', 'none'],
]);

/** Whether a cookie is for what is asked for. */
export function isFor(cookie: Cookie, { host, path, secure }: Place): boolean {
  const fits = cookie.hostOnly ? cookie.domain === host : domainMatch(host, cookie.domain, false);
  return fits === true && pathMatch(path, cookie.path) && (secure || !cookie.secure);
}

/** For which hosts it is; undefined where the host may not speak for them. */
function scopeOf(domain: string | null, host: string): Pick<Cookie, 'domain' | 'hostOnly'> | undefined {
  const wanted = domain === null ? undefined : canonicalDomain(domain);
  if (wanted === undefined || wanted === host) {
    // what is an address, a public suffix or a name of one word has nothing below it
    const hostOnly = wanted === undefined || isPublicSuffix(host) || !host.includes('.');
    return { domain: host, hostOnly };
  }
  if (wanted.endsWith('.') || isPublicSuffix(wanted) || !domainMatch(host, wanted, false)) return undefined;
  return { domain: wanted, hostOnly: false };
}

function isPublicSuffix(domain: string): boolean {
  return getPublicSuffix(domain, { ignoreError: true, allowSpecialUseDomain: true }) === undefined;
}

/** Names that promise something (RFC 6265 revised, 5.4). */
function mayBeCalled(name: string, { secure, domain, path }: Parsed, place: Place): boolean {
  const promise = name.toLowerCase();
  if (promise.startsWith('__secure-')) return secure && place.secure;
  if (promise.startsWith('__host-')) return secure && place.secure && domain === null && path === '/';
  return true;
}

function endOf({ maxAge, expires }: Parsed, now: number): Date | undefined {
  if (typeof maxAge === 'number') return new Date(maxAge <= 0 ? 0 : Math.min(now + maxAge * 1000, now + LONGEST));
  return expires instanceof Date ? new Date(Math.min(expires.getTime(), now + LONGEST)) : undefined;
}
