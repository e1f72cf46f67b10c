/** Server-sent events: a stream that a server goes on writing, and that can be gone on with (HTML, 9.2). */
import { ConnectionError, excerpt, ProtocolError, UsageError } from '../core/errors.ts';
import type { HttpClient } from './client.ts';
import { EventParser, type ServerEvent } from './event-parser.ts';
import { type GivenHeaders, withDefault } from './headers.ts';
import type { RequestOptions } from './options.ts';
import { pause } from './pause.ts';
import { HttpError, type HttpResource } from './resource.ts';
import { retryAfter } from './retry-after.ts';

export interface EventOptions extends Omit<RequestOptions, 'failing' | 'maxSize' | 'range' | 'ifRange'> {
  /** Default GET. */
  readonly method?: string | undefined;
  /** Behind which event to begin. */
  readonly lastEventId?: string | undefined;
  /** Whether to connect again when the stream ends or is lost. Default false: then the end is the end. */
  readonly reconnect?: boolean | ReconnectOptions | undefined;
  /** The most characters of an event, and of a line. Default 1,048,576. */
  readonly maxEvent?: number | undefined;
}

export interface ReconnectOptions {
  /** How often in a row without an event. Default: no limit. */
  readonly max?: number | undefined;
  /** How long to wait, in milliseconds, until the server says how long; twice as long after each failure. Default 3000. */
  readonly delay?: number | undefined;
  /** The longest wait, in milliseconds. Default 60,000. */
  readonly maxDelay?: number | undefined;
}

const MAX_EVENT = 1024 * 1024;
/** No server makes us ask more often, in milliseconds. */
const SHORTEST = 100;

/**
 * The events, as they come. A server that answers 204 wants nobody to connect again: then they have ended. Throws
 * ProtocolError for what is no stream of events and for an event that is too large (`limit`), and what a request throws;
 * where it reconnects, failures that pass are not thrown until there were too many.
 */
export async function* events(
  client: Pick<HttpClient, 'request'>,
  path: string,
  options: EventOptions = {},
  closed?: AbortSignal,
): AsyncGenerator<ServerEvent, void, void> {
  const { method = 'GET', lastEventId = '', reconnect = false, maxEvent = MAX_EVENT, ...rest } = options;
  const {
    max = Number.POSITIVE_INFINITY,
    delay = 3_000,
    maxDelay = 60_000,
  } = reconnect === true ? {} : reconnect || {};
  checkDelays(delay, maxDelay);
  let parser = new EventParser(lastEventId, maxEvent);
  let wait = delay;
  for (let failures = 0; ; ) {
    let failure: { readonly error: unknown } | undefined;
    try {
      const answer = await client.request(method, path, { ...rest, headers: fieldsOf(rest.headers, parser.lastId) });
      if (!(await isStream(answer))) return;
      parser = new EventParser(parser.lastId, maxEvent);
      for await (const chunk of answer) {
        for (const event of parser.push(chunk)) {
          failures = 0;
          yield event;
        }
      }
    } catch (error) {
      if (!isPassing(error) || options.signal?.aborted) throw error;
      failure = { error };
    }
    wait = parser.retry ?? wait;
    if (reconnect === false || ++failures > max) {
      if (failure) throw failure.error;
      return;
    }
    await pause(waitOf(failure?.error, wait, failures, maxDelay), [options.signal, closed]);
  }
}

function fieldsOf(given: GivenHeaders | undefined, lastId: string): GivenHeaders {
  const headers = withDefault(withDefault(given, 'Accept', 'text/event-stream'), 'Cache-Control', 'no-store');
  // it is sent in UTF-8; what cannot stand in a field is not sent
  const id = Buffer.from(lastId).toString('latin1');
  return id === '' || /[\x00-\x1f\x7f]/.test(id) ? headers : withDefault(headers, 'Last-Event-ID', id);
}

/** False where the server wants no more of us. Throws ProtocolError for anything else. */
async function isStream(answer: HttpResource): Promise<boolean> {
  if (answer.status === 200 && answer.type === 'text/event-stream') return true;
  await answer.close();
  if (answer.status === 204) return false;
  const what = answer.status === 200 ? excerpt(answer.type) : `status ${answer.status}`;
  throw new ProtocolError(`this is no stream of events (text/event-stream), but ${what}`, { protocol: 'http' });
}

function isPassing(error: unknown): boolean {
  return (error instanceof ConnectionError || error instanceof HttpError) && error.temporary;
}

/** After what came to an orderly end the server is asked again when it said; after failures less and less often. */
function waitOf(error: unknown, wait: number, failures: number, maxDelay: number): number {
  const said = error instanceof HttpError ? retryAfter(error.response.headers.get('retry-after')) : undefined;
  const longer = failures > 1 ? wait * 2 ** (failures - 1) * (0.5 + Math.random() / 2) : wait;
  return Math.max(SHORTEST, Math.min(maxDelay, Math.max(said ?? 0, longer)));
}

function checkDelays(...delays: readonly number[]): void {
  if (delays.every((delay) => delay >= 0 && delay < 2 ** 31)) return;
  throw new UsageError('a wait is a number of milliseconds, from 0, below 24 days', { protocol: 'http' });
}
