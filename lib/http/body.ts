/** What is sent behind the header of a request, in the ways in which it can be given. */
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { RequestBody } from './exchange.ts';
import { typeOfFile } from './extensions.ts';
import { checkMediaType, parseMediaType } from './media-type.ts';
import { multipartBody, type Part } from './multipart.ts';
import { type Fields, urlencode } from './query.ts';
import { fileSource, type Sendable, sourceOf } from './source.ts';

/** At most one of `body`, `json`, `form`, `multipart` and `file`. */
export interface BodyOptions {
  /** As it is; text is sent in UTF-8. A Node Readable is a stream of octets. */
  readonly body?: Sendable | undefined;
  /** Any value that JSON can say; a Secret in it is sent as what it is. */
  readonly json?: unknown;
  /** Fields, as `application/x-www-form-urlencoded`. */
  readonly form?: Fields | undefined;
  /** Fields and files, as `multipart/form-data`. */
  readonly multipart?: readonly Part[] | FormData | undefined;
  /** The path of a file, which is read when it is sent. Its type is what its name says. */
  readonly file?: string | undefined;
  /**
   * The media type of `body`, `json` or `file`. A `body` has none by itself, text neither: it may be XML, JSON or a form, and a
   * server that is told `text/plain` would not look. Text of a type `text/…` is said to be UTF-8.
   */
  readonly type?: string | undefined;
}

const WAYS = ['body', 'json', 'form', 'multipart', 'file'] as const;

/**
 * The body of a request; undefined where none is given. Throws UsageError for two of them, for a `json` that JSON cannot say
 * (`undefined` too: whoever writes `json: undefined` means to send something), and as `multipartBody` does.
 */
export function requestBody(options: BodyOptions): RequestBody | undefined {
  const [way, other] = waysOf(options);
  if (other !== undefined) throw new UsageError(`a request has one body: ${way} or ${other}`);
  const { body, form, multipart, file, type } = options;
  if (type !== undefined && (way === 'form' || way === 'multipart' || way === undefined)) {
    throw new UsageError('a type is that of a body, of json or of a file: forms have their own');
  }
  if (way === 'json') return { ...sourceOf(jsonOf(options.json)), type: checkMediaType(type ?? 'application/json') };
  if (form !== undefined) return { ...sourceOf(urlencode(form)), type: 'application/x-www-form-urlencoded' };
  if (multipart !== undefined) return multipartBody(multipart);
  if (file !== undefined) return { ...fileSource(file), type: checkMediaType(type ?? typeOfFile(file)) };
  if (body !== undefined) return { ...sourceOf(body), type: typeOf(body, type) };
  return undefined;
}

/** Those of the ways in which a body can be given that are taken. */
export function waysOf(options: BodyOptions): readonly (typeof WAYS)[number][] {
  return WAYS.filter((way) => (way === 'json' ? Object.hasOwn(options, way) : options[way] !== undefined));
}

function typeOf(body: Sendable, type: string | undefined): string | undefined {
  if (type === undefined) return body instanceof Blob && body.type !== '' ? checkMediaType(body.type) : undefined;
  checkMediaType(type);
  if (typeof body !== 'string') return type;
  const { type: name, parameters } = parseMediaType(type);
  const charset = parameters.get('charset');
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new UsageError('text is sent in UTF-8: for another character set give its octets');
  }
  return charset === undefined && name.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

/** Secrets hide themselves from JSON; here they are meant. */
function jsonOf(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
    if (text?.includes('"***"')) text = JSON.stringify(value, revealing);
  } catch (cause) {
    throw new UsageError('this value cannot be said in JSON', { cause });
  }
  if (text === undefined) throw new UsageError('undefined, a function or a symbol cannot be said in JSON');
  return text;
}

function revealing(this: unknown, key: string, value: unknown): unknown {
  const held: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
  return held instanceof Secret ? held.reveal() : value;
}
