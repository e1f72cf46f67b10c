/** The fields of an overview, as LIST OVERVIEW.FMT names them (RFC 3977 8.4, RFC 2980 2.1.7). */
import { excerpt, limitError } from '../core/errors.ts';
import { broken } from './codes.ts';

/** A field behind the first seven: with `full`, its name and a colon stand before its value. */
export interface ExtraField {
  /** As the server writes it, without the colon at its end; metadata begins with one. */
  readonly name: string;
  readonly full: boolean;
}

/** The first seven fields are always the same. */
export interface OverviewFormat {
  readonly extras: readonly ExtraField[];
  /** Where an extra is among them, by its name in lower case. */
  readonly places: ReadonlyMap<string, number>;
}

/** `3977` writes `:bytes` and `:lines`, `2980` writes `Bytes:` and `Lines:`, which is all that some old clients take. */
export type Dialect = '3977' | '2980';

const FIXED = ['subject', 'from', 'date', 'message-id', 'references', 'bytes', 'lines'];
const WRITTEN: Readonly<Record<Dialect, readonly string[]>> = {
  '3977': ['Subject:', 'From:', 'Date:', 'Message-ID:', 'References:', ':bytes', ':lines'],
  '2980': ['Subject:', 'From:', 'Date:', 'Message-ID:', 'References:', 'Bytes:', 'Lines:'],
};
const MAX_FIELDS = 256;

export function overviewFormat(extras: readonly ExtraField[]): OverviewFormat {
  const places = new Map<string, number>();
  extras.forEach(({ name }, place) => {
    const key = name.toLowerCase();
    if (!places.has(key)) places.set(key, place);
  });
  return { extras, places };
}

/** What to go by where a server does not say: most send Xref behind the seven. */
export const USUAL_FORMAT: OverviewFormat = overviewFormat([{ name: 'Xref', full: true }]);

/**
 * Reads the lines of LIST OVERVIEW.FMT, in either dialect. Throws ProtocolError when the first seven are others than the
 * RFC's, for what is no field name, and for more than 256 fields.
 */
export function parseOverviewFormat(lines: readonly string[]): OverviewFormat {
  if (lines.length > MAX_FIELDS) throw limitError('the fields of an overview', MAX_FIELDS, { protocol: 'nntp' });
  const fields = lines.map(parseField);
  const wrong = FIXED.findIndex((name, i) => fields[i]?.name.toLowerCase().replace(/^:/, '') !== name);
  if (wrong >= 0)
    throw broken(`field ${wrong + 1} of an overview is ${FIXED[wrong]}, not ${excerpt(lines[wrong] ?? '')}`);
  return overviewFormat(fields.slice(FIXED.length));
}

function parseField(line: string): ExtraField {
  const [, metadata = '', name, full] = /^(:?)([\x21-\x39\x3b-\x7e]{1,200}):?(full)?[ \t]*$/i.exec(line) ?? [];
  if (name === undefined) throw broken(`a field of an overview is Name: or :name, not ${excerpt(line)}`);
  return { name: metadata + name, full: full !== undefined };
}

/** The lines of LIST OVERVIEW.FMT, without their line ends. */
export function formatOverviewFormat({ extras }: OverviewFormat, dialect: Dialect = '3977'): string[] {
  const written = extras.map(({ name, full }) => (name.startsWith(':') ? name : `${name}:${full ? 'full' : ''}`));
  return [...WRITTEN[dialect], ...written];
}
