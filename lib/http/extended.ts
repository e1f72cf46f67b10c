/** Values of parameters that are not in ASCII: `title*=UTF-8'en'%c2%a3` (RFC 8187). */
import { quote, unquoteToOctets } from './percent.ts';

/** In the character sets that there may be; undefined for others, and for what is no such value. */
export function parseExtended(value: string): string | undefined {
  const [, charset = '', encoded] = /^([A-Za-z0-9-]{1,20})'[A-Za-z0-9-]{0,40}'([!#$%&+\-.^_`|~\w]*)$/.exec(value) ?? [];
  if (encoded === undefined || /%(?![0-9A-Fa-f]{2})/.test(encoded)) return undefined;
  const octets = unquoteToOctets(encoded);
  if (/^iso-8859-1$/i.test(charset)) return octets.toString('latin1');
  if (!/^utf-8$/i.test(charset)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return undefined;
  }
}

/** Text as such a value, in UTF-8. Throws UsageError for half a surrogate pair. */
export function formatExtended(text: string): string {
  return `UTF-8''${quote(text, '')}`;
}
