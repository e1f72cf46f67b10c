/** Repetitions of what failed for a time, where repeating does no harm (RFC 9110 9.2.2). */
import { ConnectionError, UsageError } from '../core/errors.ts';
import type { Exchange, HttpAnswer, HttpRequest, Interceptor } from './exchange.ts';
import { pause } from './pause.ts';
import { retryAfter } from './retry-after.ts';

export interface RetryOptions {
  /** How often a request is repeated, at most. */
  readonly max: number;
  /** How long to wait before the first repetition, at most, in milliseconds; twice as long before each further. Default 500. */
  readonly delay?: number | undefined;
  /** The longest wait, in milliseconds. A server that wants a longer one has failed. Default 60,000. */
  readonly maxDelay?: number | undefined;
  /** Default 408, 425, 429, 502, 503 and 504. Not 500: what failed at that mostly fails again. */
  readonly statuses?: readonly number[] | undefined;
  /** Methods that are repeated, beside the idempotent ones. */
  readonly methods?: readonly string[] | undefined;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const STATUSES = [408, 425, 429, 502, 503, 504];

/** A number from 0 to 1. */
export type Chance = () => number;

/**
 * Repeats a request whose connection failed before there was an answer, or whose answer says that it failed for a time. Only
 * what is idempotent, or declared to be, is repeated, and what has certainly not reached the server. The wait is chosen by
 * chance between nothing and twice as much each time; Retry-After is obeyed up to `maxDelay`. Once the header of any other
 * answer is there, nothing is repeated.
 */
export function retries(given: number | RetryOptions, closed?: AbortSignal, chance: Chance = Math.random): Interceptor {
  const {
    max,
    delay = 500,
    maxDelay = 60_000,
    statuses = STATUSES,
    methods = [],
  } = typeof given === 'number' ? { max: given } : given;
  if (!Number.isInteger(max) || max < 0) throw new UsageError('retries are a whole number, from 0');
  if (!(delay >= 0) || !(maxDelay >= 0)) throw new UsageError('a wait is a number of milliseconds, from 0');
  const longest = Math.min(maxDelay, 2 ** 31 - 1);
  const more = new Set(methods);
  const failing = new Set(statuses);
  return async (request, next) => {
    const harmless = isHarmless(request, more);
    const repeatable = !request.body || request.body.repeatable;
    for (let count = 0; ; count++) {
      const { answer, error } = await attempt(request, next);
      if (answer && !(harmless && failing.has(answer.status))) return answer;
      const least = answer
        ? (retryAfter(answer.headers.get('retry-after'), new Date(), Number.POSITIVE_INFINITY) ?? 0)
        : 0;
      const isOver = count >= max || !repeatable || least > longest;
      if (answer && isOver) return answer;
      if (!answer && (isOver || !isPassing(error, request, harmless))) throw error;
      await answer?.close();
      await pause(Math.max(least, Math.min(longest, delay * 2 ** count) * chance()), [request.signal, closed]);
    }
  };
}

/** Whether a request may be done twice: as it says, as its method says, or as `more` says of its method. */
export function isHarmless({ method, idempotent }: HttpRequest, more?: ReadonlySet<string>): boolean {
  return idempotent ?? (IDEMPOTENT.has(method) || (more?.has(method) ?? false));
}

interface Attempt {
  readonly answer?: HttpAnswer;
  readonly error?: unknown;
}

async function attempt(request: HttpRequest, next: Exchange): Promise<Attempt> {
  try {
    return { answer: await next(request) };
  } catch (error) {
    return { error };
  }
}

/** Whether a failure may pass, and repeating cannot do anything twice. */
function isPassing(error: unknown, { signal }: HttpRequest, harmless: boolean): boolean {
  if (signal?.aborted || !(error instanceof ConnectionError) || !error.temporary) return false;
  return harmless || error.outcome === 'none';
}
