/** Articles that come: from authors, and from other servers (RFC 3977 6.3, RFC 4644), as a server takes them. */
import { isMessageId } from '../codec.ts';
import type { NewsArticle } from './news-article.ts';
import { type Order, Refusal, syntax } from './order.ts';
import {
  accepted,
  type Destination,
  destinationOf,
  messageIdOf,
  type Objection,
  objectionTo,
  readProposal,
  type Way,
} from './posting.ts';
import type { NntpSession } from './session.ts';
import { HOST } from './site.ts';

export const FEED: Readonly<Record<string, Order>> = {
  POST: { for: 'readers', feature: 'POST', answer: post },
  IHAVE: { for: 'feeds', feature: 'IHAVE', answer: ihave },
  CHECK: { for: 'feeds', feature: 'STREAMING', answer: check },
  TAKETHIS: { for: 'feeds', feature: 'STREAMING', brings: true, answer: takeThis },
};

/** Throws Refusal (480). */
function refuseStrangers(session: NntpSession): void {
  if (session.user === undefined && session.site.needsLogin('post')) throw new Refusal(480, 'Log in to post');
}

async function post(session: NntpSession, args: readonly string[]): Promise<void> {
  if (args.length > 0) throw syntax('POST');
  const { site } = session;
  if (!site.posting) throw new Refusal(440, 'Posting is not permitted here');
  refuseStrangers(session);
  await session.say('340 Send the article, and a dot behind it');
  const taken = await take(session, 'posted', await session.article());
  if ('why' in taken) throw new Refusal(441, `Posting failed: ${taken.why}`);
  await session.say(`240 Article received ${taken.messageId}`);
}

async function ihave(session: NntpSession, [messageId, more]: readonly string[]): Promise<void> {
  if (messageId === undefined || more !== undefined || !isMessageId(messageId)) throw syntax('IHAVE message-id');
  refuseStrangers(session);
  if (session.site.store.article(messageId)) throw new Refusal(435, 'It is here already');
  await session.say('335 Send it, and a dot behind it');
  const taken = await take(session, 'relayed', await session.article(), messageId);
  if ('why' in taken) throw new Refusal(437, `Do not send it again: ${taken.why}`);
  await session.say('235 Thanks');
}

async function check(session: NntpSession, [messageId, more]: readonly string[]): Promise<void> {
  if (messageId === undefined || more !== undefined || !isMessageId(messageId)) throw syntax('CHECK message-id');
  refuseStrangers(session);
  await session.say(`${session.site.store.article(messageId) ? 438 : 238} ${messageId}`);
}

async function takeThis(session: NntpSession, [messageId = '', more]: readonly string[]): Promise<void> {
  const octets = await session.article();
  if (more !== undefined || !isMessageId(messageId)) throw syntax('TAKETHIS message-id');
  refuseStrangers(session);
  const taken = await take(session, 'relayed', octets, messageId);
  await session.say(`${'why' in taken ? 439 : 239} ${messageId}`);
}

/** Takes what came, or tells why not. Whatever the reply to it says is so when it is said. */
async function take(
  session: NntpSession,
  way: Way,
  octets: Buffer | undefined,
  expected?: string,
): Promise<NewsArticle | Objection> {
  const { site } = session;
  if (!octets) return { why: `it is larger than ${site.maxArticle} octets` };
  const proposal = readProposal(octets);
  if ('why' in proposal) return proposal;
  const objection = objectionTo(proposal, way);
  if (objection) return objection;
  const messageId = messageIdOf(proposal);
  if (expected !== undefined && expected !== messageId) return { why: 'its Message-ID is another' };
  if (site.store.article(messageId)) return { why: `the article ${messageId} is here already` };
  const destination = destinationOf(proposal, way, site.store);
  if ('why' in destination) return destination;
  const closed = [...destination.groups, destination.moderated].find((group) => group && !session.maySee(group));
  if (closed !== undefined) return { why: `the group ${closed} is for who has logged in` };
  if (destination.moderated !== undefined && site.moderation === 'refuse')
    return { why: `the group ${destination.moderated} is moderated, and there is no Approved` };
  return keep(session, destination, site.store.make(accepted(proposal, messageId, way, HOST), messageId));
}

async function keep(session: NntpSession, to: Destination, article: NewsArticle): Promise<NewsArticle | Objection> {
  const { store, fixture, moderated } = session.site;
  const { messageId } = article;
  if (to.moderated !== undefined) {
    moderated.push(article);
    session.note(`${messageId} is with the moderator of ${to.moderated}`);
    return article;
  }
  store.file(article, to.groups);
  try {
    await fixture.keep?.(article);
  } catch (error) {
    store.cancel(messageId);
    return {
      why: `it cannot be kept: ${error instanceof Error ? error.message.replace(/[^\x20-\x7e]/g, '?') : 'unknown'}`,
    };
  }
  const places = Array.from(article.numbers, ([group, number]) => `${group}:${number}`).join(' ');
  session.note(`${messageId} is here: ${places}`);
  return article;
}
