import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
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
 * other one, `fcntl`, Node does not have.) One that was left behind is never broken: nobody knows that it was.
 */
export class DotLock {
  readonly #path: string;
  readonly #inode: bigint;

  private constructor(path: string, inode: bigint) {
    this.#path = path;
    this.#inode = inode;
  }

  /** Throws UsageError after the timeout, the signal's reason, and the error of the file system. */
  static async acquire(file: string, { lockTimeout = 10_000, signal }: LockOptions = {}): Promise<DotLock> {
    const path = `${file}.lock`;
    const until = performance.now() + lockTimeout;
    for (let pause = SOON; ; pause = Math.min(pause * 2, LATER)) {
      signal?.throwIfAborted();
      const created = await createNew(path);
      if (created) return DotLock.#mark(path, created);
      const left = until - performance.now();
      if (left <= 0)
        throw new UsageError(`the mailbox is locked by another program; if there is none, remove the file ${path}`);
      await wait(Math.min(pause, left), undefined, { signal }).catch(() => {});
    }
  }

  static async #mark(path: string, file: FileHandle): Promise<DotLock> {
    try {
      const { ino } = await file.stat({ bigint: true });
      await file.writeFile(`${process.pid}\n`);
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

/** Undefined where there is one already. */
async function createNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return undefined;
    throw error;
  }
}
