/** What is written behind a flag, as the value that it means. */
import { statSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { parseDuration } from './durations.ts';
import { parseKey } from './escape.ts';
import { dashed, type Flag } from './options.ts';
import { parseSize } from './sizes.ts';

const READERS: Readonly<Record<Exclude<Flag['type'], 'boolean'>, (text: string, flag: Flag) => unknown>> = {
  string: (text) => text,
  text: (text) => text,
  number: parseCount,
  duration: parseDuration,
  size: parseSize,
  pairs: parsePair,
  key: (text) => parseKey(text),
  keys: parseKeys,
  pattern: parsePattern,
  headers: parseHeader,
  parts: parsePart,
  range: parseRange,
  date: parseDate,
  json: parseJson,
};

/** A value as its flag wants it. Throws UsageError when it is not of that kind. */
export function readValue(name: string, flag: Flag, text: string): unknown {
  try {
    const value = flag.choices ? chosen(flag.choices, text) : text;
    return flag.type === 'boolean' ? true : READERS[flag.type](value, flag);
  } catch (cause) {
    throw new UsageError(`--${dashed(name)}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** What a flag that was given again adds to what there is: a step to a script, a pair to a record, a value to a list. */
export function gathered(name: string, flag: Flag, before: unknown, value: unknown): unknown {
  const list = Array.isArray(before) ? before : [];
  if (flag.script !== undefined) return [...list, { [name]: value }];
  if (flag.many || flag.type === 'headers' || flag.type === 'parts') return [...list, value];
  if (flag.type !== 'pairs') return value;
  const [key, text] = value as Pair;
  return Object.assign(Object.create(null), before, { [key]: text });
}

type Pair = readonly [name: string, value: string];

/** A file whose lines are header fields, as @FILE; `-` is standard input. It is read when it is known what it is for. */
export class HeaderFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }
}

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

/** `Name: value`, where the value may be empty; or @FILE. A value that is not for everybody is a Secret. */
function parseHeader(text: string, { secret = [] }: Flag): readonly [string, string | Secret] | HeaderFile {
  if (text.startsWith('@') && text.length > 1) return new HeaderFile(text.slice(1));
  const [name, value] = headerField(text);
  return [name, secret.includes(name.toLowerCase()) ? new Secret(value) : value];
}

/** A line of a header. Throws UsageError for what is none; it is not repeated. */
export function headerField(line: string): Pair {
  const end = line.indexOf(':');
  if (end < 1) throw new UsageError("it is written 'Name: value', or @FILE for lines of these");
  return [line.slice(0, end), line.slice(end + 1).trim()];
}

/** `NAME=VALUE`, or `NAME=@FILE`, perhaps with `;type=` and a media type behind it. */
function parsePart(text: string): Readonly<Record<string, string>> {
  const [name, value] = parsePair(text);
  const [, file, type] = /^@(.+?)(?:;type=([^;]+(?:;.*)?))?$/s.exec(value) ?? [];
  if (file === undefined) return { name, value };
  if (file === '-') throw new UsageError('a part has no name for standard input: write it to a file');
  return { name, file, ...(type !== undefined && { type }) };
}

/** `0-499`, `500-` and, of the end, `-500`. */
function parseRange(text: string): Readonly<Record<string, number>> {
  const [whole, first, last] = /^(\d{1,15})?-(\d{1,15})?$/.exec(text) ?? [];
  if (whole === undefined || (first === undefined && last === undefined)) {
    throw new UsageError('a range is written 0-499, 500- or, for the last 500, -500');
  }
  if (first === undefined) return { suffix: Number(last) };
  return { first: Number(first), ...(last !== undefined && { last: Number(last) }) };
}

/** `2026-01-31`, `2026-01-31T12:00:00Z`, `Sat, 31 Jan 2026 12:00:00 GMT`; or @FILE, when that was changed. */
function parseDate(text: string): Date {
  if (text.startsWith('@')) return statSync(text.slice(1)).mtime;
  const date = /^(?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2,8},? )/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(date.getTime()))
    throw new UsageError('a date is written 2026-01-31, 2026-01-31T12:00:00Z, or @FILE');
  return date;
}

/** What a JSON text says. Throws UsageError for what is none, and for numbers that would become others. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
      throw new UsageError('it has a number that is too large to be kept as it is: send it as text');
    });
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError('this is not JSON: in a shell put it in single quotes; a file is named behind the target', {
      cause,
    });
  }
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
