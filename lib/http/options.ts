import type { CallOptions, Timeouts } from '../core/options.ts';
import type { HeaderBlock } from '../wire/headers.ts';
import type { BodyOptions } from './body.ts';
import type { CodingOptions } from './coding.ts';
import type { ConditionOptions } from './conditional.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { Entrance, Passwords } from './credentials.ts';
import type { Interceptor } from './exchange.ts';
import type { GivenHeaders } from './headers.ts';
import type { Query } from './query.ts';
import type { RedirectOptions } from './redirect.ts';
import type { RetryOptions } from './retry.ts';
import type { TransportOptions } from './transport.ts';

/** What an HTTP client takes, beside what all do. */
export interface HttpConnectOptions extends TransportOptions {
  /** Sent with every request that does not have its own of that name. */
  readonly headers?: GivenHeaders | undefined;
  /** How redirects are followed, how many, or that they are not. Default: ten of them. */
  readonly redirects?: number | RedirectOptions | false | undefined;
  /** How often, and how, what failed for a time is repeated, where that does no harm. Default 0. */
  readonly retries?: number | RetryOptions | undefined;
  /**
   * Where cookies are kept: in a new jar, in one that others may have too, or in a file: it is read, if it is there, and
   * written when the client is closed. Default: nowhere.
   */
  readonly cookies?: true | string | CookieJar | undefined;
  /** For other origins, folders and realms than the user of the client is for. */
  readonly passwords?: Passwords | Iterable<Entrance> | undefined;
  /** Whether coded bodies are asked for, and decoded. Default true. */
  readonly decompress?: boolean | CodingOptions | undefined;
  /** What becomes of 4xx and 5xx: thrown as HttpError, or returned like any answer. Default `throw`. */
  readonly failing?: 'throw' | 'return' | undefined;
  /** Around all others; the first is the outermost. */
  readonly interceptors?: readonly Interceptor[] | undefined;
}

/** What a request takes that sends nothing. */
export interface FetchOptions extends CallOptions, ConditionOptions {
  /** Default GET. */
  readonly method?: string | undefined;
  readonly headers?: GivenHeaders | undefined;
  /** Added to the query of the path. */
  readonly query?: Query | undefined;
  readonly failing?: 'throw' | 'return' | undefined;
  /** The most octets of a body, once it is decoded. Default: no limit for a stream. */
  readonly maxSize?: number | undefined;
  /** Of these, `total` is this request's own: redirects and the body included. */
  readonly timeouts?: Pick<Partial<Timeouts>, 'total'> | undefined;
  /** Is told of 1xx answers. */
  readonly onInformation?: ((status: number, headers: HeaderBlock) => void) | undefined;
}

export type InfoOptions = Omit<FetchOptions, 'method' | 'maxSize'>;

/** What a request takes that sends something. */
export interface RequestOptions extends Omit<FetchOptions, 'method'>, BodyOptions {
  /** Whether it may be done twice, where the method does not say so: see `retries`. */
  readonly idempotent?: boolean | undefined;
  /** Is told how many octets of the body have been sent. */
  readonly onSent?: ((octets: number) => void) | undefined;
}

/** `json`, `form`, `multipart` and `file` are sent instead of a body: that is '' then. */
export interface SendOptions extends Omit<RequestOptions, 'body'> {
  /** Default POST. */
  readonly method?: string | undefined;
}
