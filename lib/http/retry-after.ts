import { parseDate } from './http-date.ts';

/** No server makes us wait longer than this, in milliseconds. */
const LONGEST = 60_000;

/**
 * What a Retry-After says (RFC 9110 10.2.3), in milliseconds, at most `longest`; a date that is over is 0. Undefined where it
 * says nothing that can be read.
 */
export function retryAfter(value: string | undefined, now: Date = new Date(), longest = LONGEST): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longest);
  const date = parseDate(text, now);
  return date && Math.min(Math.max(date.getTime() - now.getTime(), 0), longest);
}
