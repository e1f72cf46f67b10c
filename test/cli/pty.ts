/** The command at a real terminal: `pty.py` has it. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const helper = fileURLToPath(new URL('pty.py', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Whether there can be one here. */
export const hasPty = spawnSync('python3', ['-c', 'import termios']).status === 0;

export interface Settings {
  readonly echo: boolean;
  readonly lines: boolean;
  readonly signals: boolean;
  readonly output: boolean;
}

export interface Exit {
  /** Negative: the signal that it died of. */
  readonly code: number;
  /** What was shown since what was expected last. */
  readonly shown: string;
  /** Whether the terminal is as it was. */
  readonly restored: boolean;
}

export class Pty {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  /** Runs a script of TypeScript, at a terminal of 80 columns and 24 rows. */
  constructor(script: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const command = [process.execPath, '--import', 'tsx', script, ...words];
    this.#process = spawn('python3', [helper, '80', '24', ...command], {
      cwd: root,
      env: { ...process.env, HOME: '/nonexistent', TERM: 'xterm-256color', ...env },
    });
    this.#process.stderr.pipe(process.stderr);
    this.#lines = createInterface(this.#process.stdout);
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  /** Waits until this is shown. Gives what was shown up to its end, since what was expected before. */
  async expect(text: string): Promise<string> {
    return (await this.#ask<{ readonly shown: string }>({ expect: text })).shown;
  }

  async type(text: string): Promise<void> {
    await this.#ask({ type: text });
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#ask({ resize: [columns, rows] });
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    await this.#ask({ signal: name });
  }

  /** What the terminal does itself now. */
  async settings(): Promise<Settings> {
    return this.#ask({ settings: true });
  }

  /** Waits for the end. */
  async exit(): Promise<Exit> {
    return this.#ask({ exit: true });
  }

  /** Ends what has not ended. */
  close(): void {
    this.#lines.close();
    this.#process.stdin.end();
  }

  async #ask<T>(question: Readonly<Record<string, unknown>>): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the terminal has gone');
    const answer = JSON.parse(value) as T & { readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}
