/** The elements that hold a text, and the values that the texts are. Strict: what is no value of its type is refused. */
import { excerpt, ProtocolError } from '../../core/errors.ts';
import { DateTime, isDate, type XmlRpcValue } from './value.ts';

type Read = (text: string) => XmlRpcValue | undefined;

const INT = 2 ** 31;
const LONG = 2n ** 63n;

const READERS = new Map<string, Read>([
  ['string', (text) => text],
  ['int', (text) => integer(text, INT)],
  ['i4', (text) => integer(text, INT)],
  ['i2', (text) => integer(text, 2 ** 15)],
  ['i1', (text) => integer(text, 2 ** 7)],
  ['i8', (text) => long(text, 20, LONG)],
  ['biginteger', (text) => long(text, 1_000)],
  // a decimal fraction that no number holds stays as it is written
  ['bigdecimal', (text) => (double(text) === undefined ? undefined : text.trim())],
  ['double', double],
  ['float', double],
  [
    'boolean',
    (text) =>
      new Map([
        ['0', false],
        ['1', true],
      ]).get(text.trim()),
  ],
  ['base64', base64],
  ['dateTime.iso8601', (text) => (isDate(text.trim()) ? new DateTime(text.trim()) : undefined)],
  ['dateTime', (text) => (isDate(text.trim()) ? new DateTime(text.trim()) : undefined)],
  ['nil', (text) => (text.trim() === '' ? null : undefined)],
]);

/** Whether an element holds a value as a text. */
export function isScalar(element: string): boolean {
  return READERS.has(element);
}

/** The value of a text in an element. Throws ProtocolError where it is none. */
export function readScalar(element: string, text: string): XmlRpcValue {
  const value = READERS.get(element)?.(text);
  if (value === undefined) throw new ProtocolError(`this is no ${element}: ${excerpt(text)}`, { protocol: 'xmlrpc' });
  return value;
}

function integer(text: string, bound: number): number | undefined {
  const written = text.trim();
  const value = /^[+-]?\d{1,15}$/.test(written) ? Number(written) : Number.NaN;
  // no int is -0
  return value >= -bound && value < bound ? value + 0 : undefined;
}

function long(text: string, digits: number, bound?: bigint): bigint | undefined {
  const written = text.trim().replace(/^\+/, '');
  if (written.length > digits + 1 || !/^-?\d+$/.test(written)) return undefined;
  const value = BigInt(written);
  return bound === undefined || (value >= -bound && value < bound) ? value : undefined;
}

function double(text: string): number | undefined {
  const written = text.trim();
  const value = /^[-+.\deE]{1,400}$/.test(written) ? Number(written) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** RFC 4648, with white space anywhere: only what decodes and encodes to the same. */
function base64(text: string): Buffer | undefined {
  const written = text.replace(/[ \t\r\n]/g, '');
  const octets = Buffer.from(written, 'base64');
  return octets.toString('base64') === written ? octets : undefined;
}
