import type { Field, HeaderBlock } from '../../wire/headers.ts';
import type { HttpInformation, HttpRaw, HttpReply, HttpRepresentation, HttpServed, ReplyBody } from '../fixture.ts';
import { checkFields, type GivenHeaders } from '../headers.ts';
import { represent } from './representation.ts';
import type { Seen } from './seen.ts';

/** An answer as it goes onto the wire, but for what frames it. */
export interface Answer {
  readonly status: number;
  readonly reason: string | undefined;
  readonly fields: readonly Field[];
  /** Octets, or where they come from; undefined for none. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly trailers: readonly Field[];
  readonly information: readonly Information[];
}

export interface Information {
  readonly status: number;
  readonly fields: readonly Field[];
}

export function isRaw(served: HttpServed): served is HttpRaw {
  return typeof served === 'object' && 'raw' in served;
}

/** Throws UsageError for header fields that cannot be sent, for a status that is none. */
export function answerOf(served: Exclude<HttpServed, HttpRaw>, request: Seen): Answer {
  if (isBody(served)) return answer({ body: served });
  if (served instanceof Response) return answer(ofResponse(served));
  return answer(isRepresentation(served) ? represent(served, request) : served);
}

function isBody(served: Exclude<HttpServed, HttpRaw>): served is ReplyBody {
  return typeof served === 'string' || Symbol.asyncIterator in served || Symbol.iterator in served;
}

function isRepresentation(served: HttpReply | HttpRepresentation): served is HttpRepresentation {
  return 'content' in served;
}

function ofResponse({ status, statusText, headers, body }: Response): HttpReply {
  return { status, headers: [...headers], body, ...(statusText !== '' && { reason: statusText }) };
}

function answer({ status = 200, reason, headers, body, json, trailers, information = [] }: HttpReply): Answer {
  const fields = fieldsOf(headers);
  const has = (name: string): boolean => fields.some(([other]) => other.toLowerCase() === name);
  const given = json === undefined ? (body ?? undefined) : `${JSON.stringify(json)}\n`;
  const type = json === undefined ? typeOf(given) : 'application/json';
  if (type !== undefined && !has('content-type')) fields.push(['Content-Type', type]);
  const octets = octetsOf(given);
  const sized = octets instanceof Uint8Array || octets === undefined;
  if (sized && !isBodiless(status) && trailers === undefined && !has('content-length') && !has('transfer-encoding'))
    fields.push(['Content-Length', `${octets?.length ?? 0}`]);
  return {
    ...{ status, reason, fields, body: octets, trailers: fieldsOf(trailers) },
    information: information.map((each: HttpInformation) => ({ status: each.status, fields: fieldsOf(each.headers) })),
  };
}

/** RFC 9110 8.6. */
function isBodiless(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

function fieldsOf(given: GivenHeaders | undefined): Field[] {
  if (given === undefined) return [];
  const { headers }: { headers: HeaderBlock } = checkFields(given);
  return [...headers];
}

function typeOf(body: ReplyBody | undefined): string | undefined {
  if (body === undefined) return undefined;
  return typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
}

function octetsOf(body: ReplyBody | undefined): Uint8Array | AsyncIterable<Uint8Array> | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return typeof body === 'string' ? Buffer.from(body) : chunksOf(body);
}

async function* chunksOf(
  body: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    const octets = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    // an empty chunk would be the last
    if (octets.length > 0) yield octets;
  }
}
