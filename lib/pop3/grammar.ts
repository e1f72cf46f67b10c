/** How a pipeline reads what a POP3 server answers, and what a refusal becomes. */
import { excerpt, ProtocolError, type Reply, ReplyError } from '../core/errors.ts';
import type { Connection } from '../net/connection.ts';
import type { Grammar } from '../net/pipeline.ts';
import type { Command } from '../wire/command.ts';
import { parseChallenge, parseReply, reasonOf } from './codec.ts';

/** The code of a reply that is a challenge: the server goes on asking. */
const CHALLENGE = '+';

export function isChallenge(reply: Reply): boolean {
  return reply.code === CHALLENGE;
}

/** The grammar, with the names of a connection for its errors. Only AUTH may be answered by a challenge. */
export function grammarOf({ host, port }: Pick<Connection, 'host' | 'port'>): Grammar {
  return {
    parse: (line, command) => {
      const challenge = parseChallenge(line);
      if (challenge !== undefined && command?.verb === 'AUTH') return { ok: true, code: CHALLENGE, text: challenge };
      try {
        return parseReply(line);
      } catch (error) {
        throw misunderstood(error, { host, port }, command && String(command));
      }
    },
    refusal: (reply, command) => refusalOf(reply, command, { host, port }),
  };
}

/** Reads what a server said; what cannot be understood is told with the command that it answers, and by whom it was said. */
export function understood<T>(read: () => T, peer: Pick<Connection, 'host' | 'port'>, command: string | undefined): T {
  try {
    return read();
  } catch (error) {
    throw misunderstood(error, peer, command);
  }
}

function misunderstood(
  error: unknown,
  { host, port }: Pick<Connection, 'host' | 'port'>,
  command: string | undefined,
): unknown {
  if (!(error instanceof ProtocolError)) return error;
  const phase = command === undefined ? 'greeting' : 'command';
  return new ProtocolError(error.message, { protocol: 'pop3', phase, command, host, port, reason: error.reason });
}

/** The error for a reply that says no; without a command it was the greeting. */
export function refusalOf(
  reply: Reply,
  command: Command | undefined,
  peer: { readonly host: string; readonly port: number },
): ReplyError {
  const asked = command === undefined ? undefined : String(command);
  const refusal = reasonOf(reply, asked);
  const phase = command === undefined ? 'greeting' : refusal.reason === 'auth' ? 'auth' : 'command';
  const text = excerpt(reply.text);
  const message =
    refusal.reason === 'auth'
      ? `the server does not let this user in: ${text} (${asked})`
      : `the server refused ${asked ?? 'this session'}: ${text}`;
  return new ReplyError(message, {
    ...{ protocol: 'pop3', phase, command: asked, ...peer, reply },
    ...refusal,
    // some of what was to be deleted may be
    ...(command?.verb === 'QUIT' && { outcome: 'unknown' }),
  });
}
