import type { Flow } from '../core/resource.ts';
import type { ScriptOptions } from '../core/verbs.ts';
import type { TelnetDialogue } from './dialogue.ts';
import { namesOf } from './expect.ts';
import type { TelnetLink } from './link.ts';
import type { Reader } from './reader.ts';
import { type ActionStep, act, type ExpectStep, Performance, type Step } from './script.ts';
import { endedBefore, late } from './trouble.ts';
import { Wait } from './wait.ts';

export interface BodyOptions extends Pick<ScriptOptions, 'onFound'> {
  /** How long nothing must come, behind the first octet, until the body is over; in milliseconds. Default 3,000. */
  readonly idle?: number | undefined;
}

export const IDLE = 3_000;
const QUIET = Symbol('quiet');
const NOTHING = Buffer.alloc(0);

type Stage = ExpectStep | 'first' | 'later';

/** What a dialogue gives as its body: see `TelnetDialogue.body`. */
export function bodyOf(
  dialogue: TelnetDialogue,
  link: TelnetLink,
  reader: Reader,
  { idle = IDLE, onFound }: BodyOptions,
  steps: readonly Step[] | undefined,
): Flow {
  let done = Promise.resolve();
  const perform = (step: ActionStep): void => {
    // one after another; what fails is told to who reads
    done = done.then(() => act(dialogue, step)).catch((error) => link.connection.destroy(error));
  };
  const script = steps && new Performance({ steps, charset: reader.charset, act: perform, onFound });
  reader.occupy();
  const body = new DialogueBody(link, reader.takeOctets(), idle, script);
  script?.advance();
  return body;
}

/**
 * All that the peer says, in octets, with all of Telnet undone. It ends with the connection, or when nothing comes for a
 * while: neither proves that it is whole (`unknown`). With a script whose last step waits for something it ends there.
 */
class DialogueBody implements Flow {
  readonly #link: TelnetLink;
  readonly #idle: number;
  readonly #script: Performance | undefined;
  #before: Buffer;
  #size = 0;
  complete: boolean | 'unknown' = false;

  /** `before`: octets that had come already. */
  constructor(link: TelnetLink, before: Buffer, idle: number, script: Performance | undefined) {
    this.#link = link;
    this.#before = before;
    this.#idle = idle;
    this.#script = script;
  }

  async pull(): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    await this.#read(
      (chunk) => parts.push(Buffer.from(chunk)),
      () => parts.length > 0,
    );
    return parts.length > 1 ? Buffer.concat(parts) : parts[0];
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    await this.#read(sink, () => false);
  }

  /** Reads until it is over, or `enough`. */
  async #read(sink: (chunk: Buffer) => void, enough: () => boolean): Promise<void> {
    if (this.complete !== false) return;
    this.#give(this.#takeBefore(), sink);
    if (this.#isOver(false) || enough()) return;
    let stage = this.#stage;
    let wait = this.#waitFor(stage);
    let { news } = this.#link;
    try {
      await this.#link.receive(
        (chunk) => this.#give(chunk, sink),
        (ended) => {
          if (this.#isOver(ended) || enough()) return true;
          if (this.#stage !== stage) {
            wait.leave();
            stage = this.#stage;
            wait = this.#waitFor(stage);
          } else if (stage === 'later' && news !== this.#link.news) wait.renew();
          news = this.#link.news;
          return undefined;
        },
      );
    } catch (error) {
      if (error !== QUIET) throw error;
      this.#end('unknown');
    } finally {
      wait.leave();
    }
  }

  /** What is waited for now: something by the script, else the first octet, or one behind it. */
  get #stage(): Stage {
    return this.#script?.expected ?? (this.#size === 0 ? 'first' : 'later');
  }

  #waitFor(stage: Stage): Wait {
    const { connection } = this.#link;
    const { idle } = connection.timeouts;
    const end = (error: unknown): void => this.#link.leave(error);
    if (stage === 'later' && this.#idle < idle) return new Wait({ timeout: this.#idle }, () => QUIET, end);
    const wanted = typeof stage === 'string' ? undefined : namesOf(stage.expect);
    const timeout = (typeof stage === 'string' ? undefined : stage.timeout) ?? idle;
    return new Wait({ timeout }, (limit) => late(connection, wanted, limit, this.#script?.unread ?? '', 'body'), end);
  }

  #give(chunk: Buffer, sink: (chunk: Buffer) => void): void {
    const count = this.#script ? this.#script.look(chunk) : chunk.length;
    this.#size += count;
    if (count > 0) sink(count === chunk.length ? chunk : chunk.subarray(0, count));
  }

  #takeBefore(): Buffer {
    const before = this.#before;
    this.#before = NOTHING;
    return before;
  }

  #isOver(ended: boolean): boolean {
    if (this.#script?.isOver) this.#end(true);
    else if (ended) this.#ended();
    return this.complete !== false;
  }

  #ended(): void {
    if (!this.#script?.expected) {
      this.#end('unknown');
      return;
    }
    throw endedBefore(this.#link.connection, true, 'body');
  }

  #end(complete: true | 'unknown'): void {
    if (this.complete !== false) return;
    this.complete = complete;
    this.#link.connection.note(`${this.#size} octets`);
  }
}
