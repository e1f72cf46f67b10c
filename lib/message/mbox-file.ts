import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { DotLock, type LockOptions } from './dot-lock.ts';
import { type Envelope, endsMessage, MboxEncoder } from './mbox.ts';
import { hasCode, Spool, syncFolder } from './storage.ts';

/**
 * One message on its way into a mailbox (mboxrd). It waits beside the mailbox until it is whole; `commit` locks the
 * mailbox, appends it, and returns when it is on the disk. Where that fails, the mailbox is as it was. Either `commit`
 * or `discard` ends it; what comes after that does nothing.
 */
export class MboxSink {
  readonly terminal = false;
  readonly path: string;
  readonly #options: LockOptions;
  readonly #encoder: MboxEncoder;
  readonly #spool: Spool;
  #over = false;

  /** Nothing is touched yet. Throws UsageError for a date that is none. */
  constructor(path: string, options: Envelope & LockOptions = {}) {
    this.path = path;
    this.#options = options;
    this.#encoder = new MboxEncoder(options);
    this.#spool = new Spool(path);
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.#over) return;
    await this.#spool.write(this.#encoder.encode(typeof data === 'string' ? Buffer.from(data) : data));
  }

  /**
   * Throws UsageError for what is no mailbox, and for one that stays locked; the signal's reason; and the error of the
   * file system.
   */
  async commit(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    try {
      await this.#spool.write(this.#encoder.end());
      const lock = await DotLock.acquire(this.path, this.#options);
      try {
        await append(this.path, this.#spool.read());
      } finally {
        await lock.release();
      }
    } finally {
      await this.#spool.close();
    }
  }

  async discard(): Promise<void> {
    this.#over = true;
    await this.#spool.close();
  }
}

/** Appends all of it or nothing. */
async function append(path: string, blocks: AsyncIterable<Buffer>): Promise<void> {
  const { file, created } = await openMailbox(path);
  try {
    const before = await lengthOf(path, file);
    try {
      await file.appendFile(await gap(file, before));
      for await (const block of blocks) await file.appendFile(block);
      await file.sync();
    } catch (error) {
      await file.truncate(before);
      if (created) await rm(path, { force: true });
      throw error;
    }
  } finally {
    await file.close();
  }
  if (created) await syncFolder(dirname(path));
}

async function openMailbox(path: string): Promise<{ file: FileHandle; created: boolean }> {
  // O_NONBLOCK: to open a pipe is not to wait for somebody at its other end
  const flags = constants.O_RDWR | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    return { file: await open(path, flags), created: false };
  } catch (error) {
    if (hasCode(error, 'ELOOP')) {
      throw new UsageError('the mailbox is a symbolic link: name the file itself', { reason: 'policy', cause: error });
    }
    if (!hasCode(error, 'ENOENT')) throw error;
    return { file: await open(path, flags | constants.O_CREAT | constants.O_EXCL, 0o600), created: true };
  }
}

/** How long the mailbox is. Throws UsageError for what is no mailbox. */
async function lengthOf(path: string, file: FileHandle): Promise<number> {
  const there = await file.stat();
  if (!there.isFile()) throw new UsageError(`${path} is no file that a message can be appended to`);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(5), 0, 5, 0);
  if (bytesRead > 0 && buffer.toString('latin1') !== 'From ') {
    throw new UsageError(`${path} is no mbox, since it does not begin with "From ": name another file`);
  }
  return there.size;
}

/** What must come before the next message: an empty line, which another program, or a crash, may have left out. */
async function gap(file: FileHandle, length: number): Promise<string> {
  if (length === 0) return '';
  const from = Math.max(length - 4, 0);
  const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, from);
  const last = buffer.subarray(0, bytesRead);
  if (endsMessage(last)) return '';
  return last.at(-1) === 0x0a ? '\n' : '\n\n';
}
