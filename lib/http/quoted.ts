/** Lists and quoted strings, as header fields have them (RFC 9110 5.6.1, 5.6.4). All of it takes linear time. */
import { UsageError } from '../core/errors.ts';

/**
 * What stands between separators (one character) that are outside of quoted strings, without the white space around; empty
 * pieces are left out. With `angled`, separators inside `<…>` do not count either.
 */
export function splitOutside(text: string, separator: string, angled = false): string[] {
  const pieces: string[] = [];
  let [start, quoted, inside] = [0, false, false];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === '\\') i++;
    else if (character === '"' && !inside) quoted = !quoted;
    else if (angled && !quoted && character === '<') inside = true;
    else if (inside && character === '>') inside = false;
    else if (character === separator && !quoted && !inside) {
      pieces.push(text.slice(start, i));
      start = i + 1;
    }
  }
  pieces.push(text.slice(start));
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

/** A quoted string without its quotes and escapes; other text as it is. */
export function unquoteString(text: string): string {
  if (!text.startsWith('"')) return text;
  const end = text.length > 1 && text.endsWith('"') ? -1 : text.length;
  return text.slice(1, end).replace(/\\(.)/gs, '$1');
}

/** Text as a quoted string. Throws UsageError for control characters, and for what is not in Latin-1. */
export function quoteString(text: string): string {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(text))
    throw new UsageError('a quoted string has no control characters, and is Latin-1');
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `name=value` with the name in lower case; undefined where there is no name. Without `=` the value is undefined. */
export function parseParameter(
  piece: string,
): { readonly name: string; readonly value: string | undefined } | undefined {
  const at = piece.indexOf('=');
  const name = (at < 0 ? piece : piece.slice(0, at)).trim().toLowerCase();
  if (name === '' || /[\s"]/.test(name)) return undefined;
  return { name, value: at < 0 ? undefined : unquoteString(piece.slice(at + 1).trim()) };
}
