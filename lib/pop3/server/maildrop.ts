import type { KeptMessage, Spool } from '../fixture.ts';
import { sizeOf } from './block.ts';

/** A spool as one session sees it: numbers from 1 on that never change, and deletions that count at its end. */
export class OpenMaildrop {
  readonly #spool: Spool;
  readonly #messages: readonly KeptMessage[];
  readonly #deleted = new Set<number>();

  /** Throws where the spool cannot be read. */
  static async open(spool: Spool): Promise<OpenMaildrop> {
    return new OpenMaildrop(spool, await spool.open());
  }

  private constructor(spool: Spool, messages: readonly KeptMessage[]) {
    this.#spool = spool;
    this.#messages = messages;
  }

  /** How many there are that are not deleted. */
  get count(): number {
    return this.#messages.length - this.#deleted.size;
  }

  /** How many octets they have. */
  async size(): Promise<number> {
    let total = 0;
    for (const [, size] of await this.sizes()) total += size;
    return total;
  }

  /** The numbers and sizes of those that are not deleted. */
  async sizes(): Promise<(readonly [number: number, size: number])[]> {
    const sizes: (readonly [number, number])[] = [];
    for (const [number, message] of this.entries()) {
      const size = sizeOf(message);
      // most are known: then there is nothing to wait for
      sizes.push([number, typeof size === 'number' ? size : await size]);
    }
    return sizes;
  }

  /** The highest number. */
  get last(): number {
    return this.#messages.length;
  }

  /** Those that are not deleted, with their numbers. */
  *entries(): Generator<readonly [number: number, message: KeptMessage]> {
    for (const [at, message] of this.#messages.entries()) if (!this.#deleted.has(at + 1)) yield [at + 1, message];
  }

  /** Undefined where there is none of this number, or it is deleted. */
  get(number: number): KeptMessage | undefined {
    return this.#deleted.has(number) ? undefined : this.#messages[number - 1];
  }

  isDeleted(number: number): boolean {
    return this.#deleted.has(number);
  }

  delete(number: number): void {
    this.#deleted.add(number);
  }

  /** No message is deleted any more. */
  reset(): void {
    this.#deleted.clear();
  }

  /** Removes what is deleted, for ever. Throws where some of it could not be. */
  async commit(): Promise<void> {
    const gone = this.#messages.filter((_, at) => this.#deleted.has(at + 1));
    if (gone.length > 0) await this.#spool.remove(gone);
  }
}
