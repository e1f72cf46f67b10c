/** AUTHINFO (RFC 4643): a user and a password, or SASL. */

import { excerpt, ReplyError, UsageError } from '../core/errors.ts';
import type { Login } from '../core/login.ts';
import { Secret } from '../core/secret.ts';
import type { Connection } from '../net/connection.ts';
import type { Talk } from '../net/pipeline.ts';
import { Command, command } from '../wire/command.ts';
import { authenticate, type Candidate, chooseMechanism, type Exchange, loginWith } from '../wire/sasl.ts';
import { type Capabilities, checkCommand, MAX_SASL_COMMAND, offers } from './codec.ts';

/** Refused: the password, or, as some servers say it, the mechanism. */
const REJECTED = '481';

export interface LoginSetting {
  readonly login: Login;
  /** What the server offers; undefined where it has no CAPABILITIES. */
  readonly capabilities: Capabilities | undefined;
  /** Send a password also where somebody can listen. */
  readonly insecure: boolean;
}

/**
 * Logs in. Of what the server offers the mechanisms that do not show it the password come first, then USER and PASS, then
 * the others. A refused password is tried once more, where the first attempt did not show it: a server that has only a
 * digest of it refuses so, too. Throws ReplyError (`auth`), and UsageError where the password would be heard by others.
 */
export async function logIn(talk: Talk, connection: Connection, setting: LoginSetting): Promise<void> {
  const { login } = setting;
  // a mechanism says them in a form of its own
  for (const secret of [login.password, login.token]) connection.hide(secret);
  const candidates = candidatesOf(connection, setting);
  const byName = asksForUser(setting) ? userAndPassword(login) : undefined;
  const attempt = (candidate: Candidate): Promise<void> => bySasl(talk, connection, candidate);
  const hidden = candidates.filter(({ shows }) => !shows);
  const shown = candidates.filter(({ shows }) => shows);
  if (hidden.length > 0) {
    try {
      return await loginWith(hidden, attempt, ({ reply }) => reply.code === REJECTED);
    } catch (error) {
      const more = shown.length > 0 || (byName && mayShow(connection, setting));
      if (!(error instanceof ReplyError) || !more) throw error;
    }
  }
  if (!byName) return loginWith(shown, attempt, () => false);
  refuseListeners(connection, setting);
  await byUser(talk, byName);
}

function candidatesOf(connection: Connection, { login, capabilities, insecure }: LoginSetting): readonly Candidate[] {
  const { mechanism } = login;
  const offered = capabilities && offers(capabilities, 'AUTHINFO', 'SASL') ? (capabilities.get('SASL') ?? []) : [];
  const byName = asksForUser({ login, capabilities });
  if (mechanism?.toUpperCase() === 'USER' || (offered.length === 0 && byName)) return [];
  const { host, port } = connection;
  try {
    return chooseMechanism(
      offered,
      { ...login, host, port },
      { secure: connection.isPrivate, clear: insecure, wanted: mechanism, bindings: connection.bindings() },
    );
  } catch (error) {
    // what no mechanism can do, a user and a password may
    if (byName && error instanceof UsageError) return [];
    throw error;
  }
}

/** Whether USER and PASS are for this server, as far as it says. */
function asksForUser({ login, capabilities }: Pick<LoginSetting, 'login' | 'capabilities'>): boolean {
  const { mechanism = '*', token, password } = login;
  if (mechanism !== '*' && mechanism.toUpperCase() !== 'USER') return false;
  if (password === undefined && token !== undefined) return false;
  const how = capabilities?.get('AUTHINFO') ?? [];
  // a server that asks for a login without offering one is taken at its word
  return how.length === 0 || how.some((each) => each.toUpperCase() === 'USER');
}

function mayShow(connection: Connection, { insecure }: LoginSetting): boolean {
  return connection.isPrivate || insecure;
}

function refuseListeners(connection: Connection, setting: LoginSetting): void {
  if (mayShow(connection, setting)) return;
  const { host, port } = connection;
  const message = 'this login would show its password to everybody on the way: use nntps:// or STARTTLS';
  throw new UsageError(message, { protocol: 'nntp', phase: 'auth', reason: 'policy', host, port });
}

interface Name {
  readonly user: Command;
  readonly pass: Command | undefined;
}

/** Both commands, so that what cannot be said is found before anything is. */
function userAndPassword({ user, password }: Login): Name {
  if (user === '' || /^\s|\s$/.test(user)) throw usage(`a user is a name, not ${excerpt(user)}`);
  return {
    user: checkCommand(command`AUTHINFO USER ${user}`),
    pass: password && checkCommand(command`AUTHINFO PASS ${password}`),
  };
}

/** RFC 4643 2.3: a server may let a user in without a password. A second 381 is none of its replies. */
async function byUser(talk: Talk, { user, pass }: Name): Promise<void> {
  const { code } = await talk.say(user);
  if (code === '281') return;
  if (!pass) throw usage('the server asks for a password: give one');
  await talk.say(pass);
}

/** RFC 4643 2.4: an empty response is `=`, the last challenge may come with the good news (283). */
async function bySasl(talk: Talk, connection: Connection, candidate: Candidate): Promise<void> {
  let begun = false;
  let done = false;
  const exchange: Exchange = async (response) => {
    if (done) return undefined;
    const said = begun ? following(response) : beginning(candidate.name, response);
    begun = true;
    const { code, text } = await talk.say(said);
    done = code !== '383';
    return code === '281' ? undefined : text;
  };
  try {
    await authenticate(candidate.start(), exchange);
  } catch (error) {
    // the exchange is not over, and nothing else can be said in it
    if (!(error instanceof ReplyError)) connection.destroy(error);
    throw error;
  }
}

function beginning(name: string, response: Secret | undefined): Command {
  if (!response) return command`AUTHINFO SASL ${name}`;
  return checkCommand(command`AUTHINFO SASL ${name} ${written(response)}`, MAX_SASL_COMMAND);
}

/** A line of an exchange: only what is shown of it has a verb. */
function following(response: Secret | undefined): Command {
  const secret = written(response ?? new Secret(''));
  return new Command('AUTHINFO SASL ***', command`${secret}`.wire(), [secret]);
}

function written(response: Secret): Secret {
  return response.reveal() === '' ? new Secret('=') : response;
}

function usage(message: string): UsageError {
  return new UsageError(message, { protocol: 'nntp', phase: 'auth' });
}
