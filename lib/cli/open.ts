import type { Dialogue, TerminalDialogue } from '../core/verbs.ts';
import { Alarm } from '../net/alarm.ts';
import { jsonLine } from './records.ts';
import type { Task } from './task.ts';
import { HarmlessText, harmlessLine } from './terminal.ts';
import type { Context } from './verbs.ts';

/** What is in use where nobody says so. */
const LINGER = 3000;
const ESCAPE = '\x1d';

type Setting = Pick<Context, 'io' | 'file' | 'values' | 'sink' | 'call'>;

/**
 * A conversation: what the other side says is printed until it ends; what is typed is sent. Standard input is read when
 * it is a terminal, or when `-` asks for it; behind its end we listen until the peer has been silent for a while.
 */
export async function converse(
  dialogue: Dialogue,
  { own, url }: Pick<Task, 'own' | 'url'>,
  setting: Setting,
): Promise<void> {
  const { io, file, values } = setting;
  const { linger = LINGER, escape: key = ESCAPE } = own as { readonly linger?: number; readonly escape?: string };
  const typed = io.stdin.isTTY === true && !values.passwordStdin;
  if (typed && isTerminalDialogue(dialogue)) return atTerminal(dialogue, url, { escape: key, linger }, setting);
  return new Conversation(dialogue, setting, typed || file === '-', linger).run();
}

/** Whether a terminal can be given to this dialogue. */
export function isTerminalDialogue(dialogue: Dialogue): dialogue is TerminalDialogue {
  return 'terminal' in dialogue && 'commands' in dialogue;
}

async function atTerminal(
  dialogue: TerminalDialogue,
  url: string,
  options: { readonly escape: string; readonly linger: number },
  { io, values, sink, call }: Setting,
): Promise<void> {
  const { nameOfKey } = await import('./escape.ts');
  const { Teletype } = await import('./teletype.ts');
  const tell = (text: string): boolean => values.quiet || io.stderr.write(`netkit: ${harmlessLine(text)}\n`);
  const screen = sink.terminal && !values.json;
  const write = (text: string): Promise<void> => sink.write(values.json ? jsonLine({ text }) : text);
  const { signal = new AbortController().signal } = call;
  tell(`${url} is there${options.escape ? `; ${nameOfKey(options.escape)} leaves it for a moment` : ''}`);
  await new Teletype(dialogue, io, {
    ...options,
    verbose: values.verbose ?? false,
    write: screen ? undefined : write,
    signal,
  }).run();
  tell('the conversation is over');
}

/** One without a person at a terminal, or with a peer that has no need of one. */
class Conversation {
  readonly #dialogue: Dialogue;
  readonly #setting: Setting;
  readonly #speaks: boolean;
  readonly #linger: number;
  readonly #quiet: Alarm;
  #mute = false;
  #over = false;
  #trouble: unknown;

  constructor(dialogue: Dialogue, setting: Setting, speaks: boolean, linger: number) {
    this.#dialogue = dialogue;
    this.#setting = setting;
    this.#speaks = speaks;
    this.#linger = linger;
    this.#quiet = new Alarm(
      () => this.#end(),
      () => !this.#over,
    );
  }

  async run(): Promise<void> {
    const { io } = this.#setting;
    const speaking = this.#speaks ? this.#speak() : undefined;
    try {
      await this.#listen();
    } catch (error) {
      // what we have ended ourselves may end as it likes
      if (!this.#over) throw error;
    } finally {
      this.#over = true;
      this.#quiet.end();
      if (this.#speaks) io.stdin.destroy();
      await this.#dialogue.close();
      await speaking;
    }
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  async #listen(): Promise<void> {
    const { sink, values } = this.#setting;
    const shown = sink.terminal && !values.raw && !values.json ? new HarmlessText() : undefined;
    for await (const text of this.#dialogue) {
      if (this.#mute) this.#quiet.begin(this.#linger);
      await sink.write(values.json ? jsonLine({ text }) : (shown?.push(text) ?? text));
    }
    if (shown) await sink.write(shown.end());
  }

  /** Sends what comes, as it comes. Never rejects. */
  async #speak(): Promise<void> {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    try {
      let held = '';
      for await (const chunk of this.#setting.io.stdin) {
        const text = held + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
        // the LF after a CR may be in the next chunk
        held = text.endsWith('\r') ? '\r' : '';
        if (text !== held) await this.#dialogue.write(held ? text.slice(0, -1) : text);
      }
      if (held) await this.#dialogue.write(held);
      this.#mute = true;
      this.#quiet.begin(this.#linger);
    } catch (error) {
      if (this.#over) return;
      this.#trouble = error;
      this.#end();
    }
  }

  #end(): void {
    this.#over = true;
    // what it ends with is heard where it is read
    this.#dialogue.close().catch(() => {});
  }
}
