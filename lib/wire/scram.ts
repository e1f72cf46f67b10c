/**
 * SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677), and their -PLUS forms, bound to the TLS channel: both ends prove
 * that they know the password, and neither shows it.
 *
 *     C: n,,n=user,r=CNONCE
 *     S: r=CNONCE+SNONCE,s=SALT,i=4096
 *     C: c=biws,r=CNONCE+SNONCE,p=PROOF
 *     S: v=SIGNATURE
 */
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { excerpt, limitError, UsageError } from '../core/errors.ts';
import type { ChannelBinding, Credentials, Identity, Mechanism, ServerMechanism, Verifier } from './mechanism.ts';
import { broken, checkText, EMPTY, heard, passwordOf, refusal, textOf } from './mechanism.ts';
import { sameBytes } from './plain.ts';
import { saslprep } from './saslprep.ts';

export type Hash = 'sha1' | 'sha256';

/** How a client binds its proof: to a channel, to none (`n`), or to none because the server offers no -PLUS (`y`). */
export type Binding = ChannelBinding | 'n' | 'y';

/** More rounds than this are refused at once: a server must not keep a client busy for minutes. */
export const MAX_ITERATIONS = 1_000_000;

const derive = promisify(pbkdf2);
const HASH_SIZE = { sha1: 20, sha256: 32 } as const;
const FALSE_SALTS = randomBytes(32);

/** Throws ProtocolError `integrity` if the server cannot prove that it knows the password, `limit` for too many rounds. */
export async function* scram(
  hash: Hash,
  credentials: Credentials,
  binding: Binding = 'n',
  nonce: string = randomBytes(18).toString('base64'),
): Mechanism {
  const user = escapeName(prepare(credentials.user, 'user name'));
  const password = prepare(passwordOf(credentials, 'SCRAM'), 'password');
  const header = gs2Header(binding, credentials.authzid);
  const first = `n=${user},r=${nonce}`;
  const challenge = textOf(heard(yield Buffer.from(header + first)));
  const server = parseServerFirst(challenge, nonce);
  const last = `c=${bound(header, binding).toString('base64')},r=${server.nonce}`;
  const keys = await deriveKeys(hash, password, server.salt, server.iterations);
  const message = `${first},${challenge},${last}`;
  const answer = textOf(heard(yield Buffer.from(`${last},p=${prove(hash, keys, message)}`), 'integrity'));
  const [, attribute, value = ''] = /^([ev])=([^,]*)(?:,.*)?$/su.exec(answer) ?? [];
  if (attribute === 'e') return yield* refusal(EMPTY, excerpt(value).slice(1, -1), answer);
  if (attribute !== 'v' || !sameBytes(value, hmac(hash, keys.server, message).toString('base64')))
    throw broken(
      'the server could not prove that it knows the password: it is not the one it seems to be',
      'integrity',
    );
  yield EMPTY;
}

/** `plus` names the -PLUS form. A wrong password, a wrong binding and a downgrade are refused. */
export async function* serveScram(hash: Hash, plus: boolean, verifier: Verifier, initial?: Buffer): ServerMechanism {
  const client = parseClientFirst(textOf(initial ?? (yield EMPTY)));
  const binding = agreedBinding(client.flag, plus, verifier.bindings ?? []);
  if (binding === undefined) return undefined;
  const user = unescapeName(client.name);
  const account = await verifier.lookup(user);
  const salt = Buffer.from(verifier.salt?.(user) ?? hmac('sha256', FALSE_SALTS, user).subarray(0, 16));
  const iterations = verifier.iterations ?? 4096;
  const nonce = client.nonce + (verifier.nonce?.() ?? randomBytes(18).toString('base64'));
  const challenge = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;

  const last = parseClientFinal(textOf(yield Buffer.from(challenge)));
  const password = saslprep(account?.password ?? '') ?? '';
  const keys = await deriveKeys(hash, password, salt, iterations);
  const message = `${client.bare},${challenge},${last.withoutProof}`;
  const proved = sameBytes(last.proof, prove(hash, keys, message));
  const isBound = sameBytes(last.binding, bound(client.header, binding).toString('base64'));
  // an unknown user costs as much time as a wrong password
  if (!proved || !isBound || last.nonce !== nonce || password === '') return undefined;
  yield Buffer.from(`v=${hmac(hash, keys.server, message).toString('base64')}`);
  return identity(user, client.authzid);
}

/** A saslname, RFC 5802 5.1. */
export function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

