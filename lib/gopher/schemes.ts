import type { Scheme } from '../core/endpoint.ts';

/** How Gopher URLs begin (RFC 4266); with TLS from the first byte they begin with `gophers`. */
export const SCHEMES: Readonly<Record<'gopher' | 'gophers', Scheme>> = {
  gopher: { port: 70 },
  gophers: { port: 70, tls: 'implicit' },
};
