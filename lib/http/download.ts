/** A body as a file: whole or not at all, gone on with where it broke off, and never of two versions. */
import { createHash, getHashes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatUrl } from '../core/endpoint.ts';
import { ConnectionError, ProtocolError, UsageError } from '../core/errors.ts';
import { hasCode } from '../message/storage.ts';
import { parseContentRange } from './byte-range.ts';
import type { HttpClient } from './client.ts';
import { dispositionName, nameOfTarget } from './disposition.ts';
import { parseETag } from './etag.ts';
import { withDefault } from './headers.ts';
import { parseDate } from './http-date.ts';
import type { FetchOptions } from './options.ts';
import { type Note, Part } from './part.ts';
import { pause } from './pause.ts';
import { withQuery } from './query.ts';
import { HttpError, type HttpResource } from './resource.ts';

export interface DownloadOptions extends Pick<FetchOptions, 'headers' | 'query' | 'maxSize' | 'timeouts' | 'signal'> {
  /** Whether what is left of an earlier try is gone on with. Default true. */
  readonly resume?: boolean | undefined;
  /** How often a connection that is lost in the middle is gone on from, in this one call. Default 0. */
  readonly resumes?: number | undefined;
  /**
   * `given`: the file is what it says. `server`: it is a folder, and the file in it is called as Content-Disposition says,
   * else as the URL ends; a dangerous name is refused, and nothing is replaced. Default `given`.
   */
  readonly name?: 'given' | 'server' | undefined;
  /** Whether a file that is there is replaced, at the end and in one step. Default true for a name that is given. */
  readonly overwrite?: boolean | undefined;
  /** Is told how many octets there are, and how many there will be, where that is known. */
  readonly progress?: ((received: number, total: number | undefined) => void) | undefined;
  /** How large it must be, in octets. */
  readonly size?: number | undefined;
  /** What it must be: a digest in hexadecimal, by an algorithm of OpenSSL such as `sha256`. */
  readonly checksum?: { readonly algorithm: string; readonly digest: string } | undefined;
  /** Whether the file gets the time of Last-Modified. Default true. */
  readonly keepTime?: boolean | undefined;
}

export interface Downloaded {
  readonly file: string;
  /** Where it came from in the end. */
  readonly url: string;
  readonly size: number;
  /** How many octets were there before. */
  readonly resumedFrom: number;
  /** `unknown` where only the end of the connection says that it is whole. */
  readonly complete: true | 'unknown';
  readonly etag?: string;
  readonly modified?: Date;
}

type Asks = Pick<HttpClient, 'get' | 'endpoint'>;

interface Job {
  readonly client: Asks;
  readonly path: string;
  readonly target: string;
  readonly options: DownloadOptions;
  /** A digest of what is asked for. */
  readonly of: string;
  readonly partPath: string;
}

/** The parts that are written now, in this process. */
const busy = new Set<string>();

/**
 * Fetches to `file`, by way of `file.part`. What broke off is gone on with if the server says by a strong entity tag, or a
 * date, that it is still the same; else it begins anew. Throws ProtocolError (`integrity`) for what is not what it should be,
 * UsageError for a file that must not be written, and what `get` throws.
 */
export async function download(
  client: Asks,
  path: string,
  target: string,
  options: DownloadOptions = {},
  closed?: AbortSignal,
): Promise<Downloaded> {
  const of = createHash('sha256')
    .update(formatUrl(client.endpoint, withQuery(path, options.query)))
    .digest('hex');
  const named = options.name !== 'server';
  const partPath = resolve(named ? `${target}.part` : join(target, `.${of.slice(0, 16)}.part`));
  if (named) await checkTarget(target, options.overwrite ?? true);
  if (options.checksum) checkDigest(options.checksum);
  if (busy.has(partPath)) throw refused('this file is being downloaded already');
  busy.add(partPath);
  try {
    const job: Job = { client, path, target, options, of, partPath };
    for (let count = 0; ; count++) {
      try {
        return await once(job, count > 0 || options.resume !== false);
      } catch (error) {
        const isPassing = error instanceof ConnectionError && error.temporary && !options.signal?.aborted;
        if (!isPassing || count >= (options.resumes ?? 0)) throw error;
      }
      await pause(Math.random() * Math.min(30_000, 250 * 2 ** count), [options.signal, closed]);
    }
  } finally {
    busy.delete(partPath);
  }
}

async function once(job: Job, resume: boolean): Promise<Downloaded> {
  const part = await Part.find(job.partPath);
  const known = resume && part.note?.of === job.of ? part.note : undefined;
  const answer = await ask(job, part, known);
  const resumedFrom = answer.status === 200 ? 0 : part.size;
  try {
    const file = await placeOf(job, answer);
    const total = totalOf(answer, part, known);
    checkSize(total, job.options);
    if (answer.status === 206) await part.goOn();
    else if (answer.status === 200) await part.begin(noteOf(answer, job.of));
    if (answer.status !== 416) await receive(job, part, answer, total);
    const complete = total !== undefined || answer.complete === true || 'unknown';
    await verify(part, total, job.options);
    const { etag = known?.etag, url } = answer;
    const modified = answer.modified ?? parseDate(known?.modified);
    const { keepTime = true } = job.options;
    await part.become(file.path, { ...file, modified: keepTime ? modified : undefined });
    return {
      ...{ file: file.path, url, size: part.size, resumedFrom, complete },
      ...(etag !== undefined && { etag }),
      ...(modified && { modified }),
    };
  } finally {
    await part.leave();
    await answer.close();
  }
}

