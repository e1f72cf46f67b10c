/** The dates of NNTP: digits, in UTC (RFC 3977 7.1 to 7.4). */
import { excerpt, UsageError } from '../core/errors.ts';
import { broken } from './codes.ts';

/** Reads the text of a 111 reply, `yyyymmddhhmmss`; words may follow. A leap second is the second after. Throws ProtocolError. */
export function parseDate(text: string): Date {
  const [, digits = ''] = /^(\d{14})(?: |$)/.exec(text) ?? [];
  const date = dateOf(digits.slice(0, 4), digits.slice(4, 8), digits.slice(8));
  if (date) return date;
  throw broken(`a date is fourteen digits, not ${excerpt(text)}`);
}

/** `yyyymmddhhmmss`, in UTC. Throws UsageError for a date without a year of four digits. */
export function formatDate(date: Date): string {
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  if (!/^\d{4}-/.test(text)) throw new UsageError('this date is none that NNTP can write', { protocol: 'nntp' });
  return text.replace(/\D/g, '').slice(0, 14);
}

/** The two words of NEWGROUPS and NEWNEWS, `yyyymmdd hhmmss`; write GMT behind them. Throws as `formatDate`. */
export function formatDateTime(date: Date): string {
  return formatDate(date).replace(/^\d{8}/, '$& ');
}

/**
 * Reads the words of NEWGROUPS and NEWNEWS, for a server: `20240131`, or `240131` as of old, and `235959`. A year of two
 * digits is in this century, or in the last one where that would lie ahead (RFC 3977 7.3.2). Undefined for what is no date.
 */
export function parseDateTime(day: string, time: string, now: Date = new Date()): Date | undefined {
  if (!/^(?:\d{6}|\d{8})$/.test(day)) return undefined;
  const year = day.length === 8 ? day.slice(0, 4) : centuryOf(Number(day.slice(0, 2)), now.getUTCFullYear());
  return dateOf(year, day.slice(-4), time);
}

function centuryOf(year: number, current: number): string {
  const century = Math.floor(current / 100) - (year > current % 100 ? 1 : 0);
  return String(century * 100 + year);
}

function dateOf(year: string, day: string, time: string): Date | undefined {
  const [, month, date] = /^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.exec(day) ?? [];
  const [, hour, minute, second] = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)$/.exec(time) ?? [];
  if (month === undefined || hour === undefined || !/^\d{4}$/.test(year)) return undefined;
  const made = new Date(`${year}-${month}-${date}T${hour}:${minute}:00Z`);
  // the 31st of a month that has none
  if (Number.isNaN(made.getTime()) || made.getUTCDate() !== Number(date)) return undefined;
  return new Date(made.getTime() + Number(second) * 1000);
}
