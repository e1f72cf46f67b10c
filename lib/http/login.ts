/** Logins (RFC 9110 11): the strongest way that is offered, once per challenge. */
import { UsageError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { HeaderBlock } from '../wire/headers.ts';
import { basic } from './basic.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { type Credentials, isBelow } from './credentials.ts';
import { Digest, type Proof, strengthOf } from './digest.ts';
import type { Door } from './door.ts';
import {
  type Exchange,
  type HttpAnswer,
  type HttpRequest,
  type Interceptor,
  type Origin,
  sameOrigin,
} from './exchange.ts';

/** Answers for any number of requests. */
interface Session {
  /** What is always the same: told once, there is nothing more to tell. */
  readonly fixed?: Secret;
  answer(request: HttpRequest): Promise<Proof>;
}

interface Kept {
  readonly origin: Origin;
  /** The folder that was logged in to. */
  readonly place: string;
  readonly session: Session;
}

const MOST_KEPT = 256;

/**
 * Answers challenges, and afterwards does not wait for them in and below the folder that asked. A request that brings its own
 * field is left alone. What nobody can answer, and what is refused, is given back as it is. Throws UsageError (`policy`)
 * where a password would go where somebody can listen, and where a body would have to be sent again that cannot be;
 * ProtocolError (`integrity`) for a server that proves itself, and wrongly.
 */
export function logins(door: Door): Interceptor {
  const kept = new KeptSessions();
  return async (request, next) => {
    if (request.headers.has(door.field)) return next(request);
    const known = door.atOnce(request);
    let session = known ? fixed(known) : kept.find(request);
    let answer = await exchange(door, request, session, next);
    for (let round = 0; answer.status === door.status; round++) {
      const chosen = await chooseOrClose(door, answer, request);
      const isNew = round === 0 || (round === 1 && chosen?.isStale);
      if (!chosen || !isNew || isSame(session, chosen.session)) {
        kept.forget(session);
        return answer;
      }
      await answer.close();
      refuseStream(request);
      session = chosen.session;
      answer = await exchange(door, request, session, next);
      if (answer.status !== door.status) kept.keep(request, session);
    }
    return answer;
  };
}

function refuseStream({ body }: HttpRequest): void {
  if (!body || body.repeatable) return;
  const message = 'the server wants a login first, and a stream cannot be sent twice: ask for something else before';
  throw new UsageError(message, { protocol: 'http', phase: 'auth', reason: 'policy' });
}

async function exchange(
  door: Door,
  request: HttpRequest,
  session: Session | undefined,
  next: Exchange,
): Promise<HttpAnswer> {
  if (!session) return next(request);
  const { value, check } = await session.answer(door.seen(request));
  const headers = HeaderBlock.received([...request.headers, [door.field, value.reveal()]]);
  const answer = await next({ ...request, headers });
  try {
    check(answer.headers.get(door.info));
  } catch (error) {
    await answer.close();
    throw error;
  }
  return answer;
}

async function chooseOrClose(door: Door, answer: HttpAnswer, request: HttpRequest): Promise<Chosen | undefined> {
  try {
    return choose(door, answer, request);
  } catch (error) {
    await answer.close();
    throw error;
  }
}

interface Chosen {
  readonly session: Session;
  /** Nothing was wrong but the age of what was told. */
  readonly isStale: boolean;
}

/** The strongest challenge that can be answered; of several as strong ones the first. */
function choose(door: Door, { headers }: HttpAnswer, request: HttpRequest): Chosen | undefined {
  const [best] = parseChallenges(headers.getAll(door.challenge))
    .filter(({ scheme }) => door.wanted === undefined || scheme === door.wanted)
    .flatMap((challenge) => {
      const strength = challenge.scheme === 'basic' ? 0.5 : strengthOf(challenge);
      const who = strength > 0 ? door.who(challenge.parameters.get('realm'), request) : undefined;
      return who ? [{ challenge, strength, who }] : [];
    })
    .sort((a, b) => b.strength - a.strength);
  if (!best) return undefined;
  const isStale = best.challenge.parameters.get('stale')?.toLowerCase() === 'true';
  return { session: sessionOf(door, best.challenge, best.who, request), isStale };
}

function sessionOf(door: Door, challenge: Challenge, who: Credentials, request: HttpRequest): Session {
  if (challenge.scheme === 'basic') {
    door.refuseListeners(request);
    return fixed(basic(who));
  }
  const digest = new Digest(challenge, who);
  return { answer: (each) => digest.answer(each) };
}

/** The same for every request. */
function fixed(value: Secret): Session {
  const proof: Proof = { value, check: () => {} };
  return { fixed: value, answer: async () => proof };
}

function isSame(a: Session | undefined, b: Session): boolean {
  return a?.fixed !== undefined && a.fixed.reveal() === b.fixed?.reveal();
}

/** What has been logged in to, the latest first. */
class KeptSessions {
  #kept: Kept[] = [];

  find({ origin, target }: HttpRequest): Session | undefined {
    const fitting = this.#kept.filter((each) => sameOrigin(each.origin, origin) && isBelow(target, each.place));
    return fitting.sort((a, b) => b.place.length - a.place.length)[0]?.session;
  }

  keep({ origin, target }: HttpRequest, session: Session): void {
    const [path = '/'] = target.split(/[?#]/, 1);
    const place = path.slice(0, path.lastIndexOf('/') + 1) || '/';
    const others = this.#kept.filter((each) => each.place !== place || !sameOrigin(each.origin, origin));
    this.#kept = [{ origin, place, session }, ...others].slice(0, MOST_KEPT);
  }

  forget(session: Session | undefined): void {
    this.#kept = this.#kept.filter((each) => each.session !== session);
  }
}
