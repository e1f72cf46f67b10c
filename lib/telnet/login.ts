/**
 * Logging in where there is no protocol for it: the prompts of the server are answered. Whether it went well is read off
 * what follows: words of refusal, a prompt again or the end are a refusal; a line without an end that nothing follows is
 * the prompt of whoever is there now.
 */
import { type ErrorDetail, excerpt, ReplyError, UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Expected, WaitOptions } from '../core/verbs.ts';
import type { TelnetDialogue } from './dialogue.ts';
import { Expectation } from './expect.ts';
import { asksForPassword, asksForUser, endsWithShell, PASSWORD_PROMPT, REFUSAL, USER_PROMPT } from './prompt.ts';
import type { Reader } from './reader.ts';

export interface TelnetCredentials {
  readonly user: string;
  readonly password: string | Secret;
  /** Send the password also where somebody can listen. Default: what the dialogue was opened with. */
  readonly insecureLogin?: boolean | undefined;
}

/** What the server says, where it is not what servers mostly say. */
export interface LoginPrompts {
  /** What asks for the user. Default: `login:`, `Username:`, `User:` and their like, in the last line. */
  readonly user?: Expected | undefined;
  /** What asks for the password. */
  readonly password?: Expected | undefined;
  /** What comes after a login that went well, such as the prompt of a shell. Default: any line that does not end. */
  readonly ready?: Expected | undefined;
  /** What comes after one that did not. */
  readonly refused?: RegExp | undefined;
}

/** How long nothing must follow a line without an end, and a line with one, in milliseconds. */
const PROMPTED = 100;
const QUIET = 1_000;
/** How long, and for how many characters, the rest of what is said is waited for where it has no end. */
const PATIENCE = 3_000;
const ENOUGH = 64 * 1024;
/** Where words of refusal are looked for: the first line, in so many characters. */
const LOOKED_AT = 4096;

/**
 * Logs in. Throws ReplyError (`auth`) when it is refused; UsageError (`policy`) before a password would go where somebody
 * can listen; TimeoutError when a prompt does not come.
 */
export async function logIn(
  dialogue: TelnetDialogue,
  reader: Reader,
  { user, password: given, insecureLogin = false }: TelnetCredentials,
  prompts: LoginPrompts,
  options: WaitOptions,
): Promise<void> {
  const { connection } = dialogue;
  const password = Secret.of(given);
  checkCredentials(user, password);
  if (!connection.isPrivate && !insecureLogin) {
    const message = 'this login would show its password to everybody on the way: use telnets, or insecureLogin';
    throw new UsageError(message, { ...detailOf(dialogue), reason: 'policy' });
  }
  connection.hide(password);
  const { user: userPrompt = USER_PROMPT, password: passwordPrompt = PASSWORD_PROMPT, refused = REFUSAL } = prompts;
  reader.keep();
  const first = await dialogue.waitFor([userPrompt, passwordPrompt], options);
  if (first.index === 0) {
    await dialogue.writeLine(user, options);
    const second = await dialogue.waitFor([passwordPrompt, refused], options);
    if (second.index === 1) throw refusal(dialogue, second.match);
  }
  await dialogue.writeLine(password, options);
  await outcome(dialogue, reader, prompts, options);
}

/** Reads until it is known, and takes nothing. */
async function outcome(
  dialogue: TelnetDialogue,
  reader: Reader,
  { ready, refused = REFUSAL }: LoginPrompts,
  options: WaitOptions,
): Promise<void> {
  // a search does not remember where it was, as a test of a global pattern does
  const isRefused = (): boolean => firstLine(reader.begin(LOOKED_AT)).search(refused) >= 0;
  const expectation = ready === undefined ? undefined : new Expectation(ready);
  const isReady = await reader.read((ended, fresh) => {
    if (ended || isRefused()) return false;
    if (expectation) return expectation.feed(fresh()) && true;
    return /\S/.test(fresh()) ? false : undefined;
  }, options);
  if (!isReady) await settle(reader, isRefused, options);
  if (!isReady && (reader.ended || isRefused() || isPrompt(reader.end))) throw refusal(dialogue, reader.unread);
  // the end of the prompt, and of its line
  reader.take(/^[ \t]*(?:\r?\n)?/.exec(reader.unread)?.[0].length);
}

/** Waits for the rest of what is said, as far as that can be known. */
async function settle(reader: Reader, isRefused: () => boolean, options: WaitOptions): Promise<void> {
  const until = performance.now() + PATIENCE;
  const enough = (): boolean =>
    isRefused() || endsWithShell(reader.end) || reader.length > ENOUGH || performance.now() > until;
  if (reader.ended || enough()) return;
  await reader.readUntilIdle(PROMPTED, { ...options, enough });
  if (/[\r\n]$/.test(reader.end) && !enough()) await reader.readUntilIdle(QUIET, { ...options, enough });
}

function isPrompt(text: string): boolean {
  return asksForUser(text) || asksForPassword(text);
}

/** The first line that is not empty. */
function firstLine(text: string): string {
  return /\S[^\r\n]*/.exec(text.slice(0, LOOKED_AT))?.[0] ?? '';
}

/** Throws UsageError for what would become more than a line. */
export function checkCredentials(user: string, password: Secret): void {
  for (const text of [user, password.reveal()]) {
    if (/[\r\n\0]/.test(text)) throw new UsageError('a user or a password holds CR, LF or NUL', { phase: 'auth' });
  }
}

function refusal(dialogue: TelnetDialogue, said: string): ReplyError {
  const text = dialogue.connection.redact(firstLine(said));
  return new ReplyError(`the login was refused${text && `: ${excerpt(text)}`}`, {
    ...detailOf(dialogue),
    reason: 'auth',
    reply: { ok: false, code: '', text },
  });
}

function detailOf({ connection: { host, port } }: TelnetDialogue): ErrorDetail {
  return { protocol: 'telnet', phase: 'auth', host, port };
}