/** The answer: 200 with all of it, 206 with what is missing, or 416 where nothing is missing. */
async function ask(job: Job, part: Part, known: Note | undefined): Promise<HttpResource> {
  const { headers, query, maxSize, timeouts, signal } = job.options;
  const since = known?.etag ?? parseDate(known?.modified);
  const answer = await job.client
    .get(job.path, {
      ...{ query, maxSize, timeouts, signal, headers: withDefault(headers, 'Accept-Encoding', 'identity') },
      ...(since !== undefined && { range: { first: part.size }, ifRange: since }),
    })
    .catch((error: unknown) => {
      if (since !== undefined && error instanceof HttpError && error.status === 416) return error.response;
      throw error;
    });
  if (answer.status === 200 || answer.status === 206) return answer;
  await answer.close();
  if (answer.status !== 416) throw new ProtocolError(`the answer is no file: ${answer.status}`, ABOUT);
  return isWhole(answer, part, known) ? answer : ask(job, part, undefined);
}

/** Whether a 416 says that there is nothing behind what is there, and nothing says that it is another version. */
function isWhole({ headers }: HttpResource, part: Part, known: Note | undefined): boolean {
  const size = parseContentRange(headers.get('content-range'))?.size;
  const etag = headers.get('etag') ?? known?.etag;
  return size === part.size && (known?.size ?? size) === size && etag === known?.etag;
}

/** How large it will be, in octets. Throws ProtocolError (`integrity`) where it is no longer as large as it was. */
function totalOf(answer: HttpResource, part: Part, known: Note | undefined): number | undefined {
  if (answer.status === 416) return part.size;
  if (answer.status === 200) return lengthOf(answer);
  const total = answer.part?.size ?? known?.size;
  if (known?.size !== undefined && total !== known.size)
    throw wrong('what is on the server is no longer as large as what was begun: both do not fit together');
  return total;
}

async function receive({ options }: Job, part: Part, answer: HttpResource, total: number | undefined): Promise<void> {
  options.progress?.(part.size, total);
  for await (const chunk of answer) {
    await part.write(chunk);
    options.progress?.(part.size, total);
  }
  if (total !== undefined && part.size < total)
    throw new ConnectionError('the body ends before the file does', { ...ABOUT, phase: 'body', reason: 'truncated' });
}

/** Throws ProtocolError (`integrity`); then nothing of it is kept. */
async function verify(part: Part, total: number | undefined, { size, checksum }: DownloadOptions): Promise<void> {
  const digest = checksum && createHash(checksum.algorithm);
  await part.flush();
  if (digest) for await (const block of part.read()) digest.update(block);
  const isRight = !digest || digest.digest('hex') === checksum?.digest.toLowerCase();
  if (isRight && part.size === (total ?? part.size) && part.size === (size ?? part.size)) return;
  await part.remove();
  throw wrong(isRight ? 'the file is not as large as it should be' : 'the file has another digest than it should have');
}

function checkSize(total: number | undefined, { size }: DownloadOptions): void {
  if (size !== undefined && total !== undefined && total !== size)
    throw wrong(`the file has ${total} octets, and should have ${size}`);
}

/** What to go on with needs. A date is as good as an entity tag once nothing more can happen within its second. */
function noteOf(answer: HttpResource, of: string): Note {
  const { headers, etag, modified } = answer;
  const [date, size] = [parseDate(headers.get('date')), lengthOf(answer)];
  const isStrong = parseETag(etag)?.weak === false;
  const isOld = modified !== undefined && date !== undefined && date.getTime() - modified.getTime() >= 1000;
  const written = headers.get('last-modified');
  return {
    of,
    ...(isStrong && etag !== undefined && { etag }),
    ...(isOld && written !== undefined && { modified: written }),
    ...(size !== undefined && { size }),
  };
}

function lengthOf({ headers }: HttpResource): number | undefined {
  const length = headers.get('content-length');
  return length === undefined ? undefined : Number(length);
}

interface Place {
  readonly path: string;
  readonly replace: boolean;
  readonly mode: number;
}

async function placeOf({ target, options }: Job, { headers, url }: HttpResource): Promise<Place> {
  const named = options.name !== 'server';
  const replace = options.overwrite ?? named;
  if (named) return { path: target, replace, mode: await checkTarget(target, replace) };
  const name = dispositionName(headers.get('content-disposition')) ?? nameOfTarget(new URL(url).pathname);
  if (name === undefined)
    throw new UsageError('neither the server nor the URL names a file', { reason: 'unsafe-name' });
  const path = join(target, name);
  return { path, replace, mode: await checkTarget(path, replace) };
}

/** Gives the mode for the file. Throws UsageError for what must not be written. */
async function checkTarget(path: string, replace: boolean): Promise<number> {
  try {
    const there = await lstat(path);
    if (!there.isFile()) throw refused(`${path} is no file: name another one`);
    if (!replace) throw refused(`${path} is there already, and is not replaced`);
    return there.mode & 0o777;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return 0o666 & ~process.umask();
  }
}

function checkDigest({ algorithm, digest }: NonNullable<DownloadOptions['checksum']>): void {
  const isKnown = getHashes().includes(algorithm.toLowerCase());
  if (!isKnown || digest.length !== 2 * createHash(algorithm).digest().length || !/^[0-9a-f]+$/i.test(digest))
    throw new UsageError('a checksum is an algorithm, such as sha256, and its digest in hexadecimal', ABOUT);
}

const ABOUT = { protocol: 'http' } as const;

function refused(message: string): UsageError {
  return new UsageError(message, { ...ABOUT, reason: 'policy' });
}

function wrong(message: string): ProtocolError {
  return new ProtocolError(message, { ...ABOUT, reason: 'integrity' });
}
