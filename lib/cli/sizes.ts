import { UsageError } from '../core/errors.ts';

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** A number of octets: `500`, `64k`, `10M`, `2G`, in steps of 1024. Throws UsageError for anything else. */
export function parseSize(text: string): number {
  const match = /^(\d{1,12})([kKMGT])?$/.exec(text);
  const [, amount = '', unit = ''] = match ?? [];
  const size = Number(amount) * 1024 ** UNITS.indexOf(unit === 'K' ? 'k' : unit);
  if (!match || !Number.isSafeInteger(size)) throw new UsageError('a size is written 500, 64k, 10M or 2G');
  return size;
}

/** Octets in at most five characters: `512`, `1.2k`, `64M`. */
export function formatSize(octets: number): string {
  let size = octets;
  let step = 0;
  while (size >= 1000 && step < UNITS.length - 1) {
    size /= 1024;
    step++;
  }
  return `${step > 0 && size < 9.95 ? size.toFixed(1) : Math.round(size)}${UNITS[step]}`;
}
