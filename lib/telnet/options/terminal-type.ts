import { UsageError } from '../../core/errors.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';
import { printable } from './text.ts';

const IS = 0;
const SEND = 1;
/** RFC 1091. */
const MAX_NAME = 40;
/** How many names a server asks for: who has more goes in circles. */
const MAX_NAMES = 32;

/** A space and `_` are in what clients of games say of themselves: `MTTS 137`. */
const NAME = /^[A-Za-z0-9./_-](?:[A-Za-z0-9./ _-]*[A-Za-z0-9./_-])?$/;

/** IS, and what the terminal is (RFC 1091). Throws UsageError for what is no name of a terminal. */
export function formatTerminal(name: string): Buffer {
  if (name.length > MAX_NAME || !NAME.test(name)) {
    throw new UsageError('the name of a terminal is 1 to 40 letters, digits, dots, slashes, hyphens and underscores');
  }
  return Buffer.concat([Buffer.of(IS), Buffer.from(name, 'latin1')]);
}

/** The name behind IS (RFC 1091): up to 40 printable characters; undefined for anything else. */
export function parseTerminal(data: Buffer): string | undefined {
  const name = data.subarray(1);
  return data[0] === IS && printable(name, MAX_NAME) ? name.toString('latin1') : undefined;
}

/**
 * TTYPE (RFC 1091). A client names its terminals one at a time, the best first, as often as it is asked; the last one
 * twice, which says that there are no more, and then it begins again. A client of games names itself, its terminal, and
 * `MTTS` with a number of what it can do. A server asks until a name comes again.
 */
export class TerminalType extends PlainOption {
  readonly #answers: readonly Buffer[];
  #next = 0;
  #types: string[] = [];
  /** Whether an answer is awaited. */
  #asked = false;

  /** Throws UsageError when one of the names is none. */
  constructor(role: Role, names: readonly string[] = []) {
    super(OPTIONS.TTYPE, role);
    this.#answers = [...names, ...names.slice(-1)].map(formatTerminal);
  }

  /** Who has no name has nothing to tell. */
  override get local(): boolean {
    return super.local && this.#answers.length > 0;
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side === 'local') this.#next = 0;
    else {
      this.#types = [];
      this.#asked = false;
      if (enabled) this.#ask(port);
    }
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    const name = parseTerminal(data);
    if (data[0] === SEND && data.length === 1) this.#answer(port);
    else if (name !== undefined && this.#asked) this.#heard(name, port);
    else port.note('a terminal that is none, or that nobody asked for');
  }

  #answer(port: OptionPort): void {
    const answer = this.#answers[this.#next];
    if (!answer || !port.enabled('local', this.code)) return;
    this.#next = (this.#next + 1) % this.#answers.length;
    port.subnegotiate(this.code, answer);
  }

  #ask(port: OptionPort): void {
    this.#asked = true;
    port.subnegotiate(this.code, Buffer.of(SEND));
  }

  #heard(name: string, port: OptionPort): void {
    this.#asked = false;
    const again = this.#types.some((each) => each.toUpperCase() === name.toUpperCase());
    if (!again) this.#types.push(name);
    const whole = again || this.#types.length === MAX_NAMES;
    port.emit({ type: 'terminal-type', types: [...this.#types], whole });
    if (!whole) this.#ask(port);
  }
}
