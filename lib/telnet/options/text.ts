/** Text of a peer that was not sent as text: names and values in subnegotiations. */
import { utf8OrOlder } from '../../wire/charset.ts';

/** How long a name or a value may be, in octets. */
export const MAX_TEXT = 1024;
/** How many names one subnegotiation may bring. */
export const MAX_NAMES = 256;

/** What no name and no value needs: the controls (C0, DEL, C1), and what turns the direction of writing. */
const CONTROLS = /[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** What a peer wrote, harmless to keep and to show: each control character is U+FFFD. Undefined when it is too long. */
export function peerText(octets: Buffer, max = MAX_TEXT): string | undefined {
  return octets.length > max ? undefined : harmless(utf8OrOlder(octets));
}

/** Text without control characters: each is U+FFFD. */
export function harmless(text: string): string {
  return text.replace(CONTROLS, '\ufffd');
}

/** Whether octets are printable ASCII, without a space at an end, and not more than `max`. */
export function printable(octets: Buffer, max: number): boolean {
  return octets.length <= max && /^[!-~](?:[ -~]*[!-~])?$/.test(octets.toString('latin1'));
}
