import type { Reply } from '../core/errors.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import type { Command } from '../wire/command.ts';
import { Request, type Source, type Taken } from './request.ts';

/**
 * The answer to a command of a run, refusals too. `octets` is the block behind a positive reply, valid only during the
 * call. `index` counts the commands from 0.
 */
export type Visit = (reply: Reply, octets: Buffer, index: number) => void;

export interface RunOptions {
  /** Whether a dot block follows each positive reply. Default true. */
  readonly block?: boolean | undefined;
  /** The most octets of one block. Default 64 MiB. */
  readonly max?: number | undefined;
}

const NOTHING = Buffer.alloc(0);
const MAX_BLOCK = 64 * 1024 * 1024;

/** Many commands of one kind. They are made when they are written, so that there may be any number of them. */
export class Run extends Request<void> {
  readonly #source: Source;
  readonly #commands: Iterator<Command>;
  readonly #visit: Visit;
  readonly #block: boolean;
  readonly #max: number;
  /** One command ahead, so that it is known when there are no more. */
  #coming: IteratorResult<Command>;
  #waiting: Command[] = [];
  begun = false;
  /** The first of `#waiting` that has no answer yet. */
  #first = 0;
  #index = 0;
  #reply: Reply | undefined;

  constructor(source: Source, commands: Iterable<Command>, visit: Visit, options: RunOptions) {
    super();
    this.#source = source;
    this.#commands = commands[Symbol.iterator]();
    this.#visit = visit;
    this.#block = options.block ?? true;
    this.#max = options.max ?? MAX_BLOCK;
    this.#coming = this.#commands.next();
  }

  get phase(): 'command' | 'body' {
    return this.#reply ? 'body' : 'command';
  }

  next(): Command | undefined {
    if (this.#coming.done) return undefined;
    const next = this.#coming.value;
    this.#coming = this.#commands.next();
    this.#waiting.push(next);
    this.begun = true;
    return next;
  }

  take(bytes: ReceiveBuffer, answered: () => void): Taken {
    while (this.#first < this.#waiting.length) {
      if (!this.#takeOne(bytes)) return 'more';
      answered();
    }
    if (!this.#coming.done) return 'more';
    this.resolve();
    return 'whole';
  }

  /** Takes one answer, if it is all there. */
  #takeOne(bytes: ReceiveBuffer): boolean {
    const { block, connection } = this.#source;
    const reply = this.#reply ?? this.#source.reply(bytes, this.#waiting[this.#first]);
    if (!reply) return false;
    let octets: Buffer = NOTHING;
    if (this.#block && reply.ok) {
      if (!this.#reply) block.begin(this.#max);
      this.#reply = reply;
      if (!block.take(bytes)) return false;
      octets = block.octets;
      if (connection.isHeard) connection.note(`${octets.length} octets`);
    }
    this.#reply = undefined;
    this.#advance();
    this.#visit(reply, octets, this.#index++);
    return true;
  }

  #advance(): void {
    this.#first++;
    if (this.#first < 1024) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
