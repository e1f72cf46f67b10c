import { UsageError } from '../../core/errors.ts';
import { checkGroup } from '../codec.ts';
import type { GroupFixture, GroupStatusFlag } from '../fixture.ts';
import type { Range } from '../range.ts';
import type { NewsArticle } from './news-article.ts';

const CREATED = new Date('2024-01-01T00:00:00Z');

/** A group of a server: articles by their numbers, which are never given twice (RFC 3977 6). */
export class Newsgroup {
  readonly name: string;
  readonly description: string;
  readonly status: GroupStatusFlag;
  readonly created: Date;
  readonly creator: string;
  readonly #articles = new Map<number, NewsArticle>();
  /** In order. */
  readonly #numbers: number[] = [];
  /** The highest number there ever was. */
  #high = 0;

  constructor({ name, description = '', status = 'y', created = CREATED, creator = 'netkit@localhost' }: GroupFixture) {
    this.name = checkGroup(name);
    this.description = description;
    this.status = status;
    this.created = created;
    this.creator = creator;
  }

  get count(): number {
    return this.#numbers.length;
  }

  /** The lowest number; of an empty group the one behind the highest (RFC 3977 6.1.1.2). */
  get low(): number {
    return this.#numbers[0] ?? this.#high + 1;
  }

  get high(): number {
    return this.#high;
  }

  article(number: number): NewsArticle | undefined {
    return this.#articles.get(number);
  }

  /** Adds an article; by default behind all others. Throws UsageError for a number that is taken. */
  add(article: NewsArticle, number: number = this.#high + 1): void {
    if (this.#articles.has(number)) throw new UsageError(`${this.name} has two articles with the number ${number}`);
    this.#articles.set(number, article);
    if (number > this.#high) this.#numbers.push(number);
    else this.#numbers.splice(this.#placeOf(number), 0, number);
    this.#high = Math.max(this.#high, number);
    article.file(this.name, number);
  }

  remove(number: number): void {
    if (this.#articles.delete(number)) this.#numbers.splice(this.#placeOf(number), 1);
  }

  /** Those that there are in a range, in order. What is removed meanwhile is left out. */
  *numbers({ low, high = this.#high }: Range): Generator<number> {
    for (let at = this.#placeOf(low); at < this.#numbers.length; at++) {
      const number = this.#numbers[at];
      if (number === undefined || number > high) return;
      yield number;
    }
  }

  after(number: number): number | undefined {
    return this.#numbers[this.#placeOf(number + 1)];
  }

  before(number: number): number | undefined {
    return this.#numbers[this.#placeOf(number) - 1];
  }

  /** Where a number is, or would be. */
  #placeOf(number: number): number {
    let [from, to] = [0, this.#numbers.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#numbers[middle] ?? 0) < number) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
