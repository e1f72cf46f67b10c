import type { ConnectOptions } from '../../lib/core/options.ts';
import type { Body } from '../../lib/core/resource.ts';
import type { Verbs } from '../../lib/core/verbs.ts';
import type { MockServer } from '../../lib/mock/server.ts';

/**
 * What a protocol brings to the contract: a server, and what is there. A new protocol is a new file here that exports
 * its table as `table`.
 */
export interface Table {
  /** Starts a mock server that has everything the table names. */
  readonly start: () => Promise<MockServer>;
  /** How to connect to it. */
  readonly options?: ConnectOptions;
  /** Who may log in, in a protocol that has users. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Where each declared verb does what it should. `list`: the container from which everything can be reached. */
  readonly paths: { readonly [V in keyof Verbs]?: string };
  /** What a verb is told beside its path; `large`: what `fetch` is told for a large body. */
  readonly calls?: { readonly [V in keyof Verbs | 'large']?: Readonly<Record<string, unknown>> };
  /** Whether a path means nothing: then nothing can be missing. */
  readonly pathless?: boolean;
  /** Verbs that only listen. */
  readonly silent?: readonly (keyof Verbs)[];
  /** What `paths.fetch` gives. */
  readonly bytes?: Buffer;
  /** A body of so many octets that no socket takes it at once. */
  readonly large?: string;
  /** Something that could be there, and is not. */
  readonly missing?: string;
  /** Words for `paths.search`, and the name of an entry that they find. */
  readonly search?: { readonly query: string; readonly finds: string };
  /** What to send to `paths.send`. */
  readonly body?: Body;
  /** What to say to `paths.open`, and what is then answered. */
  readonly dialogue?: { readonly say: string; readonly hear: string };
  /** Paths that would become something else on the wire: they are refused before anything is sent. */
  readonly refused: readonly string[];
}
