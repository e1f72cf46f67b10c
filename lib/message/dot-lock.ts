import { randomBytes } from 'node:crypto';
import { type FileHandle, link, lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { UsageError } from '../core/errors.ts';
import { hasCode } from './storage.ts';

export interface LockOptions {
  /** How long to wait for the lock of a mailbox that somebody else has, in milliseconds. Default 10,000. */
  readonly lockTimeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long until it is tried again, in milliseconds: at first, and at most. */
const [SOON, LATER] = [5, 50];

/**
 * The lock of a mailbox that mail programs agree on: a file of its name with `.lock`, which only one can create. (The
 * other one, `fcntl`, Node does not have.) In it is `pid:host`. The lock of a mailbox that was left behind is never
 * broken: nobody knows that it was.
 */
export class DotLock {
  readonly #path: string;
  readonly #inode: bigint;

  private constructor(path: string, inode: bigint) {
    this.#path = path;
    this.#inode = inode;
  }

  /**
   * `what` is what an error calls the file. Throws UsageError after the timeout, the signal's reason, and the error of the
   * file system.
   */
  static async acquire(file: string, options: LockOptions = {}, what = 'mailbox'): Promise<DotLock> {
    const { lockTimeout = 10_000, signal } = options;
    const path = `${file}.lock`;
    const until = performance.now() + lockTimeout;
    for (let pause = SOON; ; pause = Math.min(pause * 2, LATER)) {
      signal?.throwIfAborted();
      const created = await createNew(path);
      if (created) return DotLock.#mark(path, created);
      const left = until - performance.now();
      if (left <= 0)
        throw new UsageError(`the ${what} is locked by another program; if there is none, remove the file ${path}`);
      await wait(Math.min(pause, left), undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Removes the lock of a process of this machine that has ended without giving it back. Only for files that no other
   * program locks: what is in their locks is theirs.
   */
  static async bury(file: string): Promise<void> {
    const path = `${file}.lock`;
    if (!(await isLeft(path))) return;
    const aside = `${path}.${randomBytes(8).toString('hex')}`;
    try {
      await rename(path, aside);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    // another process may have done the same meanwhile, and this be its own: then it is put back
    if (!(await isLeft(aside))) await link(aside, path).catch(() => {});
    await rm(aside, { force: true });
  }

  static async #mark(path: string, file: FileHandle): Promise<DotLock> {
    try {
      const { ino } = await file.stat({ bigint: true });
      await file.writeFile(`${process.pid}:${hostname()}\n`);
      return new DotLock(path, ino);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Gives it back, unless somebody has broken it and made a lock of their own. */
  async release(): Promise<void> {
    const there = await lstat(this.#path, { bigint: true }).catch(() => undefined);
    if (there?.ino === this.#inode) await rm(this.#path, { force: true });
  }
}

/** Whether a lock is that of a process of this machine that is no more. */
async function isLeft(path: string): Promise<boolean> {
  const isFile = await lstat(path).then(
    (there) => there.isFile(),
    () => false,
  );
  const written = isFile ? await readFile(path, 'utf8').catch(() => '') : '';
  const [, pid, host] = /^([1-9]\d{0,9}):(.*)\n$/.exec(written) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return hasCode(error, 'ESRCH');
  }
}

/** Undefined where there is one already. */
async function createNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined;
    throw error;
  }
}
