import type { TelnetEvent } from './events.ts';

/** Who does what an option says: this end (WILL, asked for by DO), or the peer (DO, offered by WILL). */
export type Side = 'local' | 'remote';

/** What an option needs of the machine that it is part of. */
export interface OptionPort {
  /** Sends a subnegotiation: IAC in it is doubled. */
  subnegotiate(option: number, data: Uint8Array): void;
  /** Whether an option is in use, as both ends agreed. */
  enabled(side: Side, option: number): boolean;
  /** Every option in use, for STATUS. */
  inUse(): readonly { readonly side: Side; readonly option: number }[];
  /**
   * Tells whoever listens. Behind a subnegotiation in which an option says that what comes is compressed from now on, the
   * octets that follow are not Telnet any more: the machine takes none of them.
   */
  emit(event: TelnetEvent): void;
  /** Says what was ignored: for those who read along. */
  note(text: string): void;
}

/** What one end does of an option, and lets the peer do. */
export interface Role {
  /** Whether this end does it when the peer asks. */
  readonly local?: boolean | undefined;
  /** Whether the peer may do it. */
  readonly remote?: boolean | undefined;
  /** What is asked for before the peer has said anything. Servers ask; clients mostly wait. */
  readonly asks?: Side | 'both' | undefined;
}

/** One option, as one end of a connection does it. What has no such object is refused. */
export interface TelnetOption extends Role {
  readonly code: number;
  /** How long a subnegotiation may be while it is in use, in octets. Default 4096, which it is otherwise. */
  readonly longest?: number | undefined;
  /** Both ends agree that it is in use, or no longer. What agrees has been sent by then. */
  changed?(side: Side, enabled: boolean, port: OptionPort): void;
  /** Octets that the peer sent in a subnegotiation of an option that is in use, IAC undone; valid during the call only. */
  subnegotiated?(data: Buffer, port: OptionPort): void;
}
