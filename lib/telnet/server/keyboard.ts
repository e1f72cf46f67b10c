import { ConnectionError, limitError, TimeoutError } from '../../core/errors.ts';
import type { Expected, Found } from '../../core/verbs.ts';
import { Expectation, foundAt } from '../expect.ts';
import type { TelnetLink } from '../link.ts';
import { OPTIONS } from '../names.ts';
import { INTERRUPT, Input, type Key, type LineEnd } from './input.ts';
import type { Text } from './text.ts';

/** How much may be typed while a command runs, in octets and keys: what is more waits in the socket. */
const AHEAD = 64 * 1024;

/** What a client types, in order: text, and the commands that stand for keys. */
export class Keyboard {
  readonly #link: TelnetLink;
  readonly #input = new Input();
  readonly #text: Text;
  /** What has come and is not decoded yet. */
  #came: (Buffer | Key)[] = [];
  #size = 0;
  /** Whether there is an interrupt in it. */
  #interrupts = false;
  #ended = false;
  /** Who is told of an interrupt, while a command runs. */
  #interrupted: ((reason?: unknown) => void) | undefined;
  #watching: Promise<void> | undefined;

  constructor(link: TelnetLink, text: Text) {
    this.#link = link;
    this.#text = text;
  }

  get lineEnd(): LineEnd | undefined {
    return this.#input.lineEnd;
  }

  /** A key that came as a command. */
  press(key: Key): void {
    this.#came.push(key);
    this.#size++;
    this.#interrupts ||= key === INTERRUPT;
  }

  /** The next key, if it has come already. */
  ready(): Key | undefined {
    return this.#input.shift();
  }

  /** The next key; undefined when the client has ended. Throws TimeoutError when nothing comes for `idle` milliseconds. */
  async next(idle: number): Promise<Key | undefined> {
    for (;;) {
      const key = this.#input.shift();
      if (key !== undefined) return key;
      if (!(await this.#more(idle))) return undefined;
    }
  }

  /** Everything that has been typed, or will be next; undefined when the client has ended. */
  async text(idle: number): Promise<string | undefined> {
    while (this.#input.length === 0) if (!(await this.#more(idle))) return undefined;
    return this.#input.takeAll();
  }

  /** All that is typed, up to what is found in it. */
  async find(what: Expected | readonly Expected[], idle: number): Promise<Found> {
    const expectation = new Expectation(what);
    let typed = '';
    for (;;) {
      const more = await this.text(idle);
      if (more === undefined)
        throw new ConnectionError('the client ended, and did not type what was waited for', DETAIL);
      typed += more;
      const place = expectation.feed(more);
      if (place) {
        this.#input.unread(typed.slice(place.end));
        return foundAt(place, typed.slice(0, place.end));
      }
      if (typed.length > AHEAD) throw limitError('what is typed before what is waited for', AHEAD, DETAIL);
    }
  }

  /** What was typed ahead is forgotten. */
  clear(): void {
    this.#came = [];
    this.#size = 0;
    this.#interrupts = false;
    this.#input.clear();
  }

  /** Looks for interrupts, until `unwatch`; what else is typed stays. `interrupted` has a reason where the client is lost. */
  watch(interrupted: (reason?: unknown) => void): void {
    this.#interrupted = interrupted;
    this.resume();
  }

  /** Looks again, when what a command asked for has been typed. */
  resume(): void {
    if (!this.#interrupted || this.#watching || this.#ended) return;
    if (this.#input.interrupted()) this.#interrupted();
    else
      this.#watching = this.#look().catch((error: unknown) => {
        if (error !== PAUSE) this.#interrupted?.(error);
      });
  }

  async unwatch(): Promise<void> {
    this.#interrupted = undefined;
    await this.#pause();
  }

  async #look(): Promise<void> {
    const found = await this.#receive(() => {
      if (this.#interrupts) return 'interrupt';
      return this.#size > AHEAD ? 'full' : undefined;
    });
    await this.#takeIn();
    if (found === 'interrupt' && this.#input.interrupted()) this.#interrupted?.();
  }

  async #pause(): Promise<void> {
    if (!this.#watching) return;
    this.#link.leave(PAUSE);
    await this.#watching;
    this.#watching = undefined;
    await this.#takeIn();
  }

  /** False at the end. */
  async #more(idle: number): Promise<boolean> {
    await this.#pause();
    if (this.#input.length > 0) return true;
    if (this.#ended) return false;
    const late = (): void => this.#link.leave(new TimeoutError(`nothing was typed for ${idle} ms`, DETAIL));
    const timer = Number.isFinite(idle) ? setTimeout(late, idle) : undefined;
    try {
      await this.#receive(() => (this.#came.length > 0 ? 'some' : undefined));
    } finally {
      clearTimeout(timer);
    }
    await this.#takeIn();
    return this.#input.length > 0 || !this.#ended;
  }

  #receive<T>(want: () => T | undefined): Promise<T | 'end'> {
    return this.#link.receive<T | 'end'>(
      (chunk) => {
        this.#came.push(Buffer.from(chunk));
        this.#size += chunk.length;
        this.#interrupts ||= chunk.includes(INTERRUPT);
      },
      (ended) => {
        const found = want();
        if (found !== undefined) return found;
        if (!ended) return undefined;
        this.#ended = true;
        return 'end';
      },
    );
  }

  async #takeIn(): Promise<void> {
    const came = this.#came;
    this.#came = [];
    this.#size = 0;
    this.#interrupts = false;
    const binary = this.#link.machine.enabled('remote', OPTIONS.BINARY);
    for (const each of came) {
      if (typeof each === 'string') this.#input.press(each);
      else this.#input.push(await this.#text.decode(each), binary);
    }
  }
}

const PAUSE = Symbol('pause');
const DETAIL = { protocol: 'telnet', phase: 'command' } as const;
