/** What prompts look like, and how a login is refused. */

/** How much of the end of a text is looked at for a prompt, in characters. */
export const LOOKED_AT = 160;

/** Not in the middle of a word. `\b` would ask what follows too, which costs a search for every character: see `expect.ts`. */
const BEGIN = '(?<!\\w)';
const USER = '(?:log[io]n|user|account)(?: ?(?:name|id))?(?: (?:for|of|at) [^\\r\\n:]{1,60})?';
const PASSWORD = 'pass ?word|pass ?phrase|pass ?code|passwd|pin|kennwort|passwort|mot de passe';

/** To be waited for: something in a line that ends with a colon. */
export const USER_PROMPT = new RegExp(`(?:^|[\\r\\n])[^\\r\\n]{0,100}?${BEGIN}${USER}\\s?:`, 'i');
export const PASSWORD_PROMPT = new RegExp(
  `(?:^|[\\r\\n])[^\\r\\n]{0,100}?${BEGIN}(?:${PASSWORD})(?: (?:for|of) [^\\r\\n:]{1,60})?\\s?:`,
  'i',
);

/** A line that refuses a login. */
export const REFUSAL =
  /(?<!\w)(?:log[io]n (?:incorrect|failed|invalid|denied)|(?:incorrect|invalid|wrong|bad) (?:log[io]n|password|user|credentials)|authentication (?:failed|failure|error)|(?:permission|access) denied|(?:user|password|account) (?:unknown|invalid|incorrect|locked))/i;

const LAST_USER = new RegExp(`\\b${USER}\\s?:\\s{0,2}$`, 'i');
const LAST_PASSWORD = new RegExp(`\\b(?:${PASSWORD})[^\\r\\n]{0,60}[:?>]\\s{0,2}$`, 'i');
const LAST_LOGIN = /last [^\r\n]{0,20}log[io]n\s?:\s{0,2}$/i;

/** Whether what came last asks for a password. */
export function asksForPassword(text: string): boolean {
  return LAST_PASSWORD.test(text.slice(-LOOKED_AT));
}

/** Whether what came last asks who is there. */
export function asksForUser(text: string): boolean {
  const end = text.slice(-LOOKED_AT);
  return LAST_USER.test(end) && !LAST_LOGIN.test(end);
}

/** The end of a line of its own: `$ `, `user@host:~$ `, `router#`, `<switch>`. Words of a refusal do not begin so. */
const SHELL = /[\r\n](?:\$ |[^\r\n]{0,120}[\w)\]}~/\\*][$#>] ?)$/;

/** Whether what came last is the prompt of a shell, or very much looks like one. */
export function endsWithShell(text: string): boolean {
  return SHELL.test(text.slice(-LOOKED_AT));
}
