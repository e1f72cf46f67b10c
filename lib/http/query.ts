/** Queries and forms, `a=1&b=2` (`application/x-www-form-urlencoded`): counterparts of Python's `urlencode` and `parse_qs`. */
import { limitError, ProtocolError, UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Decode } from '../wire/charset.ts';
import { decoderOf, isUtf8Name, isWellEncoded, quote, quotePlus, unquotePlus } from './percent.ts';

export type FieldValue = string | number | bigint | boolean | Secret;

/** Fields: by name, where a list is several fields of that name and undefined is none; or as pairs in their order. */
export type Fields =
  | Readonly<Record<string, FieldValue | readonly FieldValue[] | undefined>>
  | Iterable<readonly [name: string, value: FieldValue | readonly FieldValue[] | undefined]>;

/** What is put behind the `?` of a URL. */
export type Query = Fields;

/** A path with more fields in its query. A query that it has stays as it is. */
export function withQuery(target: string, query: Query | undefined): string {
  const added = query === undefined ? '' : urlencode(query);
  if (added === '') return target;
  const joint = target.includes('?') ? (/[?&]$/.test(target) ? '' : '&') : '?';
  return `${target}${joint}${added}`;
}

export interface EncodeOptions {
  /** How a space is written. Default `+`. */
  readonly space?: '+' | '%20' | undefined;
}

/**
 * Writes fields as a query or a form, in UTF-8. A Map and URLSearchParams are pairs. Throws UsageError for half a surrogate
 * pair.
 *
 * Unlike Python: a list is always several fields (`doseq`), undefined is left out, and `~` and `*` are written as browsers
 * write them.
 */
export function urlencode(fields: Fields, { space = '+' }: EncodeOptions = {}): string {
  const write = space === '+' ? quotePlus : (text: string) => quote(text, '');
  return [...pairsOf(fields)].map(([name, value]) => `${write(name)}=${write(value)}`).join('&');
}

/** The fields one by one, as text. */
export function* pairsOf(fields: Fields): Generator<readonly [name: string, value: string]> {
  for (const [name, value] of isIterable(fields) ? fields : Object.entries(fields)) {
    if (value === undefined) continue;
    for (const each of isList(value) ? value : [value]) {
      yield [name, each instanceof Secret ? each.reveal() : String(each)];
    }
  }
}

function isIterable(
  fields: Fields,
): fields is Iterable<readonly [string, FieldValue | readonly FieldValue[] | undefined]> {
  return Symbol.iterator in fields;
}

function isList(value: FieldValue | readonly FieldValue[]): value is readonly FieldValue[] {
  return Array.isArray(value);
}

export interface ParseOptions {
  /** Whether fields with an empty value count. Default true. */
  readonly keepBlank?: boolean | undefined;
  /** Whether what is not quite right is an error: a field without `=`, a `%` without two digits, no UTF-8. Default false. */
  readonly strict?: boolean | undefined;
  /** Default 1000. */
  readonly maxFields?: number | undefined;
  /** What stands between fields. Default `&`. */
  readonly separator?: string | undefined;
  /** One that Node has itself, or a function that decodes. Default UTF-8. */
  readonly charset?: string | Decode | undefined;
}

/**
 * Reads a query or a form: the fields in their order (`parse_qsl`). Throws ProtocolError (`limit`) for too many fields, and
 * where it is `strict` for what is not right (`grammar`); UsageError for an empty separator or an unknown character set.
 *
 * Unlike Python, empty values count and the number of fields is limited unless you say otherwise. A `?` before the query
 * belongs to the first name.
 */
export function parsePairs(text: string, options: ParseOptions = {}): (readonly [name: string, value: string])[] {
  const { keepBlank = true, strict = false, maxFields = 1000, separator = '&', charset = 'utf-8' } = options;
  if (separator === '') throw new UsageError('what stands between fields is at least one character');
  // an unknown one is an error even where nothing is encoded
  decoderOf(charset);
  const fields = text.split(separator, maxFields + 1);
  if (fields.length > maxFields) throw limitError('fields', maxFields);
  return fields.flatMap((field): (readonly [string, string])[] => {
    if (field === '') return [];
    const at = field.indexOf('=');
    if (strict) checkField(field, at, charset);
    const [name, value] = at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
    return value === '' && !keepBlank ? [] : [[unquotePlus(name, charset), unquotePlus(value, charset)]];
  });
}

/** As `parsePairs`: the values by name (`parse_qs`). */
export function parseQuery(text: string, options: ParseOptions = {}): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const [name, value] of parsePairs(text, options)) {
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return fields;
}

function checkField(field: string, at: number, charset: string | Decode): void {
  if (at < 0) throw new ProtocolError('a field without =: name=value is one');
  const wrong = isUtf8Name(charset) ? !isWellEncoded(field) : /%(?![0-9A-Fa-f]{2})/.test(field);
  if (wrong) throw new ProtocolError('a field that is not percent-encoded as it should be', { reason: 'decode' });
}
