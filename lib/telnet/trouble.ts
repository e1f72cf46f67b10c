import {
  ConnectionError,
  type ErrorDetail,
  excerpt,
  limitError,
  type Phase,
  type ProtocolError,
  TimeoutError,
} from '../core/errors.ts';
import type { Connection } from '../net/connection.ts';

/** A wait that was too long. What had come is still to be read. */
export class WaitTimeoutError extends TimeoutError {
  /** What had come, without the secrets that the peer was told. */
  readonly before: string;

  constructor(message: string, before: string, detail: ErrorDetail) {
    super(message, detail);
    this.name = 'TimeoutError';
    this.before = before;
  }
}

/** Nothing came, or not what was `wanted`, within `limit` milliseconds. */
export function late(
  connection: Connection,
  wanted: string | undefined,
  limit: number,
  unread: string,
  phase: Phase = 'command',
): WaitTimeoutError {
  const { host, port, received } = connection;
  const before = connection.redact(unread);
  const what = wanted === undefined ? 'nothing' : `not ${excerpt(wanted)}, but ${excerpt(before.slice(-60))}`;
  return new WaitTimeoutError(`${what} came within ${limit} ms`, before, {
    ...{ protocol: 'telnet', phase, host, port },
    bytesReceived: received,
  });
}

/** More text came than a wait may pass over. */
export function tooMuch(max: number): ProtocolError {
  return limitError('text before what is waited for, in characters', max, { protocol: 'telnet', phase: 'body' });
}

/** The peer has ended; `begun`: some text came that was not what was waited for. */
export function endedBefore(
  { host, port, received }: Connection,
  begun: boolean,
  phase: Phase = 'command',
): ConnectionError {
  return new ConnectionError('the peer ended the connection before what was waited for had come', {
    ...{ protocol: 'telnet', phase, host, port },
    ...{ bytesReceived: received, reason: begun ? 'truncated' : 'closed' },
  });
}
