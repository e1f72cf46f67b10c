import type { Scheme } from '../core/endpoint.ts';

/** How Telnet URLs begin (RFC 4248); with TLS from the first octet they begin with `telnets`. */
export const SCHEMES: Readonly<Record<'telnet' | 'telnets', Scheme>> = {
  telnet: { port: 23 },
  telnets: { port: 992, tls: 'implicit' },
};
