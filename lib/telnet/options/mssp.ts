import { UsageError } from '../../core/errors.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import type { MsspVariables } from '../settings.ts';
import { PlainOption } from './plain.ts';
import { MAX_NAMES, MAX_TEXT, peerText } from './text.ts';

const VAR = 1;
const VAL = 2;

/** Variables as a subnegotiation: each has a name and one or more values. Throws UsageError for what cannot be sent. */
export function formatMssp(variables: MsspVariables): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(variables)) {
    const values = Array.isArray(value) ? value : [value];
    parts.push(Buffer.of(VAR), checked(name), ...values.flatMap((each) => [Buffer.of(VAL), checked(`${each}`)]));
  }
  return Buffer.concat(parts);
}

function checked(text: string): Buffer {
  const octets = Buffer.from(text, 'utf8');
  if (octets.length > MAX_TEXT || /[\0-\x02\xff]/.test(text)) {
    throw new UsageError('names and values of MSSP have 1 KiB at most, and neither NUL, VAR, VAL nor IAC');
  }
  return octets;
}

/**
 * What a game says of itself: up to 256 names, each with its values, of 1 KiB at most; others are left out. Undefined
 * when it begins with no name.
 */
export function parseMssp(data: Buffer): Map<string, string[]> | undefined {
  if (data.length > 0 && data[0] !== VAR) return undefined;
  const found = new Map<string, string[]>();
  let values: string[] | undefined;
  let count = 0;
  for (const { kind, text } of parts(data)) {
    if (count++ === 4 * MAX_NAMES) break;
    if (kind === VAL) {
      if (text !== undefined) values?.push(text);
    } else {
      // a name that comes again has further values
      values = text ? (found.get(text) ?? []) : undefined;
      if (text && values && (found.has(text) || found.size < MAX_NAMES)) found.set(text, values);
    }
  }
  return found;
}

function* parts(data: Buffer): Generator<{ kind: number; text: string | undefined }> {
  let from = 0;
  for (let at = 1; at <= data.length; at++) {
    const octet = data[at];
    if (octet !== undefined && octet !== VAR && octet !== VAL) continue;
    yield { kind: data[from] ?? VAR, text: peerText(data.subarray(from + 1, at)) };
    from = at;
  }
}

/** MSSP: a game tells crawlers its name, how many play, and what else it says of itself. */
export class Mssp extends PlainOption {
  /** A long list of facts: more than 256 names are not read anyway. */
  readonly longest = 64 * 1024;
  readonly #variables: Buffer;

  /** Throws UsageError for variables that cannot be sent. */
  constructor(role: Role, variables: MsspVariables = {}) {
    super(OPTIONS.MSSP, role);
    this.#variables = formatMssp(variables);
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side === 'local' && enabled) port.subnegotiate(this.code, this.#variables);
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    const variables = port.enabled('remote', this.code) ? parseMssp(data) : undefined;
    if (variables) port.emit({ type: 'mssp', variables });
    else port.note('variables of MSSP that are none');
  }
}
