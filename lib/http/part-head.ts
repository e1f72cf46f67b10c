/** The header of a part of a form (RFC 7578 4.2). */
import { excerpt, limitError, ProtocolError } from '../core/errors.ts';
import { type Field, HeaderBlock } from '../wire/headers.ts';
import { parseExtended } from './extended.ts';
import { parseMediaType } from './media-type.ts';
import { splitOutside } from './quoted.ts';

/** What a part says of itself. */
export interface PartHead {
  readonly name: string;
  /** As it was sent: anything, a path of another machine too. Undefined for what is no file. */
  readonly filename: string | undefined;
  /** Its Content-Type, as it was sent; undefined where there is none. */
  readonly type: string | undefined;
  readonly headers: HeaderBlock;
}

export interface HeadRules {
  /** The most lines of a header. */
  readonly lines: number;
  /** The name of the part that this one is inside of: it may have no own name then, and another disposition. */
  readonly within?: string | undefined;
}

/** As nearly all say it: nothing is escaped, and nothing else is said. */
const PLAIN = '"([^"\\\\%\\x00-\\x1f\\x7f]*)"';
const USUAL = new RegExp(
  `^content-disposition: ?form-data; name=${PLAIN}(?:; filename=${PLAIN})?(?:\\r\\ncontent-type: ?([!-~][ -~]*))?$`,
  'i',
);
const PARAMETERS = 100;

/**
 * Reads the lines of a header, without the empty one. Throws ProtocolError for what is no header of a part of a form, and
 * (`limit`) for too many lines or more than 100 parameters.
 */
export function readPartHead(text: string, rules: HeadRules): PartHead {
  const [usual, name, filename, type] = USUAL.exec(text) ?? [];
  if (usual !== undefined && name !== undefined) return new UsualHead(text, name, filename, type?.trim());
  const fields = fieldsOf(text, rules.lines);
  const headers = HeaderBlock.received(fields);
  const [disposition, another] = headers.getAll('content-disposition');
  if (another !== undefined) throw new ProtocolError('a part of a form with two dispositions: one says what it is');
  return { ...described(disposition, rules.within), type: headers.get('content-type'), headers };
}

/** Most heads are asked for nothing but name and file name: their fields are made when somebody wants them. */
class UsualHead implements PartHead {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly #text: string;

  constructor(text: string, name: string, filename: string | undefined, type: string | undefined) {
    this.#text = text;
    this.name = name;
    this.filename = filename;
    this.type = type;
  }

  get headers(): HeaderBlock {
    return HeaderBlock.received(fieldsOf(this.#text, 2));
  }
}

/** Whether the body of a part is parts again. A file is a file, whatever its type. */
export function isContainer({ filename, type }: PartHead): boolean {
  return filename === undefined && type !== undefined && parseMediaType(type).type.startsWith('multipart/');
}

function fieldsOf(text: string, most: number): Field[] {
  if (text === '') return [];
  const lines = text.split('\r\n', most + 1);
  if (lines.length > most) throw limitError('the lines of the header of a part', most);
  const fields: [name: string, value: string][] = [];
  for (const line of lines) {
    if (/[\0\r\n]/.test(line))
      throw new ProtocolError('a header of a part whose lines do not end with CR LF, or with NUL');
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last) last[1] += ` ${line.trim()}`;
    else fields.push(fieldOf(line));
  }
  return fields;
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!/^[\w!#$%&'*+\-.^`|~]+$/.test(name)) throw new ProtocolError(`no field of a header of a part: ${excerpt(line)}`);
  return [name, line.slice(colon + 1).trim()];
}

/** Where both say something, `filename` counts: in forms there should be no `filename*`. */
function described(value: string | undefined, within: string | undefined): Pick<PartHead, 'name' | 'filename'> {
  const [type = '', ...pieces] = splitOutside(value ?? '', ';');
  if (within === undefined && !/^form-data$/i.test(type))
    throw new ProtocolError('a part of a form says Content-Disposition: form-data, and its name');
  const parameters = parametersOf(pieces);
  const name = parameters.get('name') ?? within;
  if (name === undefined) throw new ProtocolError('a part of a form without a name');
  const extended = parameters.get('filename*');
  const filename = parameters.get('filename') ?? (extended === undefined ? undefined : (parseExtended(extended) ?? ''));
  return { name, filename };
}

/** By name in lower case: the first of each. */
function parametersOf(pieces: readonly string[]): ReadonlyMap<string, string> {
  if (pieces.length > PARAMETERS) throw limitError('the parameters of a part', PARAMETERS);
  const parameters = new Map<string, string>();
  for (const piece of pieces) {
    const [, name = '', value] = /^([^\s"=]+)[ \t]*=(.*)$/s.exec(piece) ?? [];
    if (value === undefined) throw new ProtocolError(`no parameter of a part: ${excerpt(piece)}`);
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, unescaped(value.trim()));
  }
  return parameters;
}

/**
 * As browsers write names: `%22`, `%0D`, `%0A` for what cannot stand between quotes, and nothing else. Older programs have
 * a backslash before `"` and another backslash; any other is one of a path.
 */
function unescaped(value: string): string {
  if (!value.startsWith('"')) {
    if (/[\s"]/.test(value) || value === '') throw new ProtocolError(`no value of a parameter: ${excerpt(value)}`);
    return value;
  }
  if (!/^"(?:[^"\\]|\\.)*"$/s.test(value)) throw new ProtocolError(`no value of a parameter: ${excerpt(value)}`);
  return value
    .slice(1, -1)
    .replace(/\\(["\\])/g, '$1')
    .replace(/%(22|0d|0a)/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
