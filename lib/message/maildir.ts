/** Maildir: a folder with a file for each message, which other programs find only when it is whole. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { LineFeeds } from './line-ends.ts';
import { Blocks, hasCode, syncFolder } from './storage.ts';

/**
 * One message on its way into a Maildir. It is written to `tmp`; `commit` moves it to `new`, and returns when it is on
 * the disk. Its lines end with LF there. Where it fails, nothing is left. Either `commit` or `discard` ends it; what
 * comes after that does nothing.
 */
export class MaildirSink {
  readonly terminal = false;
  /** The name of the message: unique, and for ever. */
  readonly name: string;
  /** The file that it becomes. */
  readonly path: string;
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #lines = new LineFeeds();
  readonly #blocks: Blocks;
  #over = false;

  private constructor(folder: string, name: string, file: FileHandle) {
    this.#folder = folder;
    this.name = name;
    this.path = join(folder, 'new', name);
    this.#file = file;
    this.#blocks = new Blocks((block) => file.appendFile(block));
  }

  /** Makes the Maildir where there is none, for its owner alone. Throws the error of the file system. */
  static async create(folder: string): Promise<MaildirSink> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // a folder with these three is a Maildir: tmp comes last
    for (const part of ['cur', 'new', 'tmp']) await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
    const name = uniqueName();
    return new MaildirSink(folder, name, await open(join(folder, 'tmp', name), 'wx', 0o600));
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (this.#over) return;
    await this.#blocks.write(this.#lines.convert(typeof data === 'string' ? Buffer.from(data) : data));
  }

  /** Throws the error of the file system. */
  async commit(): Promise<void> {
    if (this.#over) return;
    try {
      await this.#file.appendFile(Buffer.concat([this.#blocks.take(), this.#lines.end()]));
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, this.path);
      this.#over = true;
    } finally {
      if (!this.#over) await this.discard();
    }
    await syncFolder(join(this.#folder, 'new'));
  }

  async discard(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#blocks.take();
    await rm(this.#temporary, { force: true });
    await this.#file.close();
  }

  get #temporary(): string {
    return join(this.#folder, 'tmp', this.name);
  }
}

/** Delivers one message. The name that it has then. Throws what the source throws, and the error of the file system. */
export async function deliver(
  folder: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string> {
  const sink = await MaildirSink.create(folder);
  try {
    for await (const piece of source) await sink.write(piece);
    await sink.commit();
  } finally {
    await sink.discard();
  }
  return sink.name;
}

export interface MaildirMessage {
  /** Its name without its flags, which change: this does not, and no other message has it. */
  readonly name: string;
  /** All of it, with line ends as they are in the file. Finds it also after its flags were changed. */
  read(): Promise<Buffer>;
}

/**
 * The messages of a Maildir, new ones and others, in the order of their names, which is about that of their arrival.
 * What is no file (a link) or has a strange name is not among them. Throws UsageError for what is no Maildir.
 */
export async function* readMaildir(folder: string): AsyncGenerator<MaildirMessage> {
  const files = await filesOf(folder);
  for (const name of [...files.keys()].sort()) {
    yield { name, read: () => readMessage(folder, name, files.get(name) ?? '') };
  }
}

async function readMessage(folder: string, name: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    // somebody has seen it, and it has another name now
    const moved = (await filesOf(folder)).get(name);
    if (moved === undefined) throw error;
    return readFile(moved);
  }
}

/** The file of each message, by its name. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  // what is moved from new to cur meanwhile is seen in one of them
  for (const part of ['new', 'cur']) {
    for (const entry of await entriesOf(folder, part)) {
      const [name = ''] = entry.name.split(':', 1);
      if (entry.isFile() && isPlain(entry.name) && !files.has(name)) files.set(name, join(folder, part, entry.name));
    }
  }
  return files;
}

async function entriesOf(folder: string, part: string) {
  try {
    return await readdir(join(folder, part), { withFileTypes: true });
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error;
    throw new UsageError(`${folder} is no Maildir: it has no folder ${part}`, { cause: error });
  }
}

/** No dot first (nor nothing before the flags), and printable characters alone: a name may become a line of a reply. */
function isPlain(name: string): boolean {
  return /^[^\p{C}\p{Z}\ufffd.:][^\p{C}\p{Z}\ufffd]*$/u.test(name);
}

let delivered = 0;

/** `seconds.M microseconds P process Q count R random.host`. */
function uniqueName(): string {
  const now = performance.timeOrigin + performance.now();
  const microseconds = Math.floor((now % 1000) * 1000);
  const random = randomBytes(4).toString('hex');
  const host = hostname().replace(/[^A-Za-z0-9.-]/g, octal);
  return `${Math.floor(now / 1000)}.M${microseconds}P${process.pid}Q${++delivered}R${random}.${host}`;
}

/** As the format asks it of `/` and `:`. */
function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
