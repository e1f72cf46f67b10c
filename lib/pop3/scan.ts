import { limitError } from '../core/errors.ts';

const MOST = 1_000_000;

/** What LIST and UIDL tell of the messages: a value for each number, in the order of the server. */
export class Scan<T> implements Iterable<readonly [number: number, value: T]> {
  readonly numbers: number[] = [];
  readonly values: T[] = [];
  /** Made when the numbers are not 1, 2, 3 and so on, and somebody asks for one. */
  #places: Map<number, number> | undefined;

  /** Throws ProtocolError (`limit`) past 1,000,000 messages. */
  add(number: number, value: T): void {
    if (this.numbers.length === MOST) throw limitError('the lines of a list', MOST, { phase: 'body' });
    this.numbers.push(number);
    this.values.push(value);
  }

  get length(): number {
    return this.numbers.length;
  }

  get(number: number): T | undefined {
    return this.numbers[number - 1] === number ? this.values[number - 1] : this.#find(number);
  }

  *[Symbol.iterator](): Generator<readonly [number: number, value: T]> {
    for (const [i, value] of this.values.entries()) yield [this.numbers[i] ?? 0, value];
  }

  #find(number: number): T | undefined {
    this.#places ??= new Map(this.numbers.map((each, i) => [each, i]));
    const at = this.#places.get(number);
    return at === undefined ? undefined : this.values[at];
  }
}
