import type { Charset } from '../wire/charset.ts';

/** How many octets are kept. */
const MOST = 128 * 1024;

/** Octets that have been made text, for who wants them again as they were: some are no text, or half of a character. */
export class Kept {
  readonly #octets: Buffer[] = [];
  #size = 0;
  /** How many characters of their text have been taken. */
  #taken = 0;

  /** Octets that have come; they are copied. False: they are too many. */
  came(octets: Buffer): boolean {
    this.#size += octets.length;
    if (this.#size > MOST) return false;
    this.#octets.push(Buffer.from(octets));
    return true;
  }

  took(characters: number): void {
    this.#taken += characters;
  }

  /** Those whose text has not been taken. */
  rest(charset: Charset): Buffer {
    const all = Buffer.concat(this.#octets);
    const decoder = charset.decoder();
    let at = 0;
    for (let count = 0; count < this.#taken && at < all.length; at++)
      count += decoder.write(all.subarray(at, at + 1)).length;
    return all.subarray(at);
  }
}
