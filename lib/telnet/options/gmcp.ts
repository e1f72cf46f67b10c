import { UsageError } from '../../core/errors.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import type { GmcpHello } from '../settings.ts';
import { PlainOption } from './plain.ts';
import { harmless } from './text.ts';

/** `Core.Supports.Set`: words between dots. */
const PACKAGE = /^[A-Za-z0-9_.-]{1,128}$/;

export interface GmcpMessage {
  readonly package: string;
  /** What its JSON says; where it is none, the text itself. Undefined when there is nothing. */
  readonly data: unknown;
}

/** A package, and its data as JSON. Throws UsageError for what is no name of a package, and for what JSON cannot say. */
export function formatGmcp(name: string, data?: unknown): Buffer {
  if (!PACKAGE.test(name)) throw new UsageError('a package of GMCP is letters, digits, dots, hyphens and underscores');
  if (data === undefined) return Buffer.from(name, 'latin1');
  const json = asJson(data);
  if (json === undefined) throw new UsageError('this data of GMCP cannot be written as JSON');
  return Buffer.from(`${name} ${json}`, 'utf8');
}

function asJson(data: unknown): string | undefined {
  try {
    return JSON.stringify(data);
  } catch {
    return undefined;
  }
}

/** A message of GMCP; undefined when it begins with no package. */
export function parseGmcp(octets: Buffer): GmcpMessage | undefined {
  const text = octets.toString('utf8');
  const space = text.indexOf(' ');
  const name = space < 0 ? text : text.slice(0, space);
  if (!PACKAGE.test(name)) return undefined;
  const json = space < 0 ? '' : text.slice(space + 1).trim();
  return { package: name, data: json === '' ? undefined : fromJson(json) };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return harmless(text);
  }
}

/** GMCP: messages of a game beside its text, in both directions. The server offers it, and the client says who it is. */
export class Gmcp extends PlainOption {
  /** A list of what lies in a room, or of all skills, is long. */
  readonly longest = 1024 * 1024;
  readonly #hello: readonly Buffer[];

  /** Throws UsageError when what the client says of itself cannot be sent. */
  constructor(role: Role, hello?: GmcpHello) {
    super(OPTIONS.GMCP, role);
    this.#hello = hello ? greeting(hello) : [];
  }

  /** Sends a message. Throws UsageError when GMCP is not in use, and for what cannot be sent. */
  send(port: OptionPort, name: string, data?: unknown): void {
    const octets = formatGmcp(name, data);
    if (!port.enabled('local', this.code) && !port.enabled('remote', this.code)) {
      throw new UsageError('the peer does not take part in GMCP', { reason: 'unsupported' });
    }
    port.subnegotiate(this.code, octets);
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side === 'remote' && enabled) for (const each of this.#hello) port.subnegotiate(this.code, each);
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    const message = parseGmcp(data);
    if (message) port.emit({ type: 'gmcp', ...message });
    else port.note('a message of GMCP without a package');
  }
}

function greeting({ client, version, supports }: GmcpHello): Buffer[] {
  const hello = formatGmcp('Core.Hello', { client, version });
  return supports ? [hello, formatGmcp('Core.Supports.Set', supports)] : [hello];
}
