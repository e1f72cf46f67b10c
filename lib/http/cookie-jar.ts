import { UsageError } from '../core/errors.ts';
import { hasCode } from '../message/storage.ts';
import { type Cookie, isOver, isPlain } from './cookie.ts';
import { type CookieFormat, readCookieFile, writeCookieFile } from './cookie-file.ts';

type Rules = typeof import('./cookie-rules.ts');

const MAX_COOKIES = 3_000;
const MAX_PER_DOMAIN = 180;
/** Of one answer so many are taken, and so many are sent, in no more octets. */
const MAX_TAKEN = 50;
const MAX_SENT = 150;
const MAX_HEADER = 8_190;

export interface SaveOptions {
  /** Default: JSON for a name that ends with `.json`, else the file of Netscape, curl and Python's MozillaCookieJar. */
  readonly format?: CookieFormat | undefined;
  /** Whether cookies that end with their session are written too. Default true. */
  readonly session?: boolean | undefined;
}

/**
 * Cookies, for any number of clients. What servers set is taken by the rules of browsers: not for public suffixes, not for
 * others, not more than a bound. Where a jar is full, what is over goes first, then what is oldest.
 */
export class CookieJar implements Iterable<Cookie> {
  readonly #rules: Rules;
  /** By domain, and then by name and path. */
  readonly #cookies = new Map<string, Map<string, Cookie>>();

  /** An empty jar. */
  static async open(): Promise<CookieJar> {
    return new CookieJar(await import('./cookie-rules.ts'));
  }

  /** Reads a file of either format. Throws UsageError for what is none, and the error of the file system. */
  static async load(file: string): Promise<CookieJar> {
    const jar = await CookieJar.open();
    for (const cookie of await readCookieFile(file)) jar.add(cookie);
    return jar;
  }

  /** The same, or an empty jar where there is no such file. */
  static async at(file: string): Promise<CookieJar> {
    try {
      return await CookieJar.load(file);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return CookieJar.open();
      throw error;
    }
  }

  private constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** Writes a file that only its owner can read, in one step: it is there as a whole, or as it was. */
  async save(file: string, { format, session = true }: SaveOptions = {}): Promise<void> {
    const cookies = [...this].filter((cookie) => session || cookie.expires !== undefined);
    await writeCookieFile(file, cookies, format ?? (file.endsWith('.json') ? 'json' : 'netscape'));
  }

  /** All that are not over. */
  *[Symbol.iterator](): IterableIterator<Cookie> {
    const now = Date.now();
    for (const cookies of this.#cookies.values()) {
      for (const cookie of cookies.values()) if (!isOver(cookie, now)) yield cookie;
    }
  }

  get size(): number {
    return [...this].length;
  }

  /** Takes what servers may set, of the values of Set-Cookie that came from a URL; gives how many were taken or ended. */
  take(url: string, values: readonly string[]): number {
    const place = this.#rules.placeOf(url);
    const now = Date.now();
    let taken = 0;
    for (const value of values) {
      const cookie = taken < MAX_TAKEN ? this.#rules.accept(value, place, now) : undefined;
      if (!cookie || (!place.secure && this.#hidesSecure(cookie))) continue;
      taken++;
      this.#put(cookie, now);
    }
    return taken;
  }

  /** Sets a cookie as a server at this URL would: `set('https://h/', 'a=1; Path=/')`. Throws UsageError for what it may not. */
  set(url: string, cookie: string): this {
    if (this.take(url, [cookie]) === 0) {
      throw new UsageError('no server at this URL may set this cookie', { protocol: 'http', reason: 'policy' });
    }
    return this;
  }

  /** Puts in what was read elsewhere: nobody asks whether a server may set it. Throws UsageError for control characters. */
  add(cookie: Cookie): this {
    const { name, value, domain, path } = cookie;
    if (name === '' || !isPlain(name + value + domain + path) || /[;=]/.test(name) || value.includes(';')) {
      throw new UsageError('a cookie has a name, and no control characters or semicolons', { protocol: 'http' });
    }
    this.#put(cookie, Date.now());
    return this;
  }

  /** Those for a URL: with the longest path first, and of those the oldest (RFC 6265 5.4). */
  get(url: string): Cookie[] {
    const place = this.#rules.placeOf(url);
    const now = Date.now();
    return [...domainsOf(place.host)]
      .flatMap((domain) => [...(this.#cookies.get(domain)?.values() ?? [])])
      .filter((cookie) => !isOver(cookie, now) && this.#rules.isFor(cookie, place))
      .sort((a, b) => b.path.length - a.path.length || a.created.getTime() - b.created.getTime());
  }

  /** The value of the field Cookie for a URL; undefined where there is none to send. `except` are names that are left out. */
  header(url: string, except: ReadonlySet<string> = new Set()): string | undefined {
    const pairs: string[] = [];
    let length = 0;
    for (const { name, value } of this.get(url)) {
      const pair = Buffer.from(`${name}=${value}`).toString('latin1');
      length += pair.length + 2;
      if (pairs.length >= MAX_SENT || length > MAX_HEADER) break;
      if (!except.has(name)) pairs.push(pair);
    }
    return pairs.length === 0 ? undefined : pairs.join('; ');
  }

  /** Whether it was there. */
  delete({ domain, path, name }: Pick<Cookie, 'domain' | 'path' | 'name'>): boolean {
    return this.#cookies.get(domain)?.delete(keyOf({ path, name })) ?? false;
  }

  clear(): void {
    this.#cookies.clear();
  }

  #put(cookie: Cookie, now: number): void {
    const { domain } = cookie;
    const cookies = this.#cookies.get(domain) ?? new Map<string, Cookie>();
    this.#cookies.set(domain, cookies);
    const key = keyOf(cookie);
    const before = cookies.get(key);
    cookies.delete(key);
    if (!isOver(cookie, now)) cookies.set(key, before ? { ...cookie, created: before.created } : cookie);
    if (cookies.size > MAX_PER_DOMAIN) drop(cookies, now);
    if (cookies.size === 0) this.#cookies.delete(domain);
    this.#bound(now);
  }

  #bound(now: number): void {
    let size = 0;
    for (const cookies of this.#cookies.values()) size += cookies.size;
    if (size <= MAX_COOKIES) return;
    // the domain that was set first
    const [[domain, cookies] = ['', new Map<string, Cookie>()]] = this.#cookies;
    drop(cookies, now);
    if (cookies.size === 0) this.#cookies.delete(domain);
  }

  /** Whether there is one of TLS that this one would stand before: who is not there cannot set it. */
  #hidesSecure({ name, domain, path }: Cookie): boolean {
    return [...this].some(
      (other) =>
        other.secure &&
        other.name === name &&
        (other.domain === domain || domain.endsWith(`.${other.domain}`) || other.domain.endsWith(`.${domain}`)) &&
        path.startsWith(other.path),
    );
  }
}

function keyOf({ path, name }: Pick<Cookie, 'path' | 'name'>): string {
  return `${name};${path}`;
}

/** A host, and the domains that it is in. */
function* domainsOf(host: string): Generator<string> {
  yield host;
  for (let at = host.indexOf('.'); at >= 0; at = host.indexOf('.', at + 1)) yield host.slice(at + 1);
}

/** One goes: what is over, else what was set longest ago. */
function drop(cookies: Map<string, Cookie>, now: number): void {
  const over = [...cookies].find(([, cookie]) => isOver(cookie, now));
  const [oldest] = cookies.keys();
  const key = over?.[0] ?? oldest;
  if (key !== undefined) cookies.delete(key);
}
