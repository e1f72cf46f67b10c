/** How a client proves who it is: AUTH with a mechanism (RFC 5034), USER and PASS, or APOP (RFC 1939 7). */
import { type ErrorDetail, ReplyError, UsageError } from '../core/errors.ts';
import type { Login } from '../core/login.ts';
import type { Secret } from '../core/secret.ts';
import type { Pipeline } from '../net/pipeline.ts';
import { command } from '../wire/command.ts';
import type { Candidate } from '../wire/sasl.ts';
import { apopDigest } from './codec.ts';

/** What is known of a server before a login. */
export interface Offer {
  /** Undefined where the server has no CAPA. */
  readonly capabilities: ReadonlyMap<string, readonly string[]> | undefined;
  /** What the greeting has for APOP. */
  readonly stamp: string | undefined;
  /** Asks what a login may have changed: right behind a password, where several commands may be on their way. */
  readonly ask: () => Promise<void>;
}

export interface LoginOptions {
  /** Send a password also where somebody can listen. */
  readonly insecureLogin?: boolean | undefined;
  /** Ask for UTF-8 mode (RFC 6856) first. Default: where user or password are not ASCII. */
  readonly utf8?: boolean | undefined;
}

const DETAIL: ErrorDetail & { readonly phase: 'auth' } = { protocol: 'pop3', phase: 'auth' };
/** Response codes that say why, and that no other mechanism would help. */
const FINAL = /^(?:AUTH|IN-USE|LOGIN-DELAY|SYS\/)/;

/**
 * Logs in: with the mechanism that is wanted, else with the best that both ends have, else with USER and PASS. APOP only
 * where it is asked for, since its MD5 can be guessed. Throws UsageError (`policy`) before a password would go where
 * somebody can listen, UsageError (`unsupported`) where nothing is left to try, ReplyError for the last refusal.
 */
export async function logIn(line: Pipeline, login: Login, offer: Offer, options: LoginOptions): Promise<void> {
  // a mechanism says them in a form of its own
  for (const secret of [login.password, login.token]) line.connection.hide(secret);
  if (options.utf8) await askForUtf8(line, offer);
  const wanted = login.mechanism?.toUpperCase().replace(/^\+/, '');
  if (wanted === 'APOP') return apop(line, login, offer.stamp, options);
  // what curl calls +LOGIN is not the mechanism of that name
  if (wanted === 'USER' || login.mechanism?.toUpperCase() === '+LOGIN') return userPass(line, login, offer, options);
  const candidates = await candidatesOf(line, login, offer, options);
  const hasPlainWay = wanted === undefined || wanted === '*' ? canUserPass(login, offer) : false;
  if (candidates.length === 0) return userPass(line, login, offer, options);
  const [{ loginWith }, { logInBy }] = await Promise.all([import('../wire/sasl.ts'), import('./auth.ts')]);
  try {
    await loginWith(candidates, (candidate) => logInBy(line, candidate), isFinal);
  } catch (error) {
    const refused = error instanceof ReplyError && !isFinal(error) && line.connection.usable;
    if (!refused || !hasPlainWay || candidates.some(({ shows }) => shows)) throw error;
    await userPass(line, login, offer, options);
  }
}

/** The mechanisms to try; none where USER and PASS are all that there is. */
async function candidatesOf(
  { connection }: Pipeline,
  login: Login,
  offer: Offer,
  { insecureLogin }: LoginOptions,
): Promise<readonly Candidate[]> {
  const { mechanism, ...credentials } = login;
  const { host, port, isPrivate } = connection;
  const offered = offer.capabilities?.get('SASL') ?? [];
  const hasPlainWay = (mechanism === undefined || mechanism === '*') && canUserPass(login, offer);
  if (offered.length === 0 && hasPlainWay) return [];
  try {
    const choice = {
      ...{ secure: isPrivate, wanted: mechanism, clear: insecureLogin },
      bindings: connection.bindings(),
    };
    const { chooseMechanism } = await import('../wire/sasl.ts');
    return chooseMechanism(offered, { ...credentials, host, port }, choice);
  } catch (error) {
    if (error instanceof UsageError && hasPlainWay) return [];
    throw error;
  }
}

/** Whether there may be USER and PASS: a server that tells neither of them nor of others may have them all the same. */
function canUserPass({ password }: Login, { capabilities }: Offer): boolean {
  if (password === undefined) return false;
  return !capabilities || capabilities.has('USER') || (capabilities.get('SASL') ?? []).length === 0;
}

function isFinal({ reply }: ReplyError): boolean {
  return FINAL.test(reply.code);
}

/** RFC 1939 7. Without UTF-8 mode both are ASCII (RFC 6856 2.2). */
async function userPass(line: Pipeline, login: Login, offer: Offer, options: LoginOptions): Promise<void> {
  const password = passwordOf(login);
  refuseListeners(line, options);
  if (!isAscii(login.user) || !isAscii(password.reveal())) {
    if (!offer.capabilities?.get('UTF8')?.includes('USER')) {
      const message = 'this user or password is not ASCII, and the server has no UTF8 for it (RFC 6856)';
      throw new UsageError(message, { ...DETAIL, reason: 'unsupported' });
    }
    if (!options.utf8) await askForUtf8(line, offer);
  }
  const pass = command`PASS ${password}`;
  const named = line.say(command`USER ${login.user}`);
  // who refuses a user is not told a password, unless both go together and nobody can listen
  if (line.window === 1 || !line.connection.isPrivate) await named;
  const passed = line.say(pass);
  const steps = line.window === 1 ? [named, passed] : [named, passed, offer.ask()];
  for (const end of await Promise.allSettled(steps)) if (end.status === 'rejected') throw end.reason;
}

/** RFC 1939 7. The stamp was checked when it was read: another could be made to find out the password. */
async function apop(line: Pipeline, login: Login, stamp: string | undefined, options: LoginOptions): Promise<void> {
  const password = passwordOf(login);
  if (stamp === undefined) {
    const message = 'the greeting of this server has no stamp that APOP could use: log in in another way';
    throw new UsageError(message, { ...DETAIL, reason: 'unsupported' });
  }
  if (/[ \t]/.test(login.user)) throw new UsageError('a user of APOP has no spaces', DETAIL);
  refuseListeners(line, options);
  await line.say(command`APOP ${login.user} ${apopDigest(stamp, password)}`);
}

/** RFC 6856 2.1: it is said before the login. */
async function askForUtf8(line: Pipeline, { capabilities }: Offer): Promise<void> {
  if (capabilities?.has('UTF8')) return void (await line.say(command`UTF8`));
  throw new UsageError('the server has no UTF8 (RFC 6856)', { ...DETAIL, reason: 'unsupported' });
}

function passwordOf({ password, user }: Login): Secret {
  if (password) return password;
  throw new UsageError(`a password is needed to log in${user && ` as ${user}`}`, { ...DETAIL, reason: 'argument' });
}

/** Throws UsageError (`policy`) where somebody on the way could hear the password. */
export function refuseListeners({ connection }: Pipeline, { insecureLogin }: LoginOptions): void {
  connection.refuseGone();
  if (connection.isPrivate || insecureLogin) return;
  throw new UsageError('this login would show its password to everybody on the way: use TLS', {
    ...DETAIL,
    reason: 'policy',
  });
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

/** What is unknown before a login can be tried: whether there is one at all. Throws UsageError. */
export function checkLogin(login: Login | undefined): void {
  if (!login || login.password || login.token) return;
  if (/^(?:EXTERNAL|ANONYMOUS)$/i.test(login.mechanism ?? '')) return;
  passwordOf(login);
}
