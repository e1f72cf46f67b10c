import { type ConnectOptions, durationOf, TIMEOUTS, type Timeouts } from '../core/options.ts';

export interface ConnectionOptions extends Pick<ConnectOptions, 'timeouts' | 'signal' | 'transcript' | 'minRate'> {
  readonly side?: 'client' | 'server' | undefined;
  readonly protocol?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  /** The longest line, in octets. Default 8192. */
  readonly maxLine?: number | undefined;
}

/** The timeouts, with the defaults where nothing else is said. Throws UsageError for what is no duration. */
export function timeoutsOf({ timeouts }: ConnectionOptions): Timeouts {
  if (!timeouts) return TIMEOUTS;
  const given = Object.entries(timeouts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, durationOf(value)]],
  );
  return { ...TIMEOUTS, ...Object.fromEntries(given) };
}
