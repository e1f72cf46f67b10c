/** What can be asked of a server in a pipeline: commands, and what becomes of their answers. */
import { type Outcome, type Reply, type ReplyError, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Flow } from '../core/resource.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import type { Command } from '../wire/command.ts';
import { DotBlock } from '../wire/framing.ts';
import type { GatheredBlock } from '../wire/gather.ts';
import type { Connection } from './connection.ts';
import { tracked } from './tracked.ts';
import { isWhole, takeWhole, Whole } from './whole.ts';

/** All that a protocol must bring to a pipeline. */
export interface Grammar {
  /**
   * Reads one line as a reply; undefined where the reply goes on with the next line. Throws ProtocolError for what is no
   * reply, or none to this command.
   */
  parse(line: string, command: Command | undefined): Reply | undefined;
  /** The error for a reply that says no. */
  refusal(reply: Reply, command: Command | undefined): ReplyError;
}

/** Where requests read their replies. */
export interface Source {
  readonly connection: Connection;
  /** Where the first request in line gathers a block. */
  readonly block: GatheredBlock;
  /** The next reply, or undefined where it is not all there. A refusal is a reply, too. */
  reply(bytes: ReceiveBuffer, command: Command | undefined): Reply | undefined;
  refusal(reply: Reply, command: Command | undefined): ReplyError;
  /** Throws where something has come that nobody has asked for. */
  refuseUnasked(): void;
}

/**
 * `whole`: it has got all its answers. `more`: they are not all there. A promise: somebody else reads from the
 * connection until it resolves, and then this request is over.
 */
export type Taken = 'whole' | 'more' | Promise<unknown>;

export abstract class Request<T = unknown> {
  /** Whether nothing may be written behind it before it is over. */
  get alone(): boolean {
    return false;
  }

  /** Whether something of it has been written. */
  abstract readonly begun: boolean;
  /** Why nobody can wait behind it, where nobody can. */
  get refusal(): string | undefined {
    return undefined;
  }

  /** What it waits for: a reply, or what is behind one. */
  abstract readonly phase: 'command' | 'body';
  /** How it ends: set when it gets into line. */
  resolve: (value: T) => void = NOBODY;
  reject: (error: unknown) => void = NOBODY;

  /** The next command to write; undefined when it has no more. */
  abstract next(): Command | undefined;

  /** It is over, also for who was reading it. */
  release(): void {}

  /** Takes what is there of its answers, and says `answered` for each command that got its own. */
  abstract take(bytes: ReceiveBuffer, answered: () => void): Taken;
}

/** A request as its line knows it. */
export type Waiting = Pick<Request, 'alone' | 'begun' | 'phase' | 'next' | 'take' | 'release' | 'refusal' | 'reject'>;

const NOBODY = (): void => {};

/** One command. What comes behind a positive reply is the matter of those who extend it. */
abstract class One<T> extends Request<T> {
  protected readonly source: Source;
  protected readonly command: Command;
  begun = false;
  #reply: Reply | undefined;

  constructor(source: Source, command: Command) {
    super();
    this.source = source;
    this.command = command;
  }

  get phase(): 'command' | 'body' {
    return this.#reply ? 'body' : 'command';
  }

  next(): Command | undefined {
    if (this.begun) return undefined;
    this.begun = true;
    return this.command;
  }

  take(bytes: ReceiveBuffer, answered: () => void): Taken {
    if (!this.#reply) {
      const reply = this.source.reply(bytes, this.command);
      if (!reply) return 'more';
      if (!reply.ok) {
        this.reject(this.source.refusal(reply, this.command));
        answered();
        return 'whole';
      }
      this.#reply = reply;
      this.begin(reply);
    }
    const taken = this.takeBody(bytes, this.#reply);
    if (taken === 'whole') answered();
    return taken;
  }

  /** The reply has come, and said yes. */
  protected begin(_: Reply): void {}

  protected abstract takeBody(bytes: ReceiveBuffer, reply: Reply): Taken;
}

/** A command and its reply. */
export class Say extends One<Reply> {
  protected takeBody(_: ReceiveBuffer, reply: Reply): Taken {
    this.resolve(reply);
    return 'whole';
  }
}

/** A command whose reply has a dot block behind it, which is given to `sink` as it comes; `end` gives what is wanted. */
export class Pour<T> extends One<T> {
  readonly #block = new DotBlock();
  readonly #sink: (chunk: Buffer) => void;
  readonly #end: (reply: Reply) => T;

