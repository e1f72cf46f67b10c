import { UsageError } from '../../core/errors.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';
import { MAX_NAMES, MAX_TEXT, peerText } from './text.ts';

const IS = 0;
const SEND = 1;
const INFO = 2;

const VAR = 0;
const VALUE = 1;
const ESC = 2;
const USERVAR = 3;

/** The variables that RFC 1572 names: they are VAR, all others USERVAR. */
const WELL_KNOWN: ReadonlySet<string> = new Set(['USER', 'JOB', 'ACCT', 'PRINTER', 'SYSTEMTYPE', 'DISPLAY']);

type Kind = typeof VAR | typeof USERVAR;

/** Names and their values, of the well-known kind and of the user's; null is a variable that is not there. */
export interface Variables {
  readonly variables: Map<string, string | null>;
  readonly user: Map<string, string | null>;
}

/** One part of a subnegotiation: what it begins with, and the octets up to the next, ESC undone. */
interface Item {
  readonly kind: number;
  readonly text: Buffer;
}

/** One variable as it is sent; without a value it is not there. */
interface Variable {
  readonly kind: Kind;
  readonly name: Uint8Array;
  readonly value?: Uint8Array | undefined;
}

/** The parts of a subnegotiation (RFC 1572); undefined when it begins with none, or ends in the middle of ESC. */
function itemsOf(data: Buffer): Item[] | undefined {
  const items: Item[] = [];
  let kind: number | undefined;
  let text: number[] = [];
  const end = (): void => void (kind !== undefined && items.push({ kind, text: Buffer.from(text) }));
  for (let at = 0; at < data.length; at++) {
    let octet = data[at] ?? 0;
    if (octet === VAR || octet === USERVAR || octet === VALUE) {
      end();
      kind = octet;
      text = [];
      continue;
    }
    if (kind === undefined) return undefined;
    if (octet === ESC) {
      at++;
      if (at === data.length) return undefined;
      octet = data[at] ?? 0;
    }
    text.push(octet);
  }
  end();
  return items;
}

/**
 * The variables behind IS or INFO (RFC 1572): 256 at most, with names and values of 1 KiB at most; others are left out.
 * Undefined when it is malformed.
 */
export function parseVariables(data: Buffer): Variables | undefined {
  const items = itemsOf(data.subarray(1));
  if (!items) return undefined;
  const found: Variables = { variables: new Map(), user: new Map() };
  for (const [i, { kind, text }] of items.entries()) {
    if (kind === VALUE) continue;
    const next = items[i + 1];
    const name = peerText(text);
    const value = next?.kind === VALUE ? peerText(next.text) : null;
    if (!name || value === undefined) continue;
    if (found.variables.size + found.user.size === MAX_NAMES) break;
    (kind === VAR ? found.variables : found.user).set(name, value);
  }
  return found;
}

/** What a SEND asks for (RFC 1572), each once: kinds and names; an empty name is all of the kind. Undefined when malformed. */
function parseRequest(data: Buffer): Item[] | undefined {
  const items = itemsOf(data.subarray(1));
  if (!items || items.some(({ kind }) => kind === VALUE)) return undefined;
  // who asks for one a thousand times is told once
  return [...new Map(items.map((item) => [`${item.kind}${item.text.toString('latin1')}`, item])).values()];
}

/** Variables as a subnegotiation: VAR, VALUE, ESC and USERVAR in names and values are escaped (RFC 1572). */
function formatVariables(command: typeof IS | typeof INFO, variables: readonly Variable[]): Buffer {
  const parts: Uint8Array[] = [Buffer.of(command)];
  for (const { kind, name, value } of variables) {
    parts.push(Buffer.of(kind), escaped(name));
    if (value) parts.push(Buffer.of(VALUE), escaped(value));
  }
  return Buffer.concat(parts);
}

function escaped(octets: Uint8Array): Buffer {
  return Buffer.from(Array.from(octets).flatMap((octet) => (octet <= USERVAR ? [ESC, octet] : [octet])));
}

