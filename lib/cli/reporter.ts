import { NetkitError } from '../core/errors.ts';
import type { Listener } from '../core/options.ts';
import type { Secret } from '../core/secret.ts';
import { exitCode, hint, Interrupted } from './exit.ts';
import type { Io } from './io.ts';
import type { Values } from './options.ts';
import { harmlessLine, type Paint, painter } from './terminal.ts';

/** Everything that a person is told, on standard error: what failed, what to mind, the dialogue. Never a secret. */
export class Reporter implements Listener {
  readonly #io: Io;
  readonly #quiet: boolean;
  readonly #paint: Paint;
  readonly #said = new Set<string>();
  readonly #secrets: Secret[] = [];

  constructor(io: Io, values: Pick<Values, 'quiet' | 'color'>) {
    this.#io = io;
    this.#quiet = values.quiet ?? false;
    this.#paint = painter(io, io.stderr, values.color);
  }

  /** Never to be shown from now on, whoever says it. */
  hide(secret: Secret): void {
    this.#secrets.push(secret);
  }

  /** A text without the secrets. */
  redact(text: string): string {
    return this.#secrets.reduce((redacted, secret) => secret.redact(redacted), text);
  }

  /** A sentence of ours, in which no secret is: only what others have said is looked through for them. */
  say(text: string): void {
    if (!this.#quiet) this.#io.stderr.write(`${harmlessLine(text)}\n`);
  }

  /** Says it, once. */
  warn(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.say(`netkit: warning: ${text}`);
  }

  /** Says what failed: `netkit: gopher: the sentence (url). What to try`. Gives the exit code. */
  fail(error: unknown, protocol?: string, url?: string): number {
    const code = exitCode(error);
    if (this.#quiet || code === 0) return code;
    const who = (error instanceof NetkitError ? error.protocol : undefined) ?? protocol;
    const message = error instanceof Error ? error.message : String(error);
    const start = this.#paint('red', `netkit:${who ? ` ${who}:` : ''}`);
    const where = url === undefined || error instanceof Interrupted || message.includes(url) ? '' : ` (${url})`;
    const tip = hint(error);
    const rest = `${harmlessLine(this.redact(`${message}${where}`))}${tip ? `. ${tip}` : ''}`;
    this.#io.stderr.write(`${start} ${rest}\n`);
    return code;
  }

  /** A line of the dialogue. */
  add(from: 'C' | 'S' | '*', text: string): void {
    this.#io.stderr.write(`${this.#paint('dim', `${from}:`)} ${harmlessLine(this.redact(text))}\n`);
  }
}
