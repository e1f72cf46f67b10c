import type { Endpoint } from './endpoint.ts';
import type { ReplyError } from './errors.ts';
import type { CallOptions } from './options.ts';
import type { Body, Complete, Entry, Listing, Receipt, Resource } from './resource.ts';

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

/** What a client has whose `send` is answered by a document: the same, and the answer as it is. */
export interface Submits {
  submit(path: string, body: Body, options?: SubmitOptions): Promise<Resource>;
}

export interface SubmitOptions extends CallOptions {
  /** Is told how many octets of the body have been sent. */
  readonly onSent?: ((octets: number) => void) | undefined;
}

/** What a client has that fetches to a file, and can go on with one of which a part is there. */
export interface Downloads {
  download(path: string, target: string, options?: DownloadOptions): Promise<Downloaded>;
}

export interface DownloadOptions extends CallOptions {
  /** Whether what is left of an earlier try is gone on with. */
  readonly resume?: boolean | undefined;
  /** `given`: `target` is the file. `server`: it is a folder, and the server says what the file in it is called. */
  readonly name?: 'given' | 'server' | undefined;
  /** How often a connection that is lost in the middle is gone on from, in this one call. */
  readonly resumes?: number | undefined;
  /** What the file must be: a digest in hexadecimal, by an algorithm such as `sha256`. */
  readonly checksum?: { readonly algorithm: string; readonly digest: string } | undefined;
  /** Is told how many octets there are, and how many there will be, where that is known. */
  readonly progress?: ((received: number, total: number | undefined) => void) | undefined;
}

export interface Downloaded {
  readonly file: string;
  readonly url: string;
  readonly size: number;
  /** How many octets were there before. */
  readonly resumedFrom: number;
  readonly complete: Complete;
}

/** What a client has whose server can tell of events, for as long as somebody listens. */
export interface Events {
  events(path: string, options?: CallOptions): AsyncIterable<{ readonly data: string }>;
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
  /**
   * Reads until one of these has come, and takes everything up to its end; of several that have come, the one that
   * was there first, and of those the first of the list. Throws TimeoutError, after which the dialogue goes on, and
   * ConnectionError when the peer ends before.
   */
  waitFor(what: Expected | readonly Expected[], options?: WaitOptions): Promise<Found>;
  close(): Promise<void>;
}

/** What can be waited for. */
export type Expected = string | RegExp;

export interface WaitOptions extends CallOptions {
  /** How long to wait for it, in milliseconds. Default: the idle timeout of the connection. */
  readonly timeout?: number | undefined;
}

/** What a wait ended with. */
export interface Found {
  /** Which of those that were waited for it is, from 0. */
  readonly index: number;
  /** The text that fits. */
  readonly match: string;
  /** What the groups of a RegExp caught: by number, from 1, and by name. */
  readonly groups: Readonly<Record<string, string | undefined>>;
  /** What came in front of it, since what was read before. */
  readonly before: string;
  /** All that was read: `before` and `match`. */
  readonly text: string;
}

/** What a verb takes that runs a script: its steps are options of the declaration. */
export interface ScriptOptions extends CallOptions {
  /** Is told what a step waited for, when it has come; `step` is its number in the script, from 0. */
  readonly onFound?: ((found: Found, step: number) => void) | undefined;
}

/** A dialogue that a person can have at a terminal: what the terminal has to know, and to tell, beside text. */
export interface TerminalDialogue extends Dialogue {
  /** What the peer expects of the terminal now. */
  readonly terminal: TerminalState;
  /** Is told of every change of `terminal`, before the text behind it is read. There is one at a time. */
  onTerminal: ((state: TerminalState) => void) | undefined;
  /** Commands that are no text, by the names that a person types: `brk`, `ayt`. */
  readonly commands: ReadonlyMap<string, TerminalCommand>;
  /** The size of the window is now this, in characters. A peer that never asked is told nothing. */
  resize(columns: number, rows: number): void;
  /** What is in use between both ends: lines for a person, without the last line end. */
  status(): string;
}

export interface TerminalState {
  /** The peer shows what is typed, so that this end does not. */
  readonly echo: boolean;
  /** The peer takes characters as they are typed (Telnet: SUPPRESS-GO-AHEAD), not lines. */
  readonly characters: boolean;
  /** What came last asks for a password: what is typed next is shown nowhere. */
  readonly password: boolean;
}

export interface TerminalCommand {
  /** What it does, as a line of a help. */
  readonly summary: string;
  send(): Promise<void>;
}
