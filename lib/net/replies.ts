import { ProtocolError, type Reply, type ReplyError } from '../core/errors.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import type { Command } from '../wire/command.ts';
import { GatheredBlock } from '../wire/gather.ts';
import type { Connection } from './connection.ts';
import type { Grammar, Source } from './request.ts';

/** What a server says on one connection, read by the grammar of its protocol. */
export class Replies implements Source {
  readonly connection: Connection;
  readonly block: GatheredBlock = new GatheredBlock();
  readonly #grammar: Grammar;

  constructor(connection: Connection, grammar: Grammar) {
    this.connection = connection;
    this.#grammar = grammar;
  }

  /** The reply that a server gives before it is asked. */
  async greeting(): Promise<Reply> {
    const reply = await this.connection.receive((bytes) => this.reply(bytes, undefined), 'greeting');
    if (reply.ok) return reply;
    throw this.refusal(reply, undefined);
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
}
