import { isUtf8 } from 'node:buffer';
import { excerpt, ProtocolError } from '../../core/errors.ts';
import { type Decode, decoderFor } from '../../wire/charset.ts';

/**
 * The text of an XML document: in the character set of its mark, of the header that came with it, of its declaration, or in
 * UTF-8. Throws ProtocolError (`decode`) for octets that are none of it.
 */
export async function xmlText(octets: Uint8Array, charset?: string): Promise<string> {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const [marked, mark] = markOf(bytes);
  const name = marked ?? charset ?? declared(bytes) ?? 'utf-8';
  if (/^(?:utf-?8|us-ascii|ascii)$/i.test(name)) {
    if (!isUtf8(bytes)) throw undecodable('octets that are not UTF-8');
    return bytes.toString('utf8', mark);
  }
  return (await decoder(name))(bytes.subarray(mark));
}

async function decoder(name: string): Promise<Decode> {
  try {
    return await decoderFor(name);
  } catch (cause) {
    throw undecodable(`a character set that nobody knows: ${excerpt(name)}`, cause);
  }
}

/** The character set that a byte order mark says, and how long the mark is. */
function markOf(bytes: Buffer): [string | undefined, number] {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return ['utf-8', 3];
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return ['utf-16le', 2];
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return ['utf-16be', 2];
  return [undefined, 0];
}

function declared(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 200);
  return /^<\?xml [^>]*?encoding=["']([A-Za-z][\w.-]{0,40})["']/.exec(start)?.[1];
}

function undecodable(what: string, cause?: unknown): ProtocolError {
  return new ProtocolError(`the XML has ${what}`, { protocol: 'xmlrpc', reason: 'decode', cause });
}
