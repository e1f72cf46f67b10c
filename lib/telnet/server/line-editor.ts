import { limitError } from '../../core/errors.ts';
import type { Key } from './input.ts';

/** What came of a key: a line, an interrupt (^C), or the end of what is typed (^D on an empty line). */
export type Typed = { readonly line: string } | 'interrupt' | 'end';

/** The longest line, in characters. */
const MAX_LINE = 8192;

/**
 * A line as a terminal's driver edits it: BS and DEL take a character back, ^W a word, ^U all of it, ^R shows it again.
 * `echo` is what to show; a secret is not shown.
 */
export class LineEditor {
  readonly #echo: (text: string) => void;
  readonly #secret: boolean;
  readonly #chars: string[] = [];
  readonly #keys: ReadonlyMap<Key, () => Typed | undefined> = new Map<Key, () => Typed | undefined>([
    ['\n', () => this.#end()],
    ['\b', () => this.#erase(1)],
    ['\x7f', () => this.#erase(1)],
    ['\x15', () => this.#erase(this.#chars.length)],
    ['\x17', () => this.#erase(this.#lastWord())],
    ['\x12', () => this.#reprint()],
    ['\x03', () => this.#interrupt()],
    ['\x04', () => (this.#chars.length === 0 ? 'end' : undefined)],
  ]);

  constructor(echo: (text: string) => void, secret: boolean) {
    this.#echo = echo;
    this.#secret = secret;
  }

  /** Takes a key. Throws ProtocolError (`limit`) for a line of more than 8192 characters. */
  press(key: Key): Typed | undefined {
    const action = this.#keys.get(key);
    if (action) return action();
    if (this.#chars.length >= MAX_LINE) throw limitError('a line', MAX_LINE, { protocol: 'telnet' });
    this.#chars.push(key);
    this.#show(shown(key));
    return undefined;
  }

  #end(): Typed {
    this.#echo('\n');
    return { line: this.#chars.join('') };
  }

  #interrupt(): Typed {
    this.#show('^C');
    this.#echo('\n');
    this.#chars.length = 0;
    return 'interrupt';
  }

  #erase(count: number): undefined {
    const gone = this.#chars.splice(Math.max(0, this.#chars.length - count));
    this.#show(gone.map((key) => '\b \b'.repeat(shown(key).length > 1 && key < ' ' ? 2 : 1)).join(''));
    return undefined;
  }

  /** How long the last word is, with the spaces behind it. */
  #lastWord(): number {
    let at = this.#chars.length;
    while (at > 0 && this.#chars[at - 1] === ' ') at--;
    while (at > 0 && this.#chars[at - 1] !== ' ') at--;
    return this.#chars.length - at;
  }

  #reprint(): undefined {
    this.#show(`^R\n${this.#chars.map(shown).join('')}`);
    return undefined;
  }

  #show(text: string): void {
    if (!this.#secret && text !== '') this.#echo(text);
  }
}

/** A control character as a terminal's driver shows it: `^[`. */
function shown(key: Key): string {
  const code = key.charCodeAt(0);
  return code < 32 ? `^${String.fromCharCode(code + 64)}` : key;
}
