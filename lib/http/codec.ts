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
]);

/** A header field as it is shown: without what could be a secret. */
export function shownField(name: string, value: string): string {
  return `${name}: ${HIDDEN.has(name.toLowerCase()) ? '***' : value}`;
}

/** The same, of a line of a head. */
export function shownLine(line: string): string {
  const name = line.slice(0, Math.max(0, line.indexOf(':')));
  return HIDDEN.has(name.toLowerCase()) ? `${name}: ***` : line;
}

/** A query may hold a token: its names are shown, its values are not (they may be secrets, as `?token=…`). */
export function shownTarget(target: string): string {
  const at = target.indexOf('?');
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
