/** What a file is called by who sends it (RFC 6266), or by its URL. */
import { safeName } from '../core/safe-name.ts';
import { decodeText } from '../core/url.ts';
import { utf8OrOlder } from '../wire/charset.ts';
import { parseExtended } from './extended.ts';
import { parseParameters } from './media-type.ts';

export interface Disposition {
  /** In lower case: `attachment`, `inline`, `form-data`. */
  readonly type: string;
  /** As it was sent: anything, a path of another machine too. `safeName` says whether a file here can be called so. */
  readonly filename: string | undefined;
}

/** Reads a Content-Disposition. Of `filename*` and `filename` the first counts, if it can be read. */
export function parseDisposition(value: string): Disposition {
  const { value: type, parameters } = parseParameters(value);
  const extended = parameters.get('filename*');
  const plain = parameters.get('filename');
  const filename = extended === undefined ? undefined : parseExtended(extended);
  return { type, filename: filename ?? (plain === undefined ? undefined : fromHeader(plain)) };
}

/**
 * The name that the answer gives a file, as the name of a file in a folder of ours; undefined where it gives none. Throws
 * UsageError (`unsafe-name`) for one that must not be: it is refused, never repaired.
 */
export function dispositionName(value: string | undefined): string | undefined {
  const name = value === undefined ? undefined : parseDisposition(value).filename;
  return name === undefined ? undefined : safeName(name);
}

/**
 * The last part of a path as the name of a file; undefined where the path ends with `/`. Throws UsageError (`unsafe-name`)
 * for one that must not be, and for what is no UTF-8.
 */
export function nameOfTarget(target: string): string | undefined {
  const [path = ''] = target.split(/[?#]/, 1);
  const last = path.slice(path.lastIndexOf('/') + 1);
  return last === '' ? undefined : safeName(decodeText(last));
}

/** Many send UTF-8 where only ASCII should be; header fields come as Latin-1. */
function fromHeader(text: string): string {
  return /[^\x00-\xff]/.test(text) ? text : utf8OrOlder(Buffer.from(text, 'latin1'));
}
