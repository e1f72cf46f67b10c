/** Which articles are meant: in a command, and in its reply. */
import { ReplyError } from '../core/errors.ts';
import { Command, command } from '../wire/command.ts';
import { type ArticleRef, checkMessageId, checkNumber, parseArticleRef } from './codec.ts';
import { broken } from './codes.ts';
import { formatRange, type Range } from './range.ts';

/** An article: by its number in the group that was entered, by its message-id, or the current one. */
export type Which = number | string | undefined;

/** Articles: one, a range of numbers, or the current one. */
export type Several = Which | Range;

export type Part = 'article' | 'head' | 'body';

const COMMANDS: Readonly<Record<Part | 'stat', Command>> = {
  article: command`ARTICLE`,
  head: command`HEAD`,
  body: command`BODY`,
  stat: command`STAT`,
};

/** The command that asks for a part of an article. Throws UsageError for what is no number and no message-id. */
export function partOf(part: Part | 'stat', which: Which): Command {
  return withArgument(COMMANDS[part], which);
}

/** A command with what it is about, where that is not the current article. Throws UsageError. */
export function withArgument(asked: Command, which: Several): Command {
  if (which === undefined) return asked;
  // a number that was checked is plain text
  if (typeof which === 'number') return new Command(`${asked} ${checkNumber(which)}`);
  return command`${asked.toString()} ${argumentOf(which)}`;
}

export function argumentOf(which: number | string | Range): string | number {
  if (typeof which === 'number') return checkNumber(which);
  return typeof which === 'string' ? checkMessageId(which) : formatRange(which);
}

/**
 * What a reply is about. Throws ProtocolError where that is another article than was asked for. By message-id the number
 * may be 0, or what it is in the current group (RFC 3977 6.2.1.2).
 */
export function refOf(text: string, which: Which): ArticleRef {
  const ref = parseArticleRef(text);
  const isRight = which === undefined || (typeof which === 'number' ? ref.number === which : ref.messageId === which);
  if (isRight) return ref;
  throw broken(`the reply is about another article: ${which} was asked for, and ${ref.number} ${ref.messageId} came`);
}

/** Whether a refusal says that there is nothing in a range. */
export function isEmpty(error: unknown, which: Several): boolean {
  if (!(error instanceof ReplyError) || typeof which === 'string' || which === undefined) return false;
  return error.reply.code === '423' || error.reply.code === '420';
}

/** Whether a refusal says that there is no such article. */
export function isMissing(code: string): boolean {
  return code === '420' || code === '423' || code === '430';
}

/** The most lines of one answer about articles. */
export const MOST = 10_000_000;
const MORE = 1_000;

/** How many lines are taken of an answer: somewhat more than there can be articles. */
export function mostOf(which: Several): number {
  if (typeof which !== 'object') return MORE;
  if (which.high === undefined) return MOST;
  return Math.min(Math.max(which.high - which.low + 1, 0) + MORE, MOST);
}
