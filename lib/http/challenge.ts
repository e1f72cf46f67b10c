/** Challenges, `Basic realm="a", Digest realm="b", nonce="c"`: how a server wants to be told who asks (RFC 9110 11.6.1). */

export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** What stands behind a scheme that has no parameters (`Negotiate abc==`). */
  readonly token?: string;
  /** By name in lower case; the first of each. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** So much is read of one field, in characters, and so many challenges of all. */
const LONGEST = 8_192;
const MOST = 32;

const BETWEEN = /[ \t,]*/y;
const SPACES = /[ \t]*/y;
const TOKEN = /[A-Za-z0-9!#$%&'*+\-.^_`|~]+/y;
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
/** Where there should be a token: some leave out the quotes. */
const PLAIN = /[^\s,"]+/y;

/**
 * The challenges of all fields of a name, in their order; each field may have several. What is behind something that cannot
 * be read is left out. It takes linear time.
 */
export function parseChallenges(fields: readonly string[]): Challenge[] {
  return fields.flatMap((field) => challengesOf(field)).slice(0, MOST);
}

/** `a=b, c="d"`: parameters without a scheme, as Authentication-Info has them. */
export function parseInfo(field: string): ReadonlyMap<string, string> {
  const [first] = challengesOf(`info ${field}`);
  return first?.parameters ?? new Map();
}

function challengesOf(field: string): Challenge[] {
  const text = field.slice(0, LONGEST);
  const found: { readonly scheme: string; token?: string; readonly parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [taken] = pattern.exec(text) ?? [];
    at += taken?.length ?? 0;
    return taken;
  };
  for (;;) {
    take(BETWEEN);
    const name = take(TOKEN)?.toLowerCase();
    if (name === undefined) return found;
    const behind = at;
    take(SPACES);
    const last = found.at(-1);
    if (text[at] === '=' && last) {
      at++;
      take(SPACES);
      const quoted = take(QUOTED);
      const value = quoted === undefined ? take(PLAIN) : quoted.slice(1, -1).replace(/\\(.)/gs, '$1');
      if (value !== undefined && !last.parameters.has(name)) last.parameters.set(name, value);
    } else {
      const token = at > behind ? take(TOKEN68) : undefined;
      found.push({ scheme: name, parameters: new Map(), ...(token !== undefined && { token }) });
    }
  }
}
