/**
 * What a command line asks for:
 *
 *     netkit PROTOCOL VERB TARGET...     netkit VERB URL...     netkit URL...     netkit COMMAND ...
 *
 * The first word is a protocol, else a verb, else a command, else it must be a URL: nothing else is ever guessed.
 */
import { hasScheme, type Scheme } from '../core/endpoint.ts';
import { UsageError } from '../core/errors.ts';
import type { AnyProtocol } from '../core/protocol.ts';
import { COMMON, DEMO, dashed, type Flags, keyOf, SEND, SERVE, type Values } from './options.ts';
import type { Job } from './run.ts';
import { didYouMean } from './suggest.ts';
import { hasVerb, masked, ownFlags, type Protocols, VERB_NAMES, type VerbName, verbsOf } from './task.ts';
import { operandsOf, type Words } from './words.ts';

/** What is no verb of a protocol, with what the help says of it. */
export const COMMANDS = {
  serve: 'start servers for tests: netkit serve PROTOCOL...',
  demo: 'try every protocol against a server of its own',
  url: 'show the parts of a URL, or what is wrong with it',
  completion: 'a script for the shell: bash, zsh or fish',
  help: 'help on a protocol, a verb or a command',
  version: 'the version',
} as const;

export type CommandName = keyof typeof COMMANDS;

/** What is asked for, and how many words said so. */
export interface Plan {
  readonly protocol?: AnyProtocol;
  readonly verb?: VerbName;
  readonly command?: CommandName;
  readonly words: number;
  /** The flags that may be there. */
  readonly flags: Flags;
}

/** Throws UsageError, with what was probably meant, for a first word that means nothing. */
export function planOf(argv: readonly string[], protocols: Protocols): Plan {
  const [first, second] = operandsOf(argv, everyFlag(protocols));
  if (first === undefined) return { words: 0, flags: COMMON };
  const protocol = Object.hasOwn(protocols, first) ? protocols[first] : undefined;
  if (protocol) return second === undefined ? { protocol, words: 1, flags: COMMON } : planFor(protocol, second);
  if (isVerb(first)) return { verb: first, words: 1, flags: flagsOf(Object.values(protocols), [first]) };
  if (isCommand(first)) return { command: first, words: 1, flags: commandFlags(first) };
  if (hasScheme(first)) return { words: 0, flags: flagsOf(Object.values(protocols), ['list', 'fetch', 'open']) };
  const known = [...Object.keys(protocols), ...VERB_NAMES, ...Object.keys(COMMANDS)];
  throw new UsageError(
    `expected a protocol, a verb or a URL, not ${masked(first)}${didYouMean(first, known) || '. See netkit help'}`,
  );
}

function planFor(protocol: AnyProtocol, word: string): Plan {
  if (word === 'serve') return { protocol, command: 'serve', words: 2, flags: commandFlags('serve') };
  if (isVerb(word)) {
    if (hasVerb(protocol, word)) return { protocol, verb: word, words: 2, flags: flagsOf([protocol], [word]) };
  }
  const known = [...verbsOf(protocol).map(([name]) => name), 'check', 'serve'];
  const meant = didYouMean(word, known);
  throw new UsageError(`${protocol.name} has no ${masked(word)}${meant || `: it has ${known.join(', ')}`}`, {
    reason: isVerb(word) ? 'unsupported' : 'argument',
  });
}

/**
 * The job of a plan whose verb, if it has one, does something to targets; `terminal` says whether a person is at one.
 * Throws UsageError for too few or too many.
 */
export function jobOf(
  { protocol, verb, words, flags }: Plan,
  { operands, values, given }: Words,
  protocols: Protocols,
  terminal = false,
): Job {
  const rest = operands.length > words ? operands.slice(words) : usualTarget(protocol);
  const [target, ...more] = rest;
  if (target === undefined || target === '-') {
    throw new UsageError(`${[protocol?.name, verb].filter(Boolean).join(' ')} needs a target: see --help`);
  }
  // one terminal has one conversation, and it is no file
  const talks = terminal && more.length === 0 && !values.json && values.output === undefined;
  const common = { protocols, protocol, verb, tls: values.tls ?? false, terminal: talks, given, values };
  const job = { ...common, query: '', file: undefined, data: undefined };
  if (verb === 'search') {
    if (more.length === 0) throw new UsageError('search needs words to look for, behind the target');
    return { ...job, targets: [target], query: more.join(' ') };
  }
  if (verb === 'send') return { ...job, targets: [target], ...whatToSend(more, { operands, values, given }, flags) };
  if (verb === 'open') {
    const [file, ...others] = more;
    if (others.length > 0) throw new UsageError('open takes one target, and one file');
    if (file !== undefined && file !== '-') throw new UsageError('open takes one target, and -');
    checkInput(file, values);
    return { ...job, targets: [target], file };
  }
  if (rest.includes('-')) throw new UsageError('- is standard input: only send and open read it');
  return { ...job, targets: rest };
}

/** A file, a text, or neither where an option says what. Throws UsageError for none of them, and for two. */
function whatToSend(files: readonly string[], { values, given }: Words, flags: Flags): Pick<Job, 'file' | 'data'> {
  const { file, data } = given;
  const said = Object.entries(flags).filter(([name, flag]) => flag.isBody && given[keyOf(name, flag)] !== undefined);
  const count = files.length + said.length;
  if (count > 1) throw new UsageError('send takes one target, and one file, or one flag that says what to send');
  if (count === 0) {
    const ways = Object.keys(flags).filter((name) => flags[name]?.isBody && name !== 'file');
    const others = ways.map((name) => `--${dashed(name)}`).join(', ');
    throw new UsageError(`say what to send, behind the target: a file, or - for standard input; or one of ${others}`);
  }
  const [name = typeof file === 'string' ? file : undefined] = files;
  checkInput(name, values);
  return { file: name, data: typeof data === 'string' ? data : undefined };
}

function checkInput(file: string | undefined, { passwordStdin }: Values): void {
  if (file === '-' && passwordStdin) throw new UsageError('standard input has the password already: name a file');
}

/** Where the environment names the server of a protocol, nobody else need. */
function usualTarget(protocol: AnyProtocol | undefined): readonly string[] {
  const schemes = Object.entries<Scheme>(protocol?.schemes ?? {});
  const [name] = schemes.find(([, { serverFrom }]) => serverFrom !== undefined && process.env[serverFrom]) ?? [];
  return name === undefined ? [] : [`${name}:`];
}

/** The flags of these verbs of these protocols. What is common is as it is common. */
export function flagsOf(protocols: readonly AnyProtocol[], verbs: readonly VerbName[]): Flags {
  const own = protocols.flatMap((protocol) => verbs.map((verb) => ownFlags(protocol, verb)));
  return { ...Object.assign({}, ...own), ...(verbs.includes('send') && SEND), ...COMMON };
}

export function commandFlags(command: CommandName): Flags {
  const { json, tls, starttls, verbose, quiet, color, raw, help } = COMMON;
  if (command === 'serve') return { ...SERVE, tls, starttls, json, verbose, quiet, color, help };
  if (command === 'demo') return { ...DEMO, json, quiet, color, help };
  return { json, quiet, color, raw, help };
}

function everyFlag(protocols: Protocols): Flags {
  return { ...flagsOf(Object.values(protocols), VERB_NAMES), ...SERVE, ...DEMO, ...COMMON };
}

export function isVerb(word: string): word is VerbName {
  return (VERB_NAMES as readonly string[]).includes(word);
}

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}
