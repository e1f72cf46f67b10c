import { UsageError } from '../core/errors.ts';
import type { Decode } from '../wire/charset.ts';

/** What a form may be at most: what is more is a ProtocolError (`limit`), as soon as it is seen. Sizes are in octets. */
export interface FormLimits {
  /** The whole body. Default 16 MiB. */
  readonly body: number;
  /** Fields that are text. Default 1000. */
  readonly fields: number;
  /** Parts of a multipart form: fields, files, and what others are inside of. Default 1000. */
  readonly parts: number;
  /** The text of a field. Default 1 MiB. */
  readonly field: number;
  /** The text of all fields. Default 16 MiB. */
  readonly text: number;
  /** A file. Default: none but that of the body. */
  readonly file: number;
  /** A name. Default 64 KiB. */
  readonly name: number;
  /** The header of a part. Default 16 KiB. */
  readonly header: number;
  /** Lines of the header of a part. Default 32. */
  readonly headerLines: number;
  /** What stands before the first part. Default 64 KiB. */
  readonly preamble: number;
  /** How deep parts may be inside of parts: 0 is not at all. Default 1. */
  readonly nesting: number;
}

const MIB = 1024 * 1024;

export const FORM_LIMITS: FormLimits = {
  body: 16 * MIB,
  fields: 1000,
  parts: 1000,
  field: MIB,
  text: 16 * MIB,
  file: Number.POSITIVE_INFINITY,
  name: 64 * 1024,
  header: 16 * 1024,
  headerLines: 32,
  preamble: 64 * 1024,
  nesting: 1,
};

/** How text that is a form is read. */
export interface FormTextOptions {
  readonly limits?: Partial<FormLimits> | undefined;
  /** The character set of the form. Default UTF-8. */
  readonly charset?: string | Decode | undefined;
  /**
   * Whether a form may say itself which character set its values are in, by a field `_charset_` or by `charset` of a part.
   * Of those that hide ASCII, as UTF-7 and UTF-16 do, it may not. Default false.
   */
  readonly declaredCharset?: boolean | undefined;
  /** Whether fields with an empty value count where the form is no multipart one. Default true. */
  readonly keepBlank?: boolean | undefined;
  /** What stands between the fields of a form that is no multipart one. Default `&`. */
  readonly separator?: string | undefined;
  /** Whether what is not quite right is an error: a field without `=`, a `%` without two digits, no UTF-8. Default false. */
  readonly strict?: boolean | undefined;
}

export interface FormOptions extends FormTextOptions {
  /** Octets of the body (Content-Length), where it is known: fewer are an error, and what follows is not read. */
  readonly length?: number | undefined;
  /** Octets of a file that stay in memory; larger ones are on the disk until the form is closed. Default 64 KiB. */
  readonly memory?: number | undefined;
  /** Where on the disk. Default: the folder of the system for temporary files. */
  readonly folder?: string | undefined;
  /**
   * Whether a form that breaks off is given as far as it came, with `complete: false`: the fields that are whole, and the
   * files, of which the last may be cut. Default false: it is a ConnectionError (`truncated`).
   */
  readonly partial?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** All limits. Throws UsageError for what is none. */
export function limitsOf(given: Partial<FormLimits> = {}): FormLimits {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of set) {
    if (!(name in FORM_LIMITS)) throw new UsageError(`a form has no limit ${name}`);
    if (!(value >= 0)) throw new UsageError(`the limit ${name} is a number from 0 on, not ${value}`);
  }
  return { ...FORM_LIMITS, ...Object.fromEntries(set) };
}
