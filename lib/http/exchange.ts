import type { Flow } from '../core/resource.ts';
import type { HeaderBlock } from '../wire/headers.ts';

/** Where a request goes: connections are shared by all requests to one of these, and secrets belong to one. */
export interface Origin {
  readonly scheme: 'http' | 'https';
  /** A name or an address, an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number;
}

/** What is sent behind the header. */
export interface RequestBody {
  /** Its media type, where it has one of its own. */
  readonly type?: string | undefined;
  /** In octets, where that is known; else it is sent in chunks. */
  readonly size?: number | undefined;
  /** Whether `open` can be called again: for redirects, logins and repetitions. */
  readonly repeatable: boolean;
  /** The octets. */
  open(): Uint8Array | AsyncIterable<Uint8Array>;
}

/** A request as it is before it has become octets: what interceptors change. */
export interface HttpRequest {
  readonly method: string;
  readonly origin: Origin;
  /** Whose redirect named that origin, where the caller did not: it is not trusted to lead anywhere. */
  readonly ledBy?: Origin | undefined;
  /** Path and query as they go onto the wire, percent-encoded: `/a?b=c`. */
  readonly target: string;
  /** In their order and their case; without those that frame the message (Host may be among them). */
  readonly headers: HeaderBlock;
  /** The names, in lower case, of those that are for this origin alone, beside the ones that always are. */
  readonly secret: ReadonlySet<string>;
  readonly body?: RequestBody | undefined;
  /** Whether it may be done twice, where the method does not say so. */
  readonly idempotent?: boolean | undefined;
  /** Is told of 1xx answers (RFC 9110 15.2). */
  readonly onInformation?: ((status: number, headers: HeaderBlock) => void) | undefined;
  /** Is told how many octets of the body have been sent. */
  readonly onSent?: ((octets: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose header has come. Read its body to the end, or close it. */
export interface HttpAnswer {
  /** What it answers: after redirects and logins not what was asked first. */
  readonly request: HttpRequest;
  readonly status: number;
  readonly reason: string;
  /** What the connection speaks; 1.0 is told as 1.1. */
  readonly version: '1.1' | '2';
  readonly headers: HeaderBlock;
  readonly body: Flow;
  /** The answers that led to it, the first first; none where it is the first. */
  readonly redirects?: readonly Redirection[] | undefined;
  /** What came behind the body, once it has ended. */
  trailers(): HeaderBlock;
  /** Lets go of what is left of the body. */
  close(): Promise<void>;
}

/** An answer that said where to ask instead. */
export interface Redirection {
  readonly status: number;
  /** The URL that was asked. */
  readonly url: string;
}

/** One request, one answer. */
export type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

/** Stands between a client and the wire: what handlers are to Python's openers. It may change, repeat or answer itself. */
export type Interceptor = (request: HttpRequest, next: Exchange) => Promise<HttpAnswer>;

/** The interceptors around an exchange; the first is the outermost. */
export function compose(exchange: Exchange, interceptors: readonly Interceptor[]): Exchange {
  return interceptors.reduceRight<Exchange>((next, interceptor) => (request) => interceptor(request, next), exchange);
}

/** Whether both are the same server, port and scheme included. */
export function sameOrigin(a: Origin, b: Origin): boolean {
  return a.scheme === b.scheme && a.host === b.host && a.port === b.port;
}
