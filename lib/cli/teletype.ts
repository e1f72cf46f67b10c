import type { TerminalDialogue } from '../core/verbs.ts';
import { Alarm } from '../net/alarm.ts';
import { Latch } from '../net/latch.ts';
import { obey, PROMPT } from './escape.ts';
import { Interrupted } from './exit.ts';
import { type Io, put } from './io.ts';
import { Keyboard } from './keyboard.ts';
import { SecretLine } from './prompt.ts';

export interface TeletypeOptions {
  /** The key that leaves the conversation for a moment; empty where there is none. */
  readonly escape: string;
  /** How long to wait for more when nothing more will be typed, in milliseconds. */
  readonly linger: number;
  /** Whether the dialogue is shown beside. Then a line feed of the peer's is an end of line, as ours are. */
  readonly verbose: boolean;
  /** Where what the peer says goes, where that is not the screen. Then what is typed is sent by lines. */
  readonly write?: ((text: string) => Promise<void>) | undefined;
  /** Ends it, with its reason. */
  readonly signal: AbortSignal;
}

/**
 * A person at a terminal, and a dialogue. What the peer says reaches the screen as it is, and nothing is answered in the
 * terminal's place. Keys go to the peer one by one where it shows them, or wants them so; else the terminal gives whole
 * lines. What is typed behind a question for a password is never shown. The terminal is as it was when it is over.
 */
export class Teletype {
  readonly #dialogue: TerminalDialogue;
  readonly #io: Io;
  readonly #options: TeletypeOptions;
  readonly #keyboard: Keyboard;
  readonly #quiet: Alarm;
  #line = new SecretLine();
  /** Whether a password was asked for, and something of it has been typed. It is over with its line, whatever the peer says. */
  #secret: 'no' | 'asked' | 'begun' = 'no';
  /** What has been typed at the prompt, and when that has gone; undefined where there is none. */
  #prompt: { line: string; readonly gone: Latch } | undefined;
  /** Nothing more will be typed. */
  #mute = false;
  #over = false;
  #trouble: unknown;