  constructor(source: Source, command: Command, sink: (chunk: Buffer) => void, end: (reply: Reply) => T) {
    super(source, command);
    this.#sink = sink;
    this.#end = end;
  }

  protected takeBody(bytes: ReceiveBuffer, reply: Reply): Taken {
    if (!this.#block.take(bytes, false, this.#sink)) return 'more';
    // the block has come as a whole, whatever becomes of it: the next reply is behind it
    try {
      this.resolve(this.#end(reply));
    } catch (error) {
      this.reject(error);
    }
    return 'whole';
  }
}

/** A reply, and the block behind it, the caller's to keep. */
export interface Gathered {
  readonly reply: Reply;
  readonly octets: Buffer;
}

export interface GatherOptions extends CallOptions {
  /** The most octets of the block. Default 64 MiB. */
  readonly max?: number | undefined;
}

const MAX_BLOCK = 64 * 1024 * 1024;

/** A command whose reply has a dot block behind it, in one piece; `make` makes of both what is wanted. */
export class Gather<T> extends One<T> {
  static readonly both = (octets: Buffer, reply: Reply): Gathered => ({ reply, octets });
  static readonly octets = (octets: Buffer): Buffer => octets;
  readonly #max: number;
  readonly #make: (octets: Buffer, reply: Reply) => T;

  constructor(
    source: Source,
    command: Command,
    options: GatherOptions | undefined,
    make: (octets: Buffer, reply: Reply) => T,
  ) {
    super(source, command);
    this.#max = options?.max ?? MAX_BLOCK;
    this.#make = make;
  }

  protected override begin(): void {
    this.source.block.begin(this.#max);
  }

  protected takeBody(bytes: ReceiveBuffer, reply: Reply): Taken {
    const { block, connection } = this.source;
    if (!block.take(bytes)) {
      block.expect(announcedBy(reply));
      return 'more';
    }
    const octets = block.owned();
    if (connection.isHeard) connection.note(`${octets.length} octets`);
    this.resolve(this.#make(octets, reply));
    return 'whole';
  }
}

/** A reply, and the block behind it, to be read before anything else can be. */
export interface Asked {
  readonly reply: Reply;
  readonly body: Flow;
}

/** A command whose reply has a dot block behind it, which whoever asked reads. */
export class Ask extends One<Asked> {
  readonly #signal: AbortSignal | undefined;

  constructor(source: Source, command: Command, signal: AbortSignal | undefined) {
    super(source, command);
    this.#signal = signal;
  }

  protected takeBody(bytes: ReceiveBuffer, reply: Reply): Taken {
    const { connection } = this.source;
    // what has come already keeps nobody waiting, whether it is read or not
    if (isWhole(bytes)) {
      const octets = takeWhole(bytes);
      connection.note(`${octets.length} octets`);
      this.resolve({ reply, body: new Whole(octets) });
      return 'whole';
    }
    const { body, end } = tracked(connection.body(new DotBlock()), () => connection.usable);
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.resolve({ reply, body });
    return end;
  }

  override release(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.source.connection.destroy(this.#signal?.reason);
}

export interface AloneOptions extends CallOptions {
  /** Why nobody can wait for the end of the steps. */
  readonly refusal?: string | undefined;
}

/** Nobody can be asked before something has been read. */
export function unreadBody(message: string, outcome: Outcome = 'none'): UsageError {
  return new UsageError(message, { reason: 'unread-body', outcome });
}

/** Several steps that belong together: nothing else is said meanwhile. */
export class Alone<T> extends Request<T> {
  readonly phase = 'command';
  begun = false;
  readonly #refusal: string | undefined;
  readonly #work: () => Promise<T>;

  constructor(work: () => Promise<T>, refusal: string | undefined) {
    super();
    this.#work = work;
    this.#refusal = refusal;
  }

  override get alone(): boolean {
    return true;
  }

  override get refusal(): string | undefined {
    return this.#refusal;
  }

  next(): undefined {
    return undefined;
  }

  take(): Taken {
    this.begun = true;
    const end = this.#work();
    // who hears of the end may say the next thing at once: the line must be free by then
    this.#settle = () => void end.then(this.resolve, this.reject);
    return end.catch(() => {});
  }

  override release(): void {
    this.#settle();
  }

  #settle: () => void = () => {};
}

/** The octets that a reply announces, as in `+OK 120 octets`; 0 where it does not. */
function announcedBy(reply: Reply): number {
  const [, octets] = /^(\d{1,15}) octets?\b/i.exec(reply.text) ?? [];
  return octets === undefined ? 0 : Number(octets);
}
