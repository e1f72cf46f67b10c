import { constants, type Stats } from 'node:fs';
import { access, type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { excerpt, UsageError } from '../core/errors.ts';
import { decodeText } from '../core/url.ts';
import { parseRequestTarget } from './codec.ts';
import { typeOfFile } from './extensions.ts';
import type { HttpHandler, HttpReply, HttpServed } from './fixture.ts';
import { escapeHtml } from './html.ts';

const INDEXES = ['index.html', 'index.htm'];
/** What is listed of a folder, at most. */
const LISTED = 10_000;

/** What browsers are told, so that a file is never taken for something else. */
const SAFE = { 'X-Content-Type-Options': 'nosniff' };

/**
 * Serves a folder, as it is when it is asked: files by GET and HEAD, in part and under conditions, folders by their index
 * file or as a list. Nothing outside the folder is served, not through a link either, and nothing whose name, or whose real
 * name, begins with a dot. Throws UsageError for what is no folder.
 */
export async function folderFixture(folder: string): Promise<HttpHandler> {
  const root = await realpath(folder);
  if (!(await stat(root)).isDirectory()) throw new UsageError(`${excerpt(folder)} is no folder`, { protocol: 'http' });
  return async ({ method, target }) => {
    const names = namesOf(target);
    if (names === 'wrong') return WRONG;
    if (names === undefined) return undefined;
    const found = await find(root, names);
    if (found === undefined) return undefined;
    if (method !== 'GET' && method !== 'HEAD') return refusal(method);
    if (target === '*') return WRONG;
    const isFolder = names.at(-1) === '' || names.length === 0;
    if (!found.status.isDirectory()) return isFolder ? undefined : fileOf(found);
    return isFolder ? folderOf(root, names, found) : moved(target);
  };
}

const WRONG: HttpReply = { status: 400, body: 'this path cannot be\n' };

interface Found {
  /** Where it really is: no links are on the way there. */
  readonly real: string;
  readonly status: Stats;
}

/** The names on the way, decoded once; an empty one at the end is a folder. Undefined for what can never be there. */
function namesOf(target: string): readonly string[] | 'wrong' | undefined {
  const { path } = parseRequestTarget(target);
  let names: string[];
  try {
    names = path.split('/').slice(1).map(decodeText);
  } catch {
    return 'wrong';
  }
  if (names.some((name) => /[\0/\\]/.test(name))) return 'wrong';
  // no two slashes: what begins with two is another server to a browser
  return names.some((name, i) => isHidden(name) || (name === '' && i < names.length - 1)) ? undefined : names;
}

function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** A file or a folder that may be served. */
async function find(root: string, names: readonly string[]): Promise<Found | undefined> {
  const real = await realpath(join(root, ...names)).catch(() => undefined);
  if (real === undefined) return undefined;
  // what is outside begins with two dots
  const inside = relative(root, real);
  if (isAbsolute(inside) || inside.split(sep).some(isHidden)) return undefined;
  const status = await stat(real).catch(() => undefined);
  return status && (status.isFile() || status.isDirectory()) ? { real, status } : undefined;
}

function refusal(method: string): HttpReply {
  const headers = { Allow: 'GET, HEAD, OPTIONS' };
  return method === 'OPTIONS' ? { status: 204, headers } : { status: 405, headers, body: 'only to be read\n' };
}

/** A folder without a slash at its end: what is in it would be looked for beside it. */
function moved(target: string): HttpReply {
  const { path, query } = parseRequestTarget(target);
  return { status: 301, headers: { Location: `${path}/${query === undefined ? '' : `?${query}`}` } };
}

async function fileOf(found: Found): Promise<HttpServed> {
  const { real, status } = found;
  const isReadable = await access(real, constants.R_OK).then(
    () => true,
    () => false,
  );
  // said now: behind the header an answer could only break off
  if (!isReadable) return { status: 403, body: 'this file cannot be read\n' };
  const type = typeOfFile(basename(real));
  return {
    type: /^text\/|^application\/(?:json|xml)/.test(type) ? `${type}; charset=utf-8` : type,
    etag: `"${versionOf(status)}"`,
    modified: status.mtime,
    headers: SAFE,
    content: { size: status.size, open: (first, last) => octets(found, first, last) },
  };
}

function versionOf({ ino, size, mtimeMs }: Stats): string {
  return [ino, size, Math.round(mtimeMs * 1000)].map((number) => number.toString(36)).join('-');
}

/**
 * A part of a file. It is opened once, and must be what was found, at the end too: else what was said of it would be wrong,
 * and what came half of one version and half of another would look whole.
 */
async function* octets({ real, status }: Found, first: number, last: number): AsyncGenerator<Uint8Array> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file: FileHandle = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const now = await file.stat();
    if (!now.isFile() || versionOf(now) !== versionOf(status)) throw changed();
    let left = last - first + 1;
    const stream = file.createReadStream({ start: first, end: last, autoClose: false, highWaterMark: 128 * 1024 });
    for await (const chunk of stream) {
      left -= chunk.length;
      if (left <= 0 && versionOf(await file.stat()) !== versionOf(status)) throw changed();
      yield chunk;
    }
    if (left > 0) throw changed();
  } finally {
    await file.close();
  }
}

/** No error of the connection: the answer is abandoned, which may have others beside it. */
function changed(): Error {
  return new Error('the file has changed while it was sent');
}

async function folderOf(root: string, names: readonly string[], { real }: Found): Promise<HttpServed> {
  for (const index of INDEXES) {
    const found = await find(root, [...names.slice(0, -1), index]);
    if (found?.status.isFile()) return fileOf(found);
  }
  const entries: { readonly name: string; readonly isFolder: boolean; readonly size: number }[] = [];
  const all = (await readdir(real)).filter((name) => !isHidden(name)).sort();
  for (const name of all.slice(0, LISTED)) {
    const found = await find(root, [...names.slice(0, -1), name]);
    if (found) entries.push({ name, isFolder: found.status.isDirectory(), size: found.status.size });
  }
  entries.sort((a, b) => Number(b.isFolder) - Number(a.isFolder));
  const title = escapeHtml(`/${names.join('/')}`);
  const up = names.length > 1 ? ['<li><a href="../">../</a></li>'] : [];
  const items = entries.map(({ name, isFolder, size }) => {
    const [slash, told] = isFolder ? ['/', ''] : ['', ` ${size} octets`];
    // a name with a colon would be a scheme
    return `<li><a href="./${encodeURIComponent(name)}${slash}">${escapeHtml(name)}${slash}</a>${told}</li>`;
  });
  const body = [
    '<!DOCTYPE html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>`,
    `<body><h1>${title}</h1><ul>`,
    ...up,
    ...items,
    '</ul>',
    ...(all.length > LISTED ? [`<p>${all.length - LISTED} more are not listed.`] : []),
    '</body></html>\n',
  ].join('\n');
  const headers = {
    ...SAFE,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'",
  };
  return { headers, body };
}
