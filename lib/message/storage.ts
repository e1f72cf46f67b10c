/** What a mailbox of one file and a Maildir have in common: files that are written in blocks, and kept. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How much is gathered before it is written, in octets. */
const BLOCK = 1024 * 1024;

/** Gathers octets, and hands them over in blocks of 1 MiB: one call for many pieces. */
export class Blocks {
  readonly #put: (block: Buffer) => Promise<void>;
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(put: (block: Buffer) => Promise<void>) {
    this.#put = put;
  }

  /** The octets are this object's from then on. */
  async write(octets: Uint8Array): Promise<void> {
    this.#pieces.push(octets);
    this.#length += octets.length;
    if (this.#length >= BLOCK) await this.#put(this.take());
  }

  /** What has been gathered, and is not written. */
  take(): Buffer {
    const gathered = Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    return gathered;
  }
}

/** Octets that wait: in memory up to 1 MiB, then in a file without a name, which is gone when the process is. */
export class Spool {
  readonly #near: string;
  readonly #blocks: Blocks;
  #file: FileHandle | undefined;

  /** The file is made in the folder of `near`, where there must be room for it in any case. */
  constructor(near: string) {
    this.#near = near;
    this.#blocks = new Blocks((block) => this.#put(block));
  }

  async write(octets: Uint8Array): Promise<void> {
    await this.#blocks.write(octets);
  }

  /** All that was written, in blocks. */
  async *read(): AsyncGenerator<Buffer> {
    for (let at = 0; this.#file; ) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(BLOCK), 0, BLOCK, at);
      if (bytesRead === 0) break;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
    yield this.#blocks.take();
  }

  async close(): Promise<void> {
    this.#blocks.take();
    await this.#file?.close();
    this.#file = undefined;
  }

  async #put(block: Buffer): Promise<void> {
    this.#file ??= await this.#create();
    await this.#file.appendFile(block);
  }

  async #create(): Promise<FileHandle> {
    const name = `.${basename(this.#near).slice(0, 50)}.${randomBytes(8).toString('hex')}.part`;
    const path = join(dirname(this.#near), name);
    const file = await open(path, 'wx+', 0o600);
    await rm(path, { force: true });
    return file;
  }
}

/** Makes the names in a folder durable. Where a system cannot do that (Windows), it needs no asking. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync().catch(() => {});
  } finally {
    await folder?.close();
  }
}

/** Whether an error is one of the file system, with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
