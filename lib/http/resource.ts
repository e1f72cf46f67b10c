import { ProtocolError, ReplyError, type ReplyReason } from '../core/errors.ts';
import { Resource } from '../core/resource.ts';
import { builtInDecoder, decoderFor, utf8OrOlder } from '../wire/charset.ts';
import type { HeaderBlock } from '../wire/headers.ts';
import { type ContentRange, parseContentRange } from './byte-range.ts';
import type { HttpAnswer, Redirection } from './exchange.ts';
import { parseDate } from './http-date.ts';
import { parseMediaType } from './media-type.ts';
import { urlOf } from './redirect.ts';

/** An answer: its status, its header, and its body, read once. */
export class HttpResource extends Resource {
  readonly status: number;
  /** What the server calls the status, if anything. */
  readonly reason: string;
  readonly version: HttpAnswer['version'];
  readonly headers: HeaderBlock;
  /** The answers that led here, the first first. */
  readonly redirects: readonly Redirection[];
  readonly #trailers: () => HeaderBlock;

  constructor(answer: HttpAnswer, path: string, ended?: () => void) {
    const { request, status, reason, version, headers, body } = answer;
    const { type, parameters } = parseMediaType(headers.get('content-type'));
    const size = headers.has('content-encoding') ? undefined : sizeOf(headers);
    super({
      body,
      path,
      url: urlOf(request.origin, request.target),
      type,
      size,
      meta: () => metaOf(status, headers),
      decode: (octets) => decoderOf(type, parameters.get('charset'))(octets),
      close: ended ? () => answer.close().then(ended) : () => answer.close(),
    });
    this.status = status;
    this.reason = reason;
    this.version = version;
    this.headers = headers;
    this.redirects = answer.redirects ?? [];
    this.#trailers = () => answer.trailers();
  }

  /** Whether it is 2xx. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** Whether it is 304: what was asked about is still as it was, and there is no body. */
  override get notModified(): boolean {
    return this.status === 304;
  }

  /** The status line and the header. */
  override get head(): string {
    const { version, status, reason, headers } = this;
    const fields = [...headers].map(([name, value]) => `${name}: ${value}\n`).join('');
    return `HTTP/${version} ${status}${reason === '' ? '' : ` ${reason}`}\n${fields}\n`;
  }

  override get details(): Readonly<Record<string, unknown>> {
    const { status, reason, version, headers, redirects } = this;
    return { status, reason, version, headers: [...headers], ...(redirects.length > 0 && { redirects }) };
  }

  /** The entity tag, as `ifNoneMatch` and `ifRange` take it. */
  get etag(): string | undefined {
    return this.headers.get('etag');
  }

  /** When it was last changed, where that is said. */
  get modified(): Date | undefined {
    return parseDate(this.headers.get('last-modified'));
  }

  /** Which part of the whole the body is, where it is one (206). */
  get part(): ContentRange | undefined {
    const place = this.status === 206 ? parseContentRange(this.headers.get('content-range')) : undefined;
    return place && 'first' in place ? place : undefined;
  }

  /** What came behind the body; nothing until it has ended. */
  get trailers(): HeaderBlock {
    return this.#trailers();
  }

  /** The body as JSON, of at most `max` octets. Throws ProtocolError (`decode`) for what is none. */
  async json(max?: number): Promise<unknown> {
    const text = await this.text(max);
    try {
      // a mark that some put before it is no JSON
      return JSON.parse(text.replace(/^\ufeff/, ''));
    } catch (cause) {
      throw new ProtocolError('the body is not JSON', { protocol: 'http', phase: 'body', reason: 'decode', cause });
    }
  }
}

/** A status that says that it failed (4xx, 5xx). The body is in `response`, up to 1 MiB of it. */
export class HttpError extends ReplyError {
  readonly status: number;
  readonly response: HttpResource;

  constructor(response: HttpResource, method: string) {
    const { status, reason, url } = response;
    super(`${method} ${withoutQuery(url)}: ${status}${reason === '' ? '' : ` ${reason}`}`, {
      protocol: 'http',
      command: method,
      reply: { ok: false, code: `${status}`, text: reason },
      reason: reasonOf(status),
      temporary: TEMPORARY.has(status),
      // what a server failed at may have been done
      outcome: status >= 500 && !SAFE.has(method) ? 'unknown' : 'none',
    });
    this.status = status;
    // who prints an error is told what went wrong, and not the whole of an answer
    Object.defineProperty(this, 'response', { value: response, enumerable: false });
    this.response = response;
  }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const TEMPORARY = new Set([408, 421, 425, 429, 500, 502, 503, 504]);
const REASONS: Readonly<Record<number, ReplyReason>> = {
  401: 'auth',
  403: 'denied',
  404: 'missing',
  407: 'auth',
  408: 'busy',
  410: 'missing',
  421: 'busy',
  425: 'busy',
  429: 'busy',
  451: 'denied',
};

function reasonOf(status: number): ReplyReason {
  return REASONS[status] ?? (TEMPORARY.has(status) ? 'busy' : 'refused');
}

function withoutQuery(url: string): string {
  return url.replace(/\?.*$/s, '');
}

function sizeOf(headers: HeaderBlock): number | undefined {
  const length = headers.get('content-length');
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}

/** The status, and the fields in lower case; several of a name are one list. Cookies are for the jar. */
function metaOf(status: number, headers: HeaderBlock): Readonly<Record<string, string>> {
  const meta: Record<string, string> = Object.create(null);
  meta['status'] = `${status}`;
  for (const [written, value] of headers) {
    const name = written.toLowerCase();
    if (name === 'set-cookie' || name === 'status') continue;
    meta[name] = meta[name] === undefined ? value : `${meta[name]}, ${value}`;
  }
  return meta;
}

/** How a body becomes text: as its header says; JSON is UTF-8; a text of which nothing is said is UTF-8, or older. */
function decoderOf(type: string, charset: string | undefined): (octets: Uint8Array) => string | Promise<string> {
  if (charset === undefined) return /[/+]json$/.test(type) ? utf8 : utf8OrOlder;
  const own = builtInDecoder(charset);
  return own ?? (async (octets) => (await decoderFor(charset).catch(() => utf8OrOlder))(octets));
}

function utf8(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('utf8');
}
