import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Endpoint } from '../core/endpoint.ts';
import { UsageError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { EXIT } from './exit.ts';
import type { Io } from './io.ts';
import { findEntry, type Netrc, parseNetrc } from './netrc.ts';
import type { Values } from './options.ts';
import { askSecret } from './prompt.ts';
import type { Reporter } from './reporter.ts';

export interface Login {
  readonly user?: string;
  readonly password?: Secret;
}

/** Whether a login is always used, only when the server asks, or only where somebody is named. */
export type Asks = boolean | 'challenged';

/** The longest password that is read from somewhere, in octets. */
const LONGEST = 64 * 1024;

/**
 * Finds out who logs in, and with what: `--password-fd`, `--password-stdin` or `--password-file`, then the URL, then
 * `--password-command`, then netrc, then a person at a terminal. There is no flag for the password itself: the process
 * list would show it.
 */
export class Credentials {
  readonly #values: Values;
  readonly #io: Io;
  readonly #reporter: Reporter;
  readonly #signal: AbortSignal;
  #given: Promise<Secret | undefined> | undefined;
  #netrc: Promise<Netrc | undefined> | undefined;

  constructor(values: Values, io: Io, reporter: Reporter, signal: AbortSignal) {
    this.#values = values;
    this.#io = io;
    this.#reporter = reporter;
    this.#signal = signal;
  }

  /** Who will log in, as far as that is known without asking for a password. */
  async userOf(endpoint: Endpoint, asks: Asks): Promise<string | undefined> {
    return (await this.#known(endpoint, asks)).user;
  }

  /** For an endpoint. `asks`: whether its protocol has logins; if not, only what is said is used, and nothing looked up. */
  async for(endpoint: Endpoint, asks: Asks): Promise<Login> {
    if (endpoint.password) {
      this.#reporter.hide(endpoint.password);
      this.#reporter.warn('others can see a password in a URL: --password-file, --password-command or netrc hide it');
    }
    const { user, ...known } = await this.#known(endpoint, asks);
    const password = known.password ?? (await this.#ask(endpoint.host, user, asks));
    if (password) this.#reporter.hide(password);
    return { ...(user !== undefined && { user }), ...(password && { password }) };
  }

  async #known(endpoint: Endpoint, asks: Asks): Promise<Login> {
    const { host, port } = endpoint;
    const user = endpoint.user ?? this.#values.user;
    this.#given ??= this.#readGiven();
    const password = (await this.#given) ?? endpoint.password;
    const named = { ...(user !== undefined && { user }), ...(password && { password }) };
    if (password || this.#values.passwordCommand !== undefined || !asks) return named;
    const entry = await this.#lookUp(host, port, user);
    const login = user ?? entry?.login;
    if (login === undefined) return {};
    if (asks === 'challenged' && user === undefined && entry?.password === undefined) return {};
    return { user: login, ...(entry?.password !== undefined && { password: new Secret(entry.password) }) };
  }

  /** Asks a command, or a person. */
  async #ask(host: string, user: string | undefined, asks: Asks): Promise<Secret | undefined> {
    const { passwordCommand } = this.#values;
    if (passwordCommand !== undefined) return runForSecret(passwordCommand, this.#io, this.#signal);
    if (user === undefined || !asks || !this.#io.stdin.isTTY || !this.#io.stderr.isTTY) return undefined;
    return new Secret(await askSecret(this.#io, `Password for ${user} at ${host}: `, this.#signal));
  }

  /** The password of the flags, read once for all targets. */
  async #readGiven(): Promise<Secret | undefined> {
    const { user, passwordFd, passwordStdin, passwordFile } = this.#values;
    // It is in the process list by now, but shall not become a habit.
    if (user?.includes(':')) throw new UsageError('--user is a name, without a password: use --password-file or netrc');
    const ways = [passwordFd, passwordStdin, passwordFile].filter((way) => way !== undefined);
    if (ways.length > 1) throw new UsageError('one of --password-fd, --password-stdin and --password-file is enough');
    if (passwordFd !== undefined) return readSecret(createReadStream('', { fd: passwordFd }), this.#signal);
    if (passwordStdin) return readSecret(this.#io.stdin, this.#signal);
    if (passwordFile !== undefined) return readSecret(createReadStream(passwordFile), this.#signal);
    return undefined;
  }

  async #lookUp(host: string, port: number, user?: string): Promise<ReturnType<typeof findEntry>> {
    this.#netrc ??= this.#readNetrc();
    const netrc = await this.#netrc;
    return netrc && findEntry(netrc, host, port, user);
  }

  async #readNetrc(): Promise<Netrc | undefined> {
    const { env } = this.#io;
    const path = this.#values.netrcFile ?? (env['NETRC'] || join(env['HOME'] || homedir(), '.netrc'));
    let text: string;
    try {
      text = await readFile(path, 'utf8');
      // Anybody who can read it can log in.
      const there = await stat(path);
      if (there.isFile() && there.mode & 0o077) this.#reporter.warn(`others can read ${path}: chmod 600 it`);
    } catch (error) {
      // Only a file that was asked for must be there.
      if (this.#values.netrcFile === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const netrc = parseNetrc(text);
    for (const warning of netrc.warnings) this.#reporter.warn(warning);
    return netrc;
  }
}

/** The first line of a stream. What is behind it nobody will read: an open stream would keep the process waiting. */
async function readSecret(stream: Readable, signal: AbortSignal): Promise<Secret> {
  const onAbort = (): void => void stream.destroy(signal.reason);
  signal.addEventListener('abort', onAbort);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    signal.throwIfAborted();
    for await (const part of stream) {
      const chunk = Buffer.from(part);
      chunks.push(chunk);
      length += chunk.length;
      if (chunk.includes(10) || length > LONGEST) break;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
  return firstLine(Buffer.concat(chunks).toString('utf8'));
}

function firstLine(text: string): Secret {
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '' || line.length > LONGEST) throw new UsageError('expected a password there, one line, and found none');
  return new Secret(line);
}

/** Runs a command in a shell; the first line that it prints is the password. */
async function runForSecret(command: string, io: Io, signal: AbortSignal): Promise<Secret> {
  const shell = process.platform === 'win32' ? ['cmd', '/d', '/s', '/c', command] : ['/bin/sh', '-c', command];
  const [program = '', ...words] = shell;
  const said = await new Promise<string>((resolve, reject) => {
    const child = execFile(program, words, { env: { ...io.env }, maxBuffer: LONGEST, signal }, (error, stdout) => {
      if (signal.aborted) reject(signal.reason);
      else if (error) reject(new UsageError(`the password command failed with status ${error.code ?? EXIT.failed}`));
      else resolve(stdout);
    });
    child.stdin?.end();
    child.stderr?.pipe(io.stderr, { end: false });
  });
  return firstLine(said);
}
