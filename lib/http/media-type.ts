/** Values with parameters, as Content-Type and Content-Disposition have them (RFC 9110 5.6.6). */
import { UsageError } from '../core/errors.ts';

export interface MediaType {
  /** In lower case: `text/html`. */
  readonly type: string;
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** What a field without a value, or with one that cannot be read, says. */
const UNKNOWN: MediaType = { type: 'application/octet-stream', parameters: new Map() };

/** Reads a Content-Type. What cannot be read is `application/octet-stream`. */
export function parseMediaType(value: string | undefined): MediaType {
  const read = parseParameters(value ?? '');
  return NAME.test(read.value) ? { type: read.value, parameters: read.parameters } : UNKNOWN;
}

/** RFC 6838 4.2. */
const NAME = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/;

/** A media type that can be sent, as it was given. Throws UsageError for what is none. */
export function checkMediaType(text: string): string {
  if (!/^[\t\x20-\x7e]*$/.test(text) || !NAME.test(parseParameters(text).value)) {
    throw new UsageError('a media type is like text/plain or text/plain; charset=utf-8, in ASCII', {
      protocol: 'http',
    });
  }
  return text;
}

/** The most that is read of one field. */
const LONGEST = 8_192;

/** A value in lower case, and its parameters: the first of each name. Quotes and their escapes are undone. */
export function parseParameters(field: string): {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
} {
  const text = field.slice(0, LONGEST);
  const end = text.indexOf(';');
  const value = (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  // each turn takes one parameter: a name, =, and a quoted string or what is up to the next ;
  const parameter = /;[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;]*))/gs;
  if (end >= 0) {
    parameter.lastIndex = end;
    for (let found = parameter.exec(text); found; found = parameter.exec(text)) {
      const [, name = '', quoted, plain = ''] = found;
      const key = name.toLowerCase();
      if (!parameters.has(key))
        parameters.set(key, quoted === undefined ? plain.trim() : quoted.replace(/\\(.)/gs, '$1'));
    }
  }
  return { value, parameters };
}
