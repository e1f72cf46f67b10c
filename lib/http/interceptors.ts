import type { Endpoint } from '../core/endpoint.ts';
import { codings } from './coding.ts';
import type { CookieJar } from './cookie-jar.ts';
import { cookies } from './cookies.ts';
import { proxyDoor, serverDoor } from './door.ts';
import type { Interceptor } from './exchange.ts';
import { logins } from './login.ts';
import type { HttpConnectOptions } from './options.ts';
import { ranges } from './range.ts';
import { redirects } from './redirect.ts';
import { retries } from './retry.ts';

/** What a client has beside its options. */
export interface Circle {
  readonly jar: CookieJar | undefined;
  /** Ends what waits for a repetition. */
  readonly closed: AbortSignal;
}

/**
 * What stands between a client and the wire, the outermost first. Cookies are inside of logins, so that those of a 401 are
 * kept too. Throws UsageError for a password without a user, and for options that cannot be.
 */
export function interceptorsOf(endpoint: Endpoint, options: HttpConnectOptions, circle: Circle): Interceptor[] {
  const { decompress = true, redirects: followed } = options;
  const doors = [serverDoor(endpoint, options), proxyDoor(options)].filter((door) => door !== undefined);
  return [
    ...(options.interceptors ?? []),
    ranges(),
    ...(followed === false ? [] : [redirects(typeof followed === 'number' ? { max: followed } : followed)]),
    ...(options.retries !== undefined ? [retries(options.retries, circle.closed)] : []),
    ...doors.map(logins),
    ...(circle.jar ? [cookies(circle.jar)] : []),
    ...(decompress === false ? [] : [codings(decompress === true ? {} : decompress)]),
  ];
}
