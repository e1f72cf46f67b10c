import { COMMANDS, OPTIONS, optionName } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';

const IS = 0;
const SEND = 1;

const { WILL, DO, SB, SE } = COMMANDS;

/** One option in use, seen from the end that reads this. */
export interface InUse {
  readonly side: Side;
  readonly option: number;
}

/** IS, and every option in use: WILL for what this end does, DO for what the peer does (RFC 859). */
export function formatStatus(inUse: readonly InUse[]): Buffer {
  const octets = inUse.flatMap(({ side, option }) => [
    side === 'local' ? WILL : DO,
    // SE as a number is doubled
    ...(option === SE ? [SE, SE] : [option]),
  ]);
  return Buffer.from([IS, ...octets]);
}

/**
 * What the peer believes is in use (RFC 859), seen from here: its WILL is our `remote`. Subnegotiations in it are passed
 * over. Undefined when it is malformed.
 */
export function parseStatus(data: Buffer): InUse[] | undefined {
  const found = new Map<number, InUse>();
  let at = 1;
  while (at < data.length) {
    const verb = data[at++];
    if (verb === SB) at = behindSubnegotiation(data, at);
    else {
      const option = data[at++];
      if (option === undefined || (verb !== WILL && verb !== DO)) return undefined;
      if (option === SE && data[at] === SE) at++;
      const side = verb === WILL ? 'remote' : 'local';
      found.set(side === 'local' ? option : option + 256, { side, option });
    }
  }
  return [...found.values()];
}

/** The place behind the lone SE that ends a subnegotiation inside of IS. */
function behindSubnegotiation(data: Buffer, from: number): number {
  let at = from;
  while (at < data.length) {
    if (data[at++] !== SE) continue;
    if (data[at] !== SE) break;
    at++;
  }
  return at;
}

/** STATUS (RFC 859): who does it tells, when asked, which options it believes are in use. */
export class Status extends PlainOption {
  constructor(role: Role) {
    super(OPTIONS.STATUS, role);
  }

  /** Asks what the peer believes is in use: the answer is an event. Nothing happens where the peer does not tell. */
  ask(port: OptionPort): void {
    if (port.enabled('remote', this.code)) port.subnegotiate(this.code, Buffer.of(SEND));
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    if (data[0] === SEND && data.length === 1) {
      if (port.enabled('local', this.code)) port.subnegotiate(this.code, formatStatus(port.inUse()));
      return;
    }
    const options = data[0] === IS && port.enabled('remote', this.code) ? parseStatus(data) : undefined;
    if (!options) port.note('a status that is none');
    else port.emit({ type: 'status', options: options.map((each) => ({ ...each, name: optionName(each.option) })) });
  }
}
