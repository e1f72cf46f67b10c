/** What a POP3 server serves, as data. */

/** A message as mail is written: a header, an empty line, a body. Text is UTF-8. Line ends may be LF. */
export type Message =
  | string
  | Uint8Array
  | {
      /** 1 to 70 characters of ASCII without spaces. Default: a digest of the content. */
      readonly uid?: string | undefined;
      readonly content: string | Uint8Array;
    };

/** A message where it is kept. */
export interface KeptMessage {
  /** The same in every session. */
  readonly uid: string;
  /** All of it. Throws where it cannot be read. */
  content(): Uint8Array | Promise<Uint8Array>;
}

/** Where messages are kept. A session looks at it once, when it begins, and has it alone until it ends. */
export interface Spool {
  /** What is there now, in the order of the numbers. Throws where it cannot be read. */
  open(): Promise<readonly KeptMessage[]>;
  /** Removes these for ever. Throws where some of them could not be. */
  remove(messages: readonly KeptMessage[]): Promise<void>;
}

/** Who may come in, and what is there for them. */
export interface Pop3User {
  readonly password?: string | undefined;
  /** An OAuth 2.0 bearer token. */
  readonly token?: string | undefined;
  /** Default: none. */
  readonly messages?: readonly Message[] | Spool | undefined;
}

export interface Pop3Fixture {
  /** The messages of the user of `login`. */
  readonly messages?: readonly Message[] | Spool | undefined;
  /** Others, by their names; where there are no `messages` beside it, all. */
  readonly users?: Readonly<Record<string, Pop3User>> | undefined;
}

export function isSpool(messages: readonly Message[] | Spool): messages is Spool {
  return 'open' in messages;
}