  constructor(dialogue: TerminalDialogue, io: Io, options: TeletypeOptions) {
    const { verbose, write } = options;
    this.#dialogue = dialogue;
    this.#io = io;
    this.#options = options;
    this.#keyboard = new Keyboard(io.stdin, { escape: options.escape, plain: !verbose && !write });
    this.#quiet = new Alarm(
      () => this.#end(),
      () => !this.#over,
    );
  }

  /** Until the peer, or the person, ends it. Throws what it failed with, and Interrupted for Ctrl-C where that is ours. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    signal.addEventListener('abort', this.#onAbort);
    this.#io.stdout.on('resize', this.#onResize);
    this.#dialogue.onTerminal = (): void => this.#adapt();
    this.#adapt();
    if (signal.aborted) this.#onAbort();
    const typing = this.#type();
    try {
      for await (const text of this.#dialogue) await this.#hear(text);
    } catch (error) {
      // what we have ended ourselves may end as it likes
      if (!this.#over) throw error;
    } finally {
      this.#leave();
      await this.#dialogue.close();
      await typing;
    }
    signal.throwIfAborted();
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  #leave(): void {
    this.#over = true;
    this.#quiet.end();
    this.#keyboard.restore();
    this.#dialogue.onTerminal = undefined;
    this.#io.stdout.off('resize', this.#onResize);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#io.stdin.destroy();
  }

  #end(): void {
    this.#over = true;
    this.#prompt?.gone.open();
    // what it ends with is heard where it is read
    this.#dialogue.close().catch(() => {});
  }

  readonly #onAbort = (): void => {
    this.#keyboard.restore();
    this.#end();
  };

  readonly #onResize = (): void => {
    const { columns, rows } = this.#io.stdout;
    if (columns !== undefined && rows !== undefined) this.#dialogue.resize(columns, rows);
  };

  #adapt(): void {
    if (this.#prompt || this.#over) return;
    const { echo, characters, password } = this.#dialogue.terminal;
    if (this.#secret !== 'begun') this.#secret = password ? 'asked' : 'no';
    const atOnce = (echo || characters) && !this.#options.write;
    this.#keyboard.mode = atOnce ? 'keys' : this.#secret === 'no' ? 'lines' : 'secret';
  }

  async #hear(text: string): Promise<void> {
    await this.#prompt?.gone.opened;
    if (this.#over) return;
    if (this.#mute) this.#quiet.begin(this.#options.linger);
    await (this.#options.write?.(text) ?? put(this.#io.stdout, text));
  }

  /** Reads what is typed, to its end. Never rejects. */
  async #type(): Promise<void> {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    try {
      for await (const chunk of this.#io.stdin) {
        await this.#typed(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
      }
      this.#mute = true;
      if (this.#prompt) this.#end();
      else this.#quiet.begin(this.#options.linger);
    } catch (error) {
      if (this.#over) return;
      this.#trouble = error;
      this.#end();
    }
  }

  async #typed(text: string): Promise<void> {
    let rest = text;
    while (rest !== '' && !this.#over) rest = await (this.#prompt ? this.#toPrompt(rest) : this.#toPeer(rest));
  }

  /** What stands before the escape key is the peer's. Gives what stands behind it. */
  async #toPeer(text: string): Promise<string> {
    const { escape: key } = this.#options;
    const end = key === '' ? -1 : text.indexOf(key);
    await this.#say(end < 0 ? text : text.slice(0, end));
    if (end < 0) return '';
    // where the terminal gives whole lines the key may have an end of line behind it
    const isLine = this.#keyboard.mode === 'lines';
    this.#prompt = { line: '', gone: new Latch() };
    this.#keyboard.mode = 'lines';
    await this.#tell(`\n${PROMPT}`);
    const rest = text.slice(end + key.length);
    return isLine ? rest.replace(/^\r?\n/, '') : rest;
  }

  /** Does what a line at the prompt asks for. Gives what stands behind it. */
  async #toPrompt(text: string): Promise<string> {
    const prompt = this.#prompt;
    if (!prompt) return text;
    const [, start = '', end, rest = ''] = /^([^\r\n]*)(\r\n|[\r\n])?(.*)$/s.exec(text) ?? [];
    prompt.line += start;
    if (end === undefined) return '';
    const { text: said, next, keys = '' } = await obey(prompt.line, this.#dialogue, this.#options.escape);
    await this.#tell(next === 'prompt' ? said + PROMPT : said);
    prompt.line = '';
    if (next === 'prompt') return rest;
    if (next === 'end') this.#end();
    this.#prompt = undefined;
    this.#adapt();
    prompt.gone.open();
    if (keys !== '') await this.#say(keys);
    return rest;
  }

  async #say(text: string): Promise<void> {
    if (text === '') return;
    if (this.#keyboard.mode === 'secret') return this.#sayInSecret(text);
    if (this.#keyboard.mode === 'keys') await this.#echo(text);
    // what was typed in secret when the peer began to take keys is the beginning
    const begun = this.#line.text;
    this.#line = new SecretLine();
    await this.#dialogue.write(begun + text);
  }

  /** Shows keys where the peer does not. */
  async #echo(keys: string): Promise<void> {
    let shown = keys;
    if (this.#secret !== 'no') {
      const end = keys.search(/[\r\n]/);
      this.#secret = end < 0 ? 'begun' : 'no';
      shown = end < 0 ? '' : keys.slice(end);
    }
    if (!this.#dialogue.terminal.echo) await this.#tell(echoed(shown));
  }

  async #sayInSecret(text: string): Promise<void> {
    for (const key of text) {
      this.#secret = 'begun';
      const outcome = this.#line.push(key);
      if (outcome === 'interrupt') throw new Interrupted('SIGINT');
      if (outcome === undefined) continue;
      const line = this.#line.text;
      this.#line = new SecretLine();
      this.#secret = 'asked';
      await this.#tell('\n');
      await this.#dialogue.write(`${line}\n`);
      this.#adapt();
    }
  }

  /** Tells the person, who may have the screen elsewhere. */
  async #tell(text: string): Promise<void> {
    await put(this.#options.write ? this.#io.stderr : this.#io.stdout, text);
  }
}

/** Keys as a terminal shows them that nobody else does it for. */
function echoed(keys: string): string {
  return keys.replace(
    /\r\n?|[\x00-\x1f\x7f]/g,
    (key) => ECHOES.get(key) ?? `^${String.fromCharCode(key.charCodeAt(0) ^ 64)}`,
  );
}

const ECHOES = new Map([
  ['\r', '\r\n'],
  ['\r\n', '\r\n'],
  ['\n', '\r\n'],
  ['\t', '\t'],
  ['\b', '\b \b'],
  ['\x7f', '\b \b'],
]);
