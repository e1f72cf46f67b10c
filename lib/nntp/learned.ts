import type { OverviewFormat } from './overview-format.ts';

/** What a server was found to do, beside what it says. Behind STARTTLS it is learned again (RFC 4642 2.2.2). */
export class Learned {
  format: Promise<OverviewFormat> | undefined;
  /** Whether MODE STREAM was accepted. */
  streams: boolean | undefined;
  hasOverview = true;
}
