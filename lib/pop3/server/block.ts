/** Messages as dot blocks (RFC 1939 3): what RETR and TOP send. */
import { DotEncoder } from '../../wire/dot.ts';
import type { KeptMessage } from '../fixture.ts';

const CR = 0x0d;
const LF = 0x0a;
const END = Buffer.from('.\r\n');
const EMPTY_LINE = 2;

/** A message as a block, the final dot included. Lines get their CRLF, the last one too. */
export function blockOf(content: Uint8Array): Buffer {
  const encoder = new DotEncoder();
  return Buffer.concat([encoder.encode(content), encoder.finish()]);
}

/** The header of a block and `lines` lines of what follows the empty line: a block too, which may be the whole. */
export function topOf(block: Buffer, lines: number): Buffer {
  let left: number | undefined;
  for (let at = 0; ; ) {
    const end = block.indexOf(LF, at) + 1;
    if (end === 0) return block;
    if (left !== undefined) left--;
    else if (end - at === EMPTY_LINE) left = lines;
    if (left === 0) return Buffer.concat([block.subarray(0, end), END]);
    at = end;
  }
}

const SIZES = new WeakMap<KeptMessage, number>();

/** The octets of a message as its lines end with CRLF, the last one too: what STAT and LIST say. They are counted once. */
export function sizeOf(message: KeptMessage): number | Promise<number> {
  const known = SIZES.get(message);
  if (known !== undefined) return known;
  const content = message.content();
  return content instanceof Uint8Array ? count(message, content) : content.then((octets) => count(message, octets));
}

function count(message: KeptMessage, content: Uint8Array): number {
  let added = 0;
  let before = LF;
  for (const octet of content) {
    if ((octet === LF) !== (before === CR)) added++;
    before = octet;
  }
  const size = content.length + added + (before === LF ? 0 : before === CR ? 1 : 2);
  SIZES.set(message, size);
  return size;
}
