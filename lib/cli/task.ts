import { formatUrl, hasScheme, type Scheme, type Target } from '../core/endpoint.ts';
import { UsageError } from '../core/errors.ts';
import { type Ability, type AnyProtocol, type LocalScheme, targetOf, type VerbSpec } from '../core/protocol.ts';
import { splitUrl } from '../core/url.ts';
import type { Verbs } from '../core/verbs.ts';
import { ABILITIES, allFlags, COMMON, dashed, type Flags, flagsFor, keyOf, OPEN, SEND } from './options.ts';
import { didYouMean } from './suggest.ts';

export type Protocols = Readonly<Record<string, AnyProtocol>>;
/** What can be asked of a protocol on the command line: its verbs, and `check`. */
export type VerbName = keyof Verbs | 'check';

export const VERB_NAMES: readonly VerbName[] = ['list', 'fetch', 'info', 'search', 'send', 'remove', 'open', 'check'];

/** One verb, done to one target. */
export interface Task extends Target {
  readonly protocol: AnyProtocol;
  readonly verb: VerbName;
  /** Who will log in, where that is known: by the URL, a flag or netrc. */
  readonly user?: string | undefined;
  /** Without a password: this may be shown. */
  readonly url: string;
  /** The same for the library: the user is in it, the password is not. */
  readonly address: string;
  /** Whether a person at a terminal has a conversation. */
  readonly atTerminal: boolean;
  /** The options that are this verb's own. */
  readonly own: Readonly<Record<string, unknown>>;
  /** How it is read, where no server has it. */
  readonly local?: LocalScheme;
}

