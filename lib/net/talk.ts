import type { Reply } from '../core/errors.ts';
import type { Command } from '../wire/command.ts';
import type { Source } from './request.ts';

/** A conversation of which nobody else is part: see `Pipeline.alone`. */
export class Talk {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** A command and its reply. Throws ReplyError when it says no. */
  async say(command: Command): Promise<Reply> {
    this.#source.refuseUnasked();
    await this.#source.connection.write(command);
    return this.hear(command);
  }

  /** Octets behind what was said before, and the reply to them, which is one to `command`. Throws ReplyError. */
  async send(octets: Uint8Array, command: Command): Promise<Reply> {
    const { connection } = this.#source;
    this.#source.refuseUnasked();
    await connection.write(octets);
    connection.note(`${octets.length} octets`);
    return this.hear(command);
  }

  /** The next reply, to what has been written: `command` is what it answers. Throws ReplyError when it says no. */
  async hear(command: Command): Promise<Reply> {
    const { connection } = this.#source;
    const reply = await connection.receive((bytes) => this.#source.reply(bytes, command));
    if (reply.ok) return reply;
    throw this.#source.refusal(reply, command);
  }
}
