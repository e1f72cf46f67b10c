/** Steps of a dialogue, one after another: wait for this, then say that. */
import { UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Secret } from '../core/secret.ts';
import type { Expected, Found, ScriptOptions } from '../core/verbs.ts';
import type { Charset, TextDecoding } from '../wire/charset.ts';
import type { TelnetDialogue } from './dialogue.ts';
import { Expectation, foundAt } from './expect.ts';
import { COMMANDS, type SoleCommand } from './names.ts';
import { tooMuch } from './trouble.ts';
import { Unread } from './unread.ts';

export type Step = ExpectStep | ActionStep;

export interface ExpectStep {
  readonly expect: Expected | readonly Expected[];
  /** In milliseconds. Default: the idle timeout of the connection. */
  readonly timeout?: number | undefined;
}

export type ActionStep =
  /** A line: its end is added. */
  | { readonly send: string | Secret }
  /** Text as it is. */
  | { readonly type: string | Secret }
  | { readonly command: SoleCommand };

export interface PlayOptions extends ScriptOptions {
  /** How long each `expect` without one of its own may take, in milliseconds. Default: the idle timeout. */
  readonly timeout?: number | undefined;
}

/** How much text an `expect` may pass over while a body is read, in characters. */
const MAX_SIZE = 8 * 1024 * 1024;

/** Throws UsageError for what is no step. */
export function checkSteps(steps: readonly Step[]): void {
  for (const step of steps) {
    if ('expect' in step) new Expectation(step.expect);
    else if ('command' in step) checkCommand(step.command);
    else if (!('send' in step || 'type' in step)) throw new UsageError('a step is expect, send, type or command');
  }
}

function checkCommand(name: string): void {
  if (!Object.hasOwn(COMMANDS, name))
    throw new UsageError('there is no such command of Telnet', { protocol: 'telnet' });
}

/** Does what is no waiting. */
export async function act(dialogue: TelnetDialogue, step: ActionStep, options: CallOptions = {}): Promise<void> {
  if ('send' in step) await dialogue.writeLine(step.send, options);
  else if ('type' in step) await dialogue.write(step.type, options);
  else await dialogue.command(step.command);
}

/** Plays the steps. Gives what each `expect` found. Throws UsageError for what is no step, before the first. */
export async function play(
  dialogue: TelnetDialogue,
  steps: readonly Step[],
  { timeout, signal, onFound }: PlayOptions,
): Promise<readonly Found[]> {
  checkSteps(steps);
  const all: Found[] = [];
  for (const [i, step] of steps.entries()) {
    if ('expect' in step) {
      const found = await dialogue.waitFor(step.expect, { timeout: step.timeout ?? timeout, signal });
      all.push(found);
      onFound?.(found, i);
    } else await act(dialogue, step, { signal });
  }
  return all;
}

export interface PerformanceParts extends Pick<ScriptOptions, 'onFound'> {
  readonly steps: readonly Step[];
  readonly charset: Charset;
  /** Does what is no waiting, in order. */
  readonly act: (step: ActionStep) => void;
}

/** A script that is played while a body is read: inside the arrival of its octets. */
export class Performance {
  readonly #parts: PerformanceParts;
  readonly #decoder: TextDecoding;
  /** The same, behind by what is being looked at: it tells how many octets some characters were. */
  readonly #counter: TextDecoding;
  readonly #unread = new Unread();
  #next = 0;
  #expectation: Expectation | undefined;

  /** Throws UsageError for what is no step. */
  constructor(parts: PerformanceParts) {
    checkSteps(parts.steps);
    this.#parts = parts;
    this.#decoder = parts.charset.decoder();
    this.#counter = parts.charset.decoder();
  }

  /** What is waited for now; undefined behind the last step. */
  get expected(): ExpectStep | undefined {
    const step = this.#parts.steps[this.#next];
    return step && 'expect' in step ? step : undefined;
  }

  /** Whether the end of the last step is the end of the body. */
  get isOver(): boolean {
    const { steps } = this.#parts;
    const last = steps.at(-1);
    return this.#next === steps.length && last !== undefined && 'expect' in last;
  }

  /** What has come, and fits nothing yet. */
  get unread(): string {
    return this.#unread.peek();
  }

  /** Does what comes before the next `expect`. */
  advance(): void {
    const { steps, act } = this.#parts;
    for (let step = steps[this.#next]; step && !('expect' in step); step = steps[this.#next]) {
      this.#next++;
      act(step);
    }
    const { expected } = this;
    this.#expectation = expected && new Expectation(expected.expect);
  }

  /** Looks at octets of the body; how many of them belong to it: all, until it is over. */
  look(octets: Buffer): number {
    if (!this.#expectation) return this.isOver ? 0 : octets.length;
    let fresh = this.#decoder.write(octets);
    const { length } = fresh;
    this.#unread.append(fresh);
    while (this.#expectation) {
      const place = this.#expectation.feed(fresh);
      if (!place) {
        if (this.#unread.length > MAX_SIZE) throw tooMuch(MAX_SIZE);
        break;
      }
      const found = foundAt(place, this.#unread.take(place.end));
      this.#parts.onFound?.(found, this.#next);
      this.#next++;
      this.advance();
      fresh = this.#unread.peek();
    }
    if (this.isOver) return this.#count(octets, length - this.#unread.length);
    this.#counter.write(octets);
    return octets.length;
  }

  /** How many octets the first characters are; those that are no text are one too. */
  #count(octets: Buffer, characters: number): number {
    let at = 0;
    for (let count = 0; count < characters && at < octets.length; at++)
      count += this.#counter.write(octets.subarray(at, at + 1)).length;
    return at;
  }
}
