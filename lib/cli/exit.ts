/** Exit codes: how a failure looks to a script, and what a person may try. */
import { NetkitError, type Reason } from '../core/errors.ts';
import { BrokenPipe } from './io.ts';

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  resolve: 3,
  connect: 4,
  tls: 5,
  timeout: 6,
  auth: 7,
  missing: 8,
  refused: 9,
  busy: 10,
  protocol: 11,
  incomplete: 12,
  file: 13,
} as const;

/** What the codes mean, for the help. */
export const MEANINGS: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'done'],
  ['1', 'failed, for a reason not below'],
  ['2', 'usage: a flag, a target or a verb that is not'],
  ['3', 'the name of the host was not resolved'],
  ['4', 'no connection'],
  ['5', 'no TLS: handshake, certificate, or not offered'],
  ['6', 'timeout'],
  ['7', 'authentication refused'],
  ['8', 'not there'],
  ['9', 'refused for good'],
  ['10', 'refused for now: try again later'],
  ['11', 'the server broke the protocol, or a limit'],
  ['12', 'incomplete or corrupt data'],
  ['13', 'trouble with a local file'],
  ['129, 130, 143', 'interrupted (SIGHUP, SIGINT, SIGTERM)'],
];

const CODES: Readonly<Record<Reason, number>> = {
  argument: EXIT.usage,
  policy: EXIT.usage,
  unsupported: EXIT.usage,
  'unsafe-name': EXIT.usage,
  'unread-body': EXIT.failed,
  resolve: EXIT.resolve,
  connect: EXIT.connect,
  proxy: EXIT.connect,
  reset: EXIT.connect,
  closed: EXIT.connect,
  tls: EXIT.tls,
  'tls-required': EXIT.tls,
  'tls-injection': EXIT.tls,
  truncated: EXIT.incomplete,
  timeout: EXIT.timeout,
  grammar: EXIT.protocol,
  limit: EXIT.protocol,
  integrity: EXIT.incomplete,
  decode: EXIT.incomplete,
  auth: EXIT.auth,
  missing: EXIT.missing,
  denied: EXIT.refused,
  refused: EXIT.refused,
  busy: EXIT.busy,
};

/** The flags that may help; what else may help, the error says itself. */
const HINTS: Partial<Readonly<Record<Reason, string>>> = {
  proxy: '--proxy none goes without',
  tls: '--cacert FILE trusts an authority of your own',
  'tls-required': '--tls has TLS from the start, --starttls=off goes without',
  timeout: '--timeout, --connect-timeout and --max-time say how long',
  auth: '--user NAME with --password-file FILE says who logs in',
};

/** The signals that interrupt the command, and their exit codes. */
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export type InterruptSignal = keyof typeof SIGNALS;

/** One of these signals, as the reason of an abort. */
export class Interrupted extends Error {
  readonly signal: InterruptSignal;

  constructor(signal: InterruptSignal) {
    super('interrupted');
    this.signal = signal;
  }
}

/** The exit code of an error. */
export function exitCode(error: unknown): number {
  if (error instanceof BrokenPipe) return EXIT.ok;
  if (error instanceof Interrupted) return SIGNALS[error.signal];
  if (error instanceof NetkitError) {
    if (error.reason === 'reset' && error.phase === 'body') return EXIT.incomplete;
    if (error.reason === 'refused' && error.temporary) return EXIT.busy;
    return CODES[error.reason];
  }
  return isFileError(error) ? EXIT.file : EXIT.failed;
}

/** Which flag a person may try, where there is one. */
export function hint(error: unknown): string | undefined {
  if (!(error instanceof NetkitError)) return undefined;
  if (error.reason === 'auth' && error.phase === 'proxy')
    return '--proxy has who logs in there: http://user:password@host:port';
  // a server that ends a handshake has no certificate that could be trusted
  if (error.reason === 'tls' && error.temporary) return undefined;
  return HINTS[error.reason];
}

/** No error of a socket leaves the library as it was: what has a system call is about a file of ours. */
export function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}
