/** The commands of the TRANSACTION state (RFC 1939 5). */

import { parseNumber } from '../codec.ts';
import type { KeptMessage } from '../fixture.ts';
import { messages } from './authorization.ts';
import { blockOf, sizeOf, topOf } from './block.ts';
import type { OpenMaildrop } from './maildrop.ts';
import type { Pop3Session } from './session.ts';

type Words = readonly string[];

/** Answers a command of a client that has a maildrop. */
export type Transaction = (session: Pop3Session, maildrop: OpenMaildrop, words: Words) => Promise<void>;

/** Answers a command with the number of a message that is there, and what follows the number. */
type OfMessage = (session: Pop3Session, maildrop: OpenMaildrop, found: Found, more: Words) => Promise<void>;

interface Found {
  readonly number: number;
  readonly message: KeptMessage;
}

export const stat: Transaction = async (session, maildrop) => {
  await session.ok(`${maildrop.count} ${await maildrop.size()}`);
};

export const list: Transaction = async (session, maildrop, words) => {
  if (words.length > 0) return scan(session, maildrop, words);
  const sizes = await maildrop.sizes();
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  await session.list(
    `${messages(sizes.length)} (${total} octets)`,
    sizes.map(([number, size]) => `${number} ${size}`),
  );
};

const scan = ofMessage(0, async (session, _maildrop, { number, message }) => {
  await session.ok(`${number} ${await sizeOf(message)}`);
});

export const uidl: Transaction = async (session, maildrop, words) => {
  if (words.length > 0) return uid(session, maildrop, words);
  await session.list(
    'unique-id listing follows',
    Array.from(maildrop.entries(), ([number, message]) => `${number} ${message.uid}`),
  );
};

const uid = ofMessage(0, async (session, _maildrop, { number, message }) => {
  await session.ok(`${number} ${message.uid}`);
});

export const retr = ofMessage(0, async (session, _maildrop, { message }) => {
  const block = blockOf(await message.content());
  await session.ok(`${await sizeOf(message)} octets`);
  await session.reply(block);
});

export const top = ofMessage(1, async (session, _maildrop, { message }, [word = '']) => {
  const lines = parseNumber(word);
  if (lines === undefined) return session.refuse('TOP takes the number of a message and a number of lines');
  const block = blockOf(await message.content());
  await session.ok('top of message follows');
  await session.reply(topOf(block, lines));
});

export const dele = ofMessage(0, async (session, maildrop, { number }) => {
  maildrop.delete(number);
  await session.ok(`message ${number} deleted`);
});

export const rset: Transaction = async (session, maildrop) => {
  maildrop.reset();
  await session.ok(`maildrop has ${messages(maildrop.count)} (${await maildrop.size()} octets)`);
};

export const noop: Transaction = async (session) => {
  await session.ok('nothing was done');
};

/** Finds the message first; `more` is how many words are to follow its number. */
function ofMessage(more: number, answer: OfMessage): Transaction {
  return async (session, maildrop, [word = '', ...rest]) => {
    const number = parseNumber(word);
    if (number === undefined || rest.length !== more)
      return session.refuse(more ? 'two numbers are to follow' : 'the number of a message is to follow, and no more');
    const message = maildrop.get(number);
    if (message) return answer(session, maildrop, { number, message }, rest);
    await session.refuse(
      maildrop.isDeleted(number)
        ? `message ${number} already deleted`
        : `no such message, only ${messages(maildrop.last)} in maildrop`,
    );
  };
}
