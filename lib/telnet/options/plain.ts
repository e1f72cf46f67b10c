import type { Role, TelnetOption } from '../option.ts';

/** An option of which there is no more to say than that it is in use: ECHO, SGA, BINARY, EOR, TM. */
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
