import { COMMANDS } from '../names.ts';

/** How a client ends its lines. All are taken; RFC 854 has the first and the last. */
export type LineEnd = 'CR LF' | 'LF' | 'CR' | 'CR NUL';

/** A character that was typed, `\n` for every end of line; or a command of the protocol that stands for a key. */
export type Key = string;

/** ^C */
export const INTERRUPT = '\x03';

/** What a terminal's driver does with these commands (RFC 854, 1184): they are keys. */
const KEYS: ReadonlyMap<number, Key> = new Map([
  [COMMANDS.IP, INTERRUPT],
  [COMMANDS.BRK, INTERRUPT],
  [COMMANDS.ABORT, INTERRUPT],
  [COMMANDS.SUSP, INTERRUPT],
  [COMMANDS.EOF, '\x04'],
  [COMMANDS.EC, '\x7f'],
  [COMMANDS.EL, '\x15'],
]);

/** The key that a command stands for, if it does. */
export function keyOf(command: number): Key | undefined {
  return KEYS.get(command);
}

/** What has been typed, and nobody has read yet. */
export class Input {
  #text = '';
  #at = 0;
  #afterCr = false;
  #lineEnd: LineEnd | undefined;

  /** How the last end of line that came was written; undefined before there was one. */
  get lineEnd(): LineEnd | undefined {
    return this.#lineEnd;
  }

  /** How many characters are there. */
  get length(): number {
    return this.#text.length - this.#at;
  }

  /** Text that has come. `binary`: a CR alone is one. Outside of BINARY the NUL behind it has been taken off already. */
  push(text: string, binary: boolean): void {
    let typed = '';
    for (const char of text) {
      if (this.#isRest(char)) continue;
      if (char === '\r') this.#lineEnd = binary ? 'CR' : 'CR NUL';
      else if (char === '\n') this.#lineEnd = 'LF';
      else if (char === '\0') continue;
      this.#afterCr = char === '\r';
      typed += this.#afterCr ? '\n' : char;
    }
    this.#add(typed);
  }

  /** A key that came as a command. */
  press(key: Key): void {
    this.#add(key);
  }

  /** The next key, if there is one. */
  shift(): Key | undefined {
    const point = this.#text.codePointAt(this.#at);
    if (point === undefined) return undefined;
    const key = String.fromCodePoint(point);
    this.#at += key.length;
    return key;
  }

  /** Everything that is there. */
  takeAll(): string {
    const text = this.#text.slice(this.#at);
    this.clear();
    return text;
  }

  /** What was taken and not used comes first again. */
  unread(text: string): void {
    this.#text = text + this.#text.slice(this.#at);
    this.#at = 0;
  }

  /** Whether there is an interrupt; it and what was typed before it are forgotten then. */
  interrupted(): boolean {
    const at = this.#text.lastIndexOf(INTERRUPT);
    if (at < this.#at) return false;
    this.#at = at + 1;
    return true;
  }

  clear(): void {
    this.#text = '';
    this.#at = 0;
  }

  /** Whether this is the second half of an end of line. */
  #isRest(char: string): boolean {
    if (!this.#afterCr || (char !== '\n' && char !== '\0')) return false;
    this.#lineEnd = char === '\n' ? 'CR LF' : 'CR NUL';
    this.#afterCr = false;
    return true;
  }

  #add(typed: string): void {
    this.#text = this.#text.slice(this.#at) + typed;
    this.#at = 0;
  }
}
