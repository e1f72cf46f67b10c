/** The options of HTTP, as the command line offers them. */
import type { OptionSpec } from '../core/option-spec.ts';

type Specs = Readonly<Record<string, OptionSpec>>;

/** What goes with every request. */
const REQUEST = {
  query: { type: 'pairs', many: true, summary: 'a field to add to the query' },
  headers: {
    type: 'headers',
    flag: 'header',
    short: 'H',
    secret: ['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-auth-token'],
    summary: 'a header field to send; a file has a line for each, and nobody sees it',
  },
} satisfies Specs;

/** What a client is connected with. */
const CLIENT = {
  cookies: { type: 'string', value: 'FILE', summary: 'keep cookies in FILE: as Netscape and curl do, or .json' },
  redirects: {
    type: 'number',
    flag: 'maxRedirects',
    value: 'N',
    off: { flag: 'noRedirects', summary: 'follow no redirects: the answer is the redirect' },
    summary: 'follow so many redirects, no more (10)',
  },
  retries: { type: 'number', value: 'N', summary: 'repeat what failed for a time, where that does no harm (0)' },
  http2: { type: 'boolean', summary: 'speak HTTP/2 where there is TLS, and the server does' },
  decompress: {
    type: 'boolean',
    flag: 'compressed',
    off: { flag: 'noCompressed', summary: 'ask for no compressed bodies, and decode none' },
    summary: 'ask for compressed bodies, and decode them: as it is by default',
  },
} satisfies Specs;

const SIZE = { type: 'size', summary: 'the most octets of a body' } as const;

export const CHECK = { http2: CLIENT.http2 } satisfies Specs;

export const FETCH = {
  method: { type: 'string', short: 'X', value: 'NAME', summary: 'another method than GET' },
  ...REQUEST,
  range: { type: 'range', summary: 'only these octets: 0-499, 500-; the last 500 are --range=-500' },
  ifNoneMatch: { type: 'string', value: 'ETAG', many: true, summary: 'only if it is no longer this entity tag' },
  ifModifiedSince: { type: 'date', summary: 'only if it has changed since; @FILE is the date of a file' },
  maxSize: SIZE,
  ...CLIENT,
} satisfies Specs;

export const INFO = { ...REQUEST, ...CLIENT } satisfies Specs;

export const SEND = {
  method: { type: 'string', short: 'X', value: 'NAME', summary: 'another method than POST: PUT, PATCH' },
  file: { type: 'string', value: 'FILE', isBody: true, summary: 'what to send; - is standard input' },
  form: { type: 'pairs', many: true, isBody: true, summary: 'a field of a form to send' },
  multipart: {
    type: 'parts',
    short: 'F',
    isBody: true,
    summary: 'a field, or a file, of a form with files; behind @FILE ;type=TYPE',
  },
  json: { type: 'json', flag: 'jsonData', isBody: true, summary: 'send this JSON' },
  type: { type: 'string', value: 'TYPE', summary: 'the media type of what is sent; a file has that of its name' },
  ...REQUEST,
  maxSize: SIZE,
  ...CLIENT,
} satisfies Specs;

export const REMOVE = { ...REQUEST, ...CLIENT } satisfies Specs;
