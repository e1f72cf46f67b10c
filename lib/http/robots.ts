/**
 * What a server asks robots not to fetch: `/robots.txt` (RFC 9309). Unlike Python, the longest rule counts and not the first,
 * names of robots are compared whole, `*` and `$` mean what they say, and 401 and 403 are like other 4xx.
 */
import { isUtf8 } from 'node:buffer';
import { UsageError } from '../core/errors.ts';
import { splitUrl } from '../core/url.ts';
import { matchesPattern, normalPath, normalPattern } from './robots-path.ts';

interface Rule {
  readonly allowed: boolean;
  readonly pattern: string;
}

interface Group {
  readonly agents: Set<string>;
  readonly rules: Rule[];
  /** In seconds. */
  delay?: number;
  rate?: RequestRate;
}

/** So many requests in so many seconds. */
export interface RequestRate {
  readonly requests: number;
  readonly seconds: number;
}

/** What is read of a file: 500 KiB (RFC 9309 2.5). */
const LONGEST = 500 * 1024;

export class Robots {
  /** Whether all was read. What is behind 500 KiB does not count (RFC 9309 2.5). */
  readonly complete: boolean;
  /** URLs of site maps. */
  readonly sitemaps: readonly string[];
  /** When it was read: after a day it is too old (RFC 9309 2.4). */
  readonly fetched: Date = new Date();
  readonly #groups: readonly Group[];

  private constructor(groups: readonly Group[], sitemaps: readonly string[], complete: boolean) {
    this.#groups = groups;
    this.sitemaps = sitemaps;
    this.complete = complete;
  }

  /** Reads the file. Nothing in it is an error: what cannot be read does not count. */
  static parse(file: string | Uint8Array): Robots {
    const octets =
      typeof file === 'string' ? Buffer.from(file) : Buffer.from(file.buffer, file.byteOffset, file.byteLength);
    const complete = octets.length <= LONGEST;
    const read = octets.subarray(0, complete ? LONGEST : lineEndBefore(octets, LONGEST));
    const reader = new Reader();
    const text = read.toString(isUtf8(read) ? 'utf8' : 'latin1').replace(/^\ufeff/, '');
    for (const line of text.split(/\r\n|\r|\n/)) reader.line(line);
    return new Robots(reader.groups, reader.sitemaps, complete);
  }

  /**
   * What the status of the answer says (RFC 9309 2.3.1): 2xx is followed, after 3xx and 4xx there are no rules, and all
   * else, as no answer at all (undefined), means that nothing may be fetched.
   */
  static answered(status: number | undefined, body: string | Uint8Array = ''): Robots {
    if (status !== undefined && status >= 200 && status < 300) return Robots.parse(body);
    if (status !== undefined && status >= 300 && status < 500) return Robots.parse('');
    return Robots.parse('User-agent: *\nDisallow: /');
  }

  /**
   * Whether a robot may fetch it. `agent` is its name or a whole User-Agent, of which the first word counts; `path` is a path
   * with its query, or a URL. Throws UsageError for what is neither.
   */
  allows(agent: string, path: string): boolean {
    const target = targetOf(path);
    if (target === '/robots.txt') return true;
    const found = this.#groupsOf(agent)
      .flatMap(({ rules }) => rules)
      .filter(({ pattern }) => matchesPattern(target, pattern));
    // the longest; of two that are alike the one that allows
    const longest = found.reduce((length, { pattern }) => Math.max(length, pattern.length), 0);
    return found.length === 0 || found.some(({ allowed, pattern }) => allowed && pattern.length === longest);
  }

  /** Seconds between two requests; undefined where nothing is said. */
  crawlDelay(agent: string): number | undefined {
    return this.#groupsOf(agent).find(({ delay }) => delay !== undefined)?.delay;
  }

  requestRate(agent: string): RequestRate | undefined {
    return this.#groupsOf(agent).find(({ rate }) => rate !== undefined)?.rate;
  }

  /** All groups that name the robot; where none does, those for all. */
  #groupsOf(agent: string): readonly Group[] {
    const name = nameOf(agent);
    const own = this.#groups.filter(({ agents }) => agents.has(name));
    return own.length > 0 ? own : this.#groups.filter(({ agents }) => agents.has('*'));
  }
}

/** A path and its query as they are compared. */
function targetOf(path: string): string {
  if (path.startsWith('/')) return normalPath(path.split('#', 1)[0] ?? path);
  const url = splitUrl(path);
  if (url.host === undefined) throw new UsageError('what a robot may fetch is a path that starts with /, or a URL');
  return normalPath((url.path || '/') + (url.query === undefined ? '' : `?${url.query}`));
}

/** `Example/1.0 (+https://example.org)` is `example`. */
function nameOf(agent: string): string {
  return /^[^\s/]*/.exec(agent.trim())?.[0].toLowerCase() ?? '';
}

/** Half a line is not read: it could be another rule. */
function lineEndBefore(octets: Buffer, limit: number): number {
  const read = octets.subarray(0, limit);
  return Math.max(read.lastIndexOf('\n'), read.lastIndexOf('\r')) + 1;
}

/** Puts lines into groups. */
class Reader {
  readonly groups: Group[] = [];
  readonly sitemaps: string[] = [];
  #group: Group | undefined;
  /** Whether the group has rules: the next name begins another. */
  #ruled = false;

  line(line: string): void {
    const [written = ''] = line.split('#', 1);
    const colon = written.indexOf(':');
    if (colon < 0) return;
    const value = written.slice(colon + 1).trim();
    this.#records.get(written.slice(0, colon).trim().toLowerCase())?.(value);
  }

  readonly #records: ReadonlyMap<string, (value: string) => void> = new Map([
    ['user-agent', (value) => this.#agent(value)],
    ['allow', (value) => this.#rule(true, value)],
    ['disallow', (value) => this.#rule(false, value)],
    ['sitemap', (value) => void this.sitemaps.push(value)],
    ['crawl-delay', (value) => this.#delay(value)],
    ['request-rate', (value) => this.#rate(value)],
  ]);

  #agent(value: string): void {
    if (!this.#group || this.#ruled) {
      this.#group = { agents: new Set(), rules: [] };
      this.groups.push(this.#group);
      this.#ruled = false;
    }
    this.#group.agents.add(nameOf(value));
  }

  /** A rule without a path says nothing, but ends the names of its group. */
  #rule(allowed: boolean, value: string): void {
    this.#ruled = true;
    if (value !== '') this.#group?.rules.push({ allowed, pattern: normalPattern(value) });
  }

  #delay(value: string): void {
    if (this.#group && /^\d{1,9}(?:\.\d{1,9})?$/.test(value)) this.#group.delay ??= Number(value);
  }

  #rate(value: string): void {
    const [, requests, time, unit = 's'] = /^(\d{1,9})\/(\d{1,9})([smh])?(?: |$)/i.exec(value) ?? [];
    const seconds = Number(time) * (SECONDS.get(unit.toLowerCase()) ?? 1);
    if (!this.#group || !(seconds > 0)) return;
    this.#group.rate ??= { requests: Number(requests), seconds };
  }
}

const SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);
