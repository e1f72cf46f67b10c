import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { ConnectionError, excerpt, UsageError } from '../core/errors.ts';
import { refuseControls } from '../core/url.ts';
import type { Deadline } from './deadline.ts';

/** How much of what a command complains is kept for the error, in octets. */
const TAIL = 1024;
/** How long a command that has ended its output may take to exit, in milliseconds: its status says how it went. */
const EXIT = 500;
/** How long a command may take to end after it was asked to, in milliseconds; then it is killed. */
const GRACE = 1000;

/** The words of a command line with host and port put in. There is no shell, and there are no quotes. */
export function commandWords(line: string, host: string, port: number): readonly string[] {
  refuseControls(line, 'a command');
  const values: Readonly<Record<string, string>> = { '%h': host, '%p': String(port), '%%': '%' };
  const words = line.split(' ').filter((word) => word !== '');
  if (words.length === 0) throw new UsageError('via names no command', { host, port });
  return words.map((word) => word.replace(/%[hp%]/g, (token) => values[token] ?? token));
}

/** Starts a command whose standard input and output are the connection. Throws ConnectionError when it cannot be run. */
export async function runVia(line: string, host: string, port: number, deadline: Deadline): Promise<Duplex> {
  const [command = '', ...words] = commandWords(line, host, port);
  return deadline.step<Duplex>('connect', (done, fail) => {
    const child = spawn(command, words, { stdio: 'pipe', windowsHide: true });
    let stream: Duplex | undefined;
    const started = (): void => {
      stream = new CommandStream(child, command, deadline);
      done(stream);
    };
    const failed = (cause: Error): void => {
      const detail = { ...deadline.detail('connect', cause), reason: 'connect', temporary: false } as const;
      fail(new ConnectionError(`the command ${excerpt(command)} cannot be run: is it installed?`, detail));
    };
    child.on('spawn', started).on('error', failed);
    return () => {
      child.off('spawn', started).off('error', failed).on('error', ignore);
      if (!stream) child.kill();
    };
  });
}

/** A signal that cannot be delivered is no trouble: the command has ended. */
function ignore(): void {}

/** The standard input and output of a command. Destroyed, it ends the command. */
class CommandStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #command: string;
  readonly #deadline: Deadline;
  #complaint = '';
  #over = false;

  constructor(child: ChildProcessWithoutNullStreams, command: string, deadline: Deadline) {
    super({ autoDestroy: true });
    this.#child = child;
    this.#command = command;
    this.#deadline = deadline;
    const { stdin, stdout, stderr } = child;
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stdout.pause();
    stderr.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('latin1')).slice(-TAIL);
    });
    stdin.on('error', ignore); // EPIPE: the exit status says more
    stdout.on('error', ignore).once('end', () => this.#soon(() => this.#finish(0)));
    child.once('close', (code, signal) => this.#finish(code ?? signal));
    this.pause();
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, (error) => {
      if (error) this.#soon(() => callback(this.#failure(error.message)));
      else callback();
    });
  }

  override _final(callback: () => void): void {
    this.#child.stdin.end(callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const pipe of [stdin, stdout, stderr]) pipe.destroy();
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#kill();
    callback(error);
  }

  /** After the command has ended, or after a while: what it ends with says more than a broken pipe. */
  #soon(act: () => void): void {
    const timer = setTimeout(act, EXIT);
    this.#child.once('close', () => {
      clearTimeout(timer);
      act();
    });
  }

  #kill(): void {
    this.#child.kill();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE).unref();
    this.#child.unref();
    this.#child.once('exit', () => clearTimeout(timer));
  }

  /** The output is over and the command has ended, well (0) or not. */
  #finish(status: number | string | null): void {
    if (this.#over || this.destroyed) return;
    this.#over = true;
    if (status === 0) this.push(null);
    else this.destroy(this.#failure(`it ended with ${typeof status === 'number' ? 'status ' : ''}${status}`));
  }

  #failure(what: string): ConnectionError {
    const complaint = this.#complaint.trim();
    const said = complaint === '' ? '' : `, and said ${excerpt(complaint.slice(-60))}`;
    const message = `the command ${excerpt(this.#command)} lost the connection: ${what}${said}`;
    return new ConnectionError(message, { ...this.#deadline.detail('connect'), reason: 'closed' });
  }
}
