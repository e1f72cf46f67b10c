/**
 * How a connection ends. The library beneath takes any end for the end of a body when the server has said that it closes, a
 * reset and the middle of a chunk too, and throws where nobody can catch it when that is in the middle of a trailer.
 */
import type { Duplex } from 'node:stream';
import { wasReset } from '../net/reset.ts';
import { closedCleanly } from '../net/tls-end.ts';

/** `clean`: by who is there, and in order. `cut`: in any other way. */
export type Ending = 'clean' | 'cut';

/** What a connection fails with, with a code that `translate` knows. */
class EndError extends Error {
  readonly code: string;

  constructor(message: string, code: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

let now: Ending | undefined;

/** While a connection tells that it is over: how it has ended. What is said to be whole then is so only because of that. */
export function endingNow(): Ending | undefined {
  return now;
}

/** That a body has not come to its end. */
export function cutShort(cause?: unknown): Error {
  return new EndError('in the middle of an answer', 'UND_ERR_SOCKET', cause);
}

/** Looks after a connection that the library is about to get. What the library throws is a failure of the connection. */
export function watchEnding<T extends Duplex>(stream: T): T {
  const emit = stream.emit.bind(stream);
  stream.emit = (name: string | symbol, ...args: unknown[]): boolean => {
    const before = now;
    now = endingOf(name, stream) ?? now;
    try {
      return emit(name, ...(name === 'error' ? args.map(told) : args));
    } catch (error) {
      stream.destroy(cutShort(error));
      return true;
    } finally {
      now = before;
    }
  };
  return stream;
}

function endingOf(name: string | symbol, stream: Duplex): Ending | undefined {
  if (name === 'end') return closedCleanly(stream) && !wasReset(stream) ? 'clean' : 'cut';
  return name === 'error' || name === 'close' ? 'cut' : undefined;
}

/** A reset by a name under which the library knows it for a failure. */
function told(error: unknown): unknown {
  const isReset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
  return isReset ? new EndError(error.message, 'ERESET', error) : error;
}
