/** What an HTTP server answers, as data. */
import type { HeaderBlock } from '../wire/headers.ts';
import type { Form } from './form.ts';
import type { FormOptions } from './form-options.ts';
import type { GivenHeaders } from './headers.ts';

/** What is sent behind the header. A stream is sent in chunks, or ends with the connection where there are none. */
export type ReplyBody = string | Uint8Array | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

/** An answer in its parts. The length, and a media type for text and JSON, are added where they are not given. */
export interface HttpReply {
  /** Default 200. */
  readonly status?: number | undefined;
  /** Instead of the usual words for the status. HTTP/2 has none. */
  readonly reason?: string | undefined;
  readonly headers?: GivenHeaders | undefined;
  readonly body?: ReplyBody | null | undefined;
  /** Instead of `body`: a value. */
  readonly json?: unknown;
  /** Sent behind the body (RFC 9110 6.5). */
  readonly trailers?: GivenHeaders | undefined;
  /** Answers that go before it (1xx), in their order. */
  readonly information?: readonly HttpInformation[] | undefined;
}

export interface HttpInformation {
  readonly status: number;
  readonly headers?: GivenHeaders | undefined;
}

/** Something that can be asked for in part and under conditions (RFC 9110 13, 14). */
export interface HttpRepresentation {
  readonly content: string | Uint8Array | HttpContent;
  /** Its media type. */
  readonly type?: string | undefined;
  /** With its quotes: `"abc"`, `W/"abc"`. */
  readonly etag?: string | undefined;
  readonly modified?: Date | undefined;
  readonly headers?: GivenHeaders | undefined;
}

/** Octets that are made when they are asked for. */
export interface HttpContent {
  /** In octets. */
  readonly size: number;
  /** From one octet to another, both included. */
  open(first: number, last: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Octets as they are, instead of an answer: for what no server should say. HTTP/2 resets the stream instead. */
export interface HttpRaw {
  readonly raw: string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** How the connection ends after them: in good order, by a reset, or not at all. Default `hangUp`. */
  readonly end?: 'hangUp' | 'reset' | 'stall' | undefined;
}

/** Text, octets, a stream; an answer in its parts (one of `fetch` too); something that has versions; or octets as they are. */
export type HttpServed = ReplyBody | HttpReply | HttpRepresentation | HttpRaw | Response;

/** Answers a request; where it gives nothing, the answer is 404. */
export type HttpHandler = (request: HttpSeen) => HttpServed | undefined | Promise<HttpServed | undefined>;

/**
 * Answers by method and path: `GET /a`. Without a method it is any. `:name` stands for one part of a path, and is then in
 * `request.params`; `*` at the end for all that is left, and is there as `*`. What is written first goes first; a path
 * without either goes before all others. HEAD is answered as GET, and OPTIONS by what there is.
 */
export type HttpRoutes = Readonly<Record<string, HttpServed | HttpHandler>>;

export type HttpFixture = HttpRoutes | HttpHandler;

/**
 * A request as a server sees it. Its body is read once, by `bytes`, `text`, `json`, `form`, or in parts by `for await`; what has come
 * of it so far is kept, up to 1 MiB. Where a handler does not read it, it is read before the answer goes out.
 */
export interface HttpSeen extends AsyncIterable<Buffer> {
  /** The session it came in, from 1 on. */
  readonly session: number;
  readonly method: string;
  /** As it came. */
  readonly target: string;
  /** The path, decoded: see `params` too. `*` for all of the server. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly params: ReadonlyMap<string, string>;
  /** `1.0`, `1.1`, `2`. */
  readonly version: string;
  readonly headers: HeaderBlock;
  readonly secure: boolean;
  /** Who asks. */
  readonly peer: { readonly address: string; readonly port: number };
  /** What has come of the body so far: at most its first 1 MiB. */
  readonly body: Buffer;
  /** Octets of the body that have come. */
  readonly size: number;
  /** Whether all of the body has come. */
  readonly complete: boolean;
  /** What came behind the body. */
  readonly trailers: HeaderBlock;
  /** Is aborted when the connection is lost: nobody waits for an answer then. A handler that waits for long ends by it. */
  readonly signal: AbortSignal;
  /** The whole body. Throws ProtocolError (`limit`) when it is larger than `max` octets: by default 64 MiB. */
  bytes(max?: number): Promise<Buffer>;
  text(max?: number): Promise<string>;
  json(max?: number): Promise<unknown>;
  /**
   * The body as a form, url-encoded or multipart. Large files of it are on the disk until the form is closed, or the
   * connection. Throws as `parseForm`.
   */
  form(options?: FormOptions): Promise<Form>;
}
