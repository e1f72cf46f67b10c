/** What both ends have of the grammar: where a request goes (RFC 9112 3.2), and how what is said is shown. */
import { excerpt, ProtocolError } from '../core/errors.ts';

/** Fields whose value is shown to nobody. */
const HIDDEN = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'authentication-info',
  'proxy-authentication-info',
  'x-api-key',
  'x-auth-token',
]);

/** Fields that hold URLs: what is a secret in the target of a request is one there too. */
const URLS = new Set(['location', 'content-location', 'referer', 'refresh', 'link']);

/** A header field as it is shown: without what could be a secret. */
export function shownField(name: string, value: string): string {
  const key = name.toLowerCase();
  if (HIDDEN.has(key)) return `${name}: ***`;
  return `${name}: ${URLS.has(key) ? value.replace(/\/\/[^/?#\s]*@/g, '//***@').replace(/[?#][^\s,;>"]*/g, shownTarget) : value}`;
}

/** The same, of a line of a head. */
export function shownLine(line: string): string {
  const colon = line.indexOf(':');
  return colon < 0 ? line : shownField(line.slice(0, colon), line.slice(colon + 1).trim());
}

/** A query, or a fragment, may hold a token: its names are shown, its values are not (they may be secrets, as `?token=…`). */
export function shownTarget(target: string): string {
  const at = target.search(/[?#]/);
  if (at < 0) return target;
  return target.slice(0, at) + target.slice(at).replace(/=[^&]*/g, '=***');
}

/** Where a request goes. */
export interface RequestTarget {
  /** Percent-encoded, as it came; `*` for all of the server. */
  readonly path: string;
  /** What is behind the `?`; undefined where there is none. */
  readonly query: string | undefined;
  /** Of a whole URL, as proxies are told. */
  readonly authority: string | undefined;
}

/** Reads a target: a path, a whole URL of http or https, or `*`. Throws ProtocolError for anything else. */
export function parseRequestTarget(target: string): RequestTarget {
  if (target === '*') return { path: target, query: undefined, authority: undefined };
  const [, authority, path] = /^(?:https?:\/\/([^/?#]+))?((?:[/?].*)?)$/i.exec(target) ?? [];
  if (path === undefined || (path === '' && authority === undefined) || (authority === undefined && path[0] === '?'))
    throw new ProtocolError(`a request for neither a path nor a URL: ${excerpt(target)}`, { protocol: 'http' });
  const at = path.indexOf('?');
  const [before, query] = at < 0 ? [path, undefined] : [path.slice(0, at), path.slice(at + 1)];
  return { path: before === '' ? '/' : before, query, authority };
}
