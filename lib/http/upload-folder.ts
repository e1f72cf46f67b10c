import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the files of one form, which nobody else may look into. It is made for the first of them. */
export class UploadFolder {
  readonly #parent: string;
  #made: Promise<string> | undefined;
  #path: string | undefined;

  /** `parent` is where it is made. Default: the folder of the system for such things. */
  constructor(parent: string = tmpdir()) {
    this.#parent = parent;
  }

  /** A new file, under a name that nobody knows, and that has nothing of what was sent. */
  async create(): Promise<{ readonly path: string; readonly file: FileHandle }> {
    this.#made ??= this.#make();
    const path = join(await this.#made, randomBytes(16).toString('hex'));
    return { path, file: await open(path, 'wx', 0o600) };
  }

  /** With all that is in it. It may be removed more than once. */
  async remove(): Promise<void> {
    await this.#made?.catch(() => {});
    const path = this.#path;
    if (path === undefined) return;
    await rm(path, { recursive: true, force: true });
    this.#path = undefined;
    left.delete(path);
    if (left.size === 0) process.off('exit', removeLeft);
  }

  async #make(): Promise<string> {
    // with the mode 0700
    const path = await mkdtemp(join(this.#parent, 'netkit-form-'));
    this.#path = path;
    if (left.size === 0) process.on('exit', removeLeft);
    left.add(path);
    return path;
  }
}

/** Folders that there are. What is there when the process exits goes with it. */
const left = new Set<string>();

function removeLeft(): void {
  for (const path of left) rmSync(path, { recursive: true, force: true });
}
