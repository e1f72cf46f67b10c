/** All commands of a news server, and who may say them when. */
import { verbOf } from '../../mock/faults.ts';
import { MAX_COMMAND, MAX_SASL_COMMAND } from '../codec.ts';
import { formatDate } from '../date.ts';
import { ACCESS } from './access.ts';
import { capabilitiesOf } from './capabilities.ts';
import { FEED } from './feed.ts';
import { LISTS } from './lists.ts';
import { type Order, Refusal, syntax } from './order.ts';
import { READING } from './reading.ts';
import type { NntpSession } from './session.ts';
import { SUMMARIES } from './summaries.ts';

const ABOUT: Readonly<Record<string, Order>> = {
  CAPABILITIES: { for: 'anybody', feature: 'CAPABILITIES', free: true, answer: capabilities },
  MODE: { for: 'anybody', free: true, answer: mode },
  DATE: { for: 'anybody', feature: 'DATE', answer: (session) => session.say(`111 ${formatDate(new Date())}`) },
  HELP: { for: 'anybody', answer: help },
  QUIT: { for: 'anybody', free: true, answer: quit },
};

const ORDERS: ReadonlyMap<string, Order> = new Map(
  Object.entries({ ...ABOUT, ...READING, ...SUMMARIES, ...LISTS, ...FEED, ...ACCESS }),
);

/** Answers one command line. True when it is the last. */
export async function obey(session: NntpSession, line: string): Promise<boolean> {
  const verb = verbOf(line.trimStart());
  const order = ORDERS.get(verb);
  if (!order || !isOn(session, order)) {
    await session.say('500 Unknown command');
    return false;
  }
  try {
    const refused = whyNot(session, order, line);
    if (refused && order.brings) await session.article();
    if (refused) throw refused;
    const args = line
      .trim()
      .split(/[ \t]+/)
      .slice(1);
    return (await order.answer(session, args, line)) === 'quit';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await session.say(error.line);
    return false;
  }
}

/** Why a command is not for now, where it is not. */
function whyNot(session: NntpSession, order: Order, line: string): Refusal | undefined {
  const { site } = session;
  const longest = order === ACCESS['AUTHINFO'] ? MAX_SASL_COMMAND : MAX_COMMAND;
  if (Buffer.byteLength(line) + 2 > longest) return new Refusal(501, `Syntax: a command has at most ${longest} octets`);
  if (order.for === 'readers' && !session.reads) return new Refusal(401, 'MODE-READER');
  if (order.for === 'feeds' && !session.feeds) return new Refusal(502, 'This is for readers now');
  if (!order.free && site.tlsFor === 'all' && !session.secure) return new Refusal(483, 'Begin TLS first');
  if (!order.free && session.user === undefined && site.needsLogin('all')) return new Refusal(480, 'Log in first');
  return undefined;
}

function isOn(session: NntpSession, { feature }: Order): boolean {
  return feature === undefined || session.has(feature);
}

async function capabilities(session: NntpSession, [keyword, more]: readonly string[]): Promise<void> {
  if (more !== undefined || (keyword !== undefined && !/^[A-Za-z0-9.-]{3,}$/.test(keyword)))
    throw syntax('CAPABILITIES [keyword]');
  await session.lines('101 Capabilities follow', capabilitiesOf(session));
}

async function mode(session: NntpSession, [kind = '', more]: readonly string[]): Promise<void> {
  const wanted = kind.toUpperCase();
  if (wanted === 'STREAM' && more === undefined && session.has('STREAMING') && session.feeds)
    return session.say('203 Streaming permitted');
  if (wanted !== 'READER' || more !== undefined) throw syntax('MODE READER');
  if (session.site.transit && session.compressed) throw new Refusal(502, 'It is too late for MODE READER');
  session.read();
  await session.say(greeting(session));
}

/** What the server says first, and to MODE READER. */
export function greeting({ site }: NntpSession): string {
  return site.posting ? '200 netkit, posting allowed' : '201 netkit, posting prohibited';
}

async function help(session: NntpSession): Promise<void> {
  const verbs = [...ORDERS].filter(([, order]) => isOn(session, order)).map(([verb]) => verb);
  await session.lines('100 Commands follow', verbs.sort());
}

async function quit(session: NntpSession): Promise<'quit'> {
  await session.say('205 Bye');
  return 'quit';
}
