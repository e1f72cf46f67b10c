import type { Order } from '../net/pass.ts';
import type { Command } from '../wire/command.ts';
import { retrieval } from './commands.ts';

/** What a header is taken for, and a line of a body, in octets. */
const HEADER = 4096;
const LINE = 80;

/** A message that is to be fetched. Its command is made when it is said. */
export class MessageOrder implements Order {
  readonly number: number;
  /** What will come, about. */
  readonly size: number;
  readonly #lines: number | undefined;

  /** `size` is that of the whole message. */
  constructor(number: number, size: number, lines: number | undefined) {
    this.number = number;
    this.size = lines === undefined ? size : Math.min(size, HEADER + lines * LINE);
    this.#lines = lines;
  }

  get command(): Command {
    return retrieval(this.number, this.#lines);
  }
}
