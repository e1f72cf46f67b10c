/** Content codings (RFC 9110 8.4): what is asked for, and what is decoded. */
import zlib from 'node:zlib';
import { limitError } from '../core/errors.ts';
import type { HeaderBlock } from '../wire/headers.ts';
import { type Coding, Decoded } from './decoded.ts';
import type { HttpAnswer, HttpRequest, Interceptor } from './exchange.ts';

export interface CodingOptions {
  /** The most octets that may come out of one. Default 1100, a little more than gzip can honestly do. */
  readonly maxRatio?: number | undefined;
}

const MAX_CODINGS = 5;
const RATIO = 1_100;
const CHUNKS = { chunkSize: 64 * 1024 };

const GZIP: Coding = {
  stream: () => zlib.createGunzip(CHUNKS),
  whole: (octets, maxOutputLength) => zlib.gunzipSync(octets, { maxOutputLength }),
};
/** What is called deflate should be in the format of zlib, and often is not. */
const DEFLATE: Coding = {
  stream: (first) => (isZlib(first) ? zlib.createInflate(CHUNKS) : zlib.createInflateRaw(CHUNKS)),
  whole: (octets, maxOutputLength) =>
    (isZlib(octets[0] ?? 0) ? zlib.inflateSync : zlib.inflateRawSync)(octets, { maxOutputLength }),
};
const BROTLI: Coding = {
  stream: () => zlib.createBrotliDecompress(CHUNKS),
  whole: (octets, maxOutputLength) => zlib.brotliDecompressSync(octets, { maxOutputLength }),
};

/** The codings that this Node decodes. */
const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  ['deflate', DEFLATE],
  ['br', BROTLI],
  ...zstd(),
]);

/** What is asked for. */
export const ACCEPTED = [...CODINGS.keys()].filter((name) => name !== 'x-gzip').join(', ');

/**
 * Asks for coded bodies, and decodes them as they come. The header of the answer stays as it was. A body with a coding that
 * nobody here knows, a part of a coded body, and one for a caller who says `Accept-Encoding: identity` is given as it is. Throws ProtocolError for more than 5 codings (`limit`);
 * the body fails with ProtocolError for what cannot be decoded (`decode`) and for what becomes too much (`limit`), and with
 * ConnectionError (`truncated`) where its end is missing.
 */
export function codings({ maxRatio = RATIO }: CodingOptions = {}): Interceptor {
  return async (request, next) => {
    const answer = await next(asking(request));
    // who wants octets as they are gets them, also where the server codes them all the same
    const isRaw = request.headers.get('accept-encoding')?.trim().toLowerCase() === 'identity';
    if (isRaw || !mayBeCoded(answer)) return answer;
    try {
      return decoded(answer, codingsOf(answer.headers), maxRatio);
    } catch (error) {
      await answer.close();
      throw error;
    }
  };
}

function asking(request: HttpRequest): HttpRequest {
  if (request.headers.has('accept-encoding')) return request;
  // a range of a coded body could not be decoded
  const accepted = request.headers.has('range') ? 'identity' : ACCEPTED;
  return { ...request, headers: request.headers.copy(['Accept-Encoding', accepted]) };
}

function mayBeCoded({ request, status }: HttpAnswer): boolean {
  return request.method !== 'HEAD' && status !== 204 && status !== 206 && status !== 304;
}

/** The codings in the order in which they were applied. Throws ProtocolError (`limit`). */
function codingsOf(headers: HeaderBlock): string[] {
  if (!headers.has('content-encoding')) return [];
  const names = headers.getAll('content-encoding').flatMap((value) => value.split(',', MAX_CODINGS + 1));
  const codings = names.map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  if (codings.length > MAX_CODINGS) throw limitError('content codings', MAX_CODINGS, { protocol: 'http' });
  return codings.filter((name) => name !== 'identity');
}

function decoded(answer: HttpAnswer, names: readonly string[], maxRatio: number): HttpAnswer {
  if (names.length === 0) return answer;
  const known = names.map((name) => CODINGS.get(name)).filter((coding) => coding !== undefined);
  if (known.length < names.length) return answer;
  const body = new Decoded(answer.body, known.reverse(), maxRatio, sizeOf(answer.headers));
  const close = async (): Promise<void> => {
    body.close();
    await answer.close();
  };
  return { ...answer, body, close };
}

function isZlib(first: number): boolean {
  return (first & 0x0f) === 8;
}

function sizeOf(headers: HeaderBlock): number | undefined {
  const length = headers.get('content-length');
  return length === undefined ? undefined : Number(length);
}

/** RFC 8878: from Node 22.15 on. */
function zstd(): [string, Coding][] {
  const stream: unknown = Reflect.get(zlib, 'createZstdDecompress');
  const whole: unknown = Reflect.get(zlib, 'zstdDecompressSync');
  if (typeof stream !== 'function' || typeof whole !== 'function') return [];
  const coding: Coding = {
    stream: () => stream(CHUNKS),
    whole: (octets, maxOutputLength) => whole(octets, { maxOutputLength }),
  };
  return [['zstd', coding]];
}
