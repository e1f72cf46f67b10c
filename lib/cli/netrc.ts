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

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/**
 * Reads a netrc file: `machine`, `default`, `login`, `password`, `account`, `macdef` (skipped to the next empty line),
 * comments from a `#` to the end of the line, and words in double quotes with the escapes `\"`, `\\`, `\n`, `\r`, `\t`
 * and `\040`. Throws UsageError with the number of the line for anything else; its words are never repeated.
 */
export function parseNetrc(text: string): Netrc {
  const entries: { machine: string | undefined; login?: string; password?: string }[] = [];
  const warnings: string[] = [];
  const words = new Words(text);
  for (let word = words.next(); word; word = words.next()) {
    const last = entries.at(-1);
    if (word.text.startsWith('#') && !word.quoted) words.skipLine(word);
    else if (word.text === 'macdef') words.skipMacro(word);
    else if (word.text === 'machine' || word.text === 'default') {
      if (last && last.machine === undefined) {
        warnings.push(`netrc, line ${word.line}: what follows default is never reached: put default last`);
      }
      entries.push({ machine: word.text === 'default' ? undefined : words.value(word).toLowerCase() });
    } else if (last && (word.text === 'login' || word.text === 'password')) last[word.text] = words.value(word);
    else if (last && word.text === 'account') words.value(word);
    else throw new UsageError(`netrc, line ${word.line}: expected machine, default, login, password or macdef`);
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

interface Word {
  readonly text: string;
  readonly line: number;
  readonly quoted: boolean;
  /** Whether its quote ends: in comments and macros nobody cares. */
  readonly whole: boolean;
}

/** The words of a file, in order. */
class Words {
  readonly #lines: readonly string[];
  readonly #words: readonly Word[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
    this.#words = this.#lines.flatMap((line, index) => wordsOf(line, index + 1));
  }

  next(): Word | undefined {
    const word = this.#words[this.#at++];
    if (word && !word.whole) throw new UsageError(`netrc, line ${word.line}: a quote has no end`);
    return word;
  }

  /** The value behind a keyword. */
  value(keyword: Word): string {
    const word = this.next();
    if (!word) throw new UsageError(`netrc, line ${keyword.line}: ${keyword.text} without a value`);
    return word.text;
  }

  skipLine({ line }: Word): void {
    this.#skipTo(line + 1);
  }

  /** To the next empty line. */
  skipMacro({ line }: Word): void {
    const empty = this.#lines.findIndex((text, index) => index >= line && text.trim() === '');
    this.#skipTo(empty < 0 ? Number.POSITIVE_INFINITY : empty + 1);
  }

  #skipTo(line: number): void {
    while ((this.#words[this.#at]?.line ?? Number.POSITIVE_INFINITY) < line) this.#at++;
  }
}

function wordsOf(line: string, number: number): Word[] {
  const words: Word[] = [];
  for (const [, inQuotes, end, plain] of line.matchAll(/"((?:[^"\\]|\\.)*)("?)|([^\s"]\S*)/g)) {
    const text = plain ?? (inQuotes ?? '').replace(/\\([0-3][0-7]{2}|.)/g, (_, code: string) => unescaped(code));
    words.push({ text, line: number, quoted: plain === undefined, whole: plain !== undefined || end === '"' });
  }
  return words;
}

function unescaped(code: string): string {
  return code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES[code] ?? code);
}