/** What a line of the command asks for, as far as it is the same for all targets. */
export interface Ask {
  readonly protocols: Protocols;
  /** Where the command named it; else the scheme does. */
  readonly protocol: AnyProtocol | undefined;
  /** Where the command named it; else the path does. */
  readonly verb: VerbName | undefined;
  readonly tls: boolean;
  /** Whether a person is at a terminal, for a conversation. */
  readonly terminal?: boolean;
  /** All flags that were given. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** Throws UsageError for a target that is none, or that has no such verb, or whose verb has no such option. */
export function makeTask(text: string, ask: Ask): Task {
  const protocol = ask.protocol ?? protocolOf(text, ask.protocols);
  const local = localOf(protocol, text);
  if (local) return localTask(text, protocol, local, ask);
  const written = ask.tls ? withTls(text, protocol) : text;
  const target = targetOf(protocol, written);
  const { endpoint, path } = target;
  const verb = ask.verb ?? (ask.terminal ? protocol.bare : undefined) ?? verbFor(protocol, path);
  if (!hasVerb(protocol, verb)) throw new UsageError(noSuchVerb(protocol, verb), { reason: 'unsupported' });
  return {
    protocol,
    verb,
    endpoint,
    path,
    url: urlOf({ protocol, endpoint }, path),
    address: namesHost(written) ? withoutPassword(written) : written,
    atTerminal: verb === 'open' && (ask.terminal ?? false),
    own: ownOptions(protocol, verb, ask),
  };
}

/** The scheme of a URL that needs no server. */
export function localOf({ local = {} }: AnyProtocol, text: string): LocalScheme | undefined {
  const [, scheme = ''] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? [];
  return Object.hasOwn(local, scheme.toLowerCase()) ? local[scheme.toLowerCase()] : undefined;
}

function localTask(text: string, protocol: AnyProtocol, local: LocalScheme, ask: Ask): Task {
  const [scheme = ''] = text.split(':', 1);
  const verb = ask.verb ?? 'fetch';
  if (verb !== 'fetch') {
    throw new UsageError(`a URL that starts with ${scheme}: is only fetched: it has no server`, {
      reason: 'unsupported',
    });
  }
  return {
    protocol,
    verb,
    endpoint: { scheme: scheme.toLowerCase(), host: '', port: 0, tls: 'none' },
    path: text,
    url: text.length > LONGEST_URL ? `${text.slice(0, LONGEST_URL)}…` : text,
    address: text,
    atTerminal: false,
    own: ownOptions(protocol, verb, ask),
    local,
  };
}

/** Of a URL that holds what it names so much is shown, in characters. */
const LONGEST_URL = 80;

/** The URL of a path at the same server, which may be shown. */
export function urlOf({ protocol, endpoint }: Pick<Task, 'protocol' | 'endpoint'>, path: string): string {
  return formatUrl(endpoint, path, protocol.schemes[endpoint.scheme]?.port);
}

/** What a target means, for this user: `user@host:port/path`. */
export function placeOf({ endpoint: { host, port }, user = '', path }: Task): string {
  return `${user}@${host}:${port}${path}`;
}

/** The protocol of a URL. Throws UsageError when there is none. */
export function protocolOf(text: string, protocols: Protocols): AnyProtocol {
  // what a local URL looks like behind its scheme is for whoever reads it
  const scheme = hasScheme(text) ? text.split(':', 1)[0]?.toLowerCase() : undefined;
  if (scheme === undefined) {
    throw new UsageError(
      'a target here is a URL, scheme://host/path. Without a scheme: netkit PROTOCOL VERB host/path',
    );
  }
  const found = Object.values(protocols).find(
    ({ schemes, local = {} }) => Object.hasOwn(schemes, scheme) || Object.hasOwn(local, scheme),
  );
  if (found) return found;
  const known = Object.values(protocols).flatMap(({ schemes }) => Object.keys(schemes));
  throw new UsageError(`no protocol here has URLs that start with ${scheme}:${didYouMean(scheme, known)}`, {
    reason: 'unsupported',
  });
}

export function hasVerb(protocol: AnyProtocol, verb: VerbName): boolean {
  return verb === 'check' || Object.hasOwn(protocol.verbs, verb);
}

/** The verbs of a protocol and what the declaration says of them. */
export function verbsOf(protocol: AnyProtocol): readonly (readonly [keyof Verbs, VerbSpec])[] {
  return Object.entries(protocol.verbs) as unknown as readonly (readonly [keyof Verbs, VerbSpec])[];
}

/** The options that a declaration gives a verb. */
export function ownFlags(protocol: AnyProtocol, verb: VerbName): Flags {
  const check = protocol.check as Pick<VerbSpec, 'options'> | undefined;
  const spec = verb === 'check' ? check : verbsOf(protocol).find(([name]) => name === verb)?.[1];
  const messages = verb === 'fetch' && protocol.all !== undefined && allFlags(protocol.all);
  const abilities = (protocol.abilities ?? [])
    .filter((each) => ABLE[each].includes(verb))
    .map((each) => ABILITIES[each]);
  return Object.assign({}, messages, verb === 'open' && OPEN, ...abilities, flagsFor(spec?.options ?? {}));
}

/** To which verbs an ability belongs. */
const ABLE: Readonly<Record<Ability, readonly VerbName[]>> = {
  head: ['fetch', 'send'],
  failures: ['fetch', 'send'],
  download: ['fetch'],
  events: ['fetch'],
};

/** The options of `fetch`, in any protocol, that ask for a part of a message. */
const PARTS = ['head', 'lines', 'body'];

/** What the flags of `fetch` say of everything in a container, and where messages go. */
export class AllOptions {
  /** Everything in the container. */
  readonly all: boolean;
  /** But what has been fetched before. */
  readonly onlyNew: boolean;
  readonly state: string | undefined;
  readonly maildir: string | undefined;
  readonly mbox: string | undefined;

  constructor(given: Readonly<Record<string, unknown>>) {
    this.onlyNew = given['new'] === true;
    this.all = given['all'] === true || this.onlyNew;
    this.state = textOf(given['state']);
    this.maildir = textOf(given['maildir']);
    this.mbox = textOf(given['mbox']);
    if (this.state !== undefined && !this.onlyNew) throw new UsageError('--state is the file of --new');
    const part = this.onlyNew && PARTS.find((name) => given[name] !== undefined && given[name] !== false);
    if (part)
      throw new UsageError(`--new is for whole messages, and would not fetch the rest of one: leave out --${part}`);
  }

