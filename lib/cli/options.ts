import type { Ability, OptionSpec, StepSpec } from '../core/protocol.ts';
import type { ColorChoice } from './terminal.ts';

/** A flag of the command line; those of the declarations are such, too. */
export interface Flag extends Omit<OptionSpec, 'type' | 'steps' | 'flag' | 'off'> {
  readonly type: Exclude<OptionSpec['type'], 'steps'> | StepSpec['type'] | 'key';
  /** The option whose script it is a step of. */
  readonly script?: string;
  /** The option that it gives a value to, where that is not called as it is. */
  readonly option?: string;
  /** What it means where it is given, if not true. */
  readonly means?: false;
  /** Under which heading the help has it. */
  readonly group?: 'Output' | 'Login' | 'TLS' | 'Way to the server' | 'Limits' | 'Other';
}

export type Flags = Readonly<Record<string, Flag>>;

/** The values of the common flags. Durations are in milliseconds. */
export interface Values {
  readonly json?: boolean;
  readonly output?: string;
  readonly remoteName?: boolean;
  readonly outputDir?: string;
  readonly raw?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
  readonly color?: ColorChoice;
  readonly user?: string;
  readonly passwordFd?: number;
  readonly passwordStdin?: boolean;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly netrcFile?: string;
  readonly auth?: string;
  readonly oauth2?: boolean;
  readonly insecureLogin?: boolean;
  readonly tls?: boolean;
  readonly starttls?: 'required' | 'try' | 'off';
  readonly insecure?: boolean;
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly pin?: readonly string[];
  readonly tlsMin?: '1.2' | '1.3';
  readonly servername?: string;
  readonly proxy?: string;
  readonly noProxy?: string;
  readonly resolve?: readonly string[];
  readonly unixSocket?: string;
  readonly via?: string;
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly timeout?: number;
  readonly connectTimeout?: number;
  readonly maxTime?: number;
  readonly maxSize?: number;
  readonly dryRun?: boolean;
  readonly failFast?: boolean;
  readonly help?: boolean;
}

const output = (flag: Flag): Flag => ({ ...flag, group: 'Output' });
const login = (flag: Flag): Flag => ({ ...flag, group: 'Login' });
const tls = (flag: Flag): Flag => ({ ...flag, group: 'TLS' });
const way = (flag: Flag): Flag => ({ ...flag, group: 'Way to the server' });
const limit = (flag: Flag): Flag => ({ ...flag, group: 'Limits' });
const other = (flag: Flag): Flag => ({ ...flag, group: 'Other' });

