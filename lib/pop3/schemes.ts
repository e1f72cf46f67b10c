import type { Scheme } from '../core/endpoint.ts';

/**
 * How POP3 URLs begin. `pop` is that of RFC 2384, which names a maildrop and never a message; the others are what
 * everybody writes.
 */
export const SCHEMES: Readonly<Record<'pop3' | 'pop3s' | 'pop3+starttls' | 'pop', Scheme>> = {
  pop3: { port: 110 },
  pop3s: { port: 995, tls: 'implicit' },
  'pop3+starttls': { port: 110, tls: 'upgrade' },
  pop: { port: 110 },
};
