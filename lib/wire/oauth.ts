/** OAuth 2.0 bearer tokens: OAUTHBEARER (RFC 7628) and XOAUTH2, its older form at Google and Microsoft. */
import { excerpt, UsageError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import {
  type Account,
  broken,
  type Credentials,
  checkText,
  EMPTY,
  type Mechanism,
  refusal,
  type ServerMechanism,
  textOf,
  type Verifier,
} from './mechanism.ts';
import { sameBytes } from './plain.ts';
import { escapeName, unescapeName } from './scram.ts';

/** `n,a=user,^Ahost=…^Aport=…^Aauth=Bearer token^A^A`; a refusal comes as JSON, and is answered with ^A. */
export async function* oauthBearer(credentials: Credentials): Mechanism {
  const token = tokenOf(credentials, 'OAUTHBEARER');
  const { user, host, port } = credentials;
  const pairs = [
    `n,${user && `a=${escapeName(checkValue(user, 'user name'))}`},`,
    ...(host === undefined ? [] : [`host=${checkValue(host, 'host')}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
    `auth=Bearer ${token.reveal()}`,
  ];
  const failure = yield Buffer.from(`${pairs.join('\x01')}\x01\x01`);
  if (failure) yield* refused(failure, Buffer.from('\x01'), token);
}

/** `user=…^Aauth=Bearer token^A^A`; a refusal comes as JSON, and is answered with nothing. */
export async function* xoauth2(credentials: Credentials): Mechanism {
  const token = tokenOf(credentials, 'XOAUTH2');
  const user = checkValue(credentials.user, 'user name');
  const failure = yield Buffer.from(`user=${user}\x01auth=Bearer ${token.reveal()}\x01\x01`);
  if (failure) yield* refused(failure, EMPTY, token);
}

export async function* serveOauthBearer(verifier: Verifier, initial?: Buffer): ServerMechanism {
  const [header = '', ...pairs] = textOf(initial ?? (yield EMPTY)).split('\x01');
  const [, name = ''] = /^[ny],(?:a=([^,]*))?,$/u.exec(header) ?? [];
  const user = unescapeName(name);
  const token = bearer(pairs);
  if (sameToken(await verifier.lookup(user), token)) return { user };
  yield Buffer.from(JSON.stringify({ status: 'invalid_token' }));
  return undefined;
}

export async function* serveXoauth2(verifier: Verifier, initial?: Buffer): ServerMechanism {
  const [name = '', ...pairs] = textOf(initial ?? (yield EMPTY)).split('\x01');
  const [, user = ''] = /^user=(.+)$/su.exec(name) ?? [];
  const token = bearer(pairs);
  if (sameToken(await verifier.lookup(user), token)) return { user };
  yield Buffer.from(JSON.stringify({ status: '401', schemes: 'bearer' }));
  return undefined;
}

function tokenOf(credentials: Credentials, mechanism: string): Secret {
  const { token } = credentials;
  if (!token) throw new UsageError(`${mechanism} needs a token`, { phase: 'auth' });
  // RFC 6750 2.1, b64token
  if (/^[A-Za-z0-9\-._~+/]+=*$/.test(token.reveal())) return token;
  throw new UsageError('a bearer token is letters, digits and -._~+/ only', { phase: 'auth' });
}

function checkValue(text: string, what: string): string {
  if (!text.includes('\x01')) return checkText(text, what);
  throw new UsageError(`the ${what} holds a control character, which no server takes`, { phase: 'auth' });
}

function refused(challenge: Buffer, answer: Buffer, token: Secret): Mechanism {
  const text = token.redact(challenge.toString('utf8'));
  return refusal(answer, statusOf(text), text);
}

/** The status of a refusal, in RFC 7628 3.2.2 a word, at Google and Microsoft an HTTP status. */
function statusOf(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && 'status' in value)
      return excerpt(String(value.status)).slice(1, -1);
  } catch {
    // a refusal that is no JSON is a refusal all the same
  }
  return 'unknown';
}

function bearer(pairs: readonly string[]): string {
  const auth = pairs.find((pair) => pair.startsWith('auth='));
  const [, token] = /^auth=Bearer +(.+)$/isu.exec(auth ?? '') ?? [];
  if (token === undefined || pairs.at(-1) !== '' || pairs.at(-2) !== '') throw broken('a bearer token was due');
  return token;
}

function sameToken(account: Account | undefined, token: string): boolean {
  return sameBytes(account?.token ?? '', token) && account?.token !== undefined;
}
