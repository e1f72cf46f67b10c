/** Running programs: netkit as people do, and the clients of others. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export interface Ran {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A program that goes on. */
export interface Running {
  /** The first line that it prints. */
  readonly firstLine: Promise<string>;
  readonly ended: Promise<Ran>;
  kill(signal: NodeJS.Signals): void;
}

export interface RunOptions {
  /** More of the environment. Nothing of ours but PATH is handed on: no proxies, no trust, no home. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Its command, to be run by Node. */
export const NETKIT = fileURLToPath(new URL('../../bin/netkit.js', import.meta.url));
/** How long a program may take, in milliseconds. */
const PATIENCE = 20_000;
const children = new Set<ChildProcessByStdio<null, Readable, Readable>>();

export function begin(program: string, args: readonly string[], { env }: RunOptions = {}): Running {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LANG: 'C.UTF-8', TERM: 'dumb', ...env },
  });
  children.add(child);
  const stdout: Buffer[] = [];
  let stderr = '';
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
      const [line, ...more] = Buffer.concat(stdout).toString().split('\n');
      if (line !== undefined && more.length > 0) resolve(line);
    });
    child.once('close', () => reject(new Error(`${program} printed no line: ${stderr}`)));
  });
  firstLine.catch(() => {}); // not everyone asks for it
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = (async (): Promise<Ran> => {
    try {
      const [status] = await once(child, 'close');
      return { status, stdout: Buffer.concat(stdout), stderr };
    } finally {
      children.delete(child);
    }
  })();
  return { firstLine, ended, kill: (signal) => child.kill(signal) };
}

/** Runs a program to its end. A program that does not end is killed, and then its status is null. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const running = begin(program, args, options);
  const timer = setTimeout(() => running.kill('SIGKILL'), PATIENCE);
  try {
    return await running.ended;
  } finally {
    clearTimeout(timer);
  }
}

export async function netkit(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run(process.execPath, [NETKIT, ...args], options);
}

/** Starts `netkit … serve`. */
export function netkitServe(args: readonly string[]): Running {
  return begin(process.execPath, [NETKIT, ...args]);
}

/** curl, without the configuration of this machine. */
export async function curl(...args: readonly string[]): Promise<Ran> {
  return run('curl', ['-q', '--silent', '--show-error', '--max-time', '15', ...args]);
}

/** What a program printed. Throws when it failed. */
export function output({ status, stdout, stderr }: Ran): Buffer {
  if (status !== 0) throw new Error(`ended with ${status}: ${stderr}`);
  return stdout;
}

/** Lines of JSON that a program printed. */
export function records(ran: Ran): unknown[] {
  return output(ran)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Gives `work` an empty folder, which is gone afterwards. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Ends what is still running. */
export async function endRuns(): Promise<void> {
  const ends = [...children].map(async (child) => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  await Promise.all(ends);
}
