/** The short mechanisms: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), EXTERNAL (RFC 4422 A), ANONYMOUS (RFC 4505). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  broken,
  type Credentials,
  checkText,
  EMPTY,
  heard,
  type Mechanism,
  passwordOf,
  type ServerMechanism,
  textOf,
  type Verifier,
} from './mechanism.ts';
import { saslprep } from './saslprep.ts';

/** `authzid NUL user NUL password` */
export async function* plain(credentials: Credentials): Mechanism {
  const authzid = checkText(credentials.authzid ?? '', 'authorization identity');
  const user = checkText(credentials.user, 'user name');
  yield Buffer.from(`${authzid}\0${user}\0${passwordOf(credentials, 'PLAIN')}`);
}

/** The user, then the password, each when asked; what the server calls them does not matter. */
export async function* login(credentials: Credentials): Mechanism {
  const user = checkText(credentials.user, 'user name');
  const password = passwordOf(credentials, 'LOGIN');
  heard(yield undefined);
  heard(yield Buffer.from(user));
  yield Buffer.from(password);
}

/** `user SP hex(HMAC-MD5(password, challenge))` */
export async function* cramMd5(credentials: Credentials): Mechanism {
  const user = checkText(credentials.user, 'user name');
  const password = passwordOf(credentials, 'CRAM-MD5');
  const challenge = heard(yield undefined);
  yield Buffer.from(`${user} ${createHmac('md5', password).update(challenge).digest('hex')}`);
}

/** Nothing but a name: the proof is outside, mostly a client certificate. */
export async function* external(credentials: Credentials): Mechanism {
  yield Buffer.from(checkText(credentials.authzid ?? credentials.user, 'user name'));
}

/** A trace, by convention a mail address; it proves nothing. */
export async function* anonymous(credentials: Credentials): Mechanism {
  yield Buffer.from(checkText(credentials.user, 'user name'));
}

export async function* servePlain(verifier: Verifier, initial?: Buffer): ServerMechanism {
  const parts = textOf(initial ?? (yield EMPTY)).split('\0');
  const [authzid = '', user = '', password = ''] = parts;
  if (parts.length !== 3 || user === '') throw broken('PLAIN is authzid NUL user NUL password');
  if (!samePassword((await verifier.lookup(user))?.password, password)) return undefined;
  return { user, ...(authzid && { authzid }) };
}

/** Some clients give the user as initial response. */
export async function* serveLogin(verifier: Verifier, initial?: Buffer): ServerMechanism {
  const user = textOf(initial ?? (yield Buffer.from('Username:')));
  const password = textOf(yield Buffer.from('Password:'));
  return samePassword((await verifier.lookup(user))?.password, password) ? { user } : undefined;
}

export async function* serveCramMd5(verifier: Verifier, initial?: Buffer): ServerMechanism {
  if (initial) throw broken('in CRAM-MD5 the server speaks first');
  const nonce = verifier.nonce?.() ?? randomBytes(12).toString('hex');
  const challenge = `<${nonce}@localhost>`;
  const [, user = '', proof = ''] = /^(.*) ([0-9a-f]{32})$/su.exec(textOf(yield Buffer.from(challenge))) ?? [];
  if (proof === '') throw broken('CRAM-MD5 is a user name, a space and 32 hex digits');
  const password = (await verifier.lookup(user))?.password;
  const due = createHmac('md5', password ?? '')
    .update(challenge)
    .digest('hex');
  return sameBytes(due, proof) && password !== undefined ? { user } : undefined;
}

export async function* serveExternal(verifier: Verifier, initial?: Buffer): ServerMechanism {
  const authzid = textOf(initial ?? (yield EMPTY));
  const user = verifier.external;
  if (user === undefined) return undefined;
  return { user, ...(authzid && { authzid }) };
}

export async function* serveAnonymous(verifier: Verifier, initial?: Buffer): ServerMechanism {
  textOf(initial ?? (yield EMPTY));
  return verifier.anonymous ? { user: 'anonymous' } : undefined;
}

const KEY = randomBytes(32);

/** Whether both are the same, in a time that does not depend on where they differ. */
export function sameBytes(a: string | Uint8Array, b: string | Uint8Array): boolean {
  const [x, y] = [a, b].map((bytes) => createHmac('sha256', KEY).update(bytes).digest());
  return x !== undefined && y !== undefined && timingSafeEqual(x, y);
}

/** Whether the password is the stored one, as it is written or as RFC 4013 prepares it. */
function samePassword(stored: string | undefined, given: string): boolean {
  const exact = sameBytes(stored ?? '', given);
  const prepared = sameBytes(saslprep(stored ?? '') ?? '', saslprep(given) ?? '\0');
  return (exact || prepared) && stored !== undefined;
}
