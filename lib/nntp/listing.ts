/**
 * The lines of LIST and of the other lists (RFC 3977 7.6, RFC 6048). Each kind has a function that reads one line, and
 * gives undefined for one that is malformed: `parseLines` keeps those aside, for one bad line must not cost the others.
 */
import { type GroupStatus, groupStatus, isGroup, isMessageId } from './codec.ts';

/** What was read, and the lines that could not be, as they came. */
export interface Lines<T> {
  readonly items: T[];
  readonly malformed: string[];
}

/** Reads a text of whole lines, which may end with a bare LF. */
export function parseLines<T>(text: string, parse: (line: string) => T | undefined): Lines<T> {
  const items: T[] = [];
  const malformed: string[] = [];
  for (let at = 0; at < text.length; ) {
    const lf = text.indexOf('\n', at);
    const end = lf < 0 ? text.length : lf;
    const line = text.slice(at, end > at && text.charCodeAt(end - 1) === CR ? end - 1 : end);
    const item = parse(line);
    if (item === undefined) malformed.push(line);
    else items.push(item);
    at = end + 1;
  }
  return { items, malformed };
}

const CR = 13;

/** LIST ACTIVE, and NEWGROUPS: `group high low status`. */
export interface ActiveGroup {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  /**
   * `y` may be posted to, `n` may not, `m` is moderated; `x`, `j` and `=other.group` are of RFC 6048: nobody posts, what
   * comes is filed as junk, or under the other name.
   */
  readonly status: string;
}

export function parseActive(line: string): ActiveGroup | undefined {
  const [, name, high, low, status] =
    /^([^\x00-\x20\x7f]+)[ \t]+(\d{1,15})[ \t]+(\d{1,15})[ \t]+(\S+)[ \t]*$/.exec(line) ?? [];
  if (!isName(name) || status === undefined) return undefined;
  return { name, high: Number(high), low: Number(low), status };
}

/** Without its line end, as all of these. */
export function formatActive({ name, high, low, status }: ActiveGroup): string {
  return `${name} ${high} ${low} ${status}`;
}

/** LIST COUNTS: `group high low count status` (RFC 6048 2.2). */
export interface CountedGroup extends GroupStatus {
  readonly status: string;
}

export function parseCounts(line: string): CountedGroup | undefined {
  const [, name, high, low, count, status] =
    /^([^\x00-\x20\x7f]+)[ \t]+(\d{1,15})[ \t]+(\d{1,15})[ \t]+(\d{1,15})[ \t]+(\S+)[ \t]*$/.exec(line) ?? [];
  if (!isName(name) || status === undefined) return undefined;
  return { ...groupStatus(name, Number(count), Number(low), Number(high)), status };
}

export function formatCounts({ name, high, low, count, status }: Omit<CountedGroup, 'empty'>): string {
  return `${name} ${high} ${low} ${count} ${status}`;
}

/** LIST NEWSGROUPS: a group, white space, what it is for. */
export interface Description {
  readonly name: string;
  readonly text: string;
}

export function parseDescription(line: string): Description | undefined {
  const [, name, text = ''] = /^([^\x00-\x20\x7f]+)(?:[ \t](.*))?$/s.exec(line) ?? [];
  return isName(name) ? { name, text: text.trim() } : undefined;
}

export function formatDescription({ name, text }: Description): string {
  return `${name}\t${oneLine(text)}`;
}

/** LIST ACTIVE.TIMES: when a group was made, and by whom. */
export interface ActiveTime {
  readonly name: string;
  readonly created: Date;
  readonly creator: string;
}

export function parseActiveTime(line: string): ActiveTime | undefined {
  // beyond 12 digits there is no date
  const [, name, seconds, creator = ''] = /^([^\x00-\x20\x7f]+)[ \t]+(\d{1,12})(?:[ \t](.*))?$/s.exec(line) ?? [];
  return isName(name) ? { name, created: new Date(Number(seconds) * 1000), creator: creator.trim() } : undefined;
}

export function formatActiveTime({ name, created, creator }: ActiveTime): string {
  return `${name} ${Math.floor(created.getTime() / 1000)} ${oneLine(creator)}`;
}

/** LIST DISTRIB.PATS: which distribution suits which groups; the heaviest that matches counts. */
export interface DistributionPattern {
  readonly weight: number;
  readonly wildmat: string;
  readonly distribution: string;
}

export function parseDistribPat(line: string): DistributionPattern | undefined {
  const [, weight, wildmat, distribution = ''] = /^(\d{1,15}):([^:\s]+):(.*)$/s.exec(line) ?? [];
  return wildmat === undefined ? undefined : { weight: Number(weight), wildmat, distribution: distribution.trim() };
}

/** HDR: a header of an article, by its number; 0 for an article that was asked for by its message-id. */
export interface HeaderLine {
  readonly number: number;
  /** As it came; empty for a header that the article does not have. */
  readonly value: string;
}

export function parseHeader(line: string): HeaderLine | undefined {
  const [, number, value = ''] = /^(\d{1,15})(?: (.*))?$/s.exec(line) ?? [];
  return number === undefined ? undefined : { number: Number(number), value };
}

/** XHDR and XPAT: of an article asked for by its message-id, that stands first; `(none)` is a header that is not there. */
export function parseXhdr(line: string): HeaderLine | undefined {
  const [, number, value = ''] = /^(\d{1,15}|<[^\s<>]{1,998}>)(?: (.*))?$/s.exec(line) ?? [];
  if (number === undefined) return undefined;
  return { number: number.startsWith('<') ? 0 : Number(number), value: value === '(none)' ? '' : value };
}

/** NEWNEWS: a message-id. */
export function parseMessageId(line: string): string | undefined {
  return isMessageId(line) ? line : undefined;
}

/** LISTGROUP: the number of an article. */
export function parseNumber(line: string): number | undefined {
  return /^\d{1,15}$/.test(line) ? Number(line) : undefined;
}

/** LIST SUBSCRIPTIONS: the name of a group. */
export function parseName(line: string): string | undefined {
  return isName(line) ? line : undefined;
}

/** LIST HEADERS: what HDR can be asked for: names, metadata with a colon before it, `:` alone for any metadata or header. */
export function parseFieldName(line: string): string | undefined {
  return /^(?::|:?[\x21-\x39\x3b-\x7e]+)$/.test(line) ? line : undefined;
}

/** A name that a command can ask for: a group of any other could only be stumbled over. */
function isName(name: string | undefined): name is string {
  return name !== undefined && isGroup(name);
}

/** What would end the line becomes a space. */
function oneLine(text: string): string {
  return text.replace(/[\0\r\n]/g, ' ');
}
