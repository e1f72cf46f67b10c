/** Bodies that have come already, with their final dot line: nobody has to wait for them, nor for who reads them. */
import type { Flow } from '../core/resource.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import { DotDecoder } from '../wire/dot.ts';

const END = Buffer.from('\r\n.\r\n');

/** Whether a dot block is all there; the line before it has been taken. */
export function isWhole(bytes: ReceiveBuffer): boolean {
  const there = bytes.peek();
  return there.includes(END) || there.subarray(0, 3).equals(END.subarray(2));
}

/** A dot block that is all there, the caller's to keep. */
export function takeWhole(bytes: ReceiveBuffer): Buffer {
  const parts: Buffer[] = [];
  new DotDecoder().decode(bytes, (part) => parts.push(Buffer.from(part)));
  const [only, ...more] = parts;
  return only && more.length === 0 ? only : Buffer.concat(parts);
}

/** A body that has come already. */
export class Whole implements Flow {
  #octets: Buffer | undefined;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get complete(): boolean {
    return this.#octets === undefined;
  }

  async pull(): Promise<Buffer | undefined> {
    const octets = this.#octets;
    this.#octets = undefined;
    return octets?.length ? octets : undefined;
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    const octets = this.#octets;
    this.#octets = undefined;
    if (octets?.length) sink(octets);
  }
}
