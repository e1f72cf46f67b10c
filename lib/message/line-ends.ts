/** Line ends: CRLF on the wire, LF in files. A CR that stands before no LF is data, and stays. */

const CR = 0x0d;
const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** CRLF to LF, in octets that come in pieces. */
export class LineFeeds {
  #held = false;

  /** What a piece becomes, in memory of its own. A CR at its end is held back until it is known what follows. */
  convert(piece: Uint8Array): Buffer {
    if (piece.length === 0) return NOTHING;
    const given = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    const held = this.#held && given[0] !== LF;
    this.#held = given[given.length - 1] === CR;
    const octets = given.subarray(0, this.#held ? -1 : undefined);
    const converted = Buffer.allocUnsafe(octets.length + (held ? 1 : 0));
    let length = held ? converted.writeUInt8(CR) : 0;
    for (let at = 0; at < octets.length; at++) {
      const octet = octets[at] ?? 0;
      if (octet !== CR || octets[at + 1] !== LF) converted[length++] = octet;
    }
    return converted.subarray(0, length);
  }

  /** What was held back, at the end. */
  end(): Buffer {
    const held = this.#held;
    this.#held = false;
    return held ? Buffer.of(CR) : NOTHING;
  }
}

/** Octets with CRLF where they have LF: what comes from a file, as it is sent. */
export function withCrlf(octets: Uint8Array): Buffer {
  const given = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  let bare = 0;
  for (let at = given.indexOf(LF); at >= 0; at = given.indexOf(LF, at + 1)) if (given[at - 1] !== CR) bare++;
  if (bare === 0) return given;
  const converted = Buffer.allocUnsafe(given.length + bare);
  let [length, from] = [0, 0];
  for (let at = given.indexOf(LF); at >= 0; at = given.indexOf(LF, at + 1)) {
    length += given.copy(converted, length, from, at);
    if (given[at - 1] !== CR) converted[length++] = CR;
    from = at;
  }
  given.copy(converted, length, from);
  return converted;
}
