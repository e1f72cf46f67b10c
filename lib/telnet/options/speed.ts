import { UsageError } from '../../core/errors.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';

const IS = 0;
const SEND = 1;

/** In bits per second. */
export interface Speed {
  readonly transmit: number;
  readonly receive: number;
}

/** IS, and both speeds (RFC 1079). */
export function formatSpeed({ transmit, receive }: Speed): Buffer {
  return Buffer.concat([Buffer.of(IS), Buffer.from(`${transmit},${receive}`, 'latin1')]);
}

/** The speeds behind IS (RFC 1079): `38400,38400`; undefined for anything else. */
export function parseSpeed(data: Buffer): Speed | undefined {
  if (data[0] !== IS || data.length > 32) return undefined;
  const found = /^(\d{1,15}),(\d{1,15})$/.exec(data.toString('latin1', 1));
  return found ? { transmit: Number(found[1]), receive: Number(found[2]) } : undefined;
}

/** TSPEED (RFC 1079): how fast the terminal is. */
export class TerminalSpeed extends PlainOption {
  readonly #speed: number | undefined;

  /** Throws UsageError unless the speed is a whole number of bits per second. */
  constructor(role: Role, speed?: number) {
    super(OPTIONS.TSPEED, role);
    if (speed !== undefined && !(Number.isSafeInteger(speed) && speed > 0 && speed < 1e15)) {
      throw new UsageError('the speed of a terminal is a whole number of bits per second');
    }
    this.#speed = speed;
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side === 'remote' && enabled) port.subnegotiate(this.code, Buffer.of(SEND));
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    const speed = parseSpeed(data);
    if (data[0] === SEND && data.length === 1) this.#answer(port);
    else if (speed && port.enabled('remote', this.code)) port.emit({ type: 'terminal-speed', ...speed });
    else port.note('a terminal speed that is none');
  }

  #answer(port: OptionPort): void {
    if (this.#speed === undefined || !port.enabled('local', this.code)) return;
    port.subnegotiate(this.code, formatSpeed({ transmit: this.#speed, receive: this.#speed }));
  }
}
