/** What a client's pipeline must know of NNTP: how a reply is read, and what a refusal means. */
import type { Endpoint } from '../core/endpoint.ts';
import { type Reply, ReplyError } from '../core/errors.ts';
import type { Grammar } from '../net/pipeline.ts';
import type { Command } from '../wire/command.ts';
import { parseReplyLine } from '../wire/reply.ts';
import { isVerb, parseReply, refusal, type Verb } from './codes.ts';

/** What to do about a refusal that tells it. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['480', 'log in: give a user and a password'],
  ['483', 'use nntps:// or STARTTLS'],
]);

/** The grammar of a conversation with a server. */
export function grammarOf({ host, port }: Pick<Endpoint, 'host' | 'port'>): Grammar {
  return {
    parse: (line: string, command: Command | undefined): Reply | undefined => {
      const verb = verbOf(command);
      return verb === undefined ? anyReply(line) : parseReply(line, verb);
    },
    refusal: (reply: Reply, command: Command | undefined): ReplyError => {
      const detail = { host, port, ...(command && { command: command.toString() }) };
      const error = refusal(reply, verbOf(command) ?? `${command?.verb}`, detail);
      const advice = ADVICE.get(reply.code);
      if (advice === undefined) return error;
      const { protocol, phase, reason, temporary } = error;
      return new ReplyError(`${error.message}: ${advice}`, { ...detail, protocol, phase, reason, temporary, reply });
    },
  };
}

/** Verbs of which the second word is part: `POST article` is the article behind a POST. */
const TWO_WORDS: ReadonlySet<string> = new Set(['MODE', 'AUTHINFO', 'POST', 'IHAVE']);

/** Those that are one word, and the first word of no other. */
const USUAL: ReadonlyMap<string, Verb> = new Map(
  (['ARTICLE', 'HEAD', 'BODY', 'STAT', 'GROUP', 'DATE', 'CHECK', 'TAKETHIS'] as const).map((verb) => [verb, verb]),
);

/** What a command is in the table of replies: its first two words, or its first. Undefined where it is not there. */
export function verbOf(command: Command | undefined): Verb | undefined {
  if (!command) return 'greeting';
  const usual = USUAL.get(command.verb);
  if (usual) return usual;
  const one = command.verb.toUpperCase();
  if (TWO_WORDS.has(one)) {
    const [, word = ''] = command.toString().split(' ', 2);
    for (const two of [`${one} ${word}`, `${one} ${word.toUpperCase()}`]) if (isVerb(two)) return two;
  }
  return isVerb(one) ? one : undefined;
}

/** To a command that nobody here knows: any reply of one line. */
function anyReply(line: string): Reply {
  const { code, text } = parseReplyLine(line);
  return { ok: code < '400', code, text };
}
