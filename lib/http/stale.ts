/** Connections that the server was just closing when we took them up again. */
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { ConnectionError } from '../core/errors.ts';
import type { Interceptor } from './exchange.ts';
import { isHarmless } from './retry.ts';

/** How often a request is begun again: what was closed along with the first is known to be so by then. */
const MOST = 2;

export class Stale {
  /** What connections failed with that had served before, or would serve no more. */
  readonly #failures = new WeakSet<object>();

  /** Looks after a connection that has just been made. */
  watch(stream: Duplex): void {
    const before = octetsOf(stream);
    stream.once('error', (error: unknown) => {
      if (typeof error === 'object' && error !== null && octetsOf(stream) > before) this.#failures.add(error);
    });
  }

  /** Takes what a request failed with that the server has certainly not done. */
  add(failure: object): void {
    this.#failures.add(failure);
  }

  /**
   * Begins a request again that met such a connection, and of whose answer no header has come, on another one (RFC 9112
   * 9.3.1): only what may be done twice, and is there a second time.
   */
  restarts(): Interceptor {
    return async (request, next) => {
      for (let count = 0; ; count++) {
        try {
          return await next(request);
        } catch (error) {
          const isStale = isLoss(error) && this.#isKnown(error.cause);
          const isRepeatable = isHarmless(request) && (!request.body || request.body.repeatable);
          if (!isStale || !isRepeatable || count >= MOST || request.signal?.aborted) throw error;
          await setImmediate();
        }
      }
    };
  }

  #isKnown(cause: unknown): boolean {
    return typeof cause === 'object' && cause !== null && this.#failures.has(cause);
  }
}

/** Not that we waited for too long, nor that what came is no answer: another connection would be no better. */
function isLoss(error: unknown): error is ConnectionError {
  return error instanceof ConnectionError && error.reason !== 'timeout' && error.phase === 'command';
}

function octetsOf(stream: Duplex): number {
  return 'bytesRead' in stream && typeof stream.bytesRead === 'number' ? stream.bytesRead : 0;
}
