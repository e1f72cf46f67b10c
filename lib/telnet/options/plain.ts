import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side, TelnetOption } from '../option.ts';

/** An option of which there is no more to say than that it is in use: ECHO, SGA, BINARY, EOR. */
export class PlainOption implements TelnetOption {
  readonly code: number;
  readonly asks: Role['asks'];
  readonly #role: Role;

  constructor(code: number, role: Role) {
    this.code = code;
    this.asks = role.asks;
    this.#role = role;
  }

  get local(): boolean {
    return this.#role.local ?? false;
  }

  get remote(): boolean {
    return this.#role.remote ?? false;
  }
}

/** A mark in what is sent: its answer says that everything before it has been dealt with, whichever it is (RFC 860). */
export class TimingMark extends PlainOption {
  readonly momentary = true;

  constructor(role: Role) {
    super(OPTIONS.TM, role);
  }

  changed(side: Side, _enabled: boolean, port: OptionPort): void {
    if (side === 'remote') port.emit({ type: 'timing-mark' });
  }
}