/** The flags of every verb. On the command line `maxTime` is `--max-time`. */
export const COMMON: { readonly [F in keyof Values]-?: Flag } = {
  json: output({ type: 'boolean', summary: 'one JSON object, or one per line for lists' }),
  output: output({ type: 'string', short: 'o', value: 'FILE', summary: 'write to FILE, which is replaced at the end' }),
  remoteName: output({ type: 'boolean', short: 'O', summary: 'write to a file named like the end of the path' }),
  outputDir: output({ type: 'string', value: 'FOLDER', summary: 'where -o and -O put their files' }),
  raw: output({ type: 'boolean', summary: 'the bytes as they came, control characters on a terminal too' }),
  verbose: output({ type: 'boolean', short: 'v', summary: 'show the dialogue, without secrets' }),
  quiet: output({ type: 'boolean', short: 'q', summary: 'only data: no messages, no progress' }),
  color: output({ type: 'string', value: 'WHEN', choices: ['auto', 'always', 'never'], summary: 'use colours' }),
  user: login({ type: 'string', short: 'u', value: 'NAME', summary: 'who logs in, where the URL does not say' }),
  passwordFd: login({ type: 'number', value: 'N', summary: 'read the password from this descriptor' }),
  passwordStdin: login({ type: 'boolean', summary: 'read the password from standard input' }),
  passwordFile: login({ type: 'string', value: 'FILE', summary: 'read the password from FILE' }),
  passwordCommand: login({ type: 'string', value: 'CMD', summary: 'run CMD for the password' }),
  auth: login({ type: 'string', value: 'MECHANISM', summary: 'log in by this mechanism only' }),
  oauth2: login({ type: 'boolean', summary: 'the password is an OAuth 2.0 bearer token' }),
  insecureLogin: login({ type: 'boolean', summary: 'send passwords also where others can listen' }),
  netrcFile: login({ type: 'string', value: 'FILE', summary: 'look here instead of $NETRC or ~/.netrc' }),
  tls: tls({ type: 'boolean', summary: 'TLS from the first byte: the scheme of the protocol that has it' }),
  starttls: tls({
    type: 'string',
    value: 'HOW',
    choices: ['required', 'try', 'off'],
    summary: 'the upgrade to TLS, where a protocol has one',
  }),
  insecure: tls({ type: 'boolean', summary: 'accept any certificate' }),
  cacert: tls({ type: 'string', value: 'FILE', summary: 'trust these authorities (PEM)' }),
  cert: tls({ type: 'string', value: 'FILE', summary: 'a certificate of ours (PEM)' }),
  key: tls({ type: 'string', value: 'FILE', summary: 'its key (PEM)' }),
  pin: tls({ type: 'string', value: 'DIGEST', many: true, summary: "base64 SHA-256 of the server's public key" }),
  tlsMin: tls({ type: 'string', value: 'VERSION', choices: ['1.2', '1.3'], summary: 'the oldest TLS to accept' }),
  servername: tls({ type: 'string', value: 'NAME', summary: 'the name to ask for and to verify' }),
  proxy: way({ type: 'string', value: 'URL', summary: 'socks5:, socks5h:, socks4a: or http:; none. Else ALL_PROXY' }),
  noProxy: way({ type: 'string', value: 'LIST', summary: 'hosts without proxy. Else NO_PROXY' }),
  resolve: way({ type: 'string', value: 'HOST:PORT:ADDR', many: true, summary: 'use this address for this host' }),
  unixSocket: way({ type: 'string', value: 'PATH', summary: 'connect to this socket' }),
  via: way({ type: 'string', value: 'CMD', summary: 'talk through CMD; %h and %p are host and port' }),
  ipv4: way({ type: 'boolean', short: '4', summary: 'only IPv4' }),
  ipv6: way({ type: 'boolean', short: '6', summary: 'only IPv6' }),
  timeout: limit({ type: 'duration', value: 'TIME', summary: 'for a server that says nothing (60s)' }),
  connectTimeout: limit({ type: 'duration', value: 'TIME', summary: 'for connecting, and for TLS (10s each)' }),
  maxTime: limit({
    type: 'duration',
    value: 'TIME',
    summary: 'for each target as a whole (300s; none for fetch, send, open)',
  }),
  maxSize: limit({ type: 'size', value: 'SIZE', summary: 'the most octets of a body: 500, 64k, 10M' }),
  dryRun: other({ type: 'boolean', short: 'n', summary: 'say what would be done, and do nothing' }),
  failFast: other({ type: 'boolean', summary: 'stop at the first target that fails' }),
  help: other({ type: 'boolean', short: 'h', summary: 'help on this' }),
};

/** The flags of `serve`, beside `tls`, `starttls`, `json`, `verbose`, `quiet`. */
export const SERVE: Flags = {
  port: { type: 'number', value: 'N', summary: 'the port; 0, as when left out, is a free one' },
  host: { type: 'string', value: 'ADDRESS', summary: 'the address to listen at (127.0.0.1)' },
};

/** The flags of `fetch`, where all that is in a container can be fetched, and is messages; `all` says what it is. */
export const allFlags = (all: string): Flags => ({
  all: { type: 'boolean', summary: `${all}; on standard output as a mailbox (mboxrd)` },
  new: { type: 'boolean', summary: 'the same, but only what --new has not fetched before' },
  state: {
    type: 'string',
    value: 'FILE',
    summary: 'where --new keeps what it has fetched ($XDG_STATE_HOME/netkit/...)',
  },
  maildir: { type: 'string', value: 'FOLDER', summary: 'deliver into this Maildir, which is made where there is none' },
  mbox: { type: 'string', value: 'FILE', summary: 'append to this mailbox (mboxrd); - is standard output' },
});

