import type { Reply } from '../core/errors.ts';
import type { Command } from '../wire/command.ts';
import { refusal } from './codes.ts';
import { isMissing, type Part, partOf, refOf } from './which.ts';

/** An article that came, in memory that is used again: it is valid only during the call. */
export type Visit = (octets: Buffer, number: number, messageId: string) => void;

/** Many articles in one pass: what was asked for, and what was refused. */
export class Visits {
  /** Those that are not there. */
  readonly missing: (number | string)[] = [];
  /** Those that a login is wanted for (480). */
  readonly locked: (number | string)[] = [];
  readonly #visit: Visit;
  readonly #part: Part;
  #which: Iterable<number | string>;
  /** Those that have no answer yet, from `#first` on. */
  #asked: (number | string)[] = [];
  #first = 0;
  #failure: unknown;

  constructor(which: Iterable<number | string>, visit: Visit, part: Part) {
    this.#which = which;
    this.#visit = visit;
    this.#part = part;
  }

  /** What cannot be asked for ends it: `finish` throws that, after those that were asked for before. */
  *commands(): Generator<Command> {
    try {
      for (const each of this.#which) {
        const asked = partOf(this.#part, each);
        this.#asked.push(each);
        yield asked;
      }
    } catch (error) {
      this.#failure ??= error;
    }
  }

  readonly visit = (reply: Reply, octets: Buffer): void => {
    const which = this.#next();
    if (reply.ok) {
      const { number, messageId } = refOf(reply.text, which);
      this.#visit(octets, number, messageId);
    } else if (isMissing(reply.code)) this.missing.push(which);
    else if (reply.code === '480') this.locked.push(which);
    else this.#failure ??= refusal(reply, this.#part.toUpperCase());
  };

  /** Once more, after a login, those that one was wanted for. */
  repeat(): void {
    this.#which = this.locked.splice(0);
  }

  /** Throws the first refusal, of those that say something else than that an article is not there. */
  finish(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.locked.length > 0)
      throw refusal({ ok: false, code: '480', text: 'log in first' }, this.#part.toUpperCase());
  }

  #next(): number | string {
    const which = this.#asked[this.#first++] ?? 0;
    if (this.#first < 1024) return which;
    this.#asked = this.#asked.slice(this.#first);
    this.#first = 0;
    return which;
  }
}
