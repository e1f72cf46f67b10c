import type { Scheme } from '../core/endpoint.ts';

/** How HTTP URLs begin (RFC 9110 4.2). */
export const SCHEMES: Readonly<Record<'http' | 'https', Scheme>> = {
  http: { port: 80, fragment: true },
  https: { port: 443, tls: 'implicit', fragment: true },
};
