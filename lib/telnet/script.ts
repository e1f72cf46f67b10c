/** Steps of a dialogue, one after another: wait for this, then say that. */
import { UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Secret } from '../core/secret.ts';
import type { Expected, Found } from '../core/verbs.ts';
import type { Charset, TextDecoding } from '../wire/charset.ts';
import type { TelnetDialogue } from './dialogue.ts';
import { Expectation } from './expect.ts';
import { COMMANDS, type SoleCommand } from './names.ts';

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

export interface ScriptOptions extends CallOptions {
  /** How long each `expect` without one of its own may take, in milliseconds. Default: the idle timeout. */
  readonly timeout?: number | undefined;
}

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
  { timeout, signal }: ScriptOptions,
): Promise<readonly Found[]> {
  checkSteps(steps);
  const found: Found[] = [];
  for (const step of steps) {
    if ('expect' in step) found.push(await dialogue.waitFor(step.expect, { timeout: step.timeout ?? timeout, signal }));
    else await act(dialogue, step, { signal });
  }
  return found;
}

/** A script that is played while a body is read: inside the arrival of its octets, and without keeping them. */
export class Performance {
  readonly #steps: readonly Step[];
  readonly #charset: Charset;
  readonly #decoder: TextDecoding;
  readonly #act: (step: ActionStep) => void;
  #next = 0;
  #expectation: Expectation | undefined;
  /** How much has been looked at for this expectation, in characters. */
  #looked = 0;

  /** `act` does what is no waiting, in order. Throws UsageError for what is no step. */
  constructor(steps: readonly Step[], charset: Charset, act: (step: ActionStep) => void) {
    checkSteps(steps);
    this.#steps = steps;
    this.#charset = charset;
    this.#decoder = charset.decoder();
    this.#act = act;
  }

  /** What is waited for now; undefined behind the last step. */
  get expected(): ExpectStep | undefined {
    const step = this.#steps[this.#next];
    return step && 'expect' in step ? step : undefined;
  }

  /** Whether the end of the last step is the end of the body. */
  get isOver(): boolean {
    const last = this.#steps.at(-1);
    return this.#next === this.#steps.length && last !== undefined && 'expect' in last;
  }

  /** Does what comes before the next `expect`. */
  advance(): void {
    for (let step = this.#steps[this.#next]; step && !('expect' in step); step = this.#steps[this.#next]) {
      this.#next++;
      this.#act(step);
    }
    const { expected } = this;
    this.#expectation = expected && new Expectation(expected.expect);
    this.#looked = 0;
  }

  /** Looks at octets of the body; how many of them belong to it: all, until it is over. */
  look(octets: Buffer): number {
    if (!this.#expectation) return this.isOver ? 0 : octets.length;
    let text = this.#decoder.write(octets);
    while (this.#expectation) {
      const place = this.#expectation.feed(text);
      if (!place) {
        this.#looked += text.length;
        return octets.length;
      }
      text = text.slice(Math.max(0, place.end - this.#looked));
      this.#next++;
      this.advance();
    }
    return this.isOver ? octets.length - Math.min(octets.length, this.#sizeOf(text)) : octets.length;
  }

  #sizeOf(text: string): number {
    return text === '' ? 0 : this.#charset.encode(text).length;
  }
}
