import { type Phase, UsageError } from '../core/errors.ts';
import type { Timeouts } from '../core/options.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import { Alarm } from './alarm.ts';
import type { Trouble } from './trouble.ts';

/** Looks at the bytes that are there, and takes what it wants. What it returns is the caller's to keep. */
export type Take<T> = (bytes: ReceiveBuffer, ended: boolean) => T | undefined;

/** Where the bytes come from. */
export interface Source {
  pause(): void;
  resume(): void;
  /** Destroys it, and with it everything: see `Receiver.fail`. */
  destroy(error: unknown): void;
}

export interface ReceiverLimits {
  readonly timeouts: Timeouts;
  readonly minRate: number;
}

/** What is being waited for, and how long, in milliseconds. */
interface Waiting {
  readonly phase: Phase;
  readonly limit: number;
  /** True when it has what it wanted. Throws what its `take` throws. */
  look(bytes: ReceiveBuffer, ended: boolean): boolean;
  fail(error: unknown): void;
}

/** One object for each wait: there may be a hundred thousand, and as many at once as there are connections. */
class Wait<T> implements Waiting {
  readonly #take: Take<T>;
  readonly #phase: Phase | (() => Phase);
  readonly #resolve: (value: T) => void;
  readonly fail: (error: unknown) => void;
  readonly limit: number;

  constructor(
    take: Take<T>,
    phase: Phase | (() => Phase),
    limit: number,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.#take = take;
    this.#phase = phase;
    this.limit = limit;
    this.#resolve = resolve;
    this.fail = reject;
  }

  get phase(): Phase {
    return typeof this.#phase === 'function' ? this.#phase() : this.#phase;
  }

  look(bytes: ReceiveBuffer, ended: boolean): boolean {
    const value = this.#take(bytes, ended);
    if (value === undefined) return false;
    this.#resolve(value);
    return true;
  }
}

/** The receiving half of a connection: one reader at a time, who waits until what it wants is there. */
export class Receiver {
  readonly bytes: ReceiveBuffer;
  readonly #source: Source;
  readonly #limits: ReceiverLimits;
  readonly #trouble: Trouble;
  #wait: Waiting | undefined;
  #ended = false;
  /** The first failure: it stays. */
  #failure: unknown;
  /** Whether that was ours, so that what came before it counts no more. */
  #given = false;
  #rate = { since: 0, mark: 0 };
  /** Whether the source gives what it has. It is not stopped between two waits, which mostly follow at once. */
  #flowing = false;
  readonly #alarm: Alarm;

  constructor(bytes: ReceiveBuffer, source: Source, limits: ReceiverLimits, trouble: Trouble) {
    this.bytes = bytes;
    this.#source = source;
    this.#limits = limits;
    this.#trouble = trouble;
    this.#alarm = new Alarm(
      (limit) => this.#late(limit),
      () => this.#wait !== undefined,
    );
  }

  get failure(): unknown {
    return this.#failure;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What is being waited for, if anything. */
  get phase(): Phase | undefined {
    return this.#wait?.phase;
  }

  /** See `Connection.receive`. */
  receive<T>(take: Take<T>, phase: Phase | (() => Phase), longest?: number): Promise<T> {
    if (this.#wait) return Promise.reject(new UsageError('two readers of one connection'));
    if (this.#given) return Promise.reject(this.#failure);
    return new Promise<T>((resolve, reject) => {
      const limit = longest ?? this.#limitOf(typeof phase === 'function' ? phase() : phase);
      const wait = new Wait(take, phase, limit, resolve, reject);
      this.#wait = wait;
      this.#attempt(wait);
      if (this.#wait !== wait) return;
      this.#alarm.begin(limit);
      if (this.#flowing) return;
      this.#flowing = true;
      this.#source.resume();
    });
  }

  /** Lets who waits look at what is there. */
  #attempt(wait: Waiting): void {
    const before = this.bytes.length;
    try {
      if (wait.look(this.bytes, this.#ended)) {
        this.#leave();
        return;
      }
      if (wait.phase === 'body') this.#checkRate();
    } catch (error) {
      // Whatever could not be understood, nothing after it can be either.
      this.#source.destroy(error);
      return;
    }
    if (this.#failure !== undefined || this.#ended) {
      this.#leave();
      wait.fail(this.#failure ?? this.#trouble.closedBy(wait.phase, this.bytes.length > 0));
    } else if (wait.phase === 'body' || this.bytes.length < before) {
      // A body may take its time as long as it moves, and so may several replies; each reply has one limit as a whole.
      this.#alarm.begin(wait.limit);
    }
  }

  #leave(): void {
    this.#wait = undefined;
    this.#alarm.rest();
  }

  /** See `Connection.leave`. */
  leave(reason: unknown): void {
    const wait = this.#wait;
    if (!wait) return;
    this.#leave();
    wait.fail(reason);
  }

  /** A chunk has come. */
  arrived(chunk: Buffer): void {
    this.bytes.push(chunk);
    this.#use(chunk.length);
  }

  /** The socket itself has put bytes into the memory of the buffer. False: no more for now. */
  filled(count: number): boolean {
    this.bytes.filled(count);
    this.#use(count);
    return this.#flowing;
  }

  /** Before the source is given to somebody else. */
  stop(): void {
    this.#flowing = false;
    this.#source.pause();
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    if (this.#wait) this.#attempt(this.#wait);
  }

  /** The first failure wins; who waits is told. */
  fail(error: unknown): void {
    this.#given ||= this.#failure === undefined;
    this.#failure ??= error;
    this.leave(this.#failure);
  }

  /** It is over: nobody has to be told any more. */
  release(): void {
    this.#alarm.end();
  }

  /** What has come may still be what is awaited; if not, this is why nothing more will. */
  failAfter(error: unknown): void {
    this.#failure ??= error;
    if (this.#wait) this.#attempt(this.#wait);
  }

  /** What nobody awaits is kept, and is the last to come until somebody does: so memory has a bound. */
  #use(count: number): void {
    this.#trouble.received += count;
    if (this.#wait) this.#attempt(this.#wait);
    else this.stop();
  }

  #limitOf(phase: Phase): number {
    const { timeouts } = this.#limits;
    return phase === 'greeting' || phase === 'close' ? timeouts[phase] : timeouts.idle;
  }

  #late(limit: number): void {
    if (this.#wait) this.#source.destroy(this.#trouble.timeout(this.#wait.phase, `nothing came for ${limit} ms`));
  }

  /** A body that only trickles keeps an idle timer alive for ever: `minRate` is for those. */
  #checkRate(): void {
    const { minRate, timeouts } = this.#limits;
    if (minRate <= 0) return;
    const now = performance.now();
    const { since, mark } = this.#rate;
    if (now - since < timeouts.idle) return;
    const { received } = this.#trouble;
    this.#rate = { since: now, mark: received };
    if (since > 0 && ((received - mark) * 1000) / (now - since) < minRate) {
      throw this.#trouble.timeout('body', `less than ${minRate} octets per second came`);
    }
  }
}
