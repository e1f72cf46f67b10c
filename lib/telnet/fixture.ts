/** What a Telnet server does with its clients: a script as data, or a handler. */
import type { TelnetSession } from './server/session.ts';

export type TelnetFixture = TelnetHandler | TelnetScript;

/** Speaks with one client; when it has ended, so does the session. */
export type TelnetHandler = (session: TelnetSession) => Promise<void> | void;

/** A session as data: a banner, a login, commands behind a prompt. All texts may have LF or CR LF as line ends. */
export interface TelnetScript {
  /** Said first of all, before anybody has logged in. */
  readonly banner?: string | undefined;
  /** Passwords by the names of users. Without it nobody has to log in. */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /** How the login is worded, and how often it may be tried. */
  readonly login?: LoginWords | undefined;
  /** Said to those who are in. */
  readonly motd?: string | undefined;
  /** Stands before every command. Default `$ `. */
  readonly prompt?: string | ((session: TelnetSession) => string) | undefined;
  /**
   * By their names, of one word or several: the longest that a line begins with is meant. `exit`, `logout` and `quit` end
   * the session unless they are here.
   */
  readonly commands?: Readonly<Record<string, TelnetCommand>> | undefined;
  /** What is said to every other line. Default `NAME: unknown command`. */
  readonly unknown?: TelnetCommand | undefined;
  /** Said to those who leave. Default `logout`. */
  readonly farewell?: string | undefined;
  /** For how many milliseconds a client may type nothing. Default 10 minutes. */
  readonly idle?: number | undefined;
}

export interface LoginWords {
  /** Default `login: `. */
  readonly user?: string | undefined;
  /** Default `Password: `. */
  readonly password?: string | undefined;
  /** Default `Login incorrect`. */
  readonly incorrect?: string | undefined;
  /** How often it may be tried before the connection is closed. Default 3. */
  readonly tries?: number | undefined;
}

/** What a command answers: text, a line end is added where it has none; octets as they are; either in parts. */
export type Answered = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** What comes of a command: something to say, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that gives nothing is one that gives void
export type Outcome = Answered | undefined | void;

/**
 * A command: what it says, or what it does. `words` are those behind its name. It may talk with the client by itself; what
 * it gives is said then. It is left alone (`signal` aborts) when the client interrupts it.
 */
export type TelnetCommand =
  | string
  | ((
      session: TelnetSession,
      words: readonly string[],
      line: string,
      signal: AbortSignal,
    ) => Outcome | Promise<Outcome>);
