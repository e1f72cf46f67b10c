import type { Reply } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import type { Command } from '../wire/command.ts';
import { LineBlocks, type LineLimits, splitLines } from '../wire/lines.ts';
import type { Connection } from './connection.ts';
import { Patience } from './patience.ts';
import { Queue } from './queue.ts';
import { Replies } from './replies.ts';
import {
  Alone,
  type AloneOptions,
  Ask,
  type Asked,
  Gather,
  type Gathered,
  type GatherOptions,
  type Grammar,
  Pour,
  type Request,
  Say,
  unreadBody,
  type Waiting,
} from './request.ts';
import { Run, type RunOptions, type Visit } from './run.ts';
import { Talk } from './talk.ts';

export type { Asked, Gathered, GatherOptions, Grammar } from './request.ts';
export type { RunOptions, Visit } from './run.ts';
export type { Talk } from './talk.ts';

/** How many commands may be unanswered where the server allows several: so many are a few KiB. */
export const WINDOW = 1024;
const MAX_BLOCK = 64 * 1024 * 1024;
const MAX_LINES = 1_000_000;

/**
 * Replies meet their commands by order. Await each call and it is lockstep; do not, and as many commands go out
 * together as `window` says. There is one reader: it takes what has come for the first request in line, and goes on with
 * the next, without a promise in between.
 *
 * A call that is aborted while its command is unanswered ends the connection: nobody could tell its reply from the next.
 */
export class Pipeline extends Replies {
  /** How many commands may be unanswered: 1, lockstep, until the server offers more. */
  window = 1;
  readonly #patience: Patience;
  readonly #queue = new Queue();
  #unanswered = 0;
  #running = false;
  #filling = false;
  #writing = false;
  /** The request whose answer somebody else is reading. */
  #held: Waiting | undefined;
  #letGo: () => void = () => {};

  constructor(connection: Connection, grammar: Grammar) {
    super(connection, grammar);
    this.#patience = new Patience(connection, () => this.#giveUp());
    connection.gone.then(() => this.#letGo());
  }

  /** A command and its reply. Throws ReplyError when it says no. */
  say(command: Command, options?: CallOptions): Promise<Reply> {
    return this.#submit(new Say(this, command), options);
  }

  /** A command, its reply, and a dot block. What is asked next waits until the block has been read. */
  ask(command: Command, options?: CallOptions): Promise<Asked> {
    return this.#submit(new Ask(this, command, options?.signal), options);
  }

  /** A command, its reply, and a dot block of at most `max` octets, as a whole. */
  gather(command: Command, options?: GatherOptions): Promise<Gathered> {
    return this.#submit(new Gather(this, command, options, Gather.both), options);
  }

  /** The same, where the reply says nothing that matters. */
  octets(command: Command, options?: GatherOptions): Promise<Buffer> {
    return this.#submit(new Gather(this, command, options, Gather.octets), options);
  }

  /** A command, its reply, and the lines of a dot block as they come: texts of many whole lines, line ends included. */
  blocks(command: Command, sink: (text: string) => void, options: CallOptions & LineLimits = {}): Promise<Reply> {
    return this.#pour(command, sink, (reply) => reply, options);
  }

  /** A command, its reply, and the lines of a dot block. Throws ProtocolError past 1,000,000 lines, or 64 MiB. */
  lines(command: Command, options: CallOptions & LineLimits = {}): Promise<string[]> {
    const lines: string[] = [];
    const sink = (text: string): void => {
      for (const line of splitLines(text)) lines.push(line);
    };
    return this.#pour(command, sink, () => lines, { lines: MAX_LINES, size: MAX_BLOCK, ...options });
  }

  /** Many commands in one pass. What `visit` throws ends the connection, for other answers are on their way. */
  each(commands: Iterable<Command>, visit: Visit, options: CallOptions & RunOptions = {}): Promise<void> {
    return this.#submit(new Run(this, commands, visit, options), options);
  }

  /**
   * Steps that belong together, such as a login: nothing else is said meanwhile. `talk` says and hears. With a `refusal`
   * nobody may wait for its end: whoever tries is told that.
   */
  alone<T>(work: (talk: Talk) => Promise<T>, options?: AloneOptions): Promise<T> {
    return this.#submit(new Alone(() => work(new Talk(this)), options?.refusal), options);
  }

  #pour<T>(
    command: Command,
    sink: (text: string) => void,
    make: (reply: Reply) => T,
    options: CallOptions & LineLimits,
  ): Promise<T> {
    const blocks = new LineBlocks(options);
    const pour = (chunk: Buffer): void => blocks.push(chunk, sink);
    const end = (reply: Reply): T => {
      blocks.finish(sink);
      return make(reply);
    };
    return this.#submit(new Pour(this, command, pour, end), options);
  }

