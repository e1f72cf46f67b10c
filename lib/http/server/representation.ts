/** What can be asked for under conditions (RFC 9110 13) and in part (RFC 9110 14). */
import { randomBytes } from 'node:crypto';
import type { HeaderBlock } from '../../wire/headers.ts';
import { type ContentRange, formatContentRange, parseRange, placeOf } from '../byte-range.ts';
import { isSameStrongly, isSameWeakly, parseETag, parseETags } from '../etag.ts';
import type { HttpContent, HttpReply, HttpRepresentation } from '../fixture.ts';
import { checkFields, combined } from '../headers.ts';
import { formatDate, parseDate } from '../http-date.ts';
import type { Seen } from './seen.ts';

/** More parts than these are answered by the whole. */
const MOST = 32;

/** What a request for it is answered with. */
export function represent(what: HttpRepresentation, { method, headers: asked }: Seen): HttpReply {
  const content = contentOf(what.content);
  const { type = typeof what.content === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream' } = what;
  const { headers } = checkFields(what.headers);
  if (what.etag !== undefined) headers.set('ETag', what.etag);
  if (what.modified) headers.set('Last-Modified', formatDate(what.modified));
  const reading = method === 'GET' || method === 'HEAD';
  const status = condition(what, asked, reading);
  if (status !== undefined) return { status, headers };
  headers.set('Accept-Ranges', 'bytes');
  const places = method === 'GET' ? placesOf(what, asked, content.size) : undefined;
  if (places === 'none') {
    headers.set('Content-Range', formatContentRange({ size: content.size }));
    return { status: 416, headers };
  }
  if (places && places.length > 1) return parts(content, places, type, headers);
  headers.set('Content-Type', type);
  const [place] = places ?? [];
  if (place) headers.set('Content-Range', formatContentRange(place));
  const { first, last } = place ?? { first: 0, last: content.size - 1 };
  headers.set('Content-Length', `${last - first + 1}`);
  const status2 = place ? 206 : 200;
  return { status: status2, headers, body: method === 'HEAD' || last < first ? '' : content.open(first, last) };
}

function contentOf(content: HttpRepresentation['content']): HttpContent {
  if (typeof content === 'string') return contentOf(Buffer.from(content));
  if (!(content instanceof Uint8Array)) return content;
  return { size: content.length, open: (first, last) => [content.subarray(first, last + 1)] };
}

/** The status where the conditions are not met, in the order of RFC 9110 13.2.2. */
function condition({ etag, modified }: HttpRepresentation, asked: HeaderBlock, reading: boolean): number | undefined {
  const own = parseETag(etag);
  const fits = (name: string, same: typeof isSameWeakly): boolean | undefined => {
    const field = combined(asked, name);
    const tags = field === undefined ? undefined : parseETags(field);
    if (tags === undefined) return undefined;
    return tags === '*' || (own !== undefined && tags.some((tag) => same(tag, own)));
  };
  const since = (name: string): boolean | undefined => {
    const date = parseDate(asked.get(name));
    return date && modified ? seconds(modified) > seconds(date) : undefined;
  };
  const matched = fits('if-match', isSameStrongly);
  if (matched === false || (matched === undefined && since('if-unmodified-since'))) return 412;
  const known = fits('if-none-match', isSameWeakly);
  if (known) return reading ? 304 : 412;
  return known === undefined && reading && since('if-modified-since') === false ? 304 : undefined;
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** The places that are asked for; undefined where all of it is to be sent, `none` where no place is in it. */
function placesOf(
  what: HttpRepresentation,
  asked: HeaderBlock,
  size: number,
): readonly ContentRange[] | 'none' | undefined {
  const field = asked.get('range');
  const ranges = field === undefined || !isSame(what, asked.get('if-range')) ? undefined : parseRange(field);
  if (!ranges) return undefined;
  const places = ranges.map((range) => placeOf(range, size)).filter((place) => place !== undefined);
  if (places.length === 0) return 'none';
  const total = places.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return places.length > MOST || (places.length > 1 && total > size) ? undefined : places;
}

/** Whether it is still what If-Range says: a strong entity tag, or the very date. */
function isSame({ etag, modified }: HttpRepresentation, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const [own, tag] = [parseETag(etag), parseETag(wanted)];
  if (tag) return own !== undefined && isSameStrongly(own, tag);
  const date = parseDate(wanted);
  return date !== undefined && modified !== undefined && seconds(date) === seconds(modified);
}

/** Several parts of it (RFC 9110 14.6). */
function parts(content: HttpContent, places: readonly ContentRange[], type: string, headers: HeaderBlock): HttpReply {
  const boundary = randomBytes(18).toString('base64url');
  const heads = places.map((place) =>
    Buffer.from(`\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${formatContentRange(place)}\r\n\r\n`),
  );
  const end = Buffer.from(`\r\n--${boundary}--\r\n`);
  const octets = places.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const length = heads.reduce((sum, head) => sum + head.length, octets + end.length);
  headers.set('Content-Type', `multipart/byteranges; boundary=${boundary}`);
  headers.set('Content-Length', `${length}`);
  const body = async function* (): AsyncGenerator<Uint8Array> {
    for (const [i, { first, last }] of places.entries()) {
      yield heads[i] ?? end;
      yield* content.open(first, last);
    }
    yield end;
  };
  return { status: 206, headers, body: body() };
}
