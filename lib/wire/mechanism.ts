/**
 * What a SASL mechanism is (RFC 4422), at either end.
 *
 * A mechanism is a coroutine: it yields what to say, and is resumed with what the other end said; bytes, never base64.
 * All of them are async generators, since SCRAM derives its keys off the event loop; one shape serves all.
 *
 * At the client it first yields its initial response, or `undefined` where the server speaks first. It is resumed with
 * each challenge, and with `undefined` when the server said that the user is in: then it must end. A mechanism that
 * ends earlier got a challenge too many. A refusal is thrown into it, so that it may say more of the reason.
 *
 * At the server it yields challenges and is resumed with responses; it returns who has logged in, or `undefined` for a
 * refusal. An initial response is an argument of its making.
 */
import { ProtocolError, type ProtocolReason, ReplyError, UsageError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { isWellFormed } from './saslprep.ts';

/** Who logs in, and how it is proved. */
export interface Credentials {
  readonly user: string;
  readonly password?: Secret | undefined;
  /** On behalf of whom, where that is somebody else. */
  readonly authzid?: string | undefined;
  /** An OAuth 2.0 bearer token. */
  readonly token?: Secret | undefined;
  /** The server's name and port, which OAUTHBEARER repeats to it. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** What both ends know of the TLS channel, for the -PLUS mechanisms: RFC 9266 and RFC 5929 4. */
export interface ChannelBinding {
  readonly type: 'tls-exporter' | 'tls-server-end-point';
  readonly data: Uint8Array;
}

/** The client's side of a mechanism. */
export type Mechanism = AsyncGenerator<Buffer | undefined, void, Buffer | undefined>;

/** The server's side of a mechanism. */
export type ServerMechanism = AsyncGenerator<Buffer, Identity | undefined, Buffer>;

/** Who has logged in. */
export interface Identity {
  readonly user: string;
  /** On behalf of whom, where the client asked for it. */
  readonly authzid?: string;
}

/** What a server knows of a user. */
export interface Account {
  readonly password?: string | undefined;
  readonly token?: string | undefined;
}

/** How a server tells who may come in. */
export interface Verifier {
  lookup(user: string): Account | undefined | Promise<Account | undefined>;
  /** Whether this user may act as that one. By default everybody is only themself. */
  authorize?(user: string, authzid: string): boolean;
  /** Who the client is by its certificate; EXTERNAL needs it. */
  readonly external?: string | undefined;
  /** Let ANONYMOUS in. */
  readonly anonymous?: boolean | undefined;
  /** What this server knows of the TLS channel; the -PLUS mechanisms need it. */
  readonly bindings?: readonly ChannelBinding[] | undefined;
  /** For SCRAM: by default 24 random characters, a salt of its own for each user, 4096 rounds. */
  readonly nonce?: (() => string) | undefined;
  readonly salt?: ((user: string) => Uint8Array) | undefined;
  readonly iterations?: number | undefined;
}

export const EMPTY: Buffer = Buffer.alloc(0);

/** The challenge, where the mechanism needs one. Throws ProtocolError if the server ended without it. */
export function heard(challenge: Buffer | undefined, reason: ProtocolReason = 'grammar'): Buffer {
  if (challenge) return challenge;
  throw new ProtocolError('the server ended the authentication before the mechanism had ended', {
    phase: 'auth',
    reason,
  });
}

/** The bytes as UTF-8 text. Throws ProtocolError for what is none. */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ProtocolError('a SASL message is UTF-8, but other bytes came', {
      phase: 'auth',
      reason: 'decode',
      cause,
    });
  }
}

/** What a mechanism cannot go on with. */
export function broken(message: string, reason: ProtocolReason = 'grammar'): ProtocolError {
  return new ProtocolError(message, { phase: 'auth', reason });
}

/** Throws UsageError for a text that a mechanism cannot carry; it is not shown, since it may be a secret. */
export function checkText(text: string, what: string): string {
  if (!text.includes('\0') && isWellFormed(text)) return text;
  throw new UsageError(`the ${what} holds a NUL or half a character, which no server takes`, { phase: 'auth' });
}

/** The password. Throws UsageError where there is none. */
export function passwordOf(credentials: Credentials, mechanism: string): string {
  if (credentials.password) return checkText(credentials.password.reveal(), 'password');
  throw new UsageError(`${mechanism} needs a password`, { phase: 'auth' });
}

/**
 * The end of a mechanism that was told of its failure inside the exchange: gives the answer that is due, waits for the
 * server's refusal, and reports it as ReplyError with the code and text that were told before.
 */
export async function* refusal(answer: Buffer, code: string, text: string): Mechanism {
  try {
    yield answer;
  } catch (cause) {
    if (!(cause instanceof ReplyError)) throw cause;
    const { protocol, command, host, port } = cause;
    throw new ReplyError(`the server does not let this user in: ${code}`, {
      ...{ protocol, command, host, port, cause },
      phase: 'auth',
      reason: 'auth',
      reply: { ok: false, code, text },
    });
  }
  throw broken('the server named a failure, and then said that the user is in', 'integrity');
}
