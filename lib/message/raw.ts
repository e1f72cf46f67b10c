import { isUtf8 } from 'node:buffer';
import { builtInDecoder } from '../wire/charset.ts';

/**
 * Octets of a header as text, encoded words left as they are: UTF-8 (and so ASCII) where it is valid, else windows-1252,
 * which is what raw 8-bit headers mostly are.
 */
export function decodeHeaderBytes(octets: Uint8Array): string {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return builtInDecoder('windows-1252')?.(bytes) ?? bytes.toString('latin1');
}
