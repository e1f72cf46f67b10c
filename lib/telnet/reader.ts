import { UsageError } from '../core/errors.ts';
import { durationOf } from '../core/options.ts';
import type { WaitOptions } from '../core/verbs.ts';
import type { Connection } from '../net/connection.ts';
import { type Charset, charsetOf, loadedCharset, type TextDecoding } from '../wire/charset.ts';
import { Kept } from './kept.ts';
import type { TelnetLink } from './link.ts';
import { asksForPassword, LOOKED_AT } from './prompt.ts';
import { Record } from './record.ts';
import { late, tooMuch } from './trouble.ts';
import { Unread } from './unread.ts';
import { type IdleOptions, Wait, type Want } from './wait.ts';

/** Octets that are made text at a time: longer strings cost more. */
const PIECE = 32 * 1024;

/** What an arrival can end in, beside what is wanted. */
const ENDED = Symbol('ended');
const LOADING = Symbol('loading');
/** Nothing came for a while, as was wanted. */
const QUIET = Symbol('quiet');

/** The receiving half of a dialogue: text out of octets, and one reader at a time who waits for some of it. */
export class Reader {
  readonly record: Record;
  charset: Charset;
  /** Is told when text has come, once for each arrival. */
  onText: () => void = () => {};
  readonly #connection: Connection;
  readonly #max: number;
  readonly #unread = new Unread();
  #link: TelnetLink | undefined;
  #decoder: TextDecoding;
  /** A character set that is being loaded, and what came meanwhile. */
  #loading: Promise<void> | undefined;
  #held: Buffer[] = [];
  /** What has come since the reader was asked. */
  #fresh: string[] = [];
  /** The end of the last line. */
  #tail = '';
  /** What has come since a login began. */
  #kept: Kept | undefined;
  #reading = false;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  /** `max`: how many characters may be unread. Throws UsageError for a character set that nobody knows. */
  static async of(connection: Connection, charset: string, max: number): Promise<Reader> {
    return new Reader(connection, await charsetOf(charset), max);
  }

  private constructor(connection: Connection, charset: Charset, max: number) {
    this.#connection = connection;
    this.record = new Record(connection);
    this.charset = charset;
    this.#decoder = charset.decoder();
    this.#max = max;
  }

  set link(link: TelnetLink) {
    this.#link = link;
  }

  /** How much text is unread, in characters. */
  get length(): number {
    return this.#unread.length;
  }

  /** Whether the peer has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  get unread(): string {
    return this.#unread.peek();
  }

  /** The beginning of it, so many characters. */
  begin(count: number): string {
    return this.#unread.begin(count);
  }

