import type { Endpoint } from '../core/endpoint.ts';
import type { Interceptor } from './exchange.ts';
import type { HttpConnectOptions } from './options.ts';
import { redirects } from './redirect.ts';

/** What stands between a client and the wire, the outermost first. */
export async function interceptorsOf(_endpoint: Endpoint, options: HttpConnectOptions): Promise<Interceptor[]> {
  return [...(options.interceptors ?? []), ...(options.redirects === false ? [] : [redirects(options.redirects)])];
}
