import { ProtocolError, type Reply, type ReplyError, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import type { Command } from '../wire/command.ts';
import { LineBlocks, type LineLimits } from '../wire/lines.ts';
import type { Connection } from './connection.ts';
import {
  Alone,
  Ask,
  type Asked,
  Gather,
  type Gathered,
  type Grammar,
  Pour,
  type Request,
  Say,
  type Settle,
  type Source,
} from './request.ts';
import { Run, type RunOptions, type Visit } from './run.ts';
import { Talk } from './talk.ts';

export type { Asked, Gathered, Grammar } from './request.ts';
export type { RunOptions, Visit } from './run.ts';
export type { Talk } from './talk.ts';

/** How many commands may be unanswered where the server allows several. */
export const WINDOW = 256;

const MAX_BLOCK = 64 * 1024 * 1024;

/**
 * Replies meet their commands by order. Await each call and it is lockstep; do not, and as many commands go out
 * together as `window` says. There is one reader: it takes what has come for the first request in line, and goes on with
 * the next, without a promise in between.
 *
 * A call that is aborted while its command is unanswered ends the connection: nobody could tell its reply from the next.
 */
export class Pipeline implements Source {
  readonly connection: Connection;
  /** How many commands may be unanswered: 1, lockstep, until the server offers more. */
  window = 1;
  readonly #grammar: Grammar;
  #queue: Request[] = [];
  /** The first that is not over, and the first that has something left to write. */
  #head = 0;
  #writer = 0;
  #unanswered = 0;
  #running = false;
  #filling = false;
  #writing = false;
  /** The request whose answer somebody else is reading. */
  #held: Request | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(connection: Connection, grammar: Grammar) {
    this.connection = connection;
    this.#grammar = grammar;
  }

  /** The reply that a server gives before it is asked. */
  async greeting(): Promise<Reply> {
    return this.#accept(await this.connection.receive((bytes) => this.reply(bytes, undefined), 'greeting'), undefined);
  }

  /** A command and its reply. Throws ReplyError when it says no. */
  async say(command: Command, options?: CallOptions): Promise<Reply> {
    return this.#submit<Reply>((settle) => new Say(this, command, settle), options);
  }

  /** A command, its reply, and a dot block. What is asked next waits until the block has been read. */
  async ask(command: Command, options?: CallOptions): Promise<Asked> {
    return this.#submit<Asked>((settle) => new Ask(this, command, settle, options?.signal), options);
  }

  /** A command, its reply, and a dot block of at most `max` octets, as a whole. */
  async gather(command: Command, options: CallOptions & { readonly max?: number | undefined } = {}): Promise<Gathered> {
    return this.#submit((settle) => new Gather(this, command, settle, options.max ?? MAX_BLOCK), options);
  }

  /** A command, its reply, and the lines of a dot block as they come: texts of many whole lines, line ends included. */
  async blocks(command: Command, sink: (text: string) => void, options: CallOptions & LineLimits = {}): Promise<Reply> {
    const lines = new LineBlocks(options);
    const pour = (chunk: Buffer): void => lines.push(chunk, sink);
    const reply = await this.#submit<Reply>((settle) => new Pour(this, command, settle, pour), options);
    lines.finish(sink);
    return reply;
  }

  /** A command, its reply, and the lines of a dot block. Throws ProtocolError past 1,000,000 lines, or 64 MiB. */
  async lines(command: Command, options: CallOptions & LineLimits = {}): Promise<string[]> {
    const lines: string[] = [];
    const sink = (text: string): void => {
      for (const line of text.split('\n')) lines.push(line.endsWith('\r') ? line.slice(0, -1) : line);
      // behind the last line end there is nothing
      if (text.endsWith('\n')) lines.pop();
    };
    await this.blocks(command, sink, options);
    return lines;
  }

  /** Many commands in one pass. What `visit` throws ends the connection, for other answers are on their way. */
  async each(commands: Iterable<Command>, visit: Visit, options: CallOptions & RunOptions = {}): Promise<void> {
    return this.#submit((settle) => new Run(this, commands, visit, options, settle), options);
  }

  /** Steps that belong together, such as a login: nothing else is said meanwhile. `talk` says and hears. */
  async alone<T>(work: (talk: Talk) => Promise<T>, options?: CallOptions): Promise<T> {
    return this.#submit((settle) => new Alone(() => work(new Talk(this)), settle), options);
  }

  reply(bytes: ReceiveBuffer, command: Command | undefined): Reply | undefined {
    for (;;) {
      const line = this.connection.takeLine(bytes);
      if (line === undefined) return undefined;
      const reply = this.#parse(line, command);
      if (reply) return reply;
    }
  }

  refusal(reply: Reply, command: Command | undefined): ReplyError {
    return this.#grammar.refusal({ ...reply, text: this.connection.redact(reply.text) }, command);
  }

  /** Fails where something has come that nobody has asked for: it would be taken for the next reply. */
  refuseUnasked(): void {
    if (!this.connection.usable || this.connection.unasked === 0) return;
    const error = new ProtocolError('the server answered before it was asked', { phase: 'command' });
    this.connection.destroy(error);
    throw error;
  }

  #parse(line: string, command: Command | undefined): Reply | undefined {
    try {
      return this.#grammar.parse(line, command);
    } catch (error) {
      // the message shows the line, in which a server may have repeated what it was told
      this.#grammar.parse(this.connection.redact(line), command);
      throw error;
    }
  }

  #accept(reply: Reply, command: Command | undefined): Reply {
    if (reply.ok) return reply;
    throw this.refusal(reply, command);
  }

  async #submit<T>(make: (settle: Settle<T>) => Request, { signal }: CallOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    let onAbort: (() => void) | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const request = make({ resolve, reject });
        onAbort = () => this.#abandon(request, signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#queue.push(request);
        this.#start();
      });
    } finally {
      if (onAbort) signal?.removeEventListener('abort', onAbort);
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
    if (this.#filling) return;
    this.#filling = true;
    queueMicrotask(() => {
      this.#filling = false;
      this.#fill();
    });
  }

  /** The reader: as long as somebody waits for an answer. */
  async #work(): Promise<void> {
    try {
      while (this.#head < this.#queue.length) {
        this.#fill();
        await this.connection.receive<unknown>((bytes) => this.#take(bytes), this.#phase);
      }
      this.#running = false;
    } catch (error) {
      this.#running = false;
      this.#failAll(error);
    }
  }

  readonly #phase = (): 'body' | 'command' => this.#queue[this.#head]?.phase ?? 'command';

  /** Gives what is there to whom it belongs. A promise: until then somebody else reads. */
  #take(bytes: ReceiveBuffer): Promise<unknown> | true | undefined {
    for (;;) {
      const request = this.#queue[this.#head];
      if (!request) return true;
      const taken = request.take(bytes, this.#answered);
      if (taken === 'more') return undefined;
      if (taken !== 'whole') return this.#hold(request, taken);
      this.#over();
    }
  }

  async #hold(request: Request, end: Promise<unknown>): Promise<void> {
    this.#held = request;
    this.#watch();
    await Promise.race([end, this.connection.gone]);
    this.#held = undefined;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    if (!request.alone) this.#answered();
    this.#over();
  }

  #over(): void {
    this.#head++;
    if (this.#writer < this.#head) this.#writer = this.#head;
    if (this.#head < 1024 && this.#head < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#writer -= this.#head;
    this.#head = 0;
  }

  readonly #answered = (): void => {
    this.#unanswered--;
    if (this.#unanswered <= this.window >> 1) this.#fill();
  };

  /** Writes as many commands as may be unanswered, all at once. */
  readonly #fill = (): void => {
    if (this.#writing) return;
    const commands: Command[] = [];
    while (this.#unanswered + commands.length < this.window) {
      const request = this.#queue[this.#writer];
      if (!request) break;
      const next = request.next();
      if (next) commands.push(next);
      else if (request.alone) break;
      else this.#writer++;
    }
    if (commands.length > 0) void this.#write(commands);
  };

  async #write(commands: readonly Command[]): Promise<void> {
    try {
      // what came before it was lost is not the answer to this
      this.connection.refuseGone();
      if (this.#unanswered === 0) this.refuseUnasked();
      this.#unanswered += commands.length;
      this.#writing = true;
      await this.connection.write(commands);
      this.#writing = false;
      this.#fill();
    } catch (error) {
      this.connection.destroy(error);
      this.#failAll(error);
    }
  }

  #abandon(request: Request, reason: unknown): void {
    const at = this.#queue.indexOf(request, this.#head);
    // not begun: nobody will miss it. The one at the writer may have been written in part.
    if (at > this.#writer) {
      this.#queue.splice(at, 1);
      request.fail(reason);
    } else this.connection.destroy(reason);
  }

  #failAll(error: unknown): void {
    const waiting = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = this.#writer = this.#unanswered = 0;
    this.#writing = false;
    for (const request of waiting) request.fail(error);
  }

  /** Whoever waits behind a body that nobody reads is told so. */
  #watch(): void {
    const { idle } = this.connection.timeouts;
    const isBlocked = this.#held && !this.#held.alone && this.#queue.length - this.#head > 1;
    if (!isBlocked || this.#patience || !Number.isFinite(idle)) return;
    const { received } = this.connection;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      if (this.connection.received > received) this.#watch();
      else this.#giveUp();
    }, idle);
  }

  #giveUp(): void {
    const written = this.#unanswered > 1;
    const message = 'an earlier body has not been read: read it, or close() it';
    const error = new UsageError(message, { reason: 'unread-body', ...(written && { outcome: 'unknown' }) });
    // what was written will be answered, and nobody could tell by whom
    if (written) this.connection.destroy(error);
    else for (const request of this.#queue.splice(this.#head + 1)) request.fail(error);
  }
}
