import { UsageError } from '../core/errors.ts';

/** What a netrc file says of a host, or of all others (`default`). */
export interface NetrcEntry {
  /** `host` or `host:port`, an IPv6 address in brackets where there is a port; undefined for `default`. */
  readonly machine: string | undefined;
  readonly login?: string;
  readonly password?: string;
}

export interface Netrc {
  readonly entries: readonly NetrcEntry[];
  /** What is odd in it, as sentences. */
  readonly warnings: readonly string[];
}

interface Token {
  readonly text: string;
  readonly line: number;
  readonly quoted: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads a netrc file: `machine`, `default`, `login`, `password`, `account`, `macdef` (skipped to the next empty line),
 * comments from a `#` at the start of a line, and words in double quotes with the escapes `\"`, `\\`, `\n`, `\r`, `\t`
 * and `\040`. Throws UsageError with the number of the line for anything else; its words are never repeated.
 */
export function parseNetrc(text: string): Netrc {
  const entries: { machine: string | undefined; login?: string; password?: string }[] = [];
  const warnings: string[] = [];
  const tokens = tokenize(text);
  const next = (of: Token): string => {
    const token = tokens.shift();
    if (!token) throw new UsageError(`netrc, line ${of.line}: ${of.text} without a value`);
    return token.text;
  };
  for (let token = tokens.shift(); token; token = tokens.shift()) {
    const last = entries.at(-1);
    if (token.text === 'machine' || token.text === 'default') {
      if (last && last.machine === undefined) {
        warnings.push(`netrc, line ${token.line}: what follows default is never reached: put default last`);
      }
      entries.push({ machine: token.text === 'default' ? undefined : next(token).toLowerCase() });
    } else if (last && (token.text === 'login' || token.text === 'password')) last[token.text] = next(token);
    else if (last && token.text === 'account') next(token);
    else throw new UsageError(`netrc, line ${token.line}: expected machine, default, login, password or macdef`);
  }
  const end = entries.findIndex(({ machine }) => machine === undefined) + 1;
  return { entries: end > 0 ? entries.slice(0, end) : entries, warnings };
}

/** The entry for a host and, where the user is known already, for this user. The first that fits. */
export function findEntry(netrc: Netrc, host: string, port: number, user?: string): NetrcEntry | undefined {
  const names = [host, `${host.includes(':') ? `[${host}]` : host}:${port}`];
  return netrc.entries.find(
    ({ machine, login }) =>
      (machine === undefined || names.includes(machine)) &&
      (user === undefined || login === undefined || login === user),
  );
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  let macro = false;
  for (const [index, line] of lines.entries()) {
    if (macro) macro = line.trim() !== '';
    else if (!/^\s*#/.test(line)) {
      const words = wordsOf(line, index + 1);
      const start = words.findIndex((word, i) => isMacro(word, words[i - 1] ?? tokens.at(-1)));
      macro = start >= 0;
      tokens.push(...(macro ? words.slice(0, start) : words));
    }
  }
  return tokens;
}

/** Whether `macdef` is the keyword, and not the value of the word before it. */
function isMacro({ text, quoted }: Token, before?: Token): boolean {
  const isValue = before && !before.quoted && /^(?:machine|login|password|account)$/.test(before.text);
  return text === 'macdef' && !quoted && !isValue;
}

function wordsOf(line: string, number: number): Token[] {
  const words: Token[] = [];
  for (const [, inQuotes, rest, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)("?)|([^\s"]\S*)/g)) {
    if (inQuotes !== undefined && rest !== '"') throw new UsageError(`netrc, line ${number}: a quote has no end`);
    const text = plain ?? (inQuotes ?? '').replace(/\\([0-3][0-7]{2}|.)/g, (_, c: string) => unescaped(c));
    words.push({ text, line: number, quoted: inQuotes !== undefined });
  }
  return words;
}

function unescaped(code: string): string {
  return code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code);
}
