/** Parts of a body (RFC 9110 14): whether what came is what was asked for. */
import { ProtocolError, type ProtocolReason } from '../core/errors.ts';
import { type ByteRange, type ContentRange, parseContentRange, parseRange, placeOf } from './byte-range.ts';
import { isSameStrongly, parseETag } from './etag.ts';
import type { HttpAnswer, HttpRequest, Interceptor } from './exchange.ts';
import { parseMediaType } from './media-type.ts';

/**
 * Looks whether a 206 is the part that was asked for. Throws ProtocolError (`integrity`) for another part, or one of another
 * version than If-Range names; (`grammar`) for one that nobody asked for, that does not say which it is, or that is several.
 */
export function ranges(): Interceptor {
  return async (request, next) => {
    const answer = await next(request);
    if (answer.status !== 206) return answer;
    try {
      check(answer);
    } catch (error) {
      await answer.close();
      throw error;
    }
    return answer;
  };
}

function check({ request, headers }: HttpAnswer): void {
  const asked = parseRange(request.headers.get('range') ?? '');
  if (!asked) throw wrong('the server gave a part, and nobody asked for one', 'grammar');
  const [range, ...more] = asked;
  if (!range || more.length > 0) return;
  if (parseMediaType(headers.get('content-type')).type === 'multipart/byteranges')
    throw wrong('the server gave several parts, where one was asked for', 'grammar');
  const came = parseContentRange(headers.get('content-range'));
  if (!came || !('first' in came)) throw wrong('the server does not say which part it gave', 'grammar');
  if (!isWithin(came, range)) throw wrong('the server gave another part than was asked for', 'integrity');
  const length = headers.get('content-length');
  if (length !== undefined && Number(length) !== came.last - came.first + 1)
    throw wrong('the part that the server gave is not as long as it says', 'integrity');
  checkVersion(request, headers.get('etag'));
}

/** What was asked for, from its first octet on; a server may give less of it. */
function isWithin(came: ContentRange, range: ByteRange): boolean {
  if ('suffix' in range) {
    if (came.size === undefined) return came.last - came.first < range.suffix;
    const place = placeOf(range, came.size);
    return place?.first === came.first && came.last <= place.last;
  }
  return came.first === range.first && (range.last === undefined || came.last <= range.last);
}

function checkVersion(request: HttpRequest, came: string | undefined): void {
  const wanted = parseETag(request.headers.get('if-range'));
  const tag = parseETag(came);
  if (wanted && tag && !isSameStrongly(wanted, tag))
    throw wrong('the server gave a part of another version: both do not fit together', 'integrity');
}

function wrong(message: string, reason: ProtocolReason): ProtocolError {
  return new ProtocolError(message, { protocol: 'http', reason });
}
