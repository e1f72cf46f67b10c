/** How a reference is read where it stands (RFC 3986 5.2), for URLs of any scheme. */
import { UsageError } from '../core/errors.ts';
import { hostInUrl, refuseControls, splitUrl, type UrlParts } from '../core/url.ts';

/** The five components, as they were written; what is not there is undefined, what is empty is empty. */
interface Components {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string | undefined;
}

/**
 * The URL that a reference means, beside a base. Throws UsageError for control characters.
 *
 * Unlike Python: schemes that nobody knows are joined like others, `http:g` beside an `http:` base is a URL of its own, and
 * an empty query or fragment is kept.
 */
export function join(base: string, reference: string): string {
  const from = componentsOf(base);
  const to = componentsOf(reference);
  if (to.scheme !== undefined) return compose({ ...to, path: withoutDots(to.path) });
  if (to.authority !== undefined) return compose({ ...to, scheme: from.scheme, path: withoutDots(to.path) });
  const { fragment } = to;
  if (to.path === '') return compose({ ...from, query: to.query ?? from.query, fragment });
  const path = withoutDots(to.path.startsWith('/') ? to.path : merge(from, to.path));
  return compose({ ...from, path, query: to.query, fragment });
}

/** A URL without its fragment, and the fragment; undefined where there is no `#`. */
export function defrag(url: string): { readonly url: string; readonly fragment: string | undefined } {
  const at = url.indexOf('#');
  return at < 0 ? { url, fragment: undefined } : { url: url.slice(0, at), fragment: url.slice(at + 1) };
}

/**
 * Puts a URL together again. What is undefined is left out, so that an empty query or fragment stays (unlike in Python).
 * Throws UsageError for parts that would be read as others (a path of `a:b` or `//a` where nothing stands before it), and for
 * what no URL has.
 */
export function unsplit(parts: Partial<UrlParts>): string {
  const { scheme, userinfo, host, port, path = '', query, fragment } = parts;
  if (host === undefined && (userinfo !== undefined || port !== undefined)) {
    throw new UsageError('a URL with a user or a port has a host');
  }
  const user = userinfo === undefined ? '' : `${userinfo}@`;
  const authority = host === undefined ? undefined : `${user}${hostInUrl(host)}${port === undefined ? '' : `:${port}`}`;
  const written = { scheme, authority, path, query, fragment };
  const url = write(written);
  const read = componentsOf(url);
  const again = splitUrl(url);
  if (PARTS.some((part) => read[part] !== written[part]) || again.userinfo !== userinfo || again.port !== port) {
    throw new UsageError('these parts do not make a URL: one would be read as part of another');
  }
  return url;
}

const PARTS = ['scheme', 'authority', 'path', 'query', 'fragment'] as const;

/** RFC 3986 appendix B. */
function componentsOf(text: string): Components {
  refuseControls(text, 'a URL');
  const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text);
  const [, scheme, authority, path = '', query, fragment] = match ?? [];
  return { scheme, authority, path, query, fragment };
}

/** RFC 3986 5.2.3. */
function merge({ authority, path }: Components, relative: string): string {
  if (authority !== undefined && path === '') return `/${relative}`;
  return path.slice(0, path.lastIndexOf('/') + 1) + relative;
}

/** RFC 3986 5.2.4: what `.` and `..` leave of a path. */
function withoutDots(path: string): string {
  const rooted = path.startsWith('/');
  const segments = path.split('/');
  const kept: string[] = [];
  for (const segment of rooted ? segments.slice(1) : segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  if ((last === '.' || last === '..') && (rooted || kept.length > 0)) kept.push('');
  return (rooted ? '/' : '') + kept.join('/');
}

/** RFC 3986 5.3. What dots had kept apart from the host or the scheme does not become one. */
function compose(components: Components): string {
  const { scheme, authority, path } = components;
  if (authority === undefined && path.startsWith('//')) return write({ ...components, path: `/.${path}` });
  const looksSchemed = scheme === undefined && authority === undefined && /^[^/]*:/.test(path);
  return write(looksSchemed ? { ...components, path: `./${path}` } : components);
}

function write({ scheme, authority, path, query, fragment }: Components): string {
  const start = (scheme === undefined ? '' : `${scheme}:`) + (authority === undefined ? '' : `//${authority}`);
  return start + path + (query === undefined ? '' : `?${query}`) + (fragment === undefined ? '' : `#${fragment}`);
}
