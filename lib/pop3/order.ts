import type { Order } from '../net/pass.ts';
import type { Command } from '../wire/command.ts';
import { retrieval } from './commands.ts';

/** A message that is to be fetched. Its command is made when it is said. */
export class MessageOrder implements Order {
  readonly number: number;
  readonly size: number;
  readonly #lines: number | undefined;

  constructor(number: number, size: number, lines: number | undefined) {
    this.number = number;
    this.size = size;
    this.#lines = lines;
  }

  get command(): Command {
    return retrieval(this.number, this.#lines);
  }
}
