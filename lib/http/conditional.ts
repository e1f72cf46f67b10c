/** Requests that only hold if something is, or is no longer, as it was (RFC 9110 13), and those for a part (14). */
import { UsageError } from '../core/errors.ts';
import type { HeaderBlock } from '../wire/headers.ts';
import { type ByteRange, formatRange } from './byte-range.ts';
import { parseETag, parseETags } from './etag.ts';
import { formatDate } from './http-date.ts';

export interface ConditionOptions {
  /** Only these octets of it: status 206, or 200 and all of it where the server does not do that. */
  readonly range?: ByteRange | undefined;
  /** The range only if it is still this: a strong entity tag, or a date; else all of it. */
  readonly ifRange?: string | Date | undefined;
  /** Only if it is none of these entity tags, `"abc"` or `W/"abc"`; `*` is any. Else the answer is 304 and no error. */
  readonly ifNoneMatch?: string | readonly string[] | undefined;
  /** Only if it has changed since. Else the answer is 304, and no error. */
  readonly ifModifiedSince?: Date | undefined;
  /** Only if it is one of these entity tags; `*` is any. Else 412. */
  readonly ifMatch?: string | readonly string[] | undefined;
  /** Only if it has not changed since. Else 412. */
  readonly ifUnmodifiedSince?: Date | undefined;
}

const CONDITIONS = ['range', 'ifRange', 'ifNoneMatch', 'ifModifiedSince', 'ifMatch', 'ifUnmodifiedSince'] as const;

/** Appends the fields for it. Throws UsageError for what is no entity tag, no range and no date, and for a field given twice. */
export function addConditions(headers: HeaderBlock, options: ConditionOptions): void {
  if (!CONDITIONS.some((name) => options[name] !== undefined)) return;
  const { range, ifRange, ifNoneMatch, ifModifiedSince, ifMatch, ifUnmodifiedSince } = options;
  const fields: readonly (readonly [name: string, value: string | undefined])[] = [
    ['Range', range && formatRange(range)],
    ['If-Range', ifRange === undefined ? undefined : validator(ifRange)],
    ['If-Match', tags(ifMatch)],
    ['If-None-Match', tags(ifNoneMatch)],
    ['If-Modified-Since', ifModifiedSince && formatDate(ifModifiedSince)],
    ['If-Unmodified-Since', ifUnmodifiedSince && formatDate(ifUnmodifiedSince)],
  ];
  for (const [name, value] of fields) {
    if (value === undefined) continue;
    if (headers.has(name)) throw wrong(`${name} is given twice: as a header field and as an option`);
    headers.append(name, value);
  }
}

function tags(given: string | readonly string[] | undefined): string | undefined {
  if (given === undefined) return undefined;
  const text = typeof given === 'string' ? given : given.join(', ');
  if (!parseETags(text)) throw wrong('an entity tag is in quotes, as the server gave it: "abc" or W/"abc"');
  return text.trim();
}

function validator(given: string | Date): string {
  if (given instanceof Date) return formatDate(given);
  const tag = parseETag(given);
  if (!tag || tag.weak) throw wrong('a range goes on only where a strong entity tag says so: "abc"');
  return given.trim();
}

function wrong(message: string): UsageError {
  return new UsageError(message, { protocol: 'http' });
}
