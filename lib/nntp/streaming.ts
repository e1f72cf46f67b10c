/** Feeding many articles to another server without waiting for each (RFC 4644). */
import type { Reply, ReplyError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Pipeline } from '../net/pipeline.ts';
import { type Command, command } from '../wire/command.ts';
import { broken } from './codes.ts';
import { blockOf, unknownOutcome } from './post.ts';

/** An article to be fed, checked. */
export interface Offer {
  readonly messageId: string;
  readonly octets: Buffer;
}

/**
 * What became of an article: `accepted`; `unwanted`, since the server has it or does not want it; `rejected` after it was
 * sent: do not send it again; `later`: it may be offered again.
 */
export interface Fed {
  readonly messageId: string;
  readonly outcome: 'accepted' | 'unwanted' | 'rejected' | 'later';
  /** In the words of the server. */
  readonly reply: Reply;
}

const OUTCOMES: ReadonlyMap<string, Fed['outcome']> = new Map([
  ['238', 'accepted'],
  ['431', 'later'],
  ['438', 'unwanted'],
  ['239', 'accepted'],
  ['439', 'rejected'],
  ['235', 'accepted'],
  ['435', 'unwanted'],
  ['436', 'later'],
  ['437', 'rejected'],
]);

/** What a reply to CHECK, TAKETHIS or IHAVE means; undefined for one that is about something else than the article. */
export function outcomeOf({ code }: Reply): Fed['outcome'] | undefined {
  return OUTCOMES.get(code);
}

/** What became of an offer. */
export type Tell = (fed: Fed, offer: Offer) => void;

/**
 * Offers some articles (CHECK), and sends those that are wanted (TAKETHIS), each in one run. `tell` is told of each as it
 * is known. What was sent and not answered is unknown: the error says so. Throws ReplyError for what is no answer, such
 * as that a login is wanted: those of which nothing was told have not been taken then.
 */
export async function stream(
  line: Pipeline,
  offers: readonly Offer[],
  tell: Tell,
  { check, ...options }: CallOptions & { readonly check: boolean },
): Promise<void> {
  const wanted = check ? await checked(line, offers, tell, options) : offers;
  let answered = 0;
  const taken = (fed: Fed | undefined, offer: Offer): void => {
    answered++;
    if (fed) tell(fed, offer);
  };
  try {
    await run(line, 'TAKETHIS', wanted, taken, options);
  } catch (error) {
    const first = wanted[answered];
    throw first ? unknownOutcome(error, first.messageId) : error;
  }
}

/** Those that are wanted. */
async function checked(
  line: Pipeline,
  offers: readonly Offer[],
  tell: Tell,
  options: CallOptions,
): Promise<readonly Offer[]> {
  const wanted: Offer[] = [];
  const look = (fed: Fed | undefined, offer: Offer): void => {
    if (fed?.outcome === 'accepted') wanted.push(offer);
    else if (fed) tell(fed, offer);
  };
  await run(line, 'CHECK', offers, look, options);
  return wanted;
}

/** `hear` is told of each answer; undefined is one that is not about the article. The first of those is thrown at the end. */
async function run(
  line: Pipeline,
  verb: 'CHECK' | 'TAKETHIS',
  offers: readonly Offer[],
  hear: (fed: Fed | undefined, offer: Offer) => void,
  options: CallOptions,
): Promise<void> {
  if (offers.length === 0) return;
  const asked = ({ messageId }: Offer): Command => command`${verb} ${messageId}`;
  function* commands(): Generator<Command> {
    for (const offer of offers) yield verb === 'CHECK' ? asked(offer) : asked(offer).with(blockOf(offer.octets));
  }
  let failure: ReplyError | undefined;
  const visit = (reply: Reply, _: Buffer, index: number): void => {
    const offer = offers[index];
    if (!offer) return;
    const fed = readAnswer(reply, offer);
    if (!fed) failure ??= line.refusal(reply, asked(offer));
    hear(fed, offer);
  };
  await line.each(commands(), visit, { ...options, block: false });
  if (failure) throw failure;
}

/** RFC 4644 2.4.2: each answer names the article that it is about. */
function readAnswer(reply: Reply, { messageId }: Offer): Fed | undefined {
  const outcome = outcomeOf(reply);
  if (outcome === undefined) return undefined;
  const [id = ''] = reply.text.split(' ', 1);
  if (id !== messageId) throw broken(`the server answered about ${id}, and ${messageId} was offered`);
  return { messageId, outcome, reply };
}
