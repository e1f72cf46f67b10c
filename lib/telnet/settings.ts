import type { TelnetEvent } from './events.ts';
import type { Side } from './option.ts';

/** What this end tells the peer of itself, and lets it do. What is not given is refused when the peer asks. */
export interface TelnetSettings {
  /** What text is written in. Default UTF-8; then CHARSET (RFC 2066) may agree on another. */
  readonly charset?: string | undefined;
  /** What the terminal is, the best name first (RFC 1091). Default `dumb`. */
  readonly terminal?: string | readonly string[] | undefined;
  /** The size of the window, in characters (RFC 1073). Default: the peer is told of none. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** The variables that the peer may be told, and no others (RFC 1572). The environment of this process is never read. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** In bits per second (RFC 1079). */
  readonly speed?: number | undefined;
  /** Where the X display is (RFC 1096). */
  readonly display?: string | undefined;
  /** Whether the peer may ask which options are in use (RFC 859). Default false. */
  readonly status?: boolean | undefined;
  /** Whether the peer may compress what it sends (MCCP2), and have what we send compressed (MCCP3). Default false. */
  readonly compress?: boolean | undefined;
  /** Whether to take part in GMCP; an object says who we are, and which packages we want. Default false. */
  readonly gmcp?: boolean | GmcpHello | undefined;
  /** Whether an option is to be agreed to: asked first of all, undefined leaves it to the settings. */
  readonly accept?: ((side: Side, option: number) => boolean | undefined) | undefined;
  /** Is told of everything that is not text, as it comes. */
  readonly onEvent?: ((event: TelnetEvent) => void) | undefined;
}

/** What a client of a game says first (GMCP's `Core.Hello` and `Core.Supports.Set`). */
export interface GmcpHello {
  readonly client: string;
  readonly version: string;
  /** Packages and their versions: `Char 1`. */
  readonly supports?: readonly string[];
}
