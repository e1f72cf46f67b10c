/** Dates of HTTP: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7; what is obsolete is read too). */
import { UsageError } from '../core/errors.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The day of the week is not looked at: the rest says which it is. */
const FORMS = [
  // IMF-fixdate, and RFC 850 with its two digits of a year
  /^[A-Za-z]{3,9}, ?(?<day>\d{1,2})[ -](?<month>[A-Za-z]{3})[ -](?<year>\d{2}|\d{4}) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2}) (?:GMT|UTC|[+-]0000)$/,
  // asctime
  /^[A-Za-z]{3} (?<month>[A-Za-z]{3}) {1,2}(?<day>\d{1,2}) (?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2}) (?<year>\d{4})$/,
];

/** A date as it is sent, to the second. Throws UsageError for one that is none, or is not within 1 to 9999. */
export function formatDate(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) throw new UsageError('a date in a header is within the years 1 to 9999');
  return date.toUTCString();
}

/**
 * The time of a date in any of the three forms; undefined for what is none. A year of two digits is the one that is not more
 * than 50 years ahead of `now`; second 60 is the first of the next minute.
 */
export function parseDate(value: string | undefined, now: Date = new Date()): Date | undefined {
  if (value === undefined || value.length > 64) return undefined;
  const text = value.trim();
  for (const form of FORMS) {
    const { groups } = form.exec(text) ?? {};
    if (groups) return dateOf(groups, now);
  }
  return undefined;
}

function dateOf(fields: Readonly<Record<string, string>>, now: Date): Date | undefined {
  const { day, month = '', year = '', hour, minute, second } = fields;
  const at = MONTHS.indexOf(month.toLowerCase());
  const [d, h, m, s] = [Number(day), Number(hour), Number(minute), Number(second)];
  if (at < 0 || h > 23 || m > 59 || s > 60) return undefined;
  const midnight = new Date(0);
  // not Date.UTC, to which the year 94 is 1994
  midnight.setUTCFullYear(year.length === 2 ? wholeYear(Number(year), now.getUTCFullYear()) : Number(year), at, d);
  // the 30th of February
  if (midnight.getUTCDate() !== d || midnight.getUTCMonth() !== at) return undefined;
  return new Date(midnight.getTime() + ((h * 60 + m) * 60 + s) * 1000);
}

function wholeYear(digits: number, now: number): number {
  const year = now - (now % 100) + digits;
  return year > now + 50 ? year - 100 : year;
}
