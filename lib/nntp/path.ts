/**
 * What a path of a news or nntp URL names (RFC 5538), percent-encoded as URLs are:
 *
 *     /                    the groups
 *     /comp.lang.*         the groups that match a wildmat; its ? is written %3F
 *     /comp.test           a group
 *     /comp.test/1042      an article of it, by the number that it has on this server
 *     /comp.test/100-200   a range of them, or from one number on: /comp.test/100-
 *     /id@host, /<id@host> an article, by its message-id
 *
 * A slash at the end makes a group or a wildmat of what would be taken for a message-id: /a@b/
 */
import { excerpt, UsageError } from '../core/errors.ts';
import { decodeText, encodePath, refuseControls } from '../core/url.ts';
import { checkGroup, checkMessageId } from './codec.ts';
import { formatRange, parseRange, type Range } from './range.ts';
import { checkWildmat, isWildmat } from './wildmat.ts';

export type NewsPath =
  | { readonly kind: 'groups'; readonly wildmat?: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'article'; readonly group: string; readonly number: number }
  | { readonly kind: 'range'; readonly group: string; readonly range: Range }
  | { readonly kind: 'message'; readonly messageId: string };

/** Reads a path. Each part is decoded once, after it was split off. Throws UsageError for one that names nothing of these. */
export function parsePath(path: string): NewsPath {
  refuseControls(path, 'a path');
  if (path.includes('?')) throw usage(`a ? begins a query, which news has not: write %3F, not ${excerpt(path)}`);
  const written = path.replace(/^\//, '');
  if (written === '') return { kind: 'groups' };
  const whole = decodeText(written);
  if (/^<.*>$/.test(whole)) return { kind: 'message', messageId: checkMessageId(whole) };
  const [name = '', place, ...more] = written.split('/').map(decodeText);
  const isId = place === undefined || /[^\d-]/.test(place) || more.length > 0;
  if (isId && whole.includes('@')) return { kind: 'message', messageId: checkMessageId(`<${whole}>`) };
  if (more.length > 0) throw usage(`a path is a group and a number, not ${excerpt(path)}`);
  if (isWildmat(name)) return groupsOf(name, place);
  return inGroup(checkGroup(name), place ?? '');
}

function groupsOf(wildmat: string, place = ''): NewsPath {
  if (place !== '') throw usage(`a wildmat is of groups, which are listed: what is behind its / is not`);
  return { kind: 'groups', wildmat: checkWildmat(wildmat) };
}

function inGroup(group: string, place: string): NewsPath {
  if (place === '') return { kind: 'group', group };
  const range = parseRange(place);
  return place.includes('-') ? { kind: 'range', group, range } : { kind: 'article', group, number: range.low };
}

/** The path of what it names: the inverse of `parsePath`. Throws UsageError for what no path can name. */
export function formatPath(path: NewsPath): string {
  switch (path.kind) {
    case 'groups':
      return path.wildmat === undefined ? '/' : named(checkWildmat(path.wildmat));
    case 'group':
      return named(checkGroup(path.group));
    case 'article':
      return `/${encode(checkGroup(path.group))}/${formatRange({ low: path.number, high: path.number })}`;
    case 'range':
      return `/${encode(checkGroup(path.group))}/${rangeOf(path.range)}`;
    case 'message':
      return formatId(checkMessageId(path.messageId));
  }
}

/** Of a range of one number too. */
function rangeOf({ low, high }: Range): string {
  return low === high ? `${formatRange({ low, high })}-${high}` : formatRange({ low, high });
}

function named(name: string): string {
  return `/${encode(name)}${name.includes('@') || name.startsWith('<') ? '/' : ''}`;
}

/** Without its brackets where it is known for a message-id without them. */
function formatId(id: string): string {
  const inner = id.slice(1, -1);
  return `/${encode(inner.includes('@') && !inner.startsWith('<') ? inner : id)}`;
}

function encode(text: string): string {
  return encodePath(text).replaceAll('/', '%2F');
}

/** Whether a path is of many: groups, a group, or a range of articles. One that is none of all these is not. */
export function isContainer(path: string): boolean {
  try {
    const { kind } = parsePath(path);
    return kind === 'groups' || kind === 'group' || kind === 'range';
  } catch {
    return false;
  }
}

function usage(message: string): UsageError {
  return new UsageError(message, { protocol: 'nntp' });
}
