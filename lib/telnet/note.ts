/** Subnegotiations as a line for people. */
import { excerpt } from '../core/errors.ts';
import { OPTIONS, optionName } from './names.ts';

const VERBS: ReadonlyMap<number, readonly string[]> = new Map([
  [OPTIONS.STATUS, ['IS', 'SEND']],
  [OPTIONS.TTYPE, ['IS', 'SEND']],
  [OPTIONS.TSPEED, ['IS', 'SEND']],
  [OPTIONS.XDISPLOC, ['IS', 'SEND']],
  [OPTIONS.OLD_ENVIRON, ['IS', 'SEND', 'INFO']],
  [OPTIONS.NEW_ENVIRON, ['IS', 'SEND', 'INFO']],
  [
    OPTIONS.CHARSET,
    ['', 'REQUEST', 'ACCEPTED', 'REJECTED', 'TTABLE-IS', 'TTABLE-REJECTED', 'TTABLE-ACK', 'TTABLE-NAK'],
  ],
]);

/** Whose data is text that may be shown. What is in an environment is not: it may hold a password. */
const SHOWN: ReadonlySet<number> = new Set([OPTIONS.TTYPE, OPTIONS.TSPEED, OPTIONS.XDISPLOC, OPTIONS.CHARSET]);

/** `SB TTYPE IS "xterm"`, `SB NEW_ENVIRON IS (12 octets)`. */
export function noteSubnegotiation(option: number, data: Uint8Array): string {
  const verb = VERBS.get(option)?.[data[0] ?? 255];
  const rest = Buffer.from(verb ? data.subarray(1) : data);
  const words = ['SB', optionName(option)];
  if (verb) words.push(verb);
  if (rest.length > 0) words.push(SHOWN.has(option) ? excerpt(rest.toString('latin1')) : `(${rest.length} octets)`);
  return words.join(' ');
}
