/** What is written behind a flag, as the value that it means. */
import { UsageError } from '../core/errors.ts';
import { parseDuration } from './durations.ts';
import { parseKey } from './escape.ts';
import { dashed, type Flag } from './options.ts';
import { parseSize } from './sizes.ts';

const READERS: Readonly<Record<Exclude<Flag['type'], 'boolean'>, (text: string) => unknown>> = {
  string: (text) => text,
  text: (text) => text,
  number: parseCount,
  duration: parseDuration,
  size: parseSize,
  pairs: parsePair,
  key: parseKey,
  keys: parseKeys,
  pattern: parsePattern,
};

/** A value as its flag wants it. Throws UsageError when it is not of that kind. */
export function readValue(name: string, flag: Flag, text: string): unknown {
  try {
    const value = flag.choices ? chosen(flag.choices, text) : text;
    return flag.type === 'boolean' ? true : READERS[flag.type](value);
  } catch (cause) {
    throw new UsageError(`--${dashed(name)}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** What a flag that was given again adds to what there is: a step to a script, a pair to a record, a value to a list. */
export function gathered(name: string, flag: Flag, before: unknown, value: unknown): unknown {
  const list = Array.isArray(before) ? before : [];
  if (flag.script !== undefined) return [...list, { [name]: value }];
  if (flag.many) return [...list, value];
  if (flag.type !== 'pairs') return value;
  const [key, text] = value as Pair;
  return Object.assign(Object.create(null), before, { [key]: text });
}

type Pair = readonly [name: string, value: string];

function chosen(choices: readonly string[], text: string): string {
  const found = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
  if (found === undefined) throw new UsageError(`it is one of ${choices.join(', ')}`);
  return found;
}

function parseCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError('a number is written in digits');
  return Number(text);
}

/** `NAME=VALUE`; the value may be empty, and may have further `=`. */
function parsePair(text: string): Pair {
  const end = text.indexOf('=');
  if (end < 1) throw new UsageError('it is written NAME=VALUE');
  return [text.slice(0, end), text.slice(end + 1)];
}

/** Text as it is, or a RegExp: `/…/`, and `/…/i` where letters of either case are meant. */
function parsePattern(text: string): string | RegExp {
  const match = /^\/(.+)\/(i?)$/s.exec(text);
  if (!match) {
    if (text === '') throw new UsageError('there is nothing to wait for');
    return text;
  }
  const [, source = '', flags] = match;
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^.*\/: /s, '') : '';
    throw new UsageError(`this is no regular expression: ${why}`, { cause });
  }
}

const KEYS: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', b: '\b', e: '\x1b', '\\': '\\' };

/** Text in which `\r`, `\x03` and their like are the keys that nobody can write. */
function parseKeys(text: string): string {
  if (text === '') throw new UsageError('there is nothing to type');
  return text.replace(/\\(?:x([\da-f]{2})|u\{([\da-f]{1,6})\}|(.?))/gis, (all, octet, point, letter) => {
    const code = octet ?? point;
    const key = code === undefined ? KEYS[letter] : character(Number.parseInt(code, 16));
    if (key === undefined) {
      throw new UsageError(`${all} is no key: there are \\r \\n \\t \\b \\e \\xHH \\u{HHHH} and \\\\`);
    }
    return key;
  });
}

function character(code: number): string | undefined {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;
}
