import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { DotLock } from '../message/dot-lock.ts';
import { hasCode } from '../message/storage.ts';
import type { Io } from './io.ts';
import { placeOf, type Task } from './task.ts';

/**
 * What has been fetched from a container before, for `--new`: a file with an identifier on each line. A line is added
 * when its message is stored, not before: what a crash interrupts is fetched again, and nothing is lost.
 */
export class Fetched {
  readonly path: string;
  readonly #lock: DotLock;
  readonly #before: ReadonlySet<string>;
  /** Those that are still there, and those that are new. */
  readonly #now = new Set<string>();

  private constructor(path: string, lock: DotLock, before: ReadonlySet<string>) {
    this.path = path;
    this.#lock = lock;
    this.#before = before;
  }

  /** Throws UsageError where another netkit is at it, and the error of the file system. */
  static async open(path: string, signal?: AbortSignal): Promise<Fetched> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await DotLock.bury(path);
    const lock = await DotLock.acquire(path, { lockTimeout: 1_000, signal }, 'state file');
    try {
      return new Fetched(path, lock, await read(path));
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  has(uid: string): boolean {
    const line = encodeURIComponent(uid);
    if (!this.#before.has(line)) return false;
    this.#now.add(line);
    return true;
  }

  /** It is stored. */
  async add(uid: string): Promise<void> {
    const line = encodeURIComponent(uid);
    this.#now.add(line);
    await appendFile(this.path, `${line}\n`, { mode: 0o600 });
  }

  /** All that is there has been asked for: what is there no more need not be remembered. */
  async settle(): Promise<void> {
    if ([...this.#before].every((line) => this.#now.has(line))) return;
    const part = `${this.path}.part`;
    await writeFile(part, [...this.#now].map((line) => `${line}\n`).join(''), { mode: 0o600 });
    await rename(part, this.path);
  }

  async close(): Promise<void> {
    await this.#lock.release();
  }
}

/** Where that is kept: `$XDG_STATE_HOME/netkit/<protocol>/<user@host:port/path>`. */
export function statePath(task: Task, { env }: Io): string {
  const home = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  const name = encodeURIComponent(placeOf(task));
  // the longest name that file systems take is 255 octets, and a lock is named after it
  const short = name.length <= 200 ? name : `${name.slice(0, 150)}-${createHash('sha256').update(name).digest('hex')}`;
  return join(home, 'netkit', task.protocol.name, short);
}

/** Its lines. What a crash left of one at the end is no line, and is cut off. */
async function read(path: string): Promise<ReadonlySet<string>> {
  try {
    const octets = await readFile(path);
    const end = octets.lastIndexOf(0x0a) + 1;
    if (end < octets.length) await truncate(path, end);
    return new Set(octets.toString('utf8', 0, end).split('\n').filter(Boolean));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return new Set();
    throw error;
  }
}
