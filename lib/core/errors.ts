/**
 * Whose fault was it? That is the first question anyone asks of a failure, so it is the class:
 *
 * - `UsageError`: mine. Nothing was sent.
 * - `ConnectionError` and `TimeoutError`: the wire's.
 * - `ProtocolError`: theirs. The peer broke the grammar of the protocol, or a limit.
 * - `ReplyError`: theirs. The peer understood, and said no.
 *
 * An abort is not a class of ours: as everywhere in Node, the promise rejects with `signal.reason`.
 */

/** What a server answered: `ok`, its code in the words of the protocol (`+OK`, `550`), and its text. */
export interface Reply {
  readonly ok: boolean;
  readonly code: string;
  readonly text: string;
}

/** What was going on when it failed. */
export type Phase =
  | 'usage'
  | 'resolve'
  | 'connect'
  | 'proxy'
  | 'tls'
  | 'greeting'
  | 'auth'
  | 'command'
  | 'body'
  | 'write'
  | 'close';

/** Did what was asked take effect? `unknown` after a connection was lost at the wrong moment: look before you repeat. */
export type Outcome = 'none' | 'done' | 'unknown';

export type UsageReason = 'argument' | 'policy' | 'unsupported' | 'unsafe-name' | 'unread-body';
export type ConnectionReason =
  | 'resolve'
  | 'connect'
  | 'proxy'
  | 'tls'
  | 'tls-required'
  | 'tls-injection'
  | 'reset'
  | 'closed'
  | 'truncated'
  | 'timeout';
export type ProtocolReason = 'grammar' | 'limit' | 'integrity' | 'decode';
export type ReplyReason = 'auth' | 'missing' | 'denied' | 'busy' | 'refused';
export type Reason = UsageReason | ConnectionReason | ProtocolReason | ReplyReason;

/** What an error knows beside its message. Nothing in it may hold a secret: commands are given redacted. */
export interface ErrorDetail {
  readonly protocol?: string | undefined;
  readonly phase?: Phase | undefined;
  /** The command that failed, redacted. */
  readonly command?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly bytesReceived?: number | undefined;
  readonly temporary?: boolean | undefined;
  readonly outcome?: Outcome | undefined;
  readonly cause?: unknown;
}

export abstract class NetkitError extends Error {
  abstract readonly code: `NETKIT_${string}`;
  abstract readonly reason: Reason;
  declare readonly protocol?: string;
  declare readonly phase?: Phase;
  /** The command that failed, redacted. */
  declare readonly command?: string;
  declare readonly host?: string;
  declare readonly port?: number;
  declare readonly bytesReceived?: number;
  /** Whether trying the same again later may help. */
  readonly temporary: boolean;
  readonly outcome: Outcome;

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.temporary = detail.temporary ?? false;
    this.outcome = detail.outcome ?? 'none';
    // what nobody knows is not there, instead of being undefined
    const { protocol, phase, command, host, port, bytesReceived } = detail;
    for (const [name, value] of Object.entries({ protocol, phase, command, host, port, bytesReceived })) {
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true });
    }
  }
}

/** The caller's mistake: nothing was sent. */
export class UsageError extends NetkitError {
  readonly code = 'NETKIT_USAGE';
  readonly reason: UsageReason;

  constructor(message: string, detail: ErrorDetail & { readonly reason?: UsageReason } = {}) {
    super(message, { phase: 'usage', ...detail });
    this.reason = detail.reason ?? 'argument';
  }
}

/** The wire's failure: no address, no connection, no TLS, or a connection that was lost. */
export class ConnectionError extends NetkitError {
  readonly code: 'NETKIT_CONNECTION' | 'NETKIT_TIMEOUT' = 'NETKIT_CONNECTION';
  readonly reason: ConnectionReason;

  constructor(message: string, detail: ErrorDetail & { readonly reason?: ConnectionReason } = {}) {
    const reason = detail.reason ?? 'closed';
    super(message, { temporary: !reason.startsWith('tls'), ...detail });
    this.reason = reason;
  }
}

/** A wait that was longer than its limit; `phase` tells which. */
export class TimeoutError extends ConnectionError {
  override readonly code = 'NETKIT_TIMEOUT';

  constructor(message: string, detail: ErrorDetail = {}) {
    super(message, { ...detail, reason: 'timeout' });
  }
}

/** The peer broke the grammar of the protocol, or went past a limit of ours. */
export class ProtocolError extends NetkitError {
  readonly code = 'NETKIT_PROTOCOL';
  readonly reason: ProtocolReason;

  constructor(message: string, detail: ErrorDetail & { readonly reason?: ProtocolReason } = {}) {
    super(message, detail);
    this.reason = detail.reason ?? 'grammar';
  }
}

/** The peer understood, and said no. */
export class ReplyError extends NetkitError {
  readonly code = 'NETKIT_REPLY';
  readonly reason: ReplyReason;
  readonly reply: Reply;

  constructor(message: string, detail: ErrorDetail & { readonly reply: Reply; readonly reason?: ReplyReason }) {
    super(message, { temporary: detail.reason === 'busy', ...detail });
    this.reason = detail.reason ?? 'refused';
    this.reply = detail.reply;
  }
}

/** A limit of ours that the peer went past: `limit` names it, `max` is its value. */
export function limitError(limit: string, max: number, detail: ErrorDetail = {}): ProtocolError {
  return new ProtocolError(`the peer sent more than the limit of ${max} for ${limit}`, { ...detail, reason: 'limit' });
}

/** The first 60 characters of what a peer sent, quoted and harmless, for a message. */
export function excerpt(text: string): string {
  const quoted = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  // JSON leaves DEL, the C1 controls and the bidirectional controls as they are
  return quoted.replace(
    /[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
