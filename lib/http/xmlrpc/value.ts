/** What XML-RPC can say, and what it is in JavaScript. */
import { UsageError } from '../../core/errors.ts';

/**
 * `int` (and `i1`, `i2`, `i4`) is a number, `i8` and larger integers a bigint, `double` a number, `base64` a Buffer,
 * `dateTime.iso8601` a DateTime, `nil` null, `array` an array, `struct` an object without a prototype, so that no name
 * that a peer gives to a member means anything.
 */
export type XmlRpcValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Buffer
  | DateTime
  | readonly XmlRpcValue[]
  | XmlRpcStruct;

export interface XmlRpcStruct {
  readonly [member: string]: XmlRpcValue;
}

/** A `double`, also where its value is whole: by itself a whole number is an `int`. */
export class Double {
  readonly value: number;

  /** Throws UsageError for what is not finite. */
  constructor(value: number) {
    if (!Number.isFinite(value)) throw new UsageError(`XML-RPC has no ${value}: a double is finite`);
    this.value = value;
  }
}

/** `19980717T14:08:55`, with what some write differently: hyphens, fractions, a zone. */
const ISO = /^(\d{4})-?(\d{2})-?(\d{2})T(\d{2}):?(\d{2}):?(\d{2})(?:[.,](\d{1,9}))?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** A date and time as XML-RPC has them: as a text, without a zone. Whose zone it is, the two ends must know. */
export class DateTime {
  /** As it is written: `19980717T14:08:55`. */
  readonly text: string;

  /** Throws UsageError for what is no date. */
  constructor(text: string) {
    if (!isDate(text)) throw new UsageError('a dateTime.iso8601 is written as 19980717T14:08:55');
    this.text = text;
  }

  /** The moment of a Date, in UTC. Fractions of a second are lost: the grammar has none. Throws UsageError for no date. */
  static of(date: Date): DateTime {
    if (Number.isNaN(date.getTime())) throw new UsageError('this Date is no date');
    return new DateTime(
      date
        .toISOString()
        .replace(/-/g, '')
        .replace(/\.\d+Z$/, ''),
    );
  }

  /** The moment, where the text is in UTC, or says its zone; `zone: 'local'` where it is in the time of this machine. */
  toDate(zone: 'utc' | 'local' = 'utc'): Date {
    const [, year, month, day, hour, minute, second, fraction = '', written = ''] = ISO.exec(this.text) ?? [];
    const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}`;
    if (written !== '') return new Date(`${local}${/^[+-]\d{2}$/.test(written) ? `${written}:00` : colon(written)}`);
    return new Date(zone === 'utc' ? `${local}Z` : local);
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** Whether a text is a date and time that there is. */
export function isDate(text: string): boolean {
  const match = ISO.exec(text);
  if (!match) return false;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  // years before 100 are years of the last century to Date.UTC
  if ((year ?? 0) < 100) date.setUTCFullYear(year ?? 0);
  const isDay = date.getUTCMonth() === (month ?? 0) - 1 && date.getUTCDate() === day;
  return isDay && (hour ?? 24) < 24 && (minute ?? 60) < 60 && (second ?? 61) < 61;
}

function colon(zone: string): string {
  return zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
}

/** What may be sent: a value, or something that says by `toXmlRpc` what it is there. */
export type Sendable =
  | XmlRpcValue
  | Uint8Array
  | Date
  | Double
  | ReadonlyMap<string, Sendable>
  | readonly Sendable[]
  | { readonly toXmlRpc: () => Sendable }
  | { readonly [member: string]: Sendable };