/** The flags of `send`, whatever the protocol. */
export const SEND: Flags = {
  file: { type: 'string', value: 'FILE', isBody: true, summary: 'what to send; - is standard input' },
  data: { type: 'text', short: 'd', value: 'TEXT', isBody: true, summary: 'send this, as it is' },
};

/** The flags of what a protocol can do beside: see `Ability`. */
export const ABILITIES: Readonly<Record<Ability, Flags>> = {
  head: { include: { type: 'boolean', short: 'i', summary: 'what stands in front of the body, too' } },
  failures: {
    failWithBody: { type: 'boolean', summary: 'give the body of an answer that says no, and fail all the same' },
  },
  download: {
    continue: { type: 'boolean', short: 'C', summary: 'with -o or -O: go on with what an earlier try has left' },
    checksum: { type: 'string', value: 'NAME:DIGEST', summary: 'with -o or -O: only if it is this, sha256:...' },
    remoteHeaderName: { type: 'boolean', short: 'J', summary: 'with -O: the name that the server gives it' },
  },
  events: { events: { type: 'boolean', summary: 'follow a stream of events, until it ends' } },
};

/** The flag of `demo`. */
export const DEMO: Flags = { transcript: { type: 'boolean', summary: 'show every line of the dialogue' } };

/** The flags of `open`. */
export const OPEN: Flags = {
  escape: { type: 'key', value: 'KEY', summary: 'the key that leaves the terminal for a moment: ^], ~, none (^])' },
  linger: { type: 'duration', value: 'TIME', summary: 'how long to wait for more behind the end of the input (3s)' },
};

/** The flags of the options of a verb: those of a script have one for each kind of step. */
export function flagsFor(options: Readonly<Record<string, OptionSpec>>): Flags {
  return Object.fromEntries(Object.entries(options).flatMap(([name, spec]) => flagsOfOption(name, spec)));
}

function flagsOfOption(name: string, spec: OptionSpec): (readonly [string, Flag])[] {
  const { type, steps = {}, flag = name, off, ...rest } = spec;
  if (type === 'steps') return Object.entries(steps).map(([step, each]) => [step, { ...each, script: name }]);
  const option = flag === name ? {} : { option: name };
  const no: Flag | undefined = off && { type: 'boolean', summary: off.summary, option: name, means: false };
  return [[flag, { ...rest, ...option, type }], ...(off && no ? [[off.flag, no] as const] : [])];
}

/** Under which name a flag is kept that was given: its own, or that of its script. */
export function keyOf(name: string, { script }: Flag): string {
  return script ?? name;
}

/** The options that these flags give values to. */
export function optionsOf(flags: Flags): ReadonlySet<string> {
  return new Set(Object.entries(flags).map(([name, { script, option }]) => script ?? option ?? name));
}

/** What stands behind a flag, for the help: its few choices, else the name of its value. */
export function valueName({ type, value, choices = [] }: Pick<Flag, 'type' | 'value' | 'choices'>): string {
  if (choices.length > 0 && choices.length <= 4) return choices.join('|');
  return value ?? VALUES[type] ?? 'VALUE';
}

const VALUES: Partial<Readonly<Record<Flag['type'], string>>> = {
  pairs: 'NAME=VALUE',
  pattern: 'TEXT|/RE/',
  headers: "'NAME: VALUE'|@FILE",
  parts: 'NAME=VALUE|@FILE',
  range: 'FIRST-LAST',
  date: 'DATE|@FILE',
  json: 'JSON',
  size: 'SIZE',
  duration: 'TIME',
};

/** `maxTime` as it is typed: `max-time`. */
export function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
