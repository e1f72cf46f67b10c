import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { limitError, UsageError } from '../core/errors.ts';
import { safeName } from '../core/safe-name.ts';
import type { HeaderBlock } from '../wire/headers.ts';
import { Gathered } from './gathered.ts';
import { parseMediaType } from './media-type.ts';
import { linkTo } from './part.ts';
import type { PartHead } from './part-head.ts';
import { readBlocks } from './read-blocks.ts';
import type { UploadFolder } from './upload-folder.ts';

/** Octets that are written at once. */
const BLOCK = 64 * 1024;

export interface SaveUploadOptions {
  /** Whether a file that is there is replaced. Default false. */
  readonly overwrite?: boolean | undefined;
  /** The mode of the file. Default 0600. */
  readonly mode?: number | undefined;
}

/** Where an upload may be, and how large. */
export interface UploadRules {
  readonly folder: UploadFolder;
  /** Octets that stay in memory; one more, and all go to a file. */
  readonly memory: number;
  /** The most octets. */
  readonly max: number;
}

/** A file that came with a form. It is in memory where it is small, else in a file until the form is closed. */
export class Upload {
  /** The name of its field. */
  readonly name: string;
  /** As it was sent: it may be anything, and is never to be a path here. Empty where no file was chosen. */
  readonly filename: string;
  readonly #head: PartHead;
  readonly #rules: UploadRules;
  #size = 0;
  #complete = false;
  #closed = false;
  /** What has come since it was last settled: views of what is not ours. */
  #pending: Uint8Array[] = [];
  /** What is in no file. */
  readonly #held = new Gathered();
  #file: FileHandle | undefined;
  #path: string | undefined;

  constructor(head: PartHead, rules: UploadRules) {
    this.#head = head;
    this.#rules = rules;
    this.name = head.name;
    this.filename = head.filename ?? '';
  }

  /**
   * The last part of `filename`, where a file can be called so in a folder of ours; undefined where it had better not. Two
   * uploads may have the same.
   */
  get baseName(): string | undefined {
    try {
      return safeName(
        this.filename.slice(Math.max(this.filename.lastIndexOf('/'), this.filename.lastIndexOf('\\')) + 1),
      );
    } catch {
      return undefined;
    }
  }

  /** What the sender says that it is, without parameters; `application/octet-stream` where it does not say. */
  get type(): string {
    return parseMediaType(this.#head.type).type;
  }

  /** The header of its part. */
  get headers(): HeaderBlock {
    return this.#head.headers;
  }

  /** In octets. */
  get size(): number {
    return this.#size;
  }

  /** False for one that broke off: there are such only where partial forms are asked for. */
  get complete(): boolean {
    return this.#complete;
  }

  /** All of it. Throws UsageError when the form has been closed. */
  async bytes(): Promise<Buffer> {
    this.#check();
    return this.#path === undefined ? Buffer.from(this.#held.octets) : readFile(this.#path);
  }

  /** As UTF-8. */
  async text(): Promise<string> {
    return (await this.bytes()).toString('utf8');
  }

  /** All of it in pieces, as often as you like. Throws UsageError when the form has been closed. */
  async *stream(): AsyncGenerator<Buffer> {
    this.#check();
    if (this.#path === undefined) {
      if (this.#size > 0) yield Buffer.from(this.#held.octets);
      return;
    }
    yield* readBlocks(this.#path);
  }

  /**
   * Puts it at a path of yours, in one step: there is all of it, or nothing. Throws UsageError where something is there
   * already and may not be replaced, for an upload that broke off, and when the form has been closed.
   */
  async saveTo(path: string, { overwrite = false, mode = 0o600 }: SaveUploadOptions = {}): Promise<void> {
    this.#check();
    if (!this.#complete) throw new UsageError('an upload that broke off is no file');
    const name = `.${basename(path).slice(0, 50)}.${randomBytes(8).toString('hex')}.part`;
    const near = join(dirname(path), name);
    const file = await open(near, 'wx', 0o600);
    try {
      try {
        for await (const piece of this.stream()) await file.writeFile(piece);
        await file.chmod(mode);
        await file.sync();
      } finally {
        await file.close();
      }
      await (overwrite ? rename(near, path) : linkTo(near, path));
    } finally {
      await rm(near, { force: true });
    }
  }

  /** For who parses: some more of it, BORROWED until `settle`. Throws ProtocolError (`limit`). */
  add(octets: Uint8Array): void {
    this.#size += octets.length;
    if (this.#size > this.#rules.max) throw limitError('a file of a form', this.#rules.max);
    this.#pending.push(octets);
  }

  /** For who parses: what is borrowed is given back. */
  async settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    const isSmall = this.#size <= this.#rules.memory;
    const coming = pending.reduce((size, { length }) => size + length, 0);
    if (isSmall || (this.#file && this.#held.size + coming < BLOCK)) {
      for (const piece of pending) this.#held.add(piece);
    } else {
      await this.#write([this.#held.octets, ...pending]);
      this.#held.clear();
    }
    if (this.#complete) await this.release();
  }

  /** For who parses: all of it has come. `settle` follows. */
  finish(): void {
    this.#complete = true;
  }

  /** For who parses: nothing more comes. */
  async release(): Promise<void> {
    const file = this.#file;
    if (!file) return;
    this.#pending = [];
    try {
      await this.#write([this.#held.take()]);
    } finally {
      this.#file = undefined;
      await file.close();
    }
  }

  /** For the form: lets go of it. Its file is removed with its folder. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#held.take();
    this.#pending = [];
    await this.#file?.close();
    this.#file = undefined;
  }

  async #write(pieces: readonly Uint8Array[]): Promise<void> {
    if (!this.#file) {
      const { path, file } = await this.#rules.folder.create();
      this.#path = path;
      this.#file = file;
    }
    for (const piece of pieces) if (piece.length > 0) await this.#file.writeFile(piece);
  }

  #check(): void {
    if (this.#closed) throw new UsageError('the form of this upload has been closed: read or save it before');
  }
}
