/** SASL, RFC 4422: the mechanisms by name, which of them to take, and the two drivers. What a mechanism is: mechanism.ts. */
import { excerpt, limitError, ReplyError, UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import {
  broken,
  type ChannelBinding,
  type Credentials,
  type Identity,
  type Mechanism,
  type ServerMechanism,
  type Verifier,
} from './mechanism.ts';
import { oauthBearer, serveOauthBearer, serveXoauth2, xoauth2 } from './oauth.ts';
import * as short from './plain.ts';
import { type Binding, type Hash, scram, serveScram } from './scram.ts';

export type { Account, ChannelBinding, Credentials, Identity, Mechanism, Verifier } from './mechanism.ts';

/**
 * How one protocol says one line and hears the answer. It is given base64, empty for an empty response, and `undefined`
 * where the mechanism has no initial response; it gives the challenge in base64, or `undefined` when the user is in.
 * It throws ReplyError for a refusal. How an empty response is written (`=` or nothing) is the protocol's matter; so is
 * success with data: give the data as a challenge, and `undefined` next time, without a line said.
 */
export type Exchange = (response: Secret | undefined) => Promise<string | undefined>;

/** The server's half of it: says a challenge in base64, gives the client's line; `*` cancels. */
export type ServerExchange = (challenge: string) => Promise<string>;

/** A mechanism that a client could use now. */
export interface Candidate {
  readonly name: string;
  /** Whether it has an initial response, for `AUTH name response` in one line. */
  readonly initial: boolean;
  /** Whether it shows the server the password itself: then no other will prove it better. */
  readonly shows: boolean;
  start(): Mechanism;
}

interface Spec {
  readonly needs: 'password' | 'token' | 'nothing';
  /** Whether an eavesdropper could log in with what it says. */
  readonly clear?: true;
  readonly serverFirst?: true;
  /** Whether it is bound to the TLS channel. */
  readonly plus?: true;
  client(credentials: Credentials, binding: Binding): Mechanism;
  server(verifier: Verifier, initial?: Buffer): ServerMechanism;
}

/** The best first. */
const MECHANISMS: ReadonlyMap<string, Spec> = new Map<string, Spec>([
  ['SCRAM-SHA-256-PLUS', scramSpec('sha256', true)],
  ['SCRAM-SHA-256', scramSpec('sha256', false)],
  ['SCRAM-SHA-1-PLUS', scramSpec('sha1', true)],
  ['SCRAM-SHA-1', scramSpec('sha1', false)],
  ['OAUTHBEARER', { needs: 'token', clear: true, client: oauthBearer, server: serveOauthBearer }],
  ['XOAUTH2', { needs: 'token', clear: true, client: xoauth2, server: serveXoauth2 }],
  ['CRAM-MD5', { needs: 'password', serverFirst: true, client: short.cramMd5, server: short.serveCramMd5 }],
  ['PLAIN', { needs: 'password', clear: true, client: short.plain, server: short.servePlain }],
  ['LOGIN', { needs: 'password', clear: true, serverFirst: true, client: short.login, server: short.serveLogin }],
  ['EXTERNAL', { needs: 'nothing', client: short.external, server: short.serveExternal }],
  ['ANONYMOUS', { needs: 'nothing', client: short.anonymous, server: short.serveAnonymous }],
]);

/** The names of all mechanisms, the best first. */
export const MECHANISM_NAMES: readonly string[] = [...MECHANISMS.keys()];

function scramSpec(hash: Hash, plus: boolean): Spec {
  return {
    needs: 'password',
    ...(plus && { plus }),
    client: (credentials, binding) => scram(hash, credentials, binding),
    server: (verifier, initial) => serveScram(hash, plus, verifier, initial),
  };
}

export interface Choice {
  /** Whether nobody can listen: TLS, or a loopback or Unix socket. */
  readonly secure: boolean;
  /** Take this mechanism and no other; `*` is any. */
  readonly wanted?: string | undefined;
  /** Send passwords and tokens also where somebody can listen. Default false. */
  readonly clear?: boolean | undefined;
  /** What is known of the TLS channel, the best first. Without it there is no -PLUS. */
  readonly bindings?: readonly ChannelBinding[] | undefined;
}

/**
 * The mechanisms that both ends can use, the best first. Go on to the next only where the server refused the mechanism:
 * where it refused the password, another mechanism only brings the account nearer to being locked.
 * EXTERNAL and ANONYMOUS are taken only when wanted. Throws UsageError, saying why, where there is none.
 */
export function chooseMechanism(
  offered: readonly string[],
  credentials: Credentials,
  choice: Choice,
): readonly Candidate[] {
  const names = new Set(offered.map((name) => name.toUpperCase()));
  const wanted = choice.wanted === '*' ? undefined : choice.wanted?.toUpperCase();
  const usable = MECHANISM_NAMES.filter((name) => names.has(name) && (wanted === undefined || wanted === name))
    .map((name) => ({ name, spec: specOf(name) }))
    .filter(({ spec }) => canUse(spec, credentials, choice, wanted !== undefined));
  const allowed = usable.filter(({ spec }) => !spec.clear || choice.secure || choice.clear);
  if (allowed.length === 0) throw noMechanism(usable.length > 0, wanted, offered);
  const bindings = choice.bindings ?? [];
  // "y" tells the server that we could, and saw no offer; it knows better if somebody has edited the list
  const unbound = bindings.length > 0 && ![...names].some((name) => name.endsWith('-PLUS')) ? 'y' : 'n';
  return allowed.flatMap(({ name, spec }) =>
    (spec.plus ? bindings : ([unbound] as const)).map((binding) => ({
      name,
      initial: !spec.serverFirst,
      shows: spec.clear === true,
      start: () => spec.client(credentials, binding),
    })),
  );
}

function canUse(spec: Spec, credentials: Credentials, choice: Choice, wanted: boolean): boolean {
  if (spec.plus && (choice.bindings ?? []).length === 0) return false;
  return spec.needs === 'nothing' ? wanted : credentials[spec.needs] !== undefined;
}

function noMechanism(tooOpen: boolean, wanted: string | undefined, offered: readonly string[]): UsageError {
  if (tooOpen)
    return new UsageError('this login would show its password to everybody on the way: use TLS', {
      phase: 'auth',
      reason: 'policy',
    });
  const list = excerpt(offered.join(' '));
  return new UsageError(`the server offers the logins ${list}, and ${wanted ?? 'none of them'} cannot be used here`, {
    phase: 'auth',
    reason: 'unsupported',
  });
}

/** Throws UsageError for a mechanism that is none of ours. */
function specOf(name: string): Spec {
  const spec = MECHANISMS.get(name.toUpperCase());
  if (spec) return spec;
  throw new UsageError(`there is no mechanism ${excerpt(name)}: ${MECHANISM_NAMES.join(', ')}`, {
    reason: 'unsupported',
  });
}

/**
 * Logs in. Throws what `exchange` throws, ReplyError where the server told its reason inside the mechanism, and
 * ProtocolError for a challenge too many, one that is no base64, an end too early, and what the mechanism cannot trust.
 */
export async function authenticate(mechanism: Mechanism, exchange: Exchange): Promise<void> {
  try {
    let step = await mechanism.next();
    for (;;) {
      if (step.done) throw broken('the server asks on, but the mechanism has ended');
      const challenge = await say(mechanism, exchange, step.value);
      step = await mechanism.next(challenge);
      if (challenge !== undefined) continue;
      if (step.done) return;
      throw broken('the server ended the authentication before the mechanism had ended', 'integrity');
    }
  } finally {
    await mechanism.return();
  }
}

async function say(mechanism: Mechanism, exchange: Exchange, value: Buffer | undefined): Promise<Buffer | undefined> {
  try {
    const challenge = await exchange(value && new Secret(value.toString('base64')));
    return challenge === undefined ? undefined : decode(challenge);
  } catch (error) {
    await mechanism.throw(error);
    throw error;
  }
}

/**
 * Logs in with the first candidate that the server takes. A server may refuse a mechanism that it offers, because it has
 * no more than a digest of the password: then the next is tried. It is not where the server said that the password is
 * wrong (`isFinal`), nor after a mechanism that showed it: each further attempt brings the account nearer to being locked.
 * Throws the last refusal, and whatever else `attempt` throws.
 */
export async function loginWith(
  candidates: readonly Candidate[],
  attempt: (candidate: Candidate) => Promise<void>,
  isFinal: (error: ReplyError) => boolean,
): Promise<void> {
  let refusal: unknown;
  for (const candidate of candidates) {
    try {
      return await attempt(candidate);
    } catch (error) {
      refusal = error;
      if (!(error instanceof ReplyError) || candidate.shows || isFinal(error)) break;
    }
  }
  throw refusal;
}

/**
 * Lets a client in, or not: undefined is a refusal. `initial` is the initial response in base64, where one came.
 * Throws ProtocolError for what a client must not say, UsageError for a mechanism that is none of ours.
 */
export async function acceptLogin(
  name: string,
  verifier: Verifier,
  initial: string | undefined,
  exchange: ServerExchange,
): Promise<Identity | undefined> {
  const mechanism = specOf(name).server(verifier, initial === undefined ? undefined : decode(initial));
  try {
    let step = await mechanism.next();
    while (!step.done) {
      const response = await exchange(step.value.toString('base64'));
      if (response === '*') return undefined;
      step = await mechanism.next(decode(response));
    }
    return step.value && mayAct(step.value, verifier) ? step.value : undefined;
  } finally {
    await mechanism.return(undefined);
  }
}

function mayAct({ user, authzid }: Identity, verifier: Verifier): boolean {
  return authzid === undefined || authzid === user || (verifier.authorize?.(user, authzid) ?? false);
}

const MAX_MESSAGE = 65_536;

/** `=` alone is an empty message, as in an initial response. */
function decode(text: string): Buffer {
  if (text.length > MAX_MESSAGE) throw limitError('a SASL message', MAX_MESSAGE, { phase: 'auth' });
  if (text === '=') return Buffer.alloc(0);
  if (text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return Buffer.from(text, 'base64');
  throw broken('a SASL message is base64, but something else came');
}
