import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Phase } from '../core/errors.ts';
import type { Receiver } from './receiver.ts';
import { socketOf, wasReset } from './reset.ts';
import { closedCleanly } from './tls-end.ts';
import type { Trouble } from './trouble.ts';

/** Whose stream it is. */
export interface Owner {
  destroy(error: unknown): void;
  /** The stream is gone. */
  released(): void;
  readonly isClosed: boolean;
}

/** Tells a receiver what becomes of a stream, which is paused for now. What it gives ends that. */
export function attend(stream: Duplex, receiver: Receiver, trouble: Trouble, owner: Owner): () => void {
  const phase = (): Phase => receiver.phase ?? 'command';
  // what a socket gives is ours; another stream may hand on the memory of who wrote into it
  const onData = (chunk: Buffer): void => receiver.arrived(stream instanceof Socket ? chunk : Buffer.from(chunk));
  /** The peer, or the way to it, is gone; what came before counts. */
  const lost = (cause?: Error): void => {
    const error = trouble.lost(phase(), cause);
    receiver.failAfter(error);
    owner.destroy(error);
  };
  const onEnd = (): void => {
    const socket = socketOf(stream);
    if (wasReset(socket)) lost();
    else if (closedCleanly(socket)) receiver.end();
    else receiver.failAfter(trouble.withoutCloseNotify());
  };
  const onClose = (): void => {
    if (!receiver.ended && !owner.isClosed) receiver.failAfter(trouble.lost(phase()));
    owner.released();
  };
  stream.on('data', onData).on('end', onEnd).on('error', lost).on('close', onClose);
  stream.pause();
  return () => {
    stream.off('data', onData).off('end', onEnd).off('error', lost).off('close', onClose);
  };
}
