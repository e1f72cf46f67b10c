import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

/** What may stand in a command: text (sent as UTF-8), octets, a whole number, or a secret. */
export type Argument = string | number | Secret | Uint8Array;

/** One command line. `wire()` is what is sent; printed it shows no secret. */
export class Command {
  /** What is sent: as it is shown, unless there is something in it that cannot or must not be. */
  readonly #octets: Buffer | undefined;
  readonly #shown: string;
  /** What it holds that is not shown. */
  readonly secrets: readonly Secret[];

  constructor(shown: string, octets?: Buffer, secrets: readonly Secret[] = NONE) {
    this.#shown = shown;
    this.#octets = octets;
    this.secrets = secrets;
  }

  /** The first word. */
  get verb(): string {
    const end = this.#shown.indexOf(' ');
    return end < 0 ? this.#shown : this.#shown.slice(0, end);
  }

  wire(): Buffer {
    return this.#octets ?? Buffer.from(`${this.#shown}\r\n`, 'latin1');
  }

  /** The same command with octets right behind its line, as TAKETHIS has them. */
  with(octets: Uint8Array): Command {
    return new Command(this.#shown, Buffer.concat([this.wire(), octets]), this.secrets);
  }

  toString(): string {
    return this.#shown;
  }

  /** Several commands as one piece of octets. */
  static join(commands: readonly Command[]): Buffer {
    let text = '';
    for (const each of commands) {
      if (each.#octets) return Buffer.concat(commands.map((command) => command.wire()));
      text += `${each.#shown}\r\n`;
    }
    return Buffer.from(text, 'latin1');
  }
}

/**
 * The one door for arguments: `` command`RETR ${n}` ``. The line end is added here. Throws UsageError when an argument
 * holds CR, LF or NUL, so that one command never becomes two; the check is made on the octets that would be sent.
 */
export function command(parts: TemplateStringsArray, ...args: readonly Argument[]): Command {
  // plain text is its own octets
  if (!args.every(isPlain)) return encoded(parts, args);
  let text = parts[0] ?? '';
  for (let i = 0; i < args.length; i++) text += `${args[i]}${parts[i + 1]}`;
  return new Command(text);
}

const NONE: readonly Secret[] = [];
const LINE_END = Buffer.from('\r\n');

function isPlain(arg: Argument): boolean {
  return typeof arg === 'number' ? Number.isSafeInteger(arg) : typeof arg === 'string' && /^[\x20-\x7e]*$/.test(arg);
}

function encoded(parts: TemplateStringsArray, args: readonly Argument[]): Command {
  const octets: Uint8Array[] = [];
  let shown = '';
  parts.forEach((part, i) => {
    octets.push(Buffer.from(part, 'latin1'));
    shown += part;
    const arg = args[i];
    if (arg === undefined) return;
    const said = encode(arg);
    octets.push(said);
    shown += arg instanceof Secret ? arg.toString() : Buffer.from(said).toString('utf8');
  });
  octets.push(LINE_END);
  const secrets = args.filter((arg) => arg instanceof Secret);
  return new Command(shown, Buffer.concat(octets), secrets);
}

function encode(arg: Argument): Uint8Array {
  if (typeof arg === 'number' && !Number.isSafeInteger(arg)) throw new UsageError(`${arg} is not a whole number`);
  const octets =
    arg instanceof Uint8Array ? arg : Buffer.from(arg instanceof Secret ? arg.reveal() : String(arg), 'utf8');
  if (octets.includes(0x0d) || octets.includes(0x0a) || octets.includes(0)) {
    throw new UsageError('an argument holds CR, LF or NUL: it would become a second command');
  }
  return octets;
}
