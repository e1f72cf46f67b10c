/**
 * A dialogue as RFCs print them, to be played. One step a line:
 *
 * - `C: text`, `S: text`: the client, the server says this line; CR LF is added
 * - `C| octets`, `S| octets`: exactly this, with `\r \n \t \0 \\ \xNN` for what cannot be written
 * - `C~ pattern`, `S~ pattern`: a line that this regular expression finds something in; it can be heard, not said
 * - `*: tls`, `*: close`, `*: reset`: both begin TLS; the server ends the connection, or resets it
 * - `# remark`, and empty lines
 */
import { UsageError } from '../core/errors.ts';

export type Side = 'C' | 'S';

interface Line {
  readonly at: number;
  readonly source: string;
}

/** What one side says: these octets, or a line that fits a pattern. */
export type Hearing = Line & { readonly from: Side } & ({ readonly octets: Buffer } | { readonly pattern: RegExp });

/** What becomes of the connection. */
export type Happening = Line & { readonly from: '*'; readonly event: 'tls' | 'close' | 'reset' };

export type Step = Hearing | Happening;

/** Reads a dialogue. Throws UsageError with the number of a line that is none of the above. */
export function parseDialogue(text: string): Step[] {
  return text.split(/\r?\n/).flatMap((line, i) => parseStep(line.trimStart(), i + 1));
}

function parseStep(source: string, at: number): Step[] {
  if (source === '' || source.startsWith('#')) return [];
  const [, from, kind, text = ''] = /^([CS*])([:|~]) ?(.*)$/s.exec(source) ?? [];
  if (from === '*' && kind === ':') return [{ at, from, event: parseEvent(text.trim(), at), source }];
  if (from !== 'C' && from !== 'S') {
    throw new UsageError(`line ${at} of the dialogue begins with none of C: S: C| S| C~ S~ *: #`);
  }
  if (kind === '~') return [{ at, from, pattern: parsePattern(text, at), source }];
  const octets = kind === '|' ? octetsOf(text, at) : Buffer.from(`${text}\r\n`, 'utf8');
  return [{ at, from, octets, source }];
}

function parseEvent(text: string, at: number): Happening['event'] {
  if (text === 'tls' || text === 'close' || text === 'reset') return text;
  throw new UsageError(`line ${at} of the dialogue: what can happen is tls, close or reset`);
}

function parsePattern(text: string, at: number): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new UsageError(`line ${at} of the dialogue is no regular expression`, { cause });
  }
}

const ESCAPED: Readonly<Record<string, number>> = { r: 13, n: 10, t: 9, '0': 0, '\\': 92 };

function octetsOf(text: string, at: number): Buffer {
  const parts = text.split(/(\\(?:x[0-9A-Fa-f]{2}|.|$))/);
  return Buffer.concat(
    parts.map((part, i) => {
      if (i % 2 === 0) return Buffer.from(part, 'utf8');
      const octet = part.length === 4 ? Number.parseInt(part.slice(2), 16) : ESCAPED[part.slice(1)];
      if (octet === undefined) throw new UsageError(`line ${at} of the dialogue: ${part} is no escape`);
      return Buffer.of(octet);
    }),
  );
}

/** Octets as they would be written behind `C|`. */
export function shown(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += shownOctet(octet);
  return text;
}

function shownOctet(octet: number): string {
  const name = Object.entries(ESCAPED).find(([, its]) => its === octet)?.[0];
  if (name !== undefined) return `\\${name}`;
  return octet >= 32 && octet < 127 ? String.fromCharCode(octet) : `\\x${octet.toString(16).padStart(2, '0')}`;
}
