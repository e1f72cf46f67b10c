import { OPTIONS, type OptionName } from '../names.ts';
import type { Role, TelnetOption } from '../option.ts';
import type { TelnetServerSettings, TelnetSettings } from '../settings.ts';
import { Charset } from './charset.ts';
import { Compression } from './compression.ts';
import { DisplayLocation } from './display.ts';
import { Environment } from './environment.ts';
import { Gmcp } from './gmcp.ts';
import { Mssp } from './mssp.ts';
import { PlainOption } from './plain.ts';
import { TerminalSpeed } from './speed.ts';
import { Status } from './status.ts';
import { TerminalType } from './terminal-type.ts';
import { WindowSize } from './window-size.ts';

/** The options of one end of one connection: `all` for its machine, the others for what can be asked of them. */
export interface TelnetOptions {
  readonly all: readonly TelnetOption[];
  readonly terminalType: TerminalType;
  readonly windowSize: WindowSize;
  readonly environment: Environment;
  readonly speed: TerminalSpeed;
  readonly display: DisplayLocation;
  readonly charset: Charset;
  readonly status: Status;
  readonly mssp: Mssp;
  readonly gmcp: Gmcp;
  readonly mccp2: Compression;
  readonly mccp3: Compression;
}

export type ClientOptions = TelnetOptions;
export type ServerOptions = TelnetOptions;

type Named = Omit<TelnetOptions, 'all'>;

const LOCAL: Role = { local: true };
const REMOTE: Role = { remote: true };
const BOTH: Role = { local: true, remote: true };

/** The options of a client, new for each connection. Throws UsageError for settings that cannot be told to a peer. */
export function clientOptions(settings: TelnetSettings): ClientOptions {
  const { terminal = 'dumb', columns, rows, env, speed, display, charset = 'UTF-8', gmcp = false } = settings;
  const sized = columns !== undefined || rows !== undefined;
  const compressed: Role = { remote: settings.compress ?? false };
  const told: Role = settings.status ? BOTH : {};
  return whole(
    {
      terminalType: new TerminalType(LOCAL, typeof terminal === 'string' ? [terminal] : terminal),
      windowSize: new WindowSize(LOCAL, sized ? { columns: columns ?? 0, rows: rows ?? 0 } : undefined),
      environment: new Environment(LOCAL, env),
      speed: new TerminalSpeed({ local: speed !== undefined }, speed),
      display: new DisplayLocation({ local: display !== undefined }, display),
      charset: new Charset(BOTH, [charset], false),
      status: new Status(told),
      mssp: new Mssp(REMOTE),
      gmcp: new Gmcp({ remote: gmcp !== false }, typeof gmcp === 'object' ? gmcp : undefined),
      mccp2: new Compression(OPTIONS.MCCP2, compressed),
      mccp3: new Compression(OPTIONS.MCCP3, compressed),
    },
    [
      new PlainOption(OPTIONS.ECHO, REMOTE),
      new PlainOption(OPTIONS.SGA, BOTH),
      new PlainOption(OPTIONS.BINARY, BOTH),
      new PlainOption(OPTIONS.EOR, REMOTE),
      // a client that makes timing marks is, to a telnetd of BSD, one that edits lines: it ends SGA for good
      new PlainOption(OPTIONS.TM, REMOTE),
    ],
  );
}

/** What a server asks for, unless it is told: what is known of a client. */
const ASKS: readonly OptionName[] = ['TTYPE', 'NAWS', 'NEW_ENVIRON', 'TSPEED', 'XDISPLOC'];
/** What it offers. ECHO comes and goes with passwords. */
const OFFERS: readonly OptionName[] = ['SGA', 'CHARSET'];
/** What a server agrees to when a client asks it to do it. */
const DOES: readonly OptionName[] = ['ECHO', 'SGA', 'BINARY', 'EOR', 'TM', 'STATUS', 'CHARSET'];
/** What a server lets a client do that begins with it. */
const TAKES: readonly OptionName[] = [...ASKS, 'SGA', 'BINARY', 'TM', 'STATUS', 'CHARSET'];

/** The options of a server, new for each connection. Throws UsageError for settings that cannot be told to a peer. */
export function serverOptions(settings: TelnetServerSettings): ServerOptions {
  const { asks = [], offers = [], charsets = ['UTF-8'] } = settings;
  const role = roles(settings);
  const named: Named = {
    terminalType: new TerminalType(role('TTYPE')),
    windowSize: new WindowSize(role('NAWS')),
    environment: new Environment(role('NEW_ENVIRON'), {}, settings.environment),
    speed: new TerminalSpeed(role('TSPEED')),
    display: new DisplayLocation(role('XDISPLOC')),
    charset: new Charset(role('CHARSET'), charsets, true),
    status: new Status(role('STATUS')),
    mssp: new Mssp(role('MSSP'), settings.mssp),
    gmcp: new Gmcp(role('GMCP')),
    mccp2: new Compression(OPTIONS.MCCP2, role('MCCP2')),
    mccp3: new Compression(OPTIONS.MCCP3, role('MCCP3')),
  };
  const known = new Set(Object.values(named).map((each) => each.code));
  // whatever else is asked for or offered has nothing to it here but its answer
  const plain = new Set([...DOES, ...TAKES, ...asks, ...offers].filter((name) => !known.has(OPTIONS[name])));
  return whole(
    named,
    [...plain].map((name) => new PlainOption(OPTIONS[name], role(name))),
  );
}

/** What a server does of each option, and lets the client do. */
function roles(settings: TelnetServerSettings): (name: OptionName) => Role {
  const further = given(settings);
  const { asks = ASKS, offers = [...OFFERS, ...further], agrees } = settings;
  const does = [...DOES, ...further];
  return (name) => {
    const local = offers.includes(name);
    const remote = asks.includes(name);
    const agreed = agrees?.includes(name) ?? true;
    return {
      local: local || (agreed && does.includes(name)),
      remote: remote || (agreed && TAKES.includes(name)),
      asks: local && remote ? 'both' : local ? 'local' : remote ? 'remote' : undefined,
    };
  };
}

/** The options that the settings speak of by name. */
function given({ mssp, gmcp, compress }: TelnetServerSettings): readonly OptionName[] {
  const options: readonly (readonly [setting: unknown, names: readonly OptionName[]])[] = [
    [mssp, ['MSSP']],
    [gmcp, ['GMCP']],
    [compress, ['MCCP2', 'MCCP3']],
  ];
  return options.flatMap(([setting, names]) => (setting ? names : []));
}

function whole(named: Named, plain: readonly TelnetOption[]): TelnetOptions {
  // in this order, or V8 gives each of them a shape of its own
  return { all: [...Object.values(named), ...plain], ...named };
}
