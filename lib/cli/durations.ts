import { UsageError } from '../core/errors.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** What Node's timers can count to; a longer one would fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * A duration in milliseconds: `5` and `5s` are seconds, `500ms`, `2m`, `1.5h`; `none` is no limit (Infinity).
 * Throws UsageError for anything else, for 0, and for more than 24 days.
 */
export function parseDuration(text: string): number {
  if (text === 'none') return Number.POSITIVE_INFINITY;
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new UsageError('a duration is written 5, 5s, 500ms, 2m or 1h, or none for no limit');
  const [, amount = '', unit = 's'] = match;
  const duration = Number(amount) * (UNITS[unit] ?? 1000);
  if (duration <= 0) throw new UsageError('a duration is more than 0: write none for no limit');
  if (duration > LONGEST) throw new UsageError('a duration is at most 24 days: write none for no limit');
  return duration;
}

/** Milliseconds as a person writes them: `800 ms`, `2.5 s`, `5 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${Number((milliseconds / 1000).toFixed(1))} s`;
  return `${Number((milliseconds / 60_000).toFixed(1))} min`;
}
