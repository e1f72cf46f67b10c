import { randomBytes } from 'node:crypto';
import { type FileHandle, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { type Output, put } from './io.ts';

/** Where data goes. Either `commit` or `discard` ends it; what comes after that does nothing. */
export interface Sink {
  /** Whether control characters in a body would reach a terminal. */
  readonly terminal: boolean;
  /** The file, where it is one. */
  readonly path?: string;
  /** The bytes are the sink's from then on. */
  write(data: string | Uint8Array): Promise<void>;
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** How much text is gathered before it is written, in characters. */
const GATHERED = 16 * 1024;
/** How much of a file is gathered before it is written, in octets: one call for many chunks. */
const BLOCK = 1024 * 1024;

/** Standard output. Lines are gathered as long as they come at once, and written in order. */
export class StreamSink implements Sink {
  readonly terminal: boolean;
  readonly #stream: Output;
  #text = '';
  #timer: NodeJS.Immediate | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(stream: Output) {
    this.#stream = stream;
    this.terminal = stream.isTTY ?? false;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (typeof data === 'string') {
      this.#text += data;
      this.#timer ??= setImmediate(() => {
        // whoever writes or commits next hears of it
        this.#flush().catch(() => {});
      });
      if (this.#text.length < GATHERED) return;
    }
    await this.#flush();
    if (typeof data !== 'string') await put(this.#stream, data);
  }

  async commit(): Promise<void> {
    await this.#flush();
  }

  async discard(): Promise<void> {
    // what was said before a failure is said; that failure is told, not this one
    await this.#flush().catch(() => {});
  }

  async #flush(): Promise<void> {
    clearImmediate(this.#timer);
    this.#timer = undefined;
    const text = this.#text;
    this.#text = '';
    this.#last = this.#last.then(() => put(this.#stream, text));
    await this.#last;
  }
}

/**
 * A file that is there whole or not at all: written beside its name as `.<name>.<random>.part`, readable by nobody else,
 * and given its name at the end, in one step. A file of that name is replaced then; a symbolic link is refused; a
 * device or a pipe is written to as it is.
 */
export class FileSink implements Sink {
  readonly terminal = false;
  readonly path: string;
  readonly #file: FileHandle;
  readonly #part: string | undefined;
  readonly #mode: number;
  #chunks: Uint8Array[] = [];
  #gathered = 0;
  #over = false;

  private constructor(path: string, file: FileHandle, mode: number, part?: string) {
    this.path = path;
    this.#file = file;
    this.#mode = mode;
    this.#part = part;
  }

  /** Throws UsageError for a symbolic link, and the error of the file system. */
  static async create(path: string): Promise<FileSink> {
    const there = await orNothing(stat(path));
    if (there?.isFIFO())
      throw new UsageError(`${path} is a pipe, which nobody may be reading: write to standard output`);
    if (there && !there.isFile() && !there.isDirectory()) return new FileSink(path, await open(path, 'w'), 0);
    if ((await orNothing(lstat(path)))?.isSymbolicLink()) {
      throw new UsageError('the output is a symbolic link: name the file itself', { reason: 'policy' });
    }
    if (there?.isDirectory()) throw new UsageError('the output is a folder: name a file in it, or use --output-dir');
    const part = partOf(path);
    const mode = there ? there.mode & 0o777 : 0o666 & ~process.umask();
    return new FileSink(path, await open(part, 'wx', 0o600), mode, part);
  }

  async write(data: string | Uint8Array): Promise<void> {
    const octets = typeof data === 'string' ? Buffer.from(data) : data;
    this.#chunks.push(octets);
    this.#gathered += octets.length;
    // what is no file of ours may have somebody who waits at its other end
    if (this.#gathered >= BLOCK || this.#part === undefined) await this.#flush();
  }

  async commit(): Promise<void> {
    if (this.#over) return;
    await this.#flush();
    if (this.#part !== undefined) {
      await this.#file.chmod(this.#mode);
      await this.#file.sync();
      await rename(this.#part, this.path);
    }
    this.#over = true;
    await this.#file.close();
  }

  async discard(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    if (this.#part !== undefined) await rm(this.#part, { force: true });
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const chunks = this.#chunks;
    const length = this.#gathered;
    this.#chunks = [];
    this.#gathered = 0;
    if (length === 0) return;
    let { bytesWritten } = await this.#file.writev(chunks);
    if (bytesWritten === length) return;
    // a disk that is nearly full takes a part first
    const rest = Buffer.concat(chunks);
    while (bytesWritten < length) bytesWritten += (await this.#file.write(rest, bytesWritten)).bytesWritten;
  }
}

/** The longest name that file systems take is 255 octets: a long one is cut. */
function partOf(path: string): string {
  const name = basename(path).slice(0, 50);
  return join(dirname(path), `.${name}.${randomBytes(8).toString('hex')}.part`);
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