/** Throws ProtocolError for a `=` that escapes nothing. */
export function unescapeName(name: string): string {
  if (/=(?!2C|3D)/.test(name)) throw broken(`a name in SCRAM has its = and , escaped, not ${excerpt(name)}`);
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

interface Keys {
  readonly client: Buffer;
  readonly stored: Buffer;
  readonly server: Buffer;
}

/** RFC 5802 3. */
async function deriveKeys(hash: Hash, password: string, salt: Uint8Array, iterations: number): Promise<Keys> {
  const salted = await derive(password, salt, iterations, HASH_SIZE[hash], hash);
  const client = hmac(hash, salted, 'Client Key');
  return { client, stored: createHash(hash).update(client).digest(), server: hmac(hash, salted, 'Server Key') };
}

/** ClientKey XOR ClientSignature, in base64. */
function prove(hash: Hash, keys: Keys, message: string): string {
  const signature = hmac(hash, keys.stored, message);
  return Buffer.from(keys.client.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64');
}

function hmac(hash: Hash, key: Uint8Array, text: string): Buffer {
  return createHmac(hash, key).update(text).digest();
}

function gs2Header(binding: Binding, authzid: string | undefined): string {
  const flag = typeof binding === 'string' ? binding : `p=${binding.type}`;
  return `${flag},${authzid ? `a=${escapeName(checkText(authzid, 'authorization identity'))}` : ''},`;
}

/** What both ends must see in the same way: the gs2 header, and the data of the channel. */
function bound(header: string, binding: Binding): Buffer {
  return Buffer.concat([Buffer.from(header), typeof binding === 'string' ? EMPTY : binding.data]);
}

function prepare(text: string, what: string): string {
  const prepared = saslprep(checkText(text, what));
  if (prepared) return prepared;
  throw new UsageError(`the ${what} is empty, or holds characters that SCRAM does not take (RFC 4013)`, {
    phase: 'auth',
  });
}

const NONCE = '[\\x21-\\x2b\\x2d-\\x7e]+';
const BASE64 = '[A-Za-z0-9+/]+={0,2}';
const SERVER_FIRST = new RegExp(`^r=(${NONCE}),s=(${BASE64}),i=([1-9]\\d*)(?:,.*)?$`, 'su');
const CLIENT_FIRST = new RegExp(`^(([ny]|p=[A-Za-z0-9.-]+),(?:a=([^,]*))?,)(n=([^,]+),r=(${NONCE})(?:,.*)?)$`, 'su');
const CLIENT_FINAL = new RegExp(`^(c=(${BASE64}),r=(${NONCE})(?:,.*)?),p=(${BASE64})$`, 'su');

function parseServerFirst(text: string, ours: string): { nonce: string; salt: Buffer; iterations: number } {
  const [, nonce = '', salt = '', digits = ''] = SERVER_FIRST.exec(text) ?? [];
  if (nonce === '') throw broken(`SCRAM wants a nonce, a salt and an iteration count, not ${excerpt(text)}`);
  if (!nonce.startsWith(ours) || nonce === ours)
    throw broken('the nonce of the server does not continue ours: somebody plays an old dialogue again', 'integrity');
  const iterations = Number(digits);
  if (iterations > MAX_ITERATIONS) throw limitError('SCRAM iterations', MAX_ITERATIONS, { phase: 'auth' });
  return { nonce, salt: Buffer.from(salt, 'base64'), iterations };
}

function parseClientFirst(text: string): Record<'header' | 'flag' | 'authzid' | 'bare' | 'name' | 'nonce', string> {
  const [, header = '', flag = '', authzid = '', bare = '', name = '', nonce = ''] = CLIENT_FIRST.exec(text) ?? [];
  if (nonce === '') throw broken(`SCRAM starts with a binding flag, a name and a nonce, not ${excerpt(text)}`);
  return { header, flag, authzid, bare, name, nonce };
}

function parseClientFinal(text: string): Record<'withoutProof' | 'binding' | 'nonce' | 'proof', string> {
  const [, withoutProof = '', binding = '', nonce = '', proof = ''] = CLIENT_FINAL.exec(text) ?? [];
  if (proof === '') throw broken('SCRAM ends with a binding, a nonce and a proof');
  return { withoutProof, binding, nonce, proof };
}

/** What the server must find bound, or undefined where it cannot agree with the client. RFC 5802 6. */
function agreedBinding(flag: string, plus: boolean, bindings: readonly ChannelBinding[]): Binding | undefined {
  if (flag === 'n') return plus ? undefined : 'n';
  // the client was told that there is no -PLUS; if there is one, somebody took it from the list
  if (flag === 'y') return plus || bindings.length > 0 ? undefined : 'y';
  return plus ? bindings.find(({ type }) => flag === `p=${type}`) : undefined;
}

function identity(user: string, authzid: string): Identity {
  return { user, ...(authzid && { authzid: unescapeName(authzid) }) };
}
