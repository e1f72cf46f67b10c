/** Messages as dot blocks (RFC 1939 3): what RETR and TOP send. */
import { DotEncoder } from '../wire/dot.ts';

/** A message as it is sent. */
export interface Block {
  /** With the final dot. */
  readonly octets: Buffer;
  /** Octets without the final dot and the dots that were doubled: what STAT and LIST count. */
  readonly size: number;
}

/** Makes a block of a message. Lines get their CRLF, the last one too. */
export function blockOf(content: Uint8Array): Block {
  const encoder = new DotEncoder();
  const octets = Buffer.concat([encoder.encode(content), encoder.finish()]);
  return { octets, size: octets.length - END.length - doubledDots(octets) };
}

/** A block of a message that comes in chunks. */
export async function* blockChunks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new DotEncoder();
  for await (const chunk of content) yield encoder.encode(chunk);
  yield encoder.finish();
}

const DOT = 0x2e;
const END = Buffer.from('.\r\n');
const DOUBLED = Buffer.from('\r\n..');

function doubledDots(block: Buffer): number {
  let count = block[0] === DOT && block[1] === DOT ? 1 : 0;
  for (let at = block.indexOf(DOUBLED); at >= 0; at = block.indexOf(DOUBLED, at + 2)) count++;
  return count;
}

/** The header of a block and `lines` lines of what follows the empty line: a block too, which may be the whole. */
export async function* topChunks(
  block: Uint8Array | AsyncIterable<Uint8Array>,
  lines: number,
): AsyncGenerator<Uint8Array> {
  const top = new Top(lines);
  for await (const chunk of block instanceof Uint8Array ? [block] : block) {
    const end = top.endIn(chunk);
    yield chunk.subarray(0, end);
    if (end !== undefined) return yield END;
  }
}

/** The same of a block that is there. */
export function topOf(block: Uint8Array, lines: number): Uint8Array {
  const end = new Top(lines).endIn(block);
  return end === undefined ? block : Buffer.concat([block.subarray(0, end), END]);
}

const CR = 0x0d;
const LF = 0x0a;

/** Finds where the top of a message ends. Every line ends with CRLF. */
class Top {
  /** How many lines of the body are still to come; undefined in the header. */
  #left: number | undefined;
  readonly #lines: number;
  /** Octets of the line that has begun in a chunk before. */
  #begun = 0;

  constructor(lines: number) {
    this.#lines = lines;
  }

  /** Where in this chunk the top ends; undefined where it goes on. */
  endIn(chunk: Uint8Array): number | undefined {
    for (let at = 0; ; ) {
      const lineEnd = chunk.indexOf(LF, at);
      if (lineEnd < 0) {
        this.#begun += chunk.length - at;
        return undefined;
      }
      const isEmpty = this.#begun + lineEnd - at === 1 && (lineEnd === 0 || chunk[lineEnd - 1] === CR);
      this.#begun = 0;
      at = lineEnd + 1;
      if (this.#left !== undefined) this.#left--;
      else if (isEmpty) this.#left = this.#lines;
      if (this.#left === 0) return at;
    }
  }
}
