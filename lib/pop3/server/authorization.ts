/** The commands of the AUTHORIZATION state (RFC 1939 4), and those of both states. */
import { createHash } from 'node:crypto';
import { ProtocolError } from '../../core/errors.ts';
import { sameBytes } from '../../wire/plain.ts';
import { acceptLogin, type Identity, MECHANISM_NAMES, type Verifier } from '../../wire/sasl.ts';
import { parseNumber } from '../codec.ts';
import { OpenMaildrop } from './maildrop.ts';
import type { Pop3Session } from './session.ts';

type Words = readonly string[];

export async function capa(session: Pop3Session): Promise<void> {
  await session.list(
    'capability list follows',
    [...offers(session)].map(([name, words]) => `${name} ${words}`.trim()),
  );
}

/** What CAPA lists now. */
function* offers(session: Pop3Session): Generator<readonly [name: string, words: string]> {
  for (const [name, words] of session.house.capabilities) {
    if (name === 'CAPA' || name === 'APOP') continue;
    if (name === 'STLS' && !canUpgrade(session)) continue;
    if ((name === 'USER' || name === 'SASL') && needsTls(session)) continue;
    if (name === 'SASL') yield [name, mechanisms(session).join(' ')];
    else yield [name, words];
  }
}

function canUpgrade({ secure, house, maildrop }: Pop3Session): boolean {
  return house.upgrades && !secure && maildrop === undefined;
}

function needsTls({ secure, house }: Pop3Session): boolean {
  return house.requireTls && !secure;
}

/** RFC 2595 4. */
export async function stls(session: Pop3Session): Promise<void> {
  if (!canUpgrade(session)) return session.refuse(session.secure ? 'TLS is there already' : 'there is no TLS here');
  // RFC 6856 2.1
  if (session.utf8) return session.refuse('STLS comes before UTF8');
  await session.ok('begin TLS negotiation');
  await session.upgradeToTls();
  session.named = undefined;
}

export async function user(session: Pop3Session, words: Words, line: string): Promise<void> {
  if (words.length === 0) return session.refuse('USER takes a name');
  if (needsTls(session)) return session.refuse('TLS comes first: STLS');
  session.named = line.slice('USER '.length);
  await session.ok('send PASS');
}

/** A password may hold spaces (RFC 1939 7). */
export async function pass(session: Pop3Session, _words: Words, line: string): Promise<void> {
  const { named } = session;
  if (named === undefined) return session.refuse('USER comes first');
  session.named = undefined;
  const isRight = session.house.accounts.isPassword(named, line.slice('PASS '.length));
  await (isRight ? enter(session, named) : refuseLogin(session));
}

/** RFC 1939 7. */
export async function apop(session: Pop3Session, [name = '', digest = '', ...more]: Words): Promise<void> {
  if (needsTls(session)) return session.refuse('TLS comes first: STLS');
  if (digest === '' || more.length > 0) return session.refuse('APOP takes a name and a digest');
  const password = session.house.accounts.lookup(name)?.password;
  const due = createHash('md5')
    .update(`${session.stamp}${password ?? ''}`)
    .digest('hex');
  const isRight = sameBytes(due, digest.toLowerCase()) && password !== undefined;
  await (isRight ? enter(session, name) : refuseLogin(session));
}

/** RFC 5034; without a mechanism it lists them, as before RFC 2449. */
export async function auth(session: Pop3Session, [name, initial, ...more]: Words): Promise<void> {
  if (needsTls(session)) return session.refuse('TLS comes first: STLS');
  if (name === undefined) return session.list('mechanisms follow', mechanisms(session));
  if (more.length > 0) return session.refuse('AUTH takes a mechanism and an initial response');
  if (!mechanisms(session).includes(name.toUpperCase())) return session.refuse('this mechanism is not offered');
  let cancelled = false;
  const ask = async (challenge: string): Promise<string> => {
    const response = await session.ask(challenge);
    cancelled = response === '*';
    return response;
  };
  let identity: Identity | undefined;
  try {
    identity = await acceptLogin(name, verifierOf(session), initial, ask);
  } catch (error) {
    if (!(error instanceof ProtocolError) || !session.connection.usable) throw error;
    return session.refuse(`this is not ${name.toUpperCase()}: ${error.message}`);
  }
  if (identity) return enter(session, identity.authzid ?? identity.user);
  await (cancelled ? session.refuse('the authentication has been cancelled') : refuseLogin(session));
}

