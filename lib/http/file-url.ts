/**
 * Files of this machine by their URLs: `file:///etc/hosts` (RFC 8089). A URL that names another machine is refused, and one
 * that starts with `////` too: that is how Windows is told of one. Drives of Windows (`file:///C:/`) are not read.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConnectionError, UsageError } from '../core/errors.ts';
import { type Flow, Resource } from '../core/resource.ts';
import { decodeOctets, encodePath, splitUrl } from '../core/url.ts';
import { typeOfFile } from './extensions.ts';
import { formatDate } from './http-date.ts';
import { join } from './url-join.ts';

/** Octets that are read at a time. */
const CHUNK = 64 * 1024;
const SLASH = 0x2f;

/**
 * The path that a file: URL names, as octets: names of files need not be UTF-8. Throws UsageError for URLs that are none, of
 * another machine (`policy`), with a query, and with `%2F`, `%00` or encoded dots, which would make of one name another path.
 */
export function pathOfFileUrl(url: string): Buffer {
  if (!/^file:\//i.test(url)) throw new UsageError('a file: URL is like file:///etc/hosts');
  // the dots that stand there are meant, those that are encoded are not
  const { host, path, query, userinfo, port } = splitUrl(join('file:', url));
  if ((host ?? '') !== '' && host !== 'localhost') throw policy('this file is on another machine');
  if (userinfo !== undefined || port !== undefined) throw policy('a file of this machine needs no user and no port');
  if (path.startsWith('//')) throw policy('a path that starts with // is one of another machine to some');
  if (query !== undefined) throw new UsageError('a file: URL has no query: write %3F');
  for (const segment of path.split('/')) checkSegment(segment);
  return decodeOctets(path);
}

/** The file: URL of a path; a relative one is that of the current folder. */
export function fileUrlOf(path: string): string {
  return `file://${encodePath(resolve(path))}`;
}

/**
 * A file as if it had been fetched: its size, when it was changed, and a type as its name says, streamed as it is read. What
 * is added while it is read is left out. Throws as `pathOfFileUrl`, and UsageError for what is no file or cannot be read.
 */
export async function fileResource(url: string, signal?: AbortSignal): Promise<Resource> {
  const path = pathOfFileUrl(url);
  signal?.throwIfAborted();
  const file = await openFile(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new UsageError('this is no file: folders, pipes and devices are not read');
    const size = stats.size > 0 || (await isEmpty(file)) ? stats.size : undefined;
    return new Resource({
      body: new FileFlow(file, size, signal),
      path: url,
      url,
      type: typeOfFile(path.toString('utf8')),
      ...(size !== undefined && { size }),
      meta: { modified: formatDate(stats.mtime) },
      close: () => file.close(),
    });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: Buffer): Promise<FileHandle> {
  try {
    // a pipe that nobody writes to would keep us waiting
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw new UsageError('this file cannot be opened', { cause });
  }
}

/** What the system makes up while it is read (`/proc`) says that it has no octets. */
async function isEmpty(file: FileHandle): Promise<boolean> {
  return (await file.read(Buffer.alloc(1), 0, 1, 0)).bytesRead === 0;
}

function checkSegment(segment: string): void {
  const octets = decodeOctets(segment);
  if (octets.includes(SLASH) || octets.includes(0)) throw policy('%2F and %00 are in no name of a file');
  if (/^\.\.?$/.test(octets.toString('latin1'))) throw policy('dots that are percent-encoded lead where nobody looked');
}

function policy(message: string): UsageError {
  return new UsageError(message, { reason: 'policy' });
}

/** So many octets of a file, or all of them. */
class FileFlow implements Flow {
  readonly #file: FileHandle;
  readonly #size: number | undefined;
  readonly #signal: AbortSignal | undefined;
  #read = 0;
  #ended = false;

  constructor(file: FileHandle, size: number | undefined, signal: AbortSignal | undefined) {
    this.#file = file;
    this.#size = size;
    this.#signal = signal;
  }

  get complete(): boolean {
    return this.#ended;
  }

  pull(): Promise<Buffer | undefined> {
    return this.#next(Buffer.allocUnsafe(Math.min(CHUNK, this.#left)));
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    const memory = Buffer.allocUnsafe(Math.min(CHUNK, this.#left));
    for (let chunk = await this.#next(memory); chunk; chunk = await this.#next(memory)) sink(chunk);
  }

  get #left(): number {
    return (this.#size ?? Number.POSITIVE_INFINITY) - this.#read;
  }

  async #next(memory: Buffer): Promise<Buffer | undefined> {
    this.#signal?.throwIfAborted();
    const length = Math.min(memory.length, this.#left);
    const { bytesRead } = length === 0 ? { bytesRead: 0 } : await this.#file.read(memory, 0, length, this.#read);
    this.#read += bytesRead;
    if (bytesRead > 0) return memory.subarray(0, bytesRead);
    if (this.#size !== undefined && this.#left > 0) {
      const message = 'the file has become shorter while it was read';
      throw new ConnectionError(message, { phase: 'body', reason: 'truncated', bytesReceived: this.#read });
    }
    this.#ended = true;
    return undefined;
  }
}
