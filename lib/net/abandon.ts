import type { Duplex } from 'node:stream';

/** Destroys a stream that nobody wants any more; what it may still have to complain of is not heard. */
export function abandon(stream: Duplex): void {
  stream.on('error', () => {}).destroy();
}