  get asksForPassword(): boolean {
    return asksForPassword(this.#tail);
  }

  /** What came last has been answered. */
  forgetPrompt(): void {
    this.#tail = '';
  }

  /** The end of what came last, as much as a prompt may be; what has been answered is none. */
  get end(): string {
    return this.#tail;
  }

  /** Takes the first of it, a part as it came. */
  takePart(): string {
    const part = this.#unread.takePart();
    this.#kept?.took(part.length);
    if (this.#unread.length === 0) this.record.flush();
    return part;
  }

  /** Takes so many characters, or all. */
  take(count: number = this.#unread.length): string {
    const text = this.#unread.take(Math.min(count, this.#unread.length));
    this.#kept?.took(text.length);
    if (this.#unread.length === 0) this.record.flush();
    return text;
  }

  /** From now on octets are kept as they come, for `takeOctets`, while they are few. */
  keep(): void {
    if (this.#unread.length === 0 && !this.#loading) this.#kept = new Kept();
  }

  /** Takes what is there as octets again; where they were not kept, and no text of their character set, in UTF-8. */
  takeOctets(): Buffer {
    const octets = this.#kept?.rest(this.charset);
    this.#kept = undefined;
    const text = this.take();
    try {
      return octets ?? this.charset.encode(text);
    } catch {
      return Buffer.from(text, 'utf8');
    }
  }

  /** From the next octet on; what has to be loaded first is waited for. */
  setCharset(name: string): void {
    const charset = loadedCharset(name);
    if (charset && !this.#loading) this.#use(charset);
    else {
      const loading: Promise<void> = charsetOf(name).then(
        // another may have been chosen meanwhile
        (loaded) => (this.#loading === loading ? this.#use(loaded) : undefined),
        () => this.#connection.note(`there is no character set ${name}`),
      );
      this.#loading = loading;
    }
  }

  /** What is waited for before the character set is known, if it is not. */
  get loading(): Promise<void> | undefined {
    return this.#loading;
  }

  /** Nobody else may read from now on. Throws UsageError where somebody does. */
  occupy(): void {
    if (this.#reading) throw new UsageError('this dialogue is being read already', { protocol: 'telnet' });
    this.#reading = true;
  }

  /**
   * Reads until `want` gives something. `slow` makes the error of a wait that was too long. Throws what the link throws,
   * what `want` throws, and the reason of the signal.
   */
  async read<T>(want: Want<T>, { timeout, signal }: WaitOptions = {}, slow = this.#slow): Promise<T> {
    signal?.throwIfAborted();
    this.occupy();
    const { idle } = this.#connection.timeouts;
    let wait: Wait | undefined;
    try {
      this.#fresh = [];
      const now = want(this.#ended, () => this.unread);
      if (now !== undefined) return now;
      if (this.#failure) throw this.#failure.error;
      const made = new Wait({ timeout: timeout ?? idle, signal }, slow, (error) => this.#link?.leave(error));
      wait = made;
      return await this.#receive(want, () => made);
    } finally {
      wait?.leave();
      this.#reading = false;
    }
  }

  /**
   * Reads until nothing has come for so many milliseconds, behind the end of `after`, or the peer has ended; commands that
   * stand by themselves (NOP) are nothing. Throws TimeoutError where the idle timeout of the connection is not longer than that.
   */
  async readUntilIdle(milliseconds: number, { signal, after, enough }: IdleOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const { idle } = this.#connection.timeouts;
    const slow = durationOf(milliseconds) < durationOf(idle) ? (): unknown => QUIET : this.#slow;
    const end = (error: unknown): void => this.#link?.leave(error);
    const limit = Math.min(milliseconds, idle);
    this.occupy();
    let wait = new Wait({ timeout: after ? Number.POSITIVE_INFINITY : limit, signal }, slow, end);
    let over = false;
    after
      ?.then(() => {
        wait.leave();
        if (!over) wait = new Wait({ timeout: limit, signal }, slow, end);
      })
      .catch((error) => over || end(error));
    try {
      if (this.#failure) throw this.#failure.error;
      if (this.#ended) return;
      let news: number | undefined;
      const want = (ended: boolean): true | undefined => {
        if (news !== this.#link?.news) wait.renew();
        news = this.#link?.news;
        return ended || enough?.() || undefined;
      };
      await this.#receive(want, () => wait);
    } catch (error) {
      if (error !== QUIET) throw error;
    } finally {
      over = true;
      wait.leave();
      this.#reading = false;
    }
  }

  async #receive<T>(want: Want<T>, wait: () => Wait): Promise<T> {
    const link = this.#link;
    if (!link) throw new UsageError('there is no connection yet');
    for (;;) {
      const { over } = wait();
      if (over) throw over.error;
      const got = await link
        .receive(this.#sink, (ended) => this.#arrived(want, ended))
        .catch((error: unknown) => this.#failed(error, wait()));
      if (got === LOADING) await this.#load();
      else if (got === ENDED) return this.#end(want);
      else return got;
    }
  }

  #arrived<T>(want: Want<T>, ended: boolean): T | typeof ENDED | typeof LOADING | undefined {
    if (this.#loading) return LOADING;
    if (ended) return ENDED;
    const value = this.#ask(want, false);
    if (value === undefined && this.#unread.length > this.#max) {
      throw tooMuch(this.#max);
    }
    return value;
  }

  /** Nothing more will come. */
  #end<T>(want: Want<T>): T {
    this.#ended = true;
    this.#came(this.#decoder.end());
    this.record.flush();
    const value = this.#ask(want, true);
    if (value !== undefined) return value;
    throw new UsageError('a wait goes on behind the end');
  }

  /** What has failed stays so; a wait that was given up has not failed. */
  #failed(error: unknown, { over }: Wait): never {
    if (error !== over?.error) this.#failure ??= { error };
    this.record.flush();
    throw error;
  }

  readonly #sink = (octets: Buffer): void => {
    if (this.#kept?.came(octets) === false) this.#kept = undefined;
    if (this.#loading) this.#held.push(Buffer.from(octets));
    else
      for (let at = 0; at < octets.length; at += PIECE)
        this.#came(this.#decoder.write(octets.subarray(at, at + PIECE)));
  };

  #came(text: string): void {
    if (text === '') return;
    this.#unread.append(text);
    this.#fresh.push(text);
    this.#tail = (this.#tail + text.slice(-LOOKED_AT)).slice(-LOOKED_AT);
    this.record.heard(text);
  }

  #ask<T>(want: Want<T>, ended: boolean): T | undefined {
    const fresh = this.#fresh;
    this.#fresh = [];
    if (fresh.length > 0) this.onText();
    return want(ended, () => (fresh.length > 1 ? fresh.join('') : (fresh[0] ?? '')));
  }

  /** Waits for the character set, and reads what came meanwhile. */
  async #load(): Promise<void> {
    const loading = this.#loading;
    await loading;
    if (loading !== this.#loading) return;
    this.#loading = undefined;
    const held = this.#held;
    this.#held = [];
    for (const octets of held) this.#came(this.#decoder.write(octets));
  }

  #use(charset: Charset): void {
    this.#came(this.#decoder.end());
    this.#kept = undefined;
    this.charset = charset;
    this.#decoder = charset.decoder();
  }

  readonly #slow = (limit: number): unknown => late(this.#connection, undefined, limit, this.unread);
}
