import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a stream stands on. */
const beneath = new WeakMap<Duplex, Duplex>();

/** Tells that resetting `upper` is resetting `lower`. */
export function standsOn(upper: Duplex, lower: Duplex): void {
  beneath.set(upper, lower);
}

/**
 * Ends a connection with a reset (RST) where there is TCP beneath it; else it is just destroyed. What has not reached the
 * system yet is not sent.
 */
export function reset(stream: Duplex): void {
  let lowest = stream;
  for (let next = beneath.get(lowest); next; next = beneath.get(lowest)) lowest = next;
  try {
    if (lowest instanceof Socket && !lowest.destroyed) lowest.resetAndDestroy();
  } catch {
    // A Unix socket has no such thing.
  }
  stream.destroy();
}

/**
 * Whether a stream that ended was reset. A reset that comes together with the last octets is told by Node as an orderly
 * end; what betrays it is that the socket has no other end any more (as long as nobody has asked for it before, for then
 * Node remembers it). Where our end has been said before, a good end leaves no other end either, and the two cannot be
 * told apart.
 */
export function wasReset(stream: Duplex): boolean {
  if (stream.writableEnded) return false;
  // a Unix socket has neither address
  return stream instanceof Socket && stream.remoteAddress === undefined && stream.localAddress !== undefined;
}
