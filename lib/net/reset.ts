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
