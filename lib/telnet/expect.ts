/**
 * Looks for prompts in text that comes in pieces. What is found does not depend on the pieces: it is what would be found
 * if the characters came one by one.
 *
 * - Of several, the one that ends first is found; of those that end at the same place, the first of the list.
 * - A regular expression therefore takes as little at its end as it can: `/(\d+)/` finds one digit. Say what follows:
 *   `/(\d+)\r/`. A `$` at its end is always true.
 * - `^` is where the search began, or with the flag `m` the beginning of a line too.
 * - A string may be up to 64 KiB long. A regular expression is given the last 4 KiB of the text, and finds what is not
 *   longer than 3 KiB.
 *
 * The time it takes is linear in the text.
 */
import { UsageError } from '../core/errors.ts';
import type { Expected, Found } from '../core/verbs.ts';

/** How long a string may be, in characters. */
const LONGEST = 64 * 1024;
/** What regular expressions are given of the text, in characters; it moves on by a step at a time. */
const WINDOW = 4 * 1024;
const STEP = 1024;

/** Where something was found, in characters since the search began. */
export interface Place extends Pick<Found, 'index' | 'match' | 'groups'> {
  readonly start: number;
  readonly end: number;
  /** How much of the text had to be there: what looks ahead needs more than its match. */
  readonly at: number;
}

/** What was waited for, for an error. */
export function namesOf(what: Expected | readonly Expected[]): string {
  return [what].flat().map(String).join(', ');
}

/** What was found, as it is told: `text` is all that came up to its end. */
export function foundAt({ index, match, groups, start }: Place, text: string): Found {
  return { index, match, groups, before: text.slice(0, start), text };
}

export class Expectation {
  readonly #searches: readonly Search[];
  #place: Place | undefined;

  /** Throws UsageError for nothing to look for, an empty string, and one that is too long. */
  constructor(what: Expected | readonly Expected[]) {
    const all = typeof what === 'string' || what instanceof RegExp ? [what] : what;
    if (all.length === 0) throw new UsageError('there is nothing to wait for');
    this.#searches = all.map((each, index) =>
      typeof each === 'string' ? new StringSearch(each, index) : new PatternSearch(each, index),
    );
  }

  /** The next piece of the text. What is found now, or was found before. */
  feed(text: string): Place | undefined {
    if (this.#place || text === '') return this.#place;
    for (const search of this.#searches) {
      const place = search.feed(text);
      if (place && (!this.#place || place.at < this.#place.at)) this.#place = place;
    }
    return this.#place;
  }
}

interface Search {
  feed(text: string): Place | undefined;
}

class StringSearch implements Search {
  readonly #wanted: string;
  readonly #index: number;
  /** The end of what was looked at, in which it may begin. */
  #tail = '';
  /** How many characters are before the tail. */
  #before = 0;

  constructor(wanted: string, index: number) {
    if (wanted === '') throw new UsageError('an empty string is everywhere: wait for something else');
    if (wanted.length > LONGEST) throw new UsageError(`a string to wait for has at most ${LONGEST} characters`);
    this.#wanted = wanted;
    this.#index = index;
  }

  feed(text: string): Place | undefined {
    const { length } = this.#wanted;
    const there = this.#tail + text;
    const at = there.indexOf(this.#wanted);
    if (at >= 0) {
      const start = this.#before + at;
      const end = start + length;
      return { index: this.#index, match: this.#wanted, groups: Object.create(null), start, end, at: end };
    }
    const passed = Math.max(0, there.length - length + 1);
    this.#tail = there.slice(passed);
    this.#before += passed;
    return undefined;
  }
}

class PatternSearch implements Search {
  readonly #pattern: RegExp;
  readonly #index: number;
  /** Whether more text can make an end of what was found: then every place has to be looked at. */
  readonly #looksAhead: boolean;
  /** What is looked at; before it there is one character more, so that `^` is not where the window begins. */
  #window = '';
  /** How many characters are before the window, with that one. */
  #before = 0;

  constructor({ source, flags }: RegExp, index: number) {
    const open = source.replace(/(^|[^\\])(\\\\)*\$$/, '$1$2');
    this.#pattern = new RegExp(open || '(?:)', `${flags.replace(/[gy]/g, '')}g`);
    this.#looksAhead = /\$|\\b|\\B|\(\?!/.test(open);
    this.#index = index;
  }

  feed(text: string): Place | undefined {
    let rest = text;
    for (;;) {
      const room = STEP - ((this.#before + this.#window.length) % STEP);
      const old = this.#window.length;
      this.#window += rest.slice(0, room);
      const place = this.#look(old);
      if (place) return place;
      if (rest.length < room) return undefined;
      rest = rest.slice(room);
      const passed = Math.max(0, this.#window.length - (WINDOW - STEP) - 1);
      this.#window = this.#window.slice(passed);
      this.#before += passed;
    }
  }

  /** What is found in the window that was not in its first `old` characters. */
  #look(old: number): Place | undefined {
    const from = this.#before > 0 ? 1 : 0;
    const { length } = this.#window;
    if (this.#looksAhead) return this.#lookEverywhere(old, from);
    if (!this.#matches(length, from)) return undefined;
    // found in the whole, it is found from some length on: the shortest
    let [without, within] = [old, length];
    if (old > 0 || !this.#matches(0, from)) {
      while (within - without > 1) {
        const middle = (without + within) >> 1;
        if (this.#matches(middle, from)) within = middle;
        else without = middle;
      }
    } else within = 0;
    return this.#placeAt(within, from);
  }

  #lookEverywhere(old: number, from: number): Place | undefined {
    for (let end = old; end <= this.#window.length; end++)
      if (this.#matches(end, from)) return this.#placeAt(end, from);
    return undefined;
  }

  #matches(end: number, from: number): RegExpExecArray | null {
    this.#pattern.lastIndex = from;
    // half of a character is none
    return this.#pattern.exec(this.#window.slice(0, isHalf(this.#window, end) ? end - 1 : end));
  }

  #placeAt(end: number, from: number): Place | undefined {
    const found = this.#matches(end, from);
    if (!found) return undefined;
    const groups: Record<string, string | undefined> = Object.create(null);
    for (let i = 1; i < found.length; i++) groups[i] = found[i];
    Object.assign(groups, found.groups);
    const start = this.#before + found.index;
    const at = this.#before + end;
    return { index: this.#index, match: found[0], groups, start, end: start + found[0].length, at };
  }
}

/** Whether the text is cut there in the middle of a surrogate pair, or may be. */
function isHalf(text: string, end: number): boolean {
  return end > 0 && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
}
