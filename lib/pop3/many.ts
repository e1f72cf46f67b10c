import type { ReplyError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Command } from '../wire/command.ts';
import { messageNumber, retrieval } from './commands.ts';
import { Pop3Lifetime } from './lifetime.ts';

/** Messages by their numbers: these, or from one to another, both included. */
export type Numbers = readonly number[] | { readonly from: number; readonly to: number };

/** The octets of a message, which are valid only during the call, and its number. */
export type Visit = (octets: Buffer, number: number) => void;

export interface EachOptions extends CallOptions {
  /** Only the header and this many lines of each. */
  readonly lines?: number | undefined;
  /** The most octets of one message. Default 64 MiB. */
  readonly max?: number | undefined;
  /** Is told of every message that the server refused. Without it the first refusal is thrown, after the last message. */
  readonly refused?: ((error: ReplyError, number: number) => void) | undefined;
}

/** How many headers are asked for at once, where what is found goes out between. */
export const SOME = 256;

/** Many messages at once. */
export abstract class Pop3Messages extends Pop3Lifetime {
  /** Whether TOP was refused, for several messages, by a server that does not say that it has it. */
  #noTop = false;

  /**
   * Many messages in one run, the fastest way: where the server offers PIPELINING they are asked for together. What
   * `visit` throws ends the connection, for other messages are on their way. Without numbers: all that LIST tells of.
   */
  async each(numbers: Numbers | undefined, visit: Visit, options: EachOptions = {}): Promise<void> {
    const { lines, max, signal, refused } = options;
    const asked = numbers ?? (await this.listing({ signal })).numbers;
    check(asked, lines);
    const numberAt = (i: number): number => ('from' in asked ? asked.from + i : (asked[i] ?? 0));
    const line = this.transaction;
    const refusals: ReplyError[] = [];
    await line.each(
      commandsFor(asked, lines),
      (reply, octets, i) => {
        const number = numberAt(i);
        if (reply.ok) return visit(octets, number);
        const error = line.refusal(reply, retrieval(number, lines));
        if (refused) refused(error, number);
        else if (refusals.length === 0) refusals.push(error);
      },
      { max, signal },
    );
    for (const refusal of refusals) throw refusal;
  }

  /**
   * The headers of many messages, with what some servers send behind them. Where there is no TOP they are got by RETR.
   * A message that is not there any more is left out.
   */
  async headers(numbers: readonly number[], visit: Visit, { signal }: CallOptions = {}): Promise<void> {
    const left = this.offers('TOP') && !this.#noTop ? await this.#tops(numbers, visit, signal) : numbers;
    if (left.length === 0) return;
    const refusals: ReplyError[] = [];
    const refused = (error: ReplyError): void => {
      if (error.reason !== 'missing') refusals.push(error);
    };
    await this.each(left, visit, { signal, refused });
    for (const refusal of refusals) throw refusal;
  }

  /** The same by TOP; gives the numbers for which it was refused. */
  async #tops(numbers: readonly number[], visit: Visit, signal: AbortSignal | undefined): Promise<readonly number[]> {
    const left: number[] = [];
    const refused = ({ reason }: ReplyError, number: number): void => {
      if (reason !== 'missing') left.push(number);
    };
    await this.each(numbers, visit, { lines: 0, signal, refused });
    // one message may be refused for reasons of its own
    this.#noTop = numbers.length > 1 && left.length === numbers.length && !this.capabilities.has('TOP');
    return left;
  }

  /** Whether the server says that it has this, or says nothing of what it can do. */
  offers(capability: string): boolean {
    return !this.lacks(capability);
  }
}

/** All of it is looked at before anything is said. */
function check(numbers: Numbers, lines: number | undefined): void {
  if (lines !== undefined) retrieval(1, lines);
  for (const number of 'from' in numbers ? [numbers.from, numbers.to] : numbers) messageNumber(number);
}

function* commandsFor(numbers: Numbers, lines: number | undefined): Generator<Command> {
  if (!('from' in numbers)) {
    for (const number of numbers) yield retrieval(number, lines);
    return;
  }
  const { from, to } = numbers;
  for (let number = from; number <= to; number++) yield retrieval(number, lines);
}
