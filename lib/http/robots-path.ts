/** How paths are compared with the rules of a robots.txt (RFC 9309 2.2.2, 2.2.3). */

/** A path as it is compared: what need not be encoded is not, and the signs of rules are. */
export function normalPath(path: string): string {
  return normal(path).replaceAll('*', '%2A').replaceAll('$', '%24');
}

/** A rule as it is compared: `*` is anything, and `$` at the end is the end. Others of them are characters. */
export function normalPattern(pattern: string): string {
  const anchored = pattern.endsWith('$');
  const body = normal(anchored ? pattern.slice(0, -1) : pattern).replaceAll('$', '%24');
  return `${body.replace(/\*{2,}/g, '*')}${anchored ? '$' : ''}`;
}

/** Whether a rule is about a path, both normal. From left to right, each piece at its first place: never back. */
export function matchesPattern(path: string, pattern: string): boolean {
  const anchored = pattern.endsWith('$');
  const [start = '', ...pieces] = (anchored ? pattern.slice(0, -1) : pattern).split('*');
  if (!path.startsWith(start)) return false;
  const last = anchored ? pieces.pop() : undefined;
  if (anchored && last === undefined) return path === start;
  let at = start.length;
  for (const piece of pieces) {
    const found = path.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return last === undefined || (path.length - last.length >= at && path.endsWith(last));
}

/** What is not in ASCII is encoded, letters and digits and `-._~` are not, and what is allowed in a query is not in it. */
function normal(text: string): string {
  const encoded = text.replace(/[^\x21-\x7e]/gu, (character) => octetsOf(character));
  const query = encoded.indexOf('?');
  return encoded.replace(/%([0-9A-Fa-f]{2})/g, (written, digits: string, at: number) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16));
    const plain = /[A-Za-z0-9\-._~]/.test(character) || (query >= 0 && at > query && /[/:?@]/.test(character));
    return plain ? character : written.toUpperCase();
  });
}

function octetsOf(character: string): string {
  return Buffer.from(character).reduce(
    (text, octet) => `${text}%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
    '',
  );
}
