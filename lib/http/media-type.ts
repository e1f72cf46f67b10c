/** Values with parameters, as Content-Type and Content-Disposition have them (RFC 9110 5.6.6). */
import { UsageError } from '../core/errors.ts';
import { parseParameter, splitOutside } from './quoted.ts';

export interface MediaType {
  /** In lower case: `text/html`. */
  readonly type: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const NONE: ReadonlyMap<string, string> = new Map();
/** What a field without a value, or with one that cannot be read, says. */
const UNKNOWN: MediaType = { type: 'application/octet-stream', parameters: NONE };
/** RFC 6838 4.2. */
const NAME = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/;

/** Reads a Content-Type. What cannot be read is `application/octet-stream`. */
export function parseMediaType(value: string | undefined): MediaType {
  const read = parseParameters(value ?? '');
  return NAME.test(read.value) ? { type: read.value, parameters: read.parameters } : UNKNOWN;
}

/** A media type that can be sent, as it was given. Throws UsageError for what is none. */
export function checkMediaType(text: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(text) || !NAME.test(parseParameters(text).value)) {
    throw new UsageError('a media type is like text/plain or text/plain; charset=utf-8, in ASCII', {
      protocol: 'http',
    });
  }
  return text;
}

/**
 * A value in lower case, and its parameters: the first of each name. Quotes and their escapes are undone; what is no
 * parameter is left out.
 */
export function parseParameters(field: string): {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
} {
  const end = field.indexOf(';');
  const value = (end < 0 ? field : field.slice(0, end)).trim().toLowerCase();
  if (end < 0) return { value, parameters: NONE };
  const parameters = new Map<string, string>();
  for (const piece of splitOutside(field.slice(end), ';')) {
    const { name, value: given } = parseParameter(piece) ?? {};
    if (name !== undefined && given !== undefined && !parameters.has(name)) parameters.set(name, given);
  }
  return { value, parameters };
}
