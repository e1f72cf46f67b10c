import type { Endpoint } from './endpoint.ts';
import type { ReplyError } from './errors.ts';
import type { CallOptions } from './options.ts';
import type { Body, Entry, Listing, Receipt, Resource } from './resource.ts';

/** The seven verbs. A client has those that its protocol has, and no others. */
export interface Verbs {
  list(path?: string, options?: CallOptions): Listing;
  fetch(path: string, options?: CallOptions): Promise<Resource>;
  info(path: string, options?: CallOptions): Promise<Entry>;
  search(path: string, query: string, options?: CallOptions): Listing;
  send(path: string, body: Body, options?: CallOptions): Promise<Receipt>;
  remove(path: string, options?: CallOptions): Promise<void>;
  open(path?: string, options?: CallOptions): Promise<Dialogue>;
}

/** What a client has whose containers can be fetched as a whole: every message of a maildrop, every article of a group. */
export interface Gathers {
  /**
   * Every item of a container, one after another, in one pass. Each says in `meta.uid` what it will be recognised by next
   * time; where `known` says yes to that it is left out. One that is not read is passed over when the next is asked for.
   */
  fetchAll(path?: string, options?: FetchAllOptions): AsyncGenerator<Resource, void, void>;
}

export interface FetchAllOptions extends CallOptions {
  /** Whether an item has been fetched before, by its `meta.uid`. It is asked of every item that is there. */
  readonly known?: ((uid: string) => boolean) | undefined;
  /** Is told of every item that the server refused, and by what path it was asked for. Without it the first is thrown. */
  readonly refused?: ((error: ReplyError, path: string) => void) | undefined;
}

/** What every client is: connected to an endpoint, until it is closed. */
export interface Client extends AsyncDisposable {
  readonly endpoint: Endpoint;
  /** Speaks to the server without changing anything, and reports who it is and what it offers. */
  check(options?: CallOptions): Promise<Report>;
  close(): Promise<void>;
}

/** What `check` found: facts by name, all of which can be put into JSON. */
export type Report = Readonly<Record<string, unknown>>;

/** A client with these verbs: `class Pop3Client implements Can<'list' | 'fetch' | 'remove'>`. */
export type Can<V extends keyof Verbs> = Client & Pick<Verbs, V>;

/** The verbs that a client has. */
export type VerbsOf<C> = Extract<keyof C, keyof Verbs>;

/** A conversation: write, and wait for what comes. */
export interface Dialogue extends AsyncIterable<string>, AsyncDisposable {
  write(text: string): Promise<void>;
  waitFor(prompt: string | RegExp): Promise<string>;
  close(): Promise<void>;
}
