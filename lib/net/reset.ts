import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a stream stands on. */
const beneath = new WeakMap<Duplex, Duplex>();

/** Tells that resetting `upper` is resetting `lower`. */
export function standsOn(upper: Duplex, lower: Duplex): void {
  beneath.set(upper, lower);
}

/** The socket that a stream is or stands on; TLS is one too. The stream itself where there is none. */
export function socketOf(stream: Duplex): Duplex {
  let socket = stream;
  for (let next: Duplex | undefined = stream; next; next = beneath.get(next)) {
    socket = next;
    if (next instanceof Socket) break;
  }
  return socket;
}

/**
 * Ends a connection with a reset (RST) where there is TCP beneath it; else it is just destroyed. What has not reached the
 * system yet is not sent.
 */
export function reset(stream: Duplex): void {
  let lowest = stream;
  for (let next = beneath.get(lowest); next; next = beneath.get(lowest)) lowest = next;
  const end = (): void => {
    try {
      if (lowest instanceof Socket && !lowest.destroyed) lowest.resetAndDestroy();
    } catch {
      // A Unix socket has no such thing.
    }
    stream.destroy();
  };
  if (lowest === stream) end();
  // TLS may be at work at this very moment, and what it stands on must not vanish beneath it
  else setImmediate(end);
}

/**
 * Whether a stream that ended was reset. A reset that comes together with the last octets is told by Node as an orderly
 * end; what betrays it is that the socket has no other end any more. The system itself is asked, for Node remembers what
 * it once was told. Where our end has been said before, a good end leaves no other end either, and the two cannot be told
 * apart.
 */
export function wasReset(stream: Duplex): boolean {
  if (stream.writableEnded || !(stream instanceof Socket)) return false;
  const handle: unknown = Reflect.get(stream, '_handle');
  // a Unix socket has no such question
  if (typeof handle !== 'object' || handle === null || !('getpeername' in handle)) return false;
  if (typeof handle.getpeername !== 'function') return false;
  const status: unknown = handle.getpeername({});
  return typeof status === 'number' && status !== 0;
}
