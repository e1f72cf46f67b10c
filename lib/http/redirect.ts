/** Redirects (RFC 9110 15.4), by the rules that browsers follow, and with nothing given away on the way. */
import { excerpt, limitError, ProtocolError, UsageError } from '../core/errors.ts';
import { HeaderBlock } from '../wire/headers.ts';
import {
  type HttpAnswer,
  type HttpRequest,
  type Interceptor,
  type Origin,
  type Redirection,
  sameOrigin,
} from './exchange.ts';

export interface RedirectOptions {
  /** How many are followed. Default 10. */
  readonly max?: number | undefined;
  /** Whether https may lead to http. Default false. */
  readonly toPlain?: boolean | undefined;
}

const STATUSES = new Set([301, 302, 303, 307, 308]);
/** What may be told to another origin: how we want to be answered, but nothing that we are known or trusted by. */
const HARMLESS = /^(?:accept(?:-.*)?|user-agent|range|if-.*|cache-control|pragma|content-(?:type|language|encoding))$/;
const OF_BODY = /^(?:content-.*|digest|repr-digest)$/;

/**
 * Follows redirects. Credentials, cookies and every header that is not harmless stay with the origin that they were given
 * for; 303, and 301 and 302 of a POST, become a GET. Throws UsageError (`policy`) where a redirect leads to another scheme
 * or from https to http, and where a body would have to be sent again that cannot be; ProtocolError (`limit`) after `max`.
 */
export function redirects({ max = 10, toPlain = false }: RedirectOptions = {}): Interceptor {
  return async (first, next) => {
    let request = first;
    const followed: Redirection[] = [];
    for (let count = 0; ; count++) {
      const answer = await next(request);
      const location = STATUSES.has(answer.status) ? answer.headers.get('location') : undefined;
      if (location === undefined) return followed.length > 0 ? { ...answer, redirects: followed } : answer;
      try {
        if (count >= max) throw limitError('redirects', max, { protocol: 'http' });
        followed.push({ status: answer.status, url: urlOf(answer.request.origin, answer.request.target) });
        // not what came of it further in: a login and cookies are made for each target anew
        request = redirected({ ...answer, request }, location, toPlain);
        // where the caller went himself he may be led again
        if (sameOrigin(request.origin, first.origin)) request = { ...request, ledBy: undefined };
      } finally {
        await answer.close();
      }
    }
  };
}

function redirected({ request, status }: HttpAnswer, location: string, toPlain: boolean): HttpRequest {
  const { origin, target } = targetOf(request, location);
  if (request.origin.scheme === 'https' && origin.scheme === 'http' && !toPlain) {
    throw policy('this redirect leads from https to http: everybody on the way could read what comes');
  }
  const becomesGet = status === 303 ? request.method !== 'HEAD' : status < 303 && request.method === 'POST';
  const here = sameOrigin(request.origin, origin);
  const kept = [...request.headers].filter(([name]) => {
    const key = name.toLowerCase();
    if (key === 'host') return false;
    if (becomesGet && OF_BODY.test(key)) return false;
    return here || (HARMLESS.test(key) && !request.secret.has(key));
  });
  if (!becomesGet && request.body && !request.body.repeatable) {
    throw policy(`the server wants the body at ${excerpt(location)}, and a stream cannot be sent twice: send it there`);
  }
  return {
    ...request,
    origin,
    ledBy: here ? request.ledBy : request.origin,
    target,
    headers: HeaderBlock.received(kept),
    ...(becomesGet && { method: 'GET', body: undefined }),
  };
}

/** Where a redirect leads, as a browser reads it. */
function targetOf(
  { origin, target }: HttpRequest,
  location: string,
): { readonly origin: Origin; readonly target: string } {
  let url: URL;
  try {
    url = new URL(location, urlOf(origin, target));
  } catch (cause) {
    throw new ProtocolError(`this redirect leads nowhere: ${excerpt(location)}`, { protocol: 'http', cause });
  }
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') {
    throw policy(`this redirect leads to ${excerpt(scheme)}: only http and https are followed`);
  }
  if (url.username !== '' || url.password !== '') {
    throw policy('this redirect has a user or a password in its URL: nobody logs in as who the server says');
  }
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { origin: { scheme, host, port }, target: `${url.pathname}${url.search}` };
}

/** A whole URL; without credentials, which are no part of an origin. */
export function urlOf({ scheme, host, port }: Origin, target: string): string {
  const usual = port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}${usual ? '' : `:${port}`}${target}`;
}

function policy(message: string): UsageError {
  return new UsageError(message, { protocol: 'http', reason: 'policy' });
}
