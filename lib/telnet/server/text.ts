/** Text in the character set of a client, piece by piece. */
import { UsageError } from '../../core/errors.ts';
import { type Decode, decoderFor, encodeAs } from '../../wire/charset.ts';

export type { Decode } from '../../wire/charset.ts';

/** A decoder of a text that comes in pieces: a character may be split between two. */
export async function decoder(charset: string): Promise<Decode> {
  // what it takes for Latin-1 is windows-1252, and needs no memory; the same is true of what it does not know
  if (!/^(?:utf|gb|big5|euc|shift|sjis)/i.test(charset)) return decoderFor(charset);
  const streaming = new TextDecoder(charset, { ignoreBOM: true });
  return (octets) => streaming.decode(octets, { stream: true });
}

/** Text in a character set; what it does not have is a question mark. */
export async function encode(text: string, charset: string): Promise<Buffer> {
  try {
    return await encodeAs(text, charset);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const octets = Array.from(text, (char) => encodeAs(char, charset).catch(() => Buffer.from('?')));
    return Buffer.concat(await Promise.all(octets));
  }
}
