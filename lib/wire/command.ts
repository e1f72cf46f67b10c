import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

/** What may stand in a command: text (sent as UTF-8), octets, a whole number, or a secret. */
export type Argument = string | number | Secret | Uint8Array;

/** One command line. `wire()` is what is sent; printed it shows no secret. */
export class Command {
  readonly #wire: Buffer;
  readonly #shown: string;
  /** What it holds that is not shown. */
  readonly secrets: readonly Secret[];

  constructor(wire: Buffer, shown: string, secrets: readonly Secret[] = []) {
    this.#wire = wire;
    this.#shown = shown;
    this.secrets = secrets;
  }

  /** The first word. */
  get verb(): string {
    return this.#shown.split(' ', 1)[0] ?? '';
  }

  wire(): Buffer {
    return this.#wire;
  }

  toString(): string {
    return this.#shown;
  }
}

/**
 * The one door for arguments: `` command`RETR ${n}` ``. The line end is added here. Throws UsageError when an argument
 * holds CR, LF or NUL, so that one command never becomes two; the check is made on the octets that would be sent.
 */
export function command(parts: TemplateStringsArray, ...args: readonly Argument[]): Command {
  const octets: Uint8Array[] = [];
  let shown = '';
  parts.forEach((part, i) => {
    octets.push(Buffer.from(part, 'latin1'));
    shown += part;
    const arg = args[i];
    if (arg === undefined) return;
    const encoded = encode(arg);
    octets.push(encoded);
    shown += arg instanceof Secret ? arg.toString() : Buffer.from(encoded).toString('utf8');
  });
  octets.push(LINE_END);
  const secrets = args.filter((arg) => arg instanceof Secret);
  return new Command(Buffer.concat(octets), shown, secrets);
}

const LINE_END = Buffer.from('\r\n');

function encode(arg: Argument): Uint8Array {
  if (typeof arg === 'number' && !Number.isSafeInteger(arg)) throw new UsageError(`${arg} is not a whole number`);
  const octets =
    arg instanceof Uint8Array ? arg : Buffer.from(arg instanceof Secret ? arg.reveal() : String(arg), 'utf8');
  if (octets.includes(0x0d) || octets.includes(0x0a) || octets.includes(0)) {
    throw new UsageError('an argument holds CR, LF or NUL: it would become a second command');
  }
  return octets;
}
