import { UsageError } from '../../core/errors.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';

/** In characters; 0 leaves it open. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A size as four octets (RFC 1073). Throws UsageError unless both are whole numbers from 0 to 65535. */
export function formatSize({ columns, rows }: Size): Buffer {
  for (const each of [columns, rows]) {
    if (!Number.isInteger(each) || each < 0 || each > 0xffff) {
      throw new UsageError('columns and rows of a window are whole numbers from 0 to 65535');
    }
  }
  return Buffer.from([columns >> 8, columns & 0xff, rows >> 8, rows & 0xff]);
}

/** A size of four octets (RFC 1073); undefined for anything else. */
export function parseSize(data: Buffer): Size | undefined {
  return data.length === 4 ? { columns: data.readUInt16BE(0), rows: data.readUInt16BE(2) } : undefined;
}

/** NAWS (RFC 1073): a client tells how large its window is, and again whenever that changes. */
export class WindowSize extends PlainOption {
  #size: Size | undefined;

  /** Throws UsageError when a size cannot be told. */
  constructor(role: Role, size?: Size) {
    super(OPTIONS.NAWS, role);
    if (size) formatSize(size);
    this.#size = size;
  }

  /** Who has no size has nothing to tell. */
  override get local(): boolean {
    return super.local && this.#size !== undefined;
  }

  /** The window is of another size: the peer is told, if it wants to know. Throws UsageError when it cannot be told. */
  resize(port: OptionPort, columns: number, rows: number): void {
    const size = { columns, rows };
    const data = formatSize(size);
    this.#size = size;
    if (port.enabled('local', this.code)) port.subnegotiate(this.code, data);
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side === 'local' && enabled && this.#size) port.subnegotiate(this.code, formatSize(this.#size));
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    if (!port.enabled('remote', this.code)) return;
    const size = parseSize(data);
    if (size) port.emit({ type: 'window-size', ...size });
    else port.note(`a window size of ${data.length} octets`);
  }
}
