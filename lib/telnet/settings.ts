import type { TelnetEvent } from './events.ts';
import type { OptionName } from './names.ts';
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

/** What a server asks of its clients, and what it offers and tells them. The names are those of `OPTIONS`. */
export interface TelnetServerSettings {
  /** What the client is asked for at the start (DO). Default: TTYPE, NAWS, NEW_ENVIRON, TSPEED and XDISPLOC. */
  readonly asks?: readonly OptionName[] | undefined;
  /** What is offered to the client at the start (WILL). Default: SGA, CHARSET, and what further settings speak of. */
  readonly offers?: readonly OptionName[] | undefined;
  /** What is agreed to beside when the client begins. Default: everything that is implemented. */
  readonly agrees?: readonly OptionName[] | undefined;
  /** The character sets that the client is asked to choose from, the best first (RFC 2066). Default `UTF-8`. */
  readonly charsets?: readonly string[] | undefined;
  /** The variables that the client is asked for (RFC 1572). Default: all that it would tell. */
  readonly environment?: readonly string[] | undefined;
  /** What the server says of itself, where a crawler of games asks (MSSP). */
  readonly mssp?: MsspVariables | undefined;
  /** Whether to take part in GMCP. Default false. */
  readonly gmcp?: boolean | undefined;
  /** Whether compression is offered, of what is sent (MCCP2) and of what comes (MCCP3). Default false. */
  readonly compress?: boolean | undefined;
}

/** What a game says of itself: `NAME`, `PLAYERS`, `UPTIME` … */
export type MsspVariables = Readonly<Record<string, string | number | readonly (string | number)[]>>;

/** What a client of a game says first (GMCP's `Core.Hello` and `Core.Supports.Set`). */
export interface GmcpHello {
  readonly client: string;
  readonly version: string;
  /** Packages and their versions: `Char 1`. */
  readonly supports?: readonly string[];
}
