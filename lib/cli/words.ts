import { parseArgs } from 'node:util';
import { UsageError } from '../core/errors.ts';
import { dashed, type Flag, type Flags, keyOf, type Values, valueName } from './options.ts';
import { didYouMean } from './suggest.ts';
import { gathered, readValue } from './values.ts';

/** A command line, taken apart. */
export interface Words {
  readonly operands: readonly string[];
  /** By the names of the flags, or of the script that they are steps of: the common ones, and others. */
  readonly values: Values;
  readonly given: Readonly<Record<string, unknown>>;
}

/** The operands of a command line whose flags may be any of these; what is wrong with it is said later. */
export function operandsOf(argv: readonly string[], flags: Flags): readonly string[] {
  return tokensOf(argv, flags).flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
}

/**
 * Takes a command line apart, by these flags and no others. Flags stand before or after operands; `--` ends them.
 * Throws UsageError for an unknown flag, a value that is missing or wrong, and an operand that looks like a flag.
 */
export function readWords(argv: readonly string[], flags: Flags): Words {
  const byName = new Map(Object.entries(flags).map(([name, flag]) => [dashed(name), { name, flag }]));
  const operands: string[] = [];
  const given: Record<string, unknown> = {};
  for (const token of tokensOf(argv, flags)) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') operands.push(operand(token.value));
    else {
      const found = byName.get(token.name);
      if (!found) throw new UsageError(unknownFlag(token.rawName, byName.keys()));
      const { name, flag } = found;
      const key = keyOf(name, flag);
      given[key] = gathered(name, flag, given[key], flagValue(name, flag, token));
    }
  }
  return { operands, values: given as Values, given };
}

type Token = ReturnType<typeof tokensOf>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

// What is not known is not refused here, so that the refusal can say what was probably meant.
function tokensOf(argv: readonly string[], flags: Flags) {
  const options = Object.entries(flags).map(([name, { type, short }]) => [
    dashed(name),
    { type: type === 'boolean' ? 'boolean' : 'string', ...(short && { short }) } as const,
  ]);
  const settings = { args: [...argv], strict: false, tokens: true, allowPositionals: true } as const;
  return parseArgs({ ...settings, options: Object.fromEntries(options) }).tokens;
}

/** A name that a server or a script gave may start with a dash: it is never taken for a flag, nor for what it says. */
function operand(text: string): string {
  if (text.startsWith('-') && text !== '-') {
    throw new UsageError('a target or a file starts with no dash: write ./-name for a file');
  }
  return text;
}

function flagValue(name: string, flag: Flag, token: OptionToken): unknown {
  const { rawName, value, inlineValue } = token;
  if (flag.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`);
    return true;
  }
  const called = valueName(flag);
  // an empty line is a line
  if (value === undefined || (value === '' && flag.type !== 'text'))
    throw new UsageError(`${rawName} needs a value: ${rawName} ${called}`);
  if (!inlineValue && value.startsWith('-') && value !== '-') {
    throw new UsageError(`${rawName} needs a value; if it starts with a dash: --${dashed(name)}=${called}`);
  }
  return readValue(name, flag, value);
}

function unknownFlag(rawName: string, known: Iterable<string>): string {
  const meant = didYouMean(rawName.replace(/^-+/, ''), known).replace('mean ', 'mean --');
  return `there is no flag ${rawName} here${meant || ': see --help'}`;
}
