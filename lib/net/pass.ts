/** Many bodies in one pass: the next ones are asked for while one is read, and each is read before the next. */
import { limitError, type Reply, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Flow } from '../core/resource.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import type { Command } from '../wire/command.ts';
import { DotBlock } from '../wire/framing.ts';
import { Latch } from './latch.ts';
import type { Pipeline } from './pipeline.ts';
import { isWhole, takeWhole, Whole } from './whole.ts';

/** What a pass asks for. */
export interface Order {
  /** Made when it is said. */
  readonly command: Command;
  /** In octets, as far as it is known. */
  readonly size: number;
}

/** The answer to an order; a refusal has no body. */
export interface Answer<O extends Order> {
  readonly order: O;
  readonly reply: Reply;
  readonly body: Flow | undefined;
}

/** How much that nobody wants is let come, in octets: to connect again costs less than more of it. */
const UNWANTED = 64 * 1024 * 1024;

/** How many octets may be asked for beyond the body that is read. */
const AHEAD = 1024 * 1024;

/**
 * Says a command for each order, as many at a time as the window of the pipeline allows, and gives the answers in their
 * order, as many together as have come. Nothing else is said until it ends. What is small comes whole out of what has
 * been received, what is not streams: at no time is more in memory than that. Whoever takes an answer reads its body to
 * the end before the next; who leaves early lets what has been asked for come, so that the connection stays in step.
 */
export async function* pass<O extends Order>(
  line: Pipeline,
  orders: readonly O[],
  { signal }: CallOptions = {},
): AsyncGenerator<readonly Answer<O>[], void, void> {
  const entered = new Latch();
  const over = new Latch();
  const alone = line.alone(
    async () => {
      entered.open();
      await Promise.race([over.opened, line.connection.gone]);
    },
    { signal, refusal: 'bodies of fetchAll are on their way: do this after the last of them' },
  );
  // it is awaited at the end, and may fail before
  alone.catch(ignore);
  await Promise.race([entered.opened, alone]);
  const run = new Pass(line, orders);
  try {
    for (let answers = await run.next(); answers; answers = await run.next()) yield answers;
  } finally {
    try {
      await run.leave();
    } finally {
      over.open();
      await alone;
    }
  }
}

class Pass<O extends Order> {
  readonly #line: Pipeline;
  readonly #orders: readonly O[];
  /** The first order that has no answer, the first that has not been said, and the octets between them. */
  #first = 0;
  #next = 0;
  #ahead = 0;
  /** The reply of which the body has not come. */
  #reply: Reply | undefined;
  /** The body that is being read. */
  #body: Lent | undefined;

  constructor(line: Pipeline, orders: readonly O[]) {
    this.#line = line;
    this.#orders = orders;
  }

  /** The next answers, as many as are there; undefined at the end. */
  async next(): Promise<readonly Answer<O>[] | undefined> {
    this.#line.connection.refuseGone();
    if (this.#first === this.#orders.length) return undefined;
    await this.#ask();
    return this.#line.connection.receive((bytes) => this.#take(bytes));
  }

  /** Lets what has been asked for come; where that fails, nobody could tell what comes from the next answers. */
  async leave(): Promise<void> {
    const { connection } = this.#line;
    if (!connection.usable) return;
    try {
      await this.#drain();
    } catch (error) {
      connection.destroy(error);
      throw error;
    }
  }

  async #drain(): Promise<void> {
    const { connection } = this.#line;
    const allowance = { left: UNWANTED };
    if (this.#body) await passOver(this.#body.recall(), allowance);
    while (this.#first < this.#next && connection.usable) {
      const answers = await connection.receive((bytes) => this.#take(bytes));
      for (const { body } of answers) if (body) await passOver(body, allowance);
    }
  }

  /** Half of what may be ahead is enough: so commands go out many at a time. */
  async #ask(): Promise<void> {
    const most = this.#line.window;
    const waiting = this.#next - this.#first;
    if (waiting > most / 2 || (waiting > 0 && this.#ahead > AHEAD / 2)) return;
    if (waiting === 0) this.#line.refuseUnasked();
    const commands: Command[] = [];
    while (this.#next - this.#first < most && (this.#next === this.#first || this.#ahead < AHEAD)) {
      const order = this.#orders[this.#next];
      if (!order) break;
      this.#next++;
      this.#ahead += order.size;
      commands.push(order.command);
    }
    if (commands.length > 0) await this.#line.connection.write(commands);
  }

  /** The answers that are there as a whole, or else one of which the body streams. */
  #take(bytes: ReceiveBuffer): readonly Answer<O>[] | undefined {
    const answers: Answer<O>[] = [];
    while (this.#first < this.#next) {
      const order = this.#orders[this.#first];
      if (!order) break;
      this.#reply ??= this.#line.reply(bytes, order.command);
      const reply = this.#reply;
      if (!reply) break;
      const whole = !reply.ok || isWhole(bytes);
      if (!whole && answers.length > 0) break;
      const body = reply.ok ? this.#bodyOf(bytes, whole) : undefined;
      answers.push({ order, reply, body });
      this.#reply = undefined;
      this.#first++;
      this.#ahead -= order.size;
      if (!whole) break;
    }
    return answers.length > 0 ? answers : undefined;
  }

  #bodyOf(bytes: ReceiveBuffer, whole: boolean): Flow {
    const { connection } = this.#line;
    if (!whole) {
      this.#body = new Lent(connection.body(new DotBlock()));
      return this.#body;
    }
    const octets = takeWhole(bytes);
    connection.note(`${octets.length} octets`);
    this.#body = undefined;
    return new Whole(octets);
  }
}

/** Lets the rest of a body come, so that the connection stays in step; where it is too much, the connection ends. */
export async function passOver(body: Flow, allowance: { left: number } = { left: UNWANTED }): Promise<void> {
  if (body.complete !== false) return;
  let error: unknown;
  const count = (chunk: Buffer): void => {
    allowance.left -= chunk.length;
    if (allowance.left >= 0) return;
    error = limitError('a body that is passed over', UNWANTED, { phase: 'body' });
    throw error;
  };
  try {
    await body.each(count);
  } catch (cause) {
    // who did not want the rest is not told; who uses the connection again is
    if (cause !== error) throw cause;
  }
}

/** A body that can be taken back from who has not read it, and is of no use to them then. */
class Lent implements Flow {
  readonly #flow: Flow;
  #recalled = false;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  get complete(): boolean | 'unknown' {
    return this.#recalled ? false : this.#flow.complete;
  }

  async pull(): Promise<Buffer | undefined> {
    this.#refuse();
    return this.#flow.pull();
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    this.#refuse();
    return this.#flow.each(sink);
  }

  recall(): Flow {
    this.#recalled = this.#flow.complete === false;
    return this.#flow;
  }

  #refuse(): void {
    if (!this.#recalled) return;
    throw new UsageError('this body was passed over: it had to be read before the next one', { reason: 'unread-body' });
  }
}

function ignore(): void {}
