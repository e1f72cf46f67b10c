import { tracingChannel } from 'node:diagnostics_channel';
import type { Listing } from './resource.ts';

/** What the events of the tracing channel `netkit:verb` hold: a verb that is asked of a URL. Never a secret. */
export interface Traced {
  readonly protocol: string;
  readonly verb: string;
  readonly path: string;
}

const verbs = tracingChannel<unknown, Traced>('netkit:verb');

/** Whether anybody wants to know: for nobody nothing is done. */
function isHeard(): boolean {
  const { start, end, asyncStart, asyncEnd, error } = verbs;
  return [start, end, asyncStart, asyncEnd, error].some((channel) => channel.hasSubscribers);
}

/** Does the work, and tells of it. */
export async function traced<T>(what: () => Traced, work: () => Promise<T>): Promise<T> {
  return isHeard() ? verbs.tracePromise(work, what()) : work();
}

/** The same for a listing: from its first entry until its end, or until nobody wants more of it. */
export function traceListing(what: () => Traced, listing: Listing): Listing {
  return isHeard() ? tracedListing(what, listing) : listing;
}

async function* tracedListing(what: () => Traced, listing: Listing): Listing {
  let finish: (error?: unknown) => void = () => {};
  const over = verbs.tracePromise(() => {
    return new Promise<void>((resolve, reject) => {
      finish = (error) => (error === undefined ? resolve() : reject(error));
    });
  }, what());
  // who is interested has been told by the channel
  over.catch(() => {});
  try {
    return yield* listing;
  } catch (error) {
    finish(error);
    throw error;
  } finally {
    finish();
  }
}
