/** Forms with files (`multipart/form-data`, RFC 7578). */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { HeaderBlock } from '../wire/headers.ts';
import type { RequestBody } from './exchange.ts';
import { typeOfFile } from './extensions.ts';
import { checkHeaders, type GivenHeaders } from './headers.ts';
import { checkMediaType } from './media-type.ts';
import { toUtf8 } from './percent.ts';
import type { FieldValue } from './query.ts';
import { fileSource, type Source, sourceOf } from './source.ts';

interface PartOptions {
  readonly name: string;
  /** Its media type. Default: none for a value; for a file what its name says. */
  readonly type?: string | undefined;
  /** More fields of its header. */
  readonly headers?: GivenHeaders | undefined;
}

/** A field of a form. */
export interface ValuePart extends PartOptions {
  readonly value: FieldValue;
}

/** A file of a form. */
export interface FilePart extends PartOptions {
  /** The path of a file, which is read when it is sent; or octets, a Blob, a stream. */
  readonly file: string | Uint8Array | Blob | AsyncIterable<Uint8Array>;
  /** What the server is told that it is called. Default: the last part of the path, or what a File says. */
  readonly filename?: string | undefined;
  /** Octets of a stream, where they are known. */
  readonly size?: number | undefined;
}

export type Part = ValuePart | FilePart;

/**
 * A form with files. Its length is known when the sizes of all parts are; it can be sent again when all parts can. Throws
 * UsageError for control characters in names, for a file without a name, and for files that cannot be read.
 */
export function multipartBody(given: readonly Part[] | FormData): RequestBody {
  const boundary = `netkit-${randomBytes(18).toString('base64url')}`;
  const parts = [...(given instanceof FormData ? partsOf(given) : given)].map((part) => writePart(part, boundary));
  const end = Buffer.from(`--${boundary}--\r\n`);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    size: sum([end.length, ...parts.map(({ head, source }) => sum([head.length, source.size, CRLF.length]))]),
    repeatable: parts.every(({ source }) => source.repeatable),
    open: () => written(parts, end),
  };
}

interface WrittenPart {
  readonly head: Buffer;
  readonly source: Source;
}

const CRLF = Buffer.from('\r\n');

async function* written(parts: readonly WrittenPart[], end: Buffer): AsyncGenerator<Uint8Array> {
  for (const { head, source } of parts) {
    yield head;
    const octets = source.open();
    if (octets instanceof Uint8Array) yield octets;
    else yield* octets;
    yield CRLF;
  }
  yield end;
}

/** Undefined where one of them is not known. */
function sum(sizes: readonly (number | undefined)[]): number | undefined {
  return sizes.reduce<number | undefined>(
    (total, size) => (total === undefined || size === undefined ? undefined : total + size),
    0,
  );
}

function* partsOf(form: FormData): Generator<Part> {
  for (const [name, value] of form) yield typeof value === 'string' ? { name, value } : { name, file: value };
}

function writePart(part: Part, boundary: string): WrittenPart {
  const isFile = 'file' in part;
  const filename = isFile ? filenameOf(part) : undefined;
  const type = part.type ?? (isFile ? typeOf(part, filename ?? '') : undefined);
  const disposition = `form-data; name=${quoted(part.name)}${filename === undefined ? '' : `; filename=${quoted(filename)}`}`;
  const headers = new HeaderBlock([['Content-Disposition', disposition]]);
  if (type !== undefined) headers.append('Content-Type', checkMediaType(type));
  for (const [name, value] of checkHeaders(part.headers).headers) {
    if (headers.has(name)) throw new UsageError(`${name} of a part is made from its name, file name and type`);
    headers.append(name, value);
  }
  const head = Buffer.concat([Buffer.from(`--${boundary}\r\n`), headers.format(), CRLF]);
  return { head, source: isFile ? sourceOfFile(part) : sourceOf(textOf(part.value)) };
}

function textOf(value: FieldValue): string {
  return value instanceof Secret ? value.reveal() : String(value);
}

function sourceOfFile({ file, size }: FilePart): Source {
  return typeof file === 'string' ? fileSource(file) : sourceOf(file, size);
}

function filenameOf({ file, filename }: FilePart): string {
  const name = filename ?? (typeof file === 'string' ? basename(file) : file instanceof File ? file.name : undefined);
  if (name === undefined) throw new UsageError('a file of a form needs a filename: octets and streams have none');
  return name;
}

function typeOf({ file }: FilePart, filename: string): string {
  return file instanceof Blob && file.type !== '' ? file.type : typeOfFile(filename);
}

/** A name as browsers write it, in UTF-8: `"` is `%22`. What would be a line end is refused: no name has one in earnest. */
function quoted(name: string): string {
  if (/[\x00-\x1f\x7f]/.test(name)) throw new UsageError('the name of a part or of its file has no control characters');
  return `"${toUtf8(name).toString('utf8').replaceAll('"', '%22')}"`;
}
