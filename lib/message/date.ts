/** Dates of mail and news: `Tue, 01 Jul 2025 10:00:00 +0000` (RFC 5322 3.3; what is obsolete, 4.3, is read too). */
import { UsageError } from '../core/errors.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** In hours. RFC 5322 4.3: all other names mean that nobody knows, which is read as UTC. */
const ZONES = new Map([
  ['EDT', -4],
  ['EST', -5],
  ['CDT', -5],
  ['CST', -6],
  ['MDT', -6],
  ['MST', -7],
  ['PDT', -7],
  ['PST', -8],
]);
/** No date is longer in earnest, comments included. */
const LONGEST = 256;

/** A date as it is written in a header, in UTC. Throws UsageError for one that is none, or is not within 1900 to 9999. */
export function formatDate(date: Date): string {
  const year = date.getUTCFullYear();
  if (!(year >= 1900 && year <= 9999)) throw new UsageError('a date in a header is within the years 1900 to 9999');
  // the only difference is the name of the zone
  return date.toUTCString().replace('GMT', '+0000');
}

/**
 * The time of a date in a header; undefined for what is none. Also read: years of two and three digits, the names of
 * zones, no zone (UTC), comments, `19-Nov-82` (RFC 850), a day of the week that is wrong, and second 60, which is the
 * first second of the next minute.
 */
export function parseDate(text: string): Date | undefined {
  if (text.length > LONGEST) return undefined;
  const bare = withoutComments(text)
    ?.replace(/[\t\r\n ]+/g, ' ')
    .trim();
  const fields =
    /^(?:([A-Za-z]{3,9}),? ?)?(\d{1,2})[- ]([A-Za-z]{3})[- ](\d{2,4}) (\d{1,2}) ?: ?(\d{2})(?: ?: ?(\d{2}))?(?: (\S{1,6}))?$/.exec(
      bare ?? '',
    );
  if (!fields) return undefined;
  const [, weekday, day, month = '', year = '', hour, minute, second = '0', zone = 'UT'] = fields;
  if (weekday !== undefined && !DAYS.includes(capital(weekday.slice(0, 3)))) return undefined;
  const offset = minutesOf(zone);
  const at = MONTHS.indexOf(month.toLowerCase());
  const [d, h, m, s] = [Number(day), Number(hour), Number(minute), Number(second)];
  if (offset === undefined || at < 0 || h > 23 || m > 59 || s > 60) return undefined;
  const midnight = new Date(Date.UTC(fullYear(year), at, d));
  // the 30th of February
  if (midnight.getUTCDate() !== d || midnight.getUTCMonth() !== at) return undefined;
  return new Date(midnight.getTime() + ((h * 60 + m - offset) * 60 + s) * 1000);
}

/** RFC 5322 4.3. */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return year + (digits.length === 2 && year < 50 ? 2000 : 1900);
}

/** How far a zone is ahead of UTC, in minutes. */
function minutesOf(zone: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  if (sign === undefined) return /^[A-Za-z]+$/.test(zone) ? (ZONES.get(zone.toUpperCase()) ?? 0) * 60 : undefined;
  if (Number(minutes) > 59) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();
}

/** Each comment counts as a space (RFC 5322 3.2.2). Undefined where one has no end. */
function withoutComments(text: string): string | undefined {
  let bare = '';
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '(') depth++;
    else if (depth > 0 && character === ')') {
      depth--;
      bare += ' ';
    } else if (depth > 0 && character === '\\') i++;
    else if (depth === 0) bare += character;
  }
  return depth === 0 ? bare : undefined;
}
