import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';

const NOTHING = Buffer.alloc(0);

/**
 * MCCP2 (86): a server compresses what it sends, from its empty subnegotiation on. MCCP3 (87): the server offers it, and
 * the client compresses what it sends, from its empty subnegotiation on. Here are only the moments at which it begins
 * and ends; what is sent behind the `compression` event is compressed by whoever has the connection.
 */
export class Compression extends PlainOption {
  /** On which side of ours the option stands when this end is the one that compresses. */
  readonly #compresses: Side;
  #active = false;

  constructor(code: typeof OPTIONS.MCCP2 | typeof OPTIONS.MCCP3, role: Role) {
    super(code, role);
    this.#compresses = code === OPTIONS.MCCP2 ? 'local' : 'remote';
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side !== this.#compresses || enabled === this.#active) return;
    this.#active = enabled;
    if (enabled) port.subnegotiate(this.code, NOTHING);
    port.emit({ type: 'compression', direction: 'out', active: enabled });
  }

  subnegotiated(_data: Buffer, port: OptionPort): void {
    const decompresses = this.#compresses === 'local' ? 'remote' : 'local';
    if (!port.enabled(decompresses, this.code)) return;
    port.emit({ type: 'compression', direction: 'in', active: true });
  }
}
