/** Links in header fields: `</style.css>; rel=preload; as=style` (RFC 8288). */
import { UsageError } from '../core/errors.ts';
import { parseExtended } from './extended.ts';
import { parseParameter, splitOutside } from './quoted.ts';
import { join } from './url-join.ts';

export interface Link {
  /** A whole URL where the base is one. */
  readonly url: string;
  /** How the two are related, in lower case: `next`, `stylesheet`. */
  readonly rel: readonly string[];
  /** What it leads from, where that is not the base. */
  readonly anchor: string | undefined;
  /** The others by name in lower case, the first of each. `title*` counts as `title`, and before it. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Reads a Link, of which several are joined by commas. What is no link is left out. `base` is the URL of the answer. */
export function parseLinks(value: string | undefined, base: string): Link[] {
  return splitOutside(value ?? '', ',', true).flatMap((text) => {
    const link = parseLink(text, base);
    return link ? [link] : [];
  });
}

function parseLink(text: string, base: string): Link | undefined {
  const end = text.indexOf('>');
  const rest = text.slice(end + 1).trim();
  if (!text.startsWith('<') || end < 0 || (rest !== '' && !rest.startsWith(';'))) return undefined;
  const parameters = parametersOf(rest);
  const anchor = parameters.get('anchor');
  const rel = (parameters.get('rel') ?? '').toLowerCase().split(/\s+/);
  parameters.delete('anchor');
  parameters.delete('rel');
  const url = joined(base, text.slice(1, end).trim());
  if (url === undefined) return undefined;
  return {
    url,
    rel: rel.filter((each) => each !== ''),
    anchor: anchor === undefined ? undefined : joined(base, anchor),
    parameters,
  };
}

function parametersOf(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  const extended = new Map<string, string>();
  for (const piece of splitOutside(text, ';')) {
    const { name, value = '' } = parseParameter(piece) ?? {};
    if (name === undefined) continue;
    const decoded = name.endsWith('*') ? parseExtended(value) : undefined;
    if (decoded !== undefined) extended.set(name.slice(0, -1), decoded);
    else if (!parameters.has(name)) parameters.set(name, value);
  }
  for (const [name, value] of extended) parameters.set(name, value);
  return parameters;
}

/** Undefined for what is no URL. */
function joined(base: string, reference: string): string | undefined {
  try {
    return join(base, reference);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
