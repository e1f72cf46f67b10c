/**
 * Happy eyeballs, RFC 8305: attempts overlap, so that an address that does not answer costs a quarter of a second and
 * not the whole patience, and none is broken off because the next one has begun.
 */
import type { Socket } from 'node:net';
import { ConnectionError } from '../core/errors.ts';
import { abandon } from './abandon.ts';
import type { Deadline } from './deadline.ts';

/** How long an attempt is waited for before the next one is begun beside it, in milliseconds. RFC 8305 5. */
export const ATTEMPT_DELAY = 250;

/** What is being connected to: its name in messages, and whether it is the server itself or a proxy. */
export interface Goal {
  readonly name: string;
  readonly phase: 'connect' | 'proxy';
}

/**
 * Opens connections to the addresses until the first is there; it is returned paused. The others are destroyed.
 * Throws ConnectionError `connect` (or `proxy`) with an AggregateError of all failures as its cause, TimeoutError.
 */
export function race(
  addresses: readonly string[],
  open: (address: string) => Socket,
  deadline: Deadline,
  goal: Goal,
): Promise<Socket> {
  return deadline.step<Socket>(goal.phase, (done, fail) => {
    const attempts = new Map<Socket, () => void>();
    const failures: Error[] = [];
    let timer: NodeJS.Timeout | undefined;
    let next = 0;

    const begin = (): void => {
      clearTimeout(timer);
      const address = addresses[next++];
      if (address === undefined) return;
      const socket = open(address);
      const connected = (): void => {
        forget();
        socket.pause(); // before the first read, which follows the 'connect' event
        done(socket);
      };
      const failed = (error: Error): void => {
        forget();
        failures.push(error);
        if (failures.length === addresses.length) fail(unreachable(failures, deadline, goal));
        else begin();
      };
      const forget = (): void => {
        attempts.delete(socket);
        socket.off('connect', connected).off('error', failed);
      };
      attempts.set(socket, forget);
      socket.on('connect', connected).on('error', failed);
      if (next < addresses.length) timer = setTimeout(begin, ATTEMPT_DELAY);
    };

    begin();
    return () => {
      clearTimeout(timer);
      for (const [socket, forget] of attempts) {
        forget();
        abandon(socket);
      }
    };
  });
}

const TROUBLES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is the server running, and the port right?',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no way to this host',
  ENETUNREACH: 'there is no way to this network',
  ETIMEDOUT: 'the host does not answer: is a firewall in between?',
  EACCES: 'the system does not permit it',
  EPERM: 'the system does not permit it',
  EADDRNOTAVAIL: 'the local address is not one of this machine',
  ENOENT: 'there is no such socket: is the server running?',
};

function unreachable(failures: readonly Error[], deadline: Deadline, { name, phase }: Goal): ConnectionError {
  const last = failures.at(-1);
  const code = last && 'code' in last && typeof last.code === 'string' ? last.code : '';
  const tried = failures.length > 1 ? ` (${failures.length} addresses tried)` : '';
  const cause = new AggregateError(failures, 'every attempt failed');
  return new ConnectionError(`${name}: ${TROUBLES[code] ?? last?.message}${tried}`, {
    ...deadline.detail(phase, cause),
    reason: phase,
  });
}
