import type { Side } from './option.ts';

/** What a peer says beside text. */
export type TelnetEvent =
  /** Both ends agree that an option is in use, or no longer. */
  | {
      readonly type: 'option';
      readonly side: Side;
      readonly option: number;
      readonly name: string;
      readonly enabled: boolean;
    }
  /** A command that stands by itself: AYT, IP, BRK, DM, GA, EOR, NOP … */
  | { readonly type: 'command'; readonly command: number; readonly name: string }
  /** A subnegotiation of an option that nobody here does anything with. */
  | { readonly type: 'subnegotiation'; readonly option: number; readonly name: string; readonly data: Buffer }
  /** The peer's terminal: `types` are all that it named, the best first; `whole` when it has named them all (RFC 1091). */
  | { readonly type: 'terminal-type'; readonly types: readonly string[]; readonly whole: boolean }
  /** The peer's window (RFC 1073). 0 is what it leaves open. */
  | { readonly type: 'window-size'; readonly columns: number; readonly rows: number }
  /** Variables that the peer sent (RFC 1572); null is one that it has not. */
  | {
      readonly type: 'environment';
      readonly variables: ReadonlyMap<string, string | null>;
      readonly user: ReadonlyMap<string, string | null>;
    }
  /** In bits per second (RFC 1079). */
  | { readonly type: 'terminal-speed'; readonly transmit: number; readonly receive: number }
  /** Where the peer's X display is (RFC 1096). */
  | { readonly type: 'display'; readonly location: string }
  /** What both ends write in from now on (RFC 2066); undefined when they found none. */
  | { readonly type: 'charset'; readonly charset: string | undefined }
  /** What the peer believes is in use (RFC 859). */
  | {
      readonly type: 'status';
      readonly options: readonly { readonly side: Side; readonly option: number; readonly name: string }[];
    }
  /** Everything that was sent before a timing mark has been dealt with by the peer (RFC 860). */
  | { readonly type: 'timing-mark' }
  /** A message of a game: its package, as `Char.Vitals`, and its JSON. */
  | { readonly type: 'gmcp'; readonly package: string; readonly data: unknown }
  /** What a game server says of itself. */
  | { readonly type: 'mssp'; readonly variables: ReadonlyMap<string, readonly string[]> }
  /** What comes (MCCP2), or what is sent (MCCP3), is compressed from now on, or no longer. */
  | { readonly type: 'compression'; readonly direction: 'in' | 'out'; readonly active: boolean };
