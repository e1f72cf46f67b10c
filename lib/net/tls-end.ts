/**
 * Whether a TLS connection ended with close_notify (RFC 8446 6.1), or was only cut: then somebody in between may have
 * ended it, and a body that lasts as long as the connection is perhaps not whole.
 *
 * Node tells both ends alike, so they are told apart by what happens beneath at that very moment. With close_notify TLS
 * ends while the stream beneath goes on; without, the stream beneath ends, and takes TLS with it.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { getSystemErrorName } from 'node:util';

/** The sockets that are watched, and whether they have ended with close_notify. */
const CLEAN = new WeakMap<Duplex, boolean>();

/** Whether a stream that has ended did so as it should: TLS with close_notify; what is not watched, in any way. */
export function closedCleanly(stream: Duplex): boolean {
  return CLEAN.get(stream) ?? true;
}

/** Watches for the end of `socket`, which runs over `under`. To be called before it has received anything. */
export function watchEnd(socket: TLSSocket, under: Duplex): void {
  let cut = false;
  CLEAN.set(socket, false);
  const native = under instanceof Socket && hasHandle(under);
  if (!native) under.prependOnceListener('end', () => (cut = true));
  const push = socket.push;
  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (chunk === null && !(native ? endedBeneath(socket, under) : cut)) CLEAN.set(socket, true);
    return push.call(socket, chunk, encoding);
  };
}

/**
 * Whether it is the stream beneath that has ended. libuv stops reading before it tells the end, so a stream that is still
 * being read (the wish to begin is answered with EALREADY) has not ended. Neither has one that is not being read because
 * we stopped: nothing could have come from it but what came before.
 */
function endedBeneath(socket: TLSSocket, under: Duplex): boolean {
  const above = handleOf(socket);
  if (above && 'reading' in above && above.reading === false) return false;
  const beneath = handleOf(under);
  if (!beneath || !('readStart' in beneath) || typeof beneath.readStart !== 'function') return true;
  const status: unknown = beneath.readStart();
  return !(typeof status === 'number' && status < 0 && getSystemErrorName(status) === 'EALREADY');
}

function hasHandle(stream: Duplex): boolean {
  return handleOf(stream) !== undefined;
}

/** What Node keeps beneath a socket. */
function handleOf(stream: Duplex): object | undefined {
  const handle: unknown = Reflect.get(stream, '_handle');
  return typeof handle === 'object' && handle !== null ? handle : undefined;
}
