/** Ranges of octets (RFC 9110 14): those that are asked for, and the one that came. Numbers have 1 to 15 digits. */
import { UsageError } from '../core/errors.ts';

/** From an octet to another, or to the end; or the last so many. The first octet is 0. */
export type ByteRange = { readonly first: number; readonly last?: number | undefined } | { readonly suffix: number };

/** What came. */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** Of the whole; undefined where the server does not know. */
  readonly size: number | undefined;
}

/** Ranges of one request that are read; no client has reason for more. */
const MOST = 100;

/** As it stands in the field Range: `bytes=0-499`. Throws UsageError for what is no range. */
export function formatRange(...ranges: readonly [ByteRange, ...ByteRange[]]): string {
  return `bytes=${ranges.map(rangeText).join(', ')}`;
}

function rangeText(range: ByteRange): string {
  const [first, last] = 'suffix' in range ? [undefined, range.suffix] : [range.first, range.last];
  for (const number of [first, last]) {
    if (number !== undefined && !(Number.isSafeInteger(number) && number >= 0))
      throw new UsageError('a range is from one octet to another, counted from 0');
  }
  if (first !== undefined && last !== undefined && last < first) throw new UsageError('a range ends before it begins');
  return `${first ?? ''}-${last ?? ''}`;
}

/** Reads a Range: undefined where it is to be ignored, since it is none, or not of octets, or of more than 100 ranges. */
export function parseRange(value: string): readonly ByteRange[] | undefined {
  const [, list] = /^bytes=(.*)$/i.exec(value.trim()) ?? [];
  const texts = list?.split(',', MOST + 1).map((text) => text.trim()) ?? [];
  if (texts.length === 0 || texts.length > MOST) return undefined;
  const ranges: ByteRange[] = [];
  for (const text of texts) {
    const [, first, last] = /^(\d{1,15})?-(\d{1,15})?$/.exec(text) ?? [];
    if (first !== undefined) {
      if (last !== undefined && Number(last) < Number(first)) return undefined;
      ranges.push({ first: Number(first), last: last === undefined ? undefined : Number(last) });
    } else if (last !== undefined) ranges.push({ suffix: Number(last) });
    else return undefined;
  }
  return ranges;
}

/** Where a range is in something of `size` octets; undefined where it is not in it: that is a 416. */
export function placeOf(range: ByteRange, size: number): ContentRange | undefined {
  const first = 'suffix' in range ? Math.max(0, size - range.suffix) : range.first;
  const last = 'suffix' in range ? size - 1 : Math.min(range.last ?? size - 1, size - 1);
  return first <= last ? { first, last, size } : undefined;
}

/** As it stands in the field Content-Range; without a place what a 416 says. */
export function formatContentRange(place: ContentRange | { readonly size: number }): string {
  const where = 'first' in place ? `${place.first}-${place.last}` : '*';
  return `bytes ${where}/${place.size ?? '*'}`;
}

/**
 * Reads a Content-Range: the place of what came, or only the size of the whole (what a 416 says). Undefined for what is
 * none, is of no octets, or does not fit into its own whole.
 */
export function parseContentRange(value: string | undefined): ContentRange | { readonly size: number } | undefined {
  const [, first, last, total] =
    /^bytes[\t ]+(?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/i.exec(value?.trim() ?? '') ?? [];
  if (total === undefined) return undefined;
  const size = total === '*' ? undefined : Number(total);
  if (first === undefined) return size === undefined ? undefined : { size };
  const place = { first: Number(first), last: Number(last), size };
  return place.first <= place.last && (size === undefined || place.last < size) ? place : undefined;
}
