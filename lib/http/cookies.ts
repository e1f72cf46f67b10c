/** Cookies are sent where they belong, and taken from every answer. */
import { HeaderBlock } from '../wire/headers.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { Interceptor } from './exchange.ts';
import { urlOf } from './redirect.ts';

/** Cookies that the caller gives stay, and stand before those of the jar that have other names. */
export function cookies(jar: CookieJar): Interceptor {
  return async (request, next) => {
    const url = urlOf(request.origin, request.target === '*' ? '/' : request.target);
    const given = request.headers.getAll('cookie');
    const names = new Set(given.flatMap((line) => line.split(';').map((pair) => pair.trim().split('=', 1)[0] ?? '')));
    const kept = jar.header(url, names);
    const headers = HeaderBlock.received([...request.headers]);
    if (kept !== undefined) headers.set('Cookie', [...given, kept].join('; '));
    const answer = await next(kept === undefined ? request : { ...request, headers });
    jar.take(url, answer.headers.getAll('set-cookie'));
    return answer;
  };
}