/** SEND for these variables; for all of them where there are none (RFC 1572). */
function formatRequest(names: readonly string[]): Buffer {
  return Buffer.concat([
    Buffer.of(SEND),
    ...names.flatMap((name) => [Buffer.of(kindOf(name)), escaped(Buffer.from(name, 'utf8'))]),
  ]);
}

function kindOf(name: string): Kind {
  return WELL_KNOWN.has(name) ? VAR : USERVAR;
}

/**
 * NEW-ENVIRON (RFC 1572). A client tells the variables that it was given, and no others, and only when it is asked;
 * nothing is ever read from the environment of the process.
 */
export class Environment extends PlainOption {
  readonly #variables = new Map<string, string>();
  readonly #asksFor: Buffer;

  /** `env` is what may be told; `names` what a server asks for. Throws UsageError for what cannot be told. */
  constructor(role: Role, env: Readonly<Record<string, string>> = {}, names: readonly string[] = []) {
    super(OPTIONS.NEW_ENVIRON, role);
    for (const [name, value] of Object.entries(env)) this.#variables.set(name, checked(name, value));
    for (const name of names) checked(name, '');
    this.#asksFor = formatRequest(names);
  }

  /** Who has no variables has nothing to tell. */
  override get local(): boolean {
    return super.local && this.#variables.size > 0;
  }

  /** A variable has another value, or none any more: the peer is told (INFO). Throws UsageError when it cannot be told. */
  change(port: OptionPort, name: string, value: string | undefined): void {
    checked(name, value ?? '');
    if (value === undefined) this.#variables.delete(name);
    else this.#variables.set(name, value);
    if (port.enabled('local', this.code)) port.subnegotiate(this.code, formatVariables(INFO, [this.#named(name)]));
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side === 'remote' && enabled) port.subnegotiate(this.code, this.#asksFor);
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    if (data[0] === SEND) this.#answer(data, port);
    else if (data[0] === IS || data[0] === INFO) this.#heard(data, port);
    else port.note('a subnegotiation of NEW-ENVIRON that is none');
  }

  #answer(data: Buffer, port: OptionPort): void {
    const request = parseRequest(data);
    if (!request) port.note('a malformed SEND of NEW-ENVIRON');
    else if (port.enabled('local', this.code)) {
      const asked = request.length === 0 ? this.#all() : request.flatMap((item) => this.#asked(item));
      port.subnegotiate(this.code, formatVariables(IS, asked));
    }
  }

  #asked({ kind, text }: Item): Variable[] {
    const asked = kind === VAR ? VAR : USERVAR;
    if (text.length === 0) return this.#all().filter((each) => each.kind === asked);
    // under the kind that was asked for, and an unknown name as it was written
    return [{ ...this.#named(text.toString('utf8')), kind: asked, name: text }];
  }

  #all(): Variable[] {
    return [...this.#variables.keys()].map((name) => this.#named(name));
  }

  #named(name: string): Variable {
    const value = this.#variables.get(name);
    return {
      kind: kindOf(name),
      name: Buffer.from(name, 'utf8'),
      value: value === undefined ? undefined : Buffer.from(value, 'utf8'),
    };
  }

  #heard(data: Buffer, port: OptionPort): void {
    const found = parseVariables(data);
    if (found && port.enabled('remote', this.code)) port.emit({ type: 'environment', ...found });
    else port.note('variables that are none, or that nobody asked for');
  }
}

/** A value that can be told. Throws UsageError when it or its name cannot. */
function checked(name: string, value: string): string {
  const bad = (text: string): boolean => /[\0\r\n\xff]/.test(text) || Buffer.byteLength(text) > MAX_TEXT;
  if (name === '' || bad(name))
    throw new UsageError('a variable has a name of 1 KiB at most, without CR, LF, NUL or IAC');
  if (bad(value)) throw new UsageError(`the variable ${name} has more than 1 KiB, or CR, LF, NUL or IAC`);
  // some servers hand it to login as it is, where it would be an option
  if (name.toUpperCase() === 'USER' && value.startsWith('-')) {
    throw new UsageError('the variable USER must not begin with a hyphen: servers may take it for an option of login');
  }
  return value;
}
