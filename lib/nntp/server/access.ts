/** Logins, TLS and compression (RFC 4643, RFC 4642, RFC 8054), as a server gives them. */
import { ProtocolError } from '../../core/errors.ts';
import { deflated } from '../../net/deflate.ts';
import { sameBytes } from '../../wire/plain.ts';
import { acceptLogin, type Identity } from '../../wire/sasl.ts';
import { type Order, Refusal, syntax } from './order.ts';
import type { NntpSession } from './session.ts';

export const ACCESS: Readonly<Record<string, Order>> = {
  AUTHINFO: { for: 'anybody', feature: 'AUTHINFO', free: true, answer: authinfo },
  STARTTLS: { for: 'anybody', feature: 'STARTTLS', free: true, answer: startTls },
  COMPRESS: { for: 'anybody', feature: 'COMPRESS', answer: compress },
};

async function authinfo(session: NntpSession, args: readonly string[], line: string): Promise<void> {
  const kind = (args[0] ?? '').toUpperCase();
  if (kind !== 'USER' && kind !== 'PASS' && !(kind === 'SASL' && session.has('SASL')))
    throw syntax('AUTHINFO USER name, AUTHINFO PASS password, AUTHINFO SASL mechanism');
  if (!session.site.logins || session.user !== undefined || session.compressed)
    throw new Refusal(502, 'A login is not possible now');
  if (!session.mayLogIn) throw new Refusal(483, 'Begin TLS first');
  if (kind === 'SASL') await sasl(session, args);
  else if (kind === 'USER') await user(session, argumentOf(line));
  else await pass(session, argumentOf(line));
}

/** All that stands behind the two words: there are passwords with spaces. */
function argumentOf(line: string): string {
  const argument = line.replace(/^\s*\S+\s+\S+\s?/, '');
  if (argument === '') throw syntax('AUTHINFO USER name, AUTHINFO PASS password');
  return argument;
}

async function user(session: NntpSession, name: string): Promise<void> {
  session.candidate = name;
  await session.say('381 Password required');
}

async function pass(session: NntpSession, password: string): Promise<void> {
  const name = session.candidate;
  if (name === undefined) throw new Refusal(482, 'AUTHINFO USER comes first');
  session.candidate = undefined;
  const account = await session.site.verifier.lookup(name);
  // an unknown user costs as much time as a wrong password
  const isRight = sameBytes(account?.password ?? '', password) && account?.password !== undefined;
  if (!isRight) throw new Refusal(481, 'Wrong user or password');
  await welcome(session, '281 Welcome', name);
}

async function welcome(session: NntpSession, line: string, name: string): Promise<void> {
  session.user = name;
  session.note(`${name} has logged in`);
  await session.say(line);
}

async function sasl(session: NntpSession, [, mechanism = '', initial, more]: readonly string[]): Promise<void> {
  const name = mechanism.toUpperCase();
  if (name === '' || more !== undefined) throw syntax('AUTHINFO SASL mechanism [initial-response]');
  if (!session.site.mechanisms.includes(name)) throw new Refusal(503, 'There is no such mechanism here');
  const { identity, proof } = await exchange(session, name, initial);
  if (!identity) throw new Refusal(481, 'Wrong user or password');
  await welcome(session, proof === undefined ? '281 Welcome' : `283 ${proof}`, identity.user);
}

/** Throws Refusal (482) for what is no message of the mechanism. */
async function exchange(
  session: NntpSession,
  name: string,
  initial: string | undefined,
): Promise<{ readonly identity: Identity | undefined; readonly proof: string | undefined }> {
  let proof: string | undefined;
  try {
    const identity = await acceptLogin(name, session.site.verifier, initial, async (challenge) => {
      if (isProof(name, challenge)) {
        // it goes with the good news, and nobody answers it
        proof = challenge;
        return '';
      }
      await session.say(`383 ${challenge === '' ? '=' : challenge}`);
      return response(session);
    });
    return { identity, proof };
  } catch (error) {
    if (error instanceof ProtocolError && session.connection.usable)
      throw new Refusal(482, 'That is no message of this mechanism');
    throw error;
  }
}

async function response(session: NntpSession): Promise<string> {
  session.hushed = true;
  try {
    return await session.connection.readLine('auth');
  } finally {
    session.hushed = false;
  }
}

/** Whether a challenge is the server's proof, which ends SCRAM (RFC 5802 5.1). */
function isProof(name: string, challenge: string): boolean {
  return name.startsWith('SCRAM-') && Buffer.from(challenge, 'base64').toString('latin1').startsWith('v=');
}

async function startTls(session: NntpSession, args: readonly string[]): Promise<void> {
  if (args.length > 0) throw syntax('STARTTLS');
  if (!session.site.tls) throw new Refusal(580, 'This server has no certificate');
  if (!session.canSecure) throw new Refusal(502, 'It is too late for STARTTLS');
  await session.say('382 Begin TLS now');
  await session.upgradeToTls();
  session.reset();
}

async function compress(session: NntpSession, [algorithm, more]: readonly string[]): Promise<void> {
  if (algorithm === undefined || more !== undefined) throw syntax('COMPRESS algorithm');
  if (algorithm.toUpperCase() !== 'DEFLATE') throw new Refusal(503, 'The one algorithm here is DEFLATE');
  if (session.compressed) throw new Refusal(502, 'This is compressed already');
  await session.say('206 Compression begins now');
  session.compressed = true;
  await session.upgrade(async (stream) => deflated(stream));
}
