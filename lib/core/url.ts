/**
 * RFC 3986 as it is written. WHATWG `URL` cannot serve here: for `gopher:`, `imap:`, `nntp:` and their kin it drops
 * TAB, CR and LF silently, resolves dot segments (a selector is opaque), and keeps no difference between what was
 * written and what was normalised. Split first, decode after, each component once.
 */
import { domainToASCII } from 'node:url';
import { UsageError } from './errors.ts';

export interface UrlParts {
  readonly scheme: string | undefined;
  readonly userinfo: string | undefined;
  /** Lower case, without brackets; undefined where there is no `//`. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** As written, still percent-encoded. */
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

/** Splits a URL. Nothing is decoded but the host. Throws UsageError for control characters, spaces, and a bad host or port. */
export function splitUrl(text: string): UrlParts {
  refuseControls(text, 'a URL');
  if (text.includes(' ')) throw new UsageError('a URL has no spaces: write %20');
  // RFC 3986 appendix B
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
  if (!match) throw new UsageError('this is not a URL');
  const [, scheme, authority, path = '', query, fragment] = match;
  const { userinfo, host, port } =
    authority === undefined ? { userinfo: undefined, host: undefined, port: undefined } : splitAuthority(authority);
  return { scheme: scheme?.toLowerCase(), userinfo, host, port, path, query, fragment };
}

/** `[userinfo@]host[:port]`, RFC 3986 3.2. */
function splitAuthority(text: string): { userinfo: string | undefined; host: string; port: number | undefined } {
  const at = text.indexOf('@');
  if (text.indexOf('@', at + 1) >= 0)
    throw new UsageError('two @ before the host: write the one in a name or password as %40');
  const userinfo = at < 0 ? undefined : text.slice(0, at);
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/.exec(text.slice(at + 1));
  if (!match)
    throw new UsageError('the host and port of this URL cannot be told apart: an IPv6 address goes in brackets');
  const [, host = '', port] = match;
  return { userinfo, host: parseHost(host), port: port === undefined || port === '' ? undefined : parsePort(port) };
}

/** A host in lower case; an internationalised name in its ASCII form; an IPv6 address without its brackets. */
function parseHost(text: string): string {
  if (text.startsWith('[')) {
    const inner = text.slice(1, -1).replace('%25', '%');
    if (!/^[0-9A-Fa-f:.]+(?:%[A-Za-z0-9._~-]+)?$/.test(inner)) throw new UsageError('this is not an IPv6 address');
    return inner.toLowerCase();
  }
  if (text === '') return text;
  // domainToASCII drops what stands behind some of the characters that no host has: they are refused before
  const written = /[\x21-\x2c/:-@[-^`{-}\\%]/.test(text) ? '' : text;
  const ascii = /^[\x21-\x7e]*$/.test(written) ? written.toLowerCase() : domainToASCII(written);
  if (!/^[a-z0-9._~-]+$/.test(ascii)) throw new UsageError('this host has characters that no host name has');
  return ascii;
}

/** 1 to 65535, in decimal digits. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new UsageError('a port is a number from 1 to 65535');
  return port;
}

/** A host as it stands in a URL: an IPv6 address in brackets. */
export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host.replace('%', '%25')}]` : host;
}

/** Percent-decodes to octets. A `%` without two hexadecimal digits is a mistake, not a character. */
export function decodeOctets(text: string): Buffer {
  if (!text.includes('%')) return Buffer.from(text, 'utf8');
  if (/%(?![0-9A-Fa-f]{2})/.test(text))
    throw new UsageError('a % that is not followed by two hexadecimal digits: write %25');
  const parts = text.split(/((?:%[0-9A-Fa-f]{2})+)/);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part, 'utf8'))),
  );
}

/** Percent-decodes to text. Octets that are no UTF-8 are a mistake. */
export function decodeText(text: string): string {
  const octets = decodeOctets(text);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (cause) {
    throw new UsageError('percent-encoded octets that are not UTF-8', { cause });
  }
}

const PLAIN = new Set(Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/"));
const ENCODED = Array.from({ length: 256 }, (_, octet) =>
  PLAIN.has(octet) ? String.fromCharCode(octet) : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
);

/** Octets, or text in UTF-8, as a URL path: everything that is not plain there is percent-encoded. */
export function encodePath(octets: Uint8Array | string): string {
  if (typeof octets === 'string' && /^[\w\-.~!$&'()*+,;=:@/]*$/.test(octets)) return octets;
  let text = '';
  for (const octet of typeof octets === 'string' ? Buffer.from(octets, 'utf8') : octets) text += ENCODED[octet];
  return text;
}

/** Refuses C0 control characters and DEL. `what` names the thing in the message. */
export function refuseControls(text: string, what: string): void {
  if (/[\x00-\x1f\x7f]/.test(text))
    throw new UsageError(`${what} has no control characters: percent-encode what must be there`);
}
