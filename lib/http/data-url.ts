/** URLs that are themselves what they name: `data:text/plain;charset=utf-8,caf%C3%A9` (RFC 2397). */
import { UsageError } from '../core/errors.ts';
import { Resource } from '../core/resource.ts';
import { decodeText, refuseControls } from '../core/url.ts';
import { builtInDecoder, decoderFor } from '../wire/charset.ts';
import { memory } from './kept.ts';
import { parseMediaType } from './media-type.ts';
import { unquoteToOctets } from './percent.ts';

export interface DataUrl {
  /** In lower case. Default `text/plain`. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** In lower case. Default `us-ascii` for what says no type, else undefined. */
  readonly charset: string | undefined;
  readonly octets: Buffer;
}

/** The most octets of one: 64 MiB. */
const LARGEST = 64 * 1024 * 1024;

/**
 * Reads a data: URL. A fragment is no part of it; base64 may leave out its padding. Throws UsageError for what is none, for
 * control characters and spaces, and for more than `maxSize` octets.
 */
export function parseDataUrl(url: string, maxSize: number = LARGEST): DataUrl {
  const [, written = ''] = /^data:([^#]*)/i.exec(url) ?? [];
  const comma = written.indexOf(',');
  if (comma < 0) throw new UsageError('a data: URL is like data:text/plain,text or data:;base64,dGV4dA==');
  // each octet is at most three characters
  if (written.length - comma > 3 * maxSize + 1) throw tooLarge(maxSize);
  refuseControls(written, 'a data: URL');
  if (written.includes(' ')) throw new UsageError('a data: URL has no spaces: write %20');
  const head = written.slice(0, comma);
  const isBase64 = /;base64$/i.test(head);
  if (/%(?![0-9A-Fa-f]{2})/.test(written)) throw new UsageError('a % without two hexadecimal digits: write %25');
  const body = unquoteToOctets(written.slice(comma + 1));
  const octets = isBase64 ? fromBase64(body.toString('latin1')) : body;
  if (octets.length > maxSize) throw tooLarge(maxSize);
  return { ...typeOf(isBase64 ? head.slice(0, -';base64'.length) : head), octets };
}

/** What a data: URL holds, as if it had been fetched. Throws as `parseDataUrl`. */
export function dataResource(url: string, maxSize?: number): Resource {
  const { type, charset, octets } = parseDataUrl(url, maxSize);
  return new Resource({
    body: memory(octets.length === 0 ? [] : [octets], true),
    path: url,
    url,
    type,
    size: octets.length,
    meta: charset === undefined ? {} : { charset },
    ...(charset !== undefined && {
      decode: async (bytes) => (builtInDecoder(charset) ?? (await decoderFor(charset)))(bytes),
    }),
  });
}

function typeOf(head: string): Omit<DataUrl, 'octets'> {
  const written = decodeText(head);
  const bare = written === '' || written.startsWith(';');
  const { type, parameters } = parseMediaType(bare ? `text/plain${written}` : written);
  const charset = parameters.get('charset')?.toLowerCase();
  return { type, parameters, charset: charset ?? (bare ? 'us-ascii' : undefined) };
}

/** RFC 4648 4; white space, which had to be percent-encoded, is left out. */
function fromBase64(text: string): Buffer {
  const bare = text.replace(/[\t\n\f\r ]/g, '');
  const [, digits = '', padding = ''] = /^([A-Za-z0-9+/]*)(={0,2})$/.exec(bare) ?? [];
  const whole = digits.length + padding.length === bare.length;
  if (!whole || digits.length % 4 === 1 || (padding !== '' && bare.length % 4 !== 0)) {
    throw new UsageError('this data: URL says that it is base64, and is not');
  }
  return Buffer.from(digits, 'base64');
}

function tooLarge(max: number): UsageError {
  return new UsageError(`this data: URL is larger than the limit of ${max} octets`);
}