/** The mechanisms that a client can use now. */
function mechanisms(session: Pop3Session): string[] {
  const { capabilities, accounts, sasl } = session.house;
  const offered = (capabilities.get('SASL') ?? '').toUpperCase().split(' ');
  const bound = session.bindings().length > 0;
  return offered.filter((name) => {
    if (name === 'EXTERNAL') return sasl.external !== undefined;
    if (name === 'ANONYMOUS') return sasl.anonymous === true;
    if (name === 'XOAUTH2' || name === 'OAUTHBEARER') return accounts.haveTokens;
    return MECHANISM_NAMES.includes(name) && (bound || !name.endsWith('-PLUS'));
  });
}

function verifierOf(session: Pop3Session): Verifier {
  const { accounts, sasl } = session.house;
  // who says "you offered no -PLUS" must be believed where that is so
  const bindings = mechanisms(session).some((name) => name.endsWith('-PLUS')) ? session.bindings() : [];
  return { bindings, ...sasl, lookup: (name) => accounts.lookup(name) };
}

async function refuseLogin(session: Pop3Session): Promise<void> {
  await session.refuse('wrong name, password or token', 'AUTH');
}

/** Who has proved to be this user gets the maildrop, and has it alone. */
async function enter(session: Pop3Session, name: string): Promise<void> {
  const { accounts, capabilities } = session.house;
  const account = accounts.lookup(name);
  if (!account) return refuseLogin(session);
  if (!accounts.lock(account.spool, session)) return session.refuse('somebody else has this maildrop', 'IN-USE');
  try {
    const delay = parseNumber(capabilities.get('LOGIN-DELAY')?.split(' ', 1)[0] ?? '') ?? 0;
    if (!accounts.mayLogin(name, delay))
      return await session.refuse(`${delay} seconds are to be between logins`, 'LOGIN-DELAY');
    session.maildrop = await OpenMaildrop.open(account.spool);
  } finally {
    if (!session.maildrop) accounts.unlock(session);
  }
  await session.ok(`${name}'s maildrop has ${messages(session.maildrop.count)}`);
}

/** RFC 6856 2.1. */
export async function utf8(session: Pop3Session): Promise<void> {
  session.utf8 = true;
  await session.ok('UTF8 enabled');
}

/** RFC 6856 3. There is one language here. */
export async function lang(session: Pop3Session, [tag]: Words): Promise<void> {
  if (tag === undefined) return session.list('language listing follows', ['en English']);
  if (tag === '*' || /^en(?:-|$)/i.test(tag)) return session.ok('en English it is');
  await session.refuse('this language is not spoken here');
}

/** In the TRANSACTION state what was deleted goes now (RFC 1939 6). */
export async function quit(session: Pop3Session): Promise<'quit'> {
  const { maildrop, house } = session;
  try {
    await maildrop?.commit();
    house.accounts.unlock(session);
    const left = maildrop?.count === 0 ? 'maildrop empty' : `${messages(maildrop?.count ?? 0)} left`;
    await session.ok(`netkit POP3 server signing off${maildrop ? ` (${left})` : ''}`);
  } catch (error) {
    if (!session.connection.usable) throw error;
    house.accounts.unlock(session);
    session.note(`not removed: ${error instanceof Error ? error.message : error}`);
    await session.refuse('some deleted messages not removed', 'SYS/TEMP');
  }
  return 'quit';
}

/** `1 message`, `2 messages` */
export function messages(count: number): string {
  return `${count} message${count === 1 ? '' : 's'}`;
}
