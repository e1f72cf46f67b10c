/** Ranges of article numbers: `5`, `5-`, `5-9` (RFC 3977 6.1.2). They stay two numbers, however much they span. */
import { excerpt, UsageError } from '../core/errors.ts';
import { checkNumber } from './codec.ts';

export interface Range {
  readonly low: number;
  /** The last number, included; undefined for all that follow. */
  readonly high?: number | undefined;
}

/** Reads a range. Throws UsageError. A range whose end comes before its start is empty, and is allowed. */
export function parseRange(text: string): Range {
  const [, low, to, high] = /^(\d{1,15})(?:(-)(\d{1,15})?)?$/.exec(text) ?? [];
  if (low === undefined) throw new UsageError(`a range is 5, 5- or 5-9, not ${excerpt(text)}`, { protocol: 'nntp' });
  if (to === undefined) return { low: Number(low), high: Number(low) };
  return { low: Number(low), ...(high !== undefined && { high: Number(high) }) };
}

/** A range as it is sent. Throws UsageError for what are no article numbers. */
export function formatRange({ low, high }: Range): string {
  checkNumber(low);
  if (high === undefined) return `${low}-`;
  return checkNumber(high) === low ? `${low}` : `${low}-${high}`;
}

export function inRange({ low, high }: Range, number: number): boolean {
  return number >= low && (high === undefined || number <= high);
}
