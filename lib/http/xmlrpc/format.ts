/** Values, calls and answers as XML. Strings are UTF-8; line ends that XML would change are written as references. */
import { UsageError } from '../../core/errors.ts';
import { DateTime, Double, type Sendable } from './value.ts';

/** How deep values may be inside one another. */
export const MAX_DEPTH = 64;

const INT = 2 ** 31;
const LONG = 2n ** 63n;
/** What XML 1.0 cannot say, also not by a reference: control characters, and halves of pairs. */
const UNSAYABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u;
const SPECIAL: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

/** A call as XML. Throws UsageError for a name that no method has, and for values that XML-RPC cannot say. */
export function formatCall(method: string, params: readonly Sendable[] = []): Buffer {
  return document(`<methodCall><methodName>${methodName(method)}</methodName>${list(params)}</methodCall>`);
}

/** An answer as XML. Throws UsageError for what XML-RPC cannot say. */
export function formatResponse(value: Sendable): Buffer {
  return document(`<methodResponse>${list([value])}</methodResponse>`);
}

/** A fault as XML. What its text has that XML cannot say becomes U+FFFD. */
export function formatFault(faultCode: number, faultString: string): Buffer {
  const said = faultString.replace(new RegExp(UNSAYABLE, 'gu'), '\ufffd');
  return document(`<methodResponse><fault>${formatValue({ faultCode, faultString: said })}</fault></methodResponse>`);
}

/** A value with its element. */
export function formatValue(value: Sendable, depth = 0): string {
  return `<value>${scalar(value) ?? compound(value, depth)}</value>`;
}

function document(body: string): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`, 'utf8');
}

function list(params: readonly Sendable[]): string {
  return `<params>${params.map((param) => `<param>${formatValue(param)}</param>`).join('')}</params>`;
}

function methodName(name: string): string {
  if (!/^[A-Za-z0-9_.:/]{1,1024}$/.test(name)) {
    throw new UsageError('the name of a method has letters, digits, _ . : and / only');
  }
  return name;
}

/** A value that holds no others; undefined for one that does. */
function scalar(value: Sendable): string | undefined {
  switch (typeof value) {
    case 'string':
      return `<string>${text(value)}</string>`;
    case 'number':
      return number(value);
    case 'bigint':
      return long(value);
    case 'boolean':
      return `<boolean>${value ? 1 : 0}</boolean>`;
    case 'object':
      break;
    default:
      throw new UsageError(`XML-RPC has no ${typeof value}: null is <nil/>`);
  }
  if (value === null) return '<nil/>';
  if (value instanceof Uint8Array) return `<base64>${base64(value)}</base64>`;
  if (value instanceof DateTime) return `<dateTime.iso8601>${value.text}</dateTime.iso8601>`;
  if (value instanceof Date) return `<dateTime.iso8601>${DateTime.of(value).text}</dateTime.iso8601>`;
  if (value instanceof Double) return `<double>${value.value}</double>`;
  return undefined;
}

function compound(value: Sendable, depth: number): string {
  if (depth > MAX_DEPTH) throw tooDeep();
  if (Array.isArray(value)) {
    return `<array><data>${value.map((each: Sendable) => formatValue(each, depth + 1)).join('')}</data></array>`;
  }
  if (isOwnKind(value)) {
    // what a type says of itself is no deeper than it is
    const said = value.toXmlRpc();
    return scalar(said) ?? compound(said, depth + 1);
  }
  const members = value instanceof Map ? [...value] : Object.entries(value as { readonly [member: string]: Sendable });
  const said = members.map(
    ([name, member]) => `<member><name>${text(String(name))}</name>${formatValue(member, depth + 1)}</member>`,
  );
  return `<struct>${said.join('')}</struct>`;
}

function tooDeep(): UsageError {
  return new UsageError(`values are inside one another more than ${MAX_DEPTH} times, or in a circle`);
}

function isOwnKind(value: Sendable): value is { readonly toXmlRpc: () => Sendable } {
  return typeof value === 'object' && value !== null && 'toXmlRpc' in value && typeof value.toXmlRpc === 'function';
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw new UsageError(`XML-RPC has no ${value}: a double is finite`);
  // what is beyond the safe integers is a measure, no count
  if (!Number.isSafeInteger(value)) return `<double>${value}</double>`;
  if (Object.is(value, -0)) return '<double>-0.0</double>';
  if (value >= -INT && value < INT) return `<int>${value}</int>`;
  throw new UsageError(`${value} does not fit into an int: write ${value}n for an i8, or new Double(${value})`);
}

function long(value: bigint): string {
  if (value < -LONG || value >= LONG) throw new UsageError('this bigint does not fit into an i8 (64 bits)');
  return `<i8>${value}</i8>`;
}

/** Lines of 76 characters, as RFC 2045 has them. */
function base64(octets: Uint8Array): string {
  const line = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
  return line.replace(/.{76}(?=.)/g, '$&\n');
}

function text(value: string): string {
  if (UNSAYABLE.test(value)) {
    throw new UsageError(
      'XML cannot say control characters or halves of surrogate pairs: send the octets of this string',
    );
  }
  return value.replace(/[&<>\r]/g, (character) => SPECIAL[character] ?? character);
}