  #submit<T>(request: Request<T>, options?: CallOptions): Promise<T> {
    if (this.#held?.refusal !== undefined) return Promise.reject(unreadBody(this.#held.refusal));
    if (options?.signal) return this.#submitUntil(options.signal, request);
    return new Promise<T>((resolve, reject) => {
      request.resolve = resolve;
      request.reject = reject;
      this.#queue.push(request);
      this.#start();
    });
  }

  async #submitUntil<T>(signal: AbortSignal, request: Request<T>): Promise<T> {
    signal.throwIfAborted();
    const onAbort = (): void => this.#abandon(request, signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#submit(request);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #start(): void {
    if (this.#running) {
      this.#watch();
      if (this.window > this.#unanswered) this.#fillSoon();
      return;
    }
    this.#running = true;
    queueMicrotask(() => void this.#work());
  }

  /** What is asked in one breath goes out as one. */
  #fillSoon(): void {
    if (!this.#filling) queueMicrotask(this.#fill);
    this.#filling = true;
  }

  /** The reader: as long as somebody waits for an answer. */
  async #work(): Promise<void> {
    try {
      while (this.#queue.first) {
        this.#fill();
        await this.connection.receive<unknown>(this.#take, this.#phase);
      }
      this.#running = false;
    } catch (error) {
      this.#running = false;
      this.#failAll(error);
    }
  }

  readonly #phase = (): 'body' | 'command' => this.#queue.first?.phase ?? 'command';

  /** Gives what is there to whom it belongs. A promise: until then somebody else reads. */
  readonly #take = (bytes: ReceiveBuffer): Promise<unknown> | true | undefined => {
    for (;;) {
      const request = this.#queue.first;
      if (!request) return true;
      const taken = request.take(bytes, this.#answered);
      if (taken === 'more') return undefined;
      if (taken !== 'whole') return this.#hold(request, taken);
      this.#queue.shift(request);
    }
  };

  async #hold(request: Waiting, end: Promise<unknown>): Promise<void> {
    this.#held = request;
    if (request.refusal === undefined) this.#watch();
    else for (const each of this.#queue.cut(1)) each.reject(unreadBody(request.refusal));
    await new Promise<void>((resolve) => {
      this.#letGo = resolve;
      end.then(() => resolve());
    });
    this.#held = undefined;
    this.#patience.end();
    if (!request.alone) this.#answered();
    this.#queue.shift(request);
    request.release();
  }

  readonly #answered = (): void => {
    this.#unanswered--;
    if (this.#unanswered <= this.window >> 1) this.#fill();
  };

  /** Writes as many commands as may be unanswered, all at once. */
  readonly #fill = (): void => {
    this.#filling = false;
    if (this.#writing) return;
    const commands: Command[] = [];
    while (this.#unanswered + commands.length < this.window) {
      const request = this.#queue.writer;
      if (!request) break;
      const next = request.next();
      if (next) commands.push(next);
      else if (request.alone) break;
      else this.#queue.written();
    }
    if (commands.length > 0) this.#write(commands);
  };

  #write(commands: readonly Command[]): void {
    try {
      // what came before it was lost is not the answer to this
      this.connection.refuseGone();
      if (this.#unanswered === 0) this.refuseUnasked();
      this.#unanswered += commands.length;
      const taken = this.connection.say(commands);
      if (taken) this.#goOnAfter(taken);
    } catch (error) {
      this.#break(error);
    }
  }

  #goOnAfter(taken: Promise<void>): void {
    this.#writing = true;
    const goOn = (): void => {
      this.#writing = false;
      this.#fill();
    };
    taken.then(goOn, (error: unknown) => this.#break(error));
  }

  #break(error: unknown): void {
    this.connection.destroy(error);
    this.#failAll(error);
  }

  #abandon(request: Waiting, reason: unknown): void {
    // what has not begun nobody will miss
    if (this.#queue.withdraw(request)) request.reject(reason);
    else this.connection.destroy(reason);
  }

  #failAll(error: unknown): void {
    this.#unanswered = 0;
    this.#writing = false;
    for (const request of this.#queue.cut(0)) request.reject(error);
  }

  /** Whoever waits behind a body that nobody reads is told so. */
  #watch(): void {
    if (this.#held && !this.#held.alone && this.#queue.length > 1) this.#patience.begin();
  }

  #giveUp(): void {
    const written = this.#unanswered > 1;
    const error = unreadBody('an earlier body has not been read: read it, or close() it', written ? 'unknown' : 'none');
    // what was written will be answered, and nobody could tell by whom
    if (written) this.connection.destroy(error);
    else for (const request of this.#queue.cut(1)) request.reject(error);
  }
}
