import { ProtocolError, type Reply, UsageError } from '../core/errors.ts';
import type { Flow } from '../core/resource.ts';
import { type Turn, Turns } from '../core/turns.ts';
import type { Command } from '../wire/command.ts';
import { DotBlock } from '../wire/framing.ts';
import type { Connection } from './connection.ts';

/** Reads one whole reply. Throws ReplyError when it says no: this is all that a protocol must bring. */
export type ReadReply = (connection: Connection, command?: Command) => Promise<Reply>;

/**
 * Replies meet their commands by order. Await each call and it is lockstep; do not, and where the server allows it
 * (`lockstep = false`) the commands go out together.
 */
export class Pipeline {
  readonly connection: Connection;
  /** True until the server offers pipelining. */
  lockstep = true;
  readonly #read: ReadReply;
  readonly #turns: Turns;
  /** Commands that were written and whose replies have not been read to their end. */
  #open = 0;

  constructor(connection: Connection, read: ReadReply) {
    this.connection = connection;
    this.#read = read;
    this.#turns = new Turns(connection.timeouts.idle);
  }

  /** The reply that a server gives before it is asked. */
  async greeting(): Promise<Reply> {
    return this.#turns.take(async () => ({ value: await this.#read(this.connection) }));
  }

  /** A command and its reply. */
  async say(command: Command): Promise<Reply> {
    return this.#exchange(command, async () => ({ value: await this.#read(this.connection, command) }));
  }

  /** A command, its reply, and a dot block. The next command waits until the block has been read. */
  async ask(command: Command): Promise<{ readonly reply: Reply; readonly body: Flow }> {
    return this.#exchange(command, async () => {
      const reply = await this.#read(this.connection, command);
      const { body, end } = tracked(this.connection.body(new DotBlock()));
      return { value: { reply, body }, until: Promise.race([end, this.connection.gone]) };
    });
  }

  /** A command, its reply, and the lines of a dot block. */
  async lines(command: Command): Promise<string[]> {
    return this.#exchange(command, async () => {
      await this.#read(this.connection, command);
      const parts: Buffer[] = [];
      await this.connection.body(new DotBlock()).each((chunk) => parts.push(Buffer.from(chunk)));
      const text = Buffer.concat(parts).toString('utf8');
      return { value: text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/) };
    });
  }

  async #exchange<T>(command: Command, receive: () => Promise<Turn<T>>): Promise<T> {
    if (this.lockstep) {
      return this.#turns.take(async () => {
        await this.#write(command);
        return this.#finished(receive);
      });
    }
    const written = this.#write(command);
    // Whoever fails to write has failed the connection, and every turn with it.
    written.catch(() => {});
    let begun = false;
    try {
      return await this.#turns.take(async () => {
        begun = true;
        await written;
        return this.#finished(receive);
      });
    } catch (error) {
      // It was written, and its reply will come: nobody could tell that from the reply to the next one.
      if (!begun) this.connection.destroy(error);
      throw begun || !(error instanceof UsageError)
        ? error
        : new UsageError(error.message, { ...error, outcome: 'unknown' });
    }
  }

  async #write(command: Command): Promise<void> {
    if (this.connection.usable && this.#open === 0 && this.connection.unasked > 0) {
      const error = new ProtocolError('the server answered before it was asked', { phase: 'command' });
      this.connection.destroy(error);
      throw error;
    }
    this.#open++;
    await this.connection.write(command);
  }

  async #finished<T>(receive: () => Promise<Turn<T>>): Promise<Turn<T>> {
    const done = (): void => {
      this.#open--;
    };
    try {
      const turn = await receive();
      if (turn.until) turn.until.then(done, done);
      else done();
      return turn;
    } catch (error) {
      done();
      throw error;
    }
  }
}

/** A flow, and a promise of its end. */
export function tracked(flow: Flow): { readonly body: Flow; readonly end: Promise<void> } {
  let over: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    over = resolve;
  });
  const ending = async <T>(work: Promise<T>, isEnd: (value: T) => boolean): Promise<T> => {
    try {
      const value = await work;
      if (isEnd(value)) over();
      return value;
    } catch (error) {
      over();
      throw error;
    }
  };
  return {
    end,
    body: {
      get complete(): boolean | 'unknown' {
        return flow.complete;
      },
      pull: () => ending(flow.pull(), (chunk) => chunk === undefined || flow.complete !== false),
      each: (sink: (chunk: Buffer) => void) => ending(flow.each(sink), () => true),
    },
  };
}
