import type { Scheme } from '../core/endpoint.ts';

/** The port of every scheme is the one that URLs need not name. */
export const SCHEMES = {
  nntp: { port: 119 },
  nntps: { port: 563, tls: 'implicit' },
  'nntp+starttls': { port: 119, tls: 'upgrade' },
  // RFC 5538: its host may come from the environment
  news: { port: 119, serverFrom: 'NNTPSERVER' },
  snews: { port: 563, tls: 'implicit', serverFrom: 'NNTPSERVER' },
} as const satisfies Record<string, Scheme>;
