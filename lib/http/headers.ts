/** What goes onto the wire as header fields, and what is read out of them. */
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { hostInUrl } from '../core/url.ts';
import { type Field, HeaderBlock } from '../wire/headers.ts';
import type { HttpRequest, Origin } from './exchange.ts';

/** Header fields as they are given: by name, where a list is several fields of that name, or as pairs in their order. */
export type GivenHeaders =
  | Readonly<Record<string, GivenValue | readonly GivenValue[] | undefined>>
  | readonly (readonly [name: string, value: GivenValue])[]
  | HeaderBlock;
export type GivenValue = string | number | Secret;

/** Fields, and the names in lower case of those whose value is secret. */
export interface CheckedHeaders {
  readonly headers: HeaderBlock;
  readonly secret: ReadonlySet<string>;
}

/** What frames a message is for whoever sends it (RFC 9110 7.6.1). */
const FRAMING = new Set([
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'proxy-connection',
]);
const TOKEN = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;

/**
 * Throws UsageError for names that are no token, for values with control characters or with characters that are not in
 * Latin-1, and for fields that frame the message.
 */
export function checkHeaders(given: GivenHeaders | undefined): CheckedHeaders {
  const checked = checkFields(given);
  for (const [name] of checked.headers) {
    if (FRAMING.has(name.toLowerCase()))
      throw new UsageError(`${name} is not to be given: it frames the message`, { protocol: 'http' });
  }
  return checked;
}

/** The same for a server of tests, which may frame its messages as it likes. */
export function checkFields(given: GivenHeaders | undefined): CheckedHeaders {
  const secret = new Set<string>();
  const fields = [...pairsOf(given)].map(([name, value]): Field => {
    if (value instanceof Secret) secret.add(name.toLowerCase());
    const text = value instanceof Secret ? value.reveal() : String(value);
    checkToken(name, 'the name of a header field');
    checkValue(name, text);
    return [name, text];
  });
  return { headers: HeaderBlock.received(fields), secret };
}

/** The same fields, and one more where there is none of its name. */
export function withDefault(given: GivenHeaders | undefined, name: string, value: string): GivenHeaders {
  const pairs = [...pairsOf(given)];
  return pairs.some(([other]) => other.toLowerCase() === name.toLowerCase()) ? pairs : [...pairs, [name, value]];
}

/** The fields that are given, and behind them those of `common` that are not among them. Throws as `checkHeaders`. */
export function joinHeaders(given: GivenHeaders | undefined, common: CheckedHeaders): CheckedHeaders {
  if (given === undefined) return { headers: common.headers.copy(), secret: common.secret };
  const { headers, secret } = checkHeaders(given);
  const others = [...common.headers].filter(([name]) => !headers.has(name));
  return { headers: HeaderBlock.received([...headers, ...others]), secret: new Set([...common.secret, ...secret]) };
}

/** Throws UsageError for what is no token (RFC 9110 5.6.2). */
export function checkToken(text: string, what: string): string {
  if (!TOKEN.test(text))
    throw new UsageError(`${what} is a token: letters, digits and a few signs, no spaces`, { protocol: 'http' });
  return text;
}

function checkValue(name: string, value: string): void {
  if (name.toLowerCase() === 'content-length' && !/^\d{1,15}$/.test(value))
    throw new UsageError('Content-Length is digits only', { protocol: 'http' });
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    const message = `the header field ${name} has control characters, or others than Latin-1 has: it would become another on the wire`;
    throw new UsageError(message, { protocol: 'http' });
  }
}

function* pairsOf(given: GivenHeaders = []): Iterable<readonly [string, GivenValue]> {
  if (given instanceof HeaderBlock) return yield* given;
  if (Array.isArray(given)) return yield* given as readonly (readonly [string, GivenValue])[];
  for (const [name, value] of Object.entries(
    given as Readonly<Record<string, GivenValue | readonly GivenValue[] | undefined>>,
  )) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) yield [name, each];
  }
}

/** The fields of a request as one list, names and values in turn: Host first, then those that are given, then the body's. */
export function wireFields({ headers, origin, body, method }: HttpRequest, proxyAuthorization?: Secret): string[] {
  const fields: string[] = headers.has('host') ? [] : ['Host', hostOf(origin)];
  for (const [name, value] of headers) fields.push(name, value);
  if (proxyAuthorization && !headers.has('proxy-authorization'))
    fields.push('Proxy-Authorization', proxyAuthorization.reveal());
  if (body?.type !== undefined && !headers.has('content-type')) fields.push('Content-Type', body.type);
  if (body?.size !== undefined && !headers.has('content-length')) fields.push('Content-Length', `${body.size}`);
  else if (!body && /^(?:POST|PUT|PATCH)$/.test(method) && !headers.has('content-length'))
    fields.push('Content-Length', '0');
  return fields;
}

/** A host as it stands in the field Host: the port where it is not the usual one. */
export function hostOf({ scheme, host, port }: Origin): string {
  return port === (scheme === 'https' ? 443 : 80) ? hostInUrl(host) : `${hostInUrl(host)}:${port}`;
}

/** All values of a name as one, as lists are (RFC 9110 5.3). Undefined where there is none. */
export function combined(headers: HeaderBlock, name: string): string | undefined {
  const values = headers.getAll(name);
  return values.length === 0 ? undefined : values.join(', ');
}