  static of({ own }: Pick<Task, 'own'>): AllOptions {
    return new AllOptions(own);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What a bare URL means: the container is listed, anything else fetched. */
function verbFor(protocol: AnyProtocol, path: string): VerbName {
  const container = protocol.isContainer?.(path) ?? false;
  if (container && hasVerb(protocol, 'list')) return 'list';
  if (!container && hasVerb(protocol, 'fetch')) return 'fetch';
  const verbs = verbsOf(protocol).map(([name]) => name);
  throw new UsageError(`say what to do with it: netkit ${verbs.join('|')} URL`);
}

function noSuchVerb(protocol: AnyProtocol, verb: VerbName): string {
  const verbs = verbsOf(protocol).map(([name]) => name);
  return `${protocol.name} has no ${verb}: it has ${[...verbs, 'check'].join(', ')}`;
}

/** Of the flags that were given, those that the verb has, as options. One that only another verb has is a mistake. */
function ownOptions(protocol: AnyProtocol, verb: VerbName, { given, protocols }: Ask): Record<string, unknown> {
  const own = ownFlags(protocol, verb);
  const keys = new Set(Object.entries(own).map(([name, flag]) => keyOf(name, flag)));
  const flags = Object.values(protocols).flatMap((each) =>
    VERB_NAMES.filter((name) => hasVerb(each, name)).map((name) => ownFlags(each, name)),
  );
  const all: Flags = Object.assign({}, ...flags);
  for (const [name, flag] of Object.entries(all)) {
    const key = keyOf(name, flag);
    if (Object.hasOwn(given, key) && !keys.has(key) && !Object.hasOwn(COMMON, name) && !isForEvery(name, verb)) {
      throw new UsageError(`${protocol.name} ${verb} has no --${dashed(name)}`);
    }
  }
  return optionsFrom(own, given);
}

/** `send` has these whatever the protocol. */
function isForEvery(name: string, verb: VerbName): boolean {
  return verb === 'send' && Object.hasOwn(SEND, name);
}

/** The values of these flags by the names of their options. Throws UsageError for two of one. */
function optionsFrom(flags: Flags, given: Ask['given']): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  const said = new Map<string, string>();
  for (const [name, flag] of Object.entries(flags)) {
    const key = keyOf(name, flag);
    if (!Object.hasOwn(given, key)) continue;
    const { option = key } = flag;
    const before = said.get(option);
    if (before !== undefined && flag.script === undefined) {
      throw new UsageError(`--${dashed(before)} and --${dashed(name)} exclude each other`);
    }
    said.set(option, name);
    options[option] = flag.means ?? given[key];
  }
  return options;
}

/** The target with TLS from the first byte: by the scheme of the protocol that has it. */
function withTls(text: string, protocol: AnyProtocol): string {
  const schemes = protocol.schemes;
  const written = hasScheme(text) ? splitUrl(text).scheme : undefined;
  const serverFrom = written === undefined ? undefined : schemes[written]?.serverFrom;
  const [scheme] =
    Object.entries<Scheme>(schemes).find(([, each]) => each.tls === 'implicit' && each.serverFrom === serverFrom) ?? [];
  if (scheme === undefined) throw new UsageError(`${protocol.name} has no scheme with TLS`, { reason: 'unsupported' });
  if (written === undefined) return `${scheme}://${text}`;
  return schemes[written]?.tls === 'implicit' ? text : scheme + text.slice(written.length);
}

const USERINFO = /^((?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?[^/?#@:;]*(?:;[^:/?#@]*)?):([^/?#@]*?)(;AUTH=[^:;@]*)?@/i;

/** Whether a target says where its server is. Behind `news:` stands what looks like a user, and is a message-id. */
function namesHost(target: string): boolean {
  return !hasScheme(target) || splitUrl(target).host !== undefined;
}

/** A target without its password. What cannot be read as a target loses everything that may be one. */
export function withoutPassword(text: string): string {
  return text.replace(USERINFO, '$1$3@');
}

/** A target that could not be understood, for a message: whatever may be a password is `***`. */
export function masked(text: string): string {
  return text.replace(/^((?:[A-Za-z][A-Za-z0-9+.-]*:\/\/)?[^/?#@:]*):.*@/s, '$1:***@');
}
