import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, lstat, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { Blocks, hasCode, syncFolder } from '../message/storage.ts';
import { readBlocks } from './read-blocks.ts';

/** What is known of what a part is a part of: with it a server can say whether it is still the same. */
export interface Note {
  /** A digest of the URL, which may hold secrets. */
  readonly of: string;
  /** A strong entity tag, as it was given. */
  readonly etag?: string;
  /** A date that is as good as one, as it was given. */
  readonly modified?: string;
  /** Of the whole, in octets. */
  readonly size?: number;
}

/**
 * A file that is not whole yet: `NAME.part`, and `NAME.part.json` with what it is a part of. The note is written before the
 * first octet, and an old part is removed before the note: so a part is never of another note, whenever all ends.
 */
export class Part {
  /** How many octets there are. */
  size: number;
  /** Undefined where nothing can be gone on with. */
  readonly note: Note | undefined;
  readonly #path: string;
  readonly #blocks = new Blocks((block) => this.#put(block));
  #file: FileHandle | undefined;
  #written = 0;
  #isNoted: boolean;

  /** Looks what there is. Throws UsageError for something that is no file. */
  static async find(path: string): Promise<Part> {
    const [there, note] = [await statOf(path), await readNote(noteOf(path))];
    if (there && !there.isFile()) throw new UsageError(`${path} is no file: remove it first`, { reason: 'policy' });
    return new Part(path, there?.size ?? 0, note);
  }

  private constructor(path: string, size: number, note: Note | undefined) {
    this.#path = path;
    this.size = size;
    this.note = size > 0 ? note : undefined;
    this.#isNoted = this.note !== undefined;
  }

  /** Begins anew. Without a validator in the note nobody will go on with it. */
  async begin(note: Note): Promise<void> {
    await this.remove();
    this.#isNoted = note.etag !== undefined || note.modified !== undefined;
    if (this.#isNoted) await writeFile(noteOf(this.#path), JSON.stringify(note), { flag: 'wx', mode: 0o600 });
    this.#file = await open(this.#path, 'wx', 0o600);
    this.size = this.#written = 0;
  }

  /** Goes on where it ends. Throws UsageError where it has changed since it was found. */
  async goOn(): Promise<void> {
    this.#file = await open(this.#path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    const { size } = await this.#file.stat();
    if (size !== this.size) throw new UsageError('somebody else writes the same file', { reason: 'policy' });
    this.#written = size;
  }

  /** The octets are the part's from then on. */
  async write(octets: Uint8Array): Promise<void> {
    this.size += octets.length;
    await this.#blocks.write(octets);
  }

  /** All that was written is in the file. */
  async flush(): Promise<void> {
    await this.#put(this.#blocks.take());
  }

  /** All of it that has been flushed, in blocks. */
  async *read(): AsyncGenerator<Buffer> {
    yield* readBlocks(this.#path);
  }

  /**
   * Becomes a file, in one step. Throws UsageError where there is one that must not be replaced. `mode` and `modified` are
   * what the file gets.
   */
  async become(
    path: string,
    {
      replace,
      mode,
      modified,
    }: { readonly replace: boolean; readonly mode: number; readonly modified: Date | undefined },
  ): Promise<void> {
    await this.flush();
    const file = this.#file ?? (await open(this.#path, 'r+'));
    await file.chmod(mode);
    if (modified) await file.utimes(new Date(), modified);
    await file.sync();
    await file.close();
    this.#file = undefined;
    if (replace) await rename(this.#path, path);
    else await linkTo(this.#path, path);
    await rm(noteOf(this.#path), { force: true });
    await syncFolder(dirname(path));
  }

  /** Lets go of the file; what can be gone on with stays. */
  async leave(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    try {
      if (this.#isNoted) await this.flush();
    } finally {
      this.#file = undefined;
      await file.close();
      if (!this.#isNoted) await this.remove();
    }
  }

  async remove(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    await rm(this.#path, { force: true });
    await rm(noteOf(this.#path), { force: true });
  }

  async #put(block: Buffer): Promise<void> {
    for (let at = 0; at < block.length && this.#file; ) {
      const { bytesWritten } = await this.#file.write(block, at, block.length - at, this.#written);
      at += bytesWritten;
      this.#written += bytesWritten;
    }
  }
}

function noteOf(path: string): string {
  return `${path}.json`;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Gives a name that nothing has yet. */
export async function linkTo(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw taken(to, error);
    // some file systems have no links: then the name is taken first
    await (await open(to, 'wx')).close();
    return rename(from, to);
  }
  await rm(from, { force: true });
}

function taken(path: string, cause: unknown): UsageError {
  return new UsageError(`${path} is there already, and is not replaced`, { reason: 'policy', cause });
}

/** Undefined where there is none that can be read. */
async function readNote(path: string): Promise<Note | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (typeof read !== 'object' || read === null) return undefined;
    const { of, etag, modified, size } = Object.fromEntries(Object.entries(read));
    if (typeof of !== 'string') return undefined;
    return {
      of,
      ...(typeof etag === 'string' && { etag }),
      ...(typeof modified === 'string' && { modified }),
      ...(typeof size === 'number' && { size }),
    };
  } catch {
    return undefined;
  }
}
