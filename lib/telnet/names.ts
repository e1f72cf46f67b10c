/** The octets of the protocol and their names. */

/** What may follow IAC (RFC 854; EOF, SUSP and ABORT: RFC 1184; EOR: RFC 885). */
export const COMMANDS = {
  EOF: 236,
  SUSP: 237,
  ABORT: 238,
  EOR: 239,
  SE: 240,
  NOP: 241,
  DM: 242,
  BRK: 243,
  IP: 244,
  AO: 245,
  AYT: 246,
  EC: 247,
  EL: 248,
  GA: 249,
  SB: 250,
  WILL: 251,
  WONT: 252,
  DO: 253,
  DONT: 254,
  IAC: 255,
} as const;

export type CommandName = keyof typeof COMMANDS;

/** A command that stands by itself, and can be sent at any time. */
export type SoleCommand = Exclude<CommandName, 'SE' | 'SB' | 'WILL' | 'WONT' | 'DO' | 'DONT' | 'IAC'>;

/** How an option is offered, asked for and refused. */
export type NegotiationVerb = 'WILL' | 'WONT' | 'DO' | 'DONT';

/** The options, as IANA lists them, and those of games. */
export const OPTIONS = {
  BINARY: 0,
  ECHO: 1,
  RCP: 2,
  SGA: 3,
  NAMS: 4,
  STATUS: 5,
  TM: 6,
  RCTE: 7,
  NAOL: 8,
  NAOP: 9,
  NAOCRD: 10,
  NAOHTS: 11,
  NAOHTD: 12,
  NAOFFD: 13,
  NAOVTS: 14,
  NAOVTD: 15,
  NAOLFD: 16,
  XASCII: 17,
  LOGOUT: 18,
  BM: 19,
  DET: 20,
  SUPDUP: 21,
  SUPDUPOUTPUT: 22,
  SNDLOC: 23,
  TTYPE: 24,
  EOR: 25,
  TUID: 26,
  OUTMRK: 27,
  TTYLOC: 28,
  VT3270REGIME: 29,
  X3PAD: 30,
  NAWS: 31,
  TSPEED: 32,
  LFLOW: 33,
  LINEMODE: 34,
  XDISPLOC: 35,
  OLD_ENVIRON: 36,
  AUTHENTICATION: 37,
  ENCRYPT: 38,
  NEW_ENVIRON: 39,
  TN3270E: 40,
  XAUTH: 41,
  CHARSET: 42,
  RSP: 43,
  COM_PORT_OPTION: 44,
  SUPPRESS_LOCAL_ECHO: 45,
  TLS: 46,
  KERMIT: 47,
  SEND_URL: 48,
  FORWARD_X: 49,
  MSDP: 69,
  MSSP: 70,
  MCCP1: 85,
  MCCP2: 86,
  MCCP3: 87,
  MSP: 90,
  MXP: 91,
  PRAGMA_LOGON: 138,
  SSPI_LOGON: 139,
  PRAGMA_HEARTBEAT: 140,
  GMCP: 201,
  EXOPL: 255,
} as const;

export type OptionName = keyof typeof OPTIONS;

/** What a command is called; `0x07` where nobody named it. */
export function commandName(code: number): string {
  return COMMAND_NAMES.get(code) ?? hex(code);
}

/** What an option is called; its number where nobody named it. */
export function optionName(code: number): string {
  return OPTION_NAMES.get(code) ?? `${code}`;
}

const COMMAND_NAMES = new Map<number, string>(Object.entries(COMMANDS).map(([name, code]) => [code, name]));
const OPTION_NAMES = new Map<number, string>(Object.entries(OPTIONS).map(([name, code]) => [code, name]));

function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}
