import { UsageError } from '../../core/errors.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';
import { printable } from './text.ts';

const IS = 0;
const SEND = 1;
const MAX_LOCATION = 255;

/** IS, and where the display is (RFC 1096). Throws UsageError unless it is up to 255 printable characters of ASCII. */
export function formatDisplay(location: string): Buffer {
  const octets = Buffer.from(location, 'utf8');
  if (!printable(octets, MAX_LOCATION)) {
    throw new UsageError('the location of an X display is up to 255 printable characters of ASCII, as host:0.0');
  }
  return Buffer.concat([Buffer.of(IS), octets]);
}

/** The location behind IS (RFC 1096); undefined for anything else. */
export function parseDisplay(data: Buffer): string | undefined {
  const octets = data.subarray(1);
  return data[0] === IS && printable(octets, MAX_LOCATION) ? octets.toString('latin1') : undefined;
}

/** XDISPLOC (RFC 1096): where the X display of the client is. */
export class DisplayLocation extends PlainOption {
  readonly #answer: Buffer | undefined;

  /** Throws UsageError when the location cannot be told. */
  constructor(role: Role, location?: string) {
    super(OPTIONS.XDISPLOC, role);
    this.#answer = location === undefined ? undefined : formatDisplay(location);
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side === 'remote' && enabled) port.subnegotiate(this.code, Buffer.of(SEND));
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    const location = parseDisplay(data);
    if (data[0] === SEND && data.length === 1) {
      if (this.#answer && port.enabled('local', this.code)) port.subnegotiate(this.code, this.#answer);
    } else if (location !== undefined && port.enabled('remote', this.code)) port.emit({ type: 'display', location });
    else port.note('the location of a display that is none');
  }
}
