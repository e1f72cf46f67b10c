import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../../core/errors.ts';
import { DotLock } from '../../message/dot-lock.ts';
import { readMbox } from '../../message/mbox.ts';
import { syncFolder } from '../../message/storage.ts';
import type { KeptMessage, Spool } from '../fixture.ts';
import { MemoryMessage, UniqueIds } from './memory.ts';

const LF = 0x0a;
const CR = 0x0d;
const FROM = Buffer.from('From ');

/** How long to wait for the lock of another program, in milliseconds: somebody waits for an answer to QUIT. */
const LOCK_TIMEOUT = 2_000;

/** How a file was: as long as this is the same, nobody has changed it. */
interface Mark {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

/** The messages of a mailbox of one file (mboxrd). They are in memory while a session has them. */
export class MboxSpool implements Spool {
  readonly #path: string;
  #messages: readonly MemoryMessage[] = [];
  #mark: Mark | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws UsageError for what is no mailbox. */
  async open(): Promise<readonly MemoryMessage[]> {
    const { octets, mark } = await this.#read();
    const ids = new UniqueIds();
    const messages: MemoryMessage[] = [];
    for await (const content of readMbox([octets])) messages.push(new MemoryMessage(ids.of(content), content));
    this.#mark = mark;
    this.#messages = messages;
    return messages;
  }

  /**
   * Writes the others to a file beside it, which takes its place. Throws UsageError, and changes nothing, where somebody
   * else has changed the file since it was opened, or has it locked.
   */
  async remove(messages: readonly KeptMessage[]): Promise<void> {
    const gone = new Set(messages);
    const lock = await DotLock.acquire(this.#path, { lockTimeout: LOCK_TIMEOUT });
    try {
      const { octets, mark, mode } = await this.#read();
      const starts = messageStarts(octets);
      if (!isSame(mark, this.#mark) || starts.length !== this.#messages.length) throw changed();
      const kept = this.#messages.flatMap((message, at) =>
        gone.has(message) ? [] : [octets.subarray(starts[at], starts[at + 1])],
      );
      await this.#replace(Buffer.concat(kept), mode, mark);
    } finally {
      await lock.release();
    }
  }

  async #read(): Promise<{ readonly octets: Buffer; readonly mark: Mark; readonly mode: number }> {
    // a link is not followed, and to open a pipe is not to wait
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    const file = await open(this.#path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const status = await file.stat({ bigint: true });
      if (!status.isFile()) throw new UsageError(`${this.#path} is no file`);
      return { octets: await file.readFile(), mark: status, mode: Number(status.mode) & 0o777 };
    } finally {
      await file.close();
    }
  }

  async #replace(octets: Uint8Array, mode: number, mark: Mark): Promise<void> {
    const path = `${this.#path}.${randomBytes(8).toString('hex')}.part`;
    const file = await open(path, 'wx', mode);
    try {
      await writeAll(file, octets, mode);
      // what is written while this is, would be lost
      if (!isSame(await lstat(this.#path, { bigint: true }), mark)) throw changed();
      await rename(path, this.#path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    await syncFolder(dirname(this.#path));
  }
}

async function writeAll(file: FileHandle, octets: Uint8Array, mode: number): Promise<void> {
  try {
    await file.writeFile(octets);
    // the umask may have taken something away
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Where the messages of a mailbox begin: with `From `, at the start or behind an empty line, as `readMbox` reads it. */
function messageStarts(octets: Buffer): number[] {
  const starts: number[] = [];
  for (let at = octets.indexOf(FROM); at >= 0; at = octets.indexOf(FROM, at + 1)) {
    if (isAfterEmpty(octets, at)) starts.push(at);
  }
  return starts;
}

function isAfterEmpty(octets: Buffer, at: number): boolean {
  if (at === 0) return true;
  if (octets[at - 1] !== LF) return false;
  const before = octets[at - 2] === CR ? at - 3 : at - 2;
  return before < 0 || octets[before] === LF;
}

function isSame(a: Mark, b: Mark | undefined): boolean {
  return b !== undefined && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}

function changed(): UsageError {
  return new UsageError('the mailbox was changed by another program meanwhile: nothing has been removed from it');
}
