/** Feeding many articles to another server without waiting for each (RFC 4644). */
import type { Reply } from '../core/errors.ts';
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

/**
 * Offers some articles (CHECK), and sends those that are wanted (TAKETHIS), each in one run. `tell` is told of each as it
 * is known. What was sent and not answered is unknown: the error says so. Throws ReplyError for what is no answer.
 */
export async function stream(
  line: Pipeline,
  offers: readonly Offer[],
  tell: (fed: Fed) => void,
  { check, ...options }: CallOptions & { readonly check: boolean },
): Promise<void> {
  const wanted: Offer[] = [];
  const look = (fed: Fed, offer: Offer): void => {
    if (fed.outcome === 'accepted') wanted.push(offer);
    else tell(fed);
  };
  if (check) await run(line, offers, ({ messageId }) => command`CHECK ${messageId}`, look, options);
  else wanted.push(...offers);
  let answered = 0;
  const taken = (fed: Fed): void => {
    answered++;
    tell(fed);
  };
  const takeThis = ({ messageId, octets }: Offer): Command => command`TAKETHIS ${messageId}`.with(blockOf(octets));
  try {
    await run(line, wanted, takeThis, taken, options);
  } catch (error) {
    const first = wanted[answered];
    throw first ? unknownOutcome(error, first.messageId) : error;
  }
}

async function run(
  line: Pipeline,
  offers: readonly Offer[],
  commandFor: (offer: Offer) => Command,
  tell: (fed: Fed, offer: Offer) => void,
  options: CallOptions,
): Promise<void> {
  if (offers.length === 0) return;
  function* commands(): Generator<Command> {
    for (const offer of offers) yield commandFor(offer);
  }
  const visit = (reply: Reply, _: Buffer, index: number): void => {
    const offer = offers[index];
    if (offer) tell(readAnswer(line, reply, offer), offer);
  };
  await line.each(commands(), visit, { ...options, block: false });
}

/** RFC 4644 2.4.2: each answer names the article that it is about. */
function readAnswer(line: Pipeline, reply: Reply, { messageId }: Offer): Fed {
  const outcome = outcomeOf(reply);
  if (outcome === undefined) throw line.refusal(reply, command`CHECK ${messageId}`);
  const [id = ''] = reply.text.split(' ', 1);
  if (id !== messageId) throw broken(`the server answered about ${id}, and ${messageId} was offered`);
  return { messageId, outcome, reply };
}
