import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, posix, relative, sep } from 'node:path';
import { excerpt, limitError, UsageError } from '../core/errors.ts';
import type { Answer, GopherFixture, MenuLine } from './fixture.ts';

/** Item types and media types by the end of a file's name. */
const TYPES: ReadonlyMap<string, readonly [type: string, media: string]> = new Map(
  Object.entries({
    '.txt': ['0', 'text/plain'],
    '.md': ['0', 'text/plain'],
    '.log': ['0', 'text/plain'],
    '.csv': ['0', 'text/plain'],
    '.json': ['0', 'text/plain'],
    '.c': ['0', 'text/plain'],
    '.js': ['0', 'text/plain'],
    '.ts': ['0', 'text/plain'],
    '.py': ['0', 'text/plain'],
    '.sh': ['0', 'text/plain'],
    '': ['0', 'text/plain'],
    '.html': ['h', 'text/html'],
    '.htm': ['h', 'text/html'],
    '.gif': ['g', 'image/gif'],
    '.png': ['I', 'image/png'],
    '.jpg': ['I', 'image/jpeg'],
    '.jpeg': ['I', 'image/jpeg'],
    '.webp': ['I', 'image/webp'],
    '.wav': ['s', 'audio/wav'],
    '.mp3': ['s', 'audio/mpeg'],
    '.ogg': ['s', 'audio/ogg'],
    '.pdf': ['d', 'application/pdf'],
    '.xml': ['x', 'text/xml'],
  } as const),
);
const BINARY = ['9', 'application/octet-stream'] as const;
const GOPHERMAP = 'gophermap';
/** A text is read whole; larger ones are streamed, and then end with the connection. In octets. */
const WHOLE = 4 * 1024 * 1024;
/** The largest gophermap, in octets. */
const LARGEST_MAP = 1024 * 1024;

/**
 * Serves a folder, as it is when it is asked: files by the type that their name means, folders as menus, and a file
 * named `gophermap` as the menu of its folder. Nothing outside the folder is served, not through a link either, and
 * nothing whose name, or whose real name, begins with a dot.
 */
export async function folderFixture(folder: string): Promise<GopherFixture> {
  const root = await realpath(folder);
  if (!(await stat(root)).isDirectory())
    throw new UsageError(`${excerpt(folder)} is no folder`, { protocol: 'gopher' });
  return async (selector) => {
    const path = posix.normalize(`/${selector}`).replace(/\/$/, '');
    const found = await find(root, path);
    if (found === undefined) return undefined;
    return found.status.isDirectory() ? folderAnswer(root, found.real, path) : fileAnswer(found, path);
  };
}

interface Found {
  /** Where it really is: no links are on the way there. */
  readonly real: string;
  readonly status: Stats;
}

/** A file or a folder that may be served. */
async function find(root: string, path: string): Promise<Found | undefined> {
  if (/[\0\\]/.test(path) || isHidden(path.split('/'))) return undefined;
  const real = await realpath(join(root, path)).catch(() => undefined);
  if (real === undefined) return undefined;
  // what is outside begins with two dots
  const inside = relative(root, real);
  if (isAbsolute(inside) || isHidden(inside.split(sep))) return undefined;
  const status = await stat(real).catch(() => undefined);
  return status && (status.isFile() || status.isDirectory()) ? { real, status } : undefined;
}

function isHidden(names: readonly string[]): boolean {
  return names.some((name) => name.startsWith('.'));
}

function fileAnswer({ real, status }: Found, path: string): Answer {
  const [type, mediaType] = typeOf(real);
  return {
    type,
    name: basename(path),
    mediaType,
    size: status.size,
    modified: status.mtime,
    content: async () => {
      const { file, size } = await openFile(real);
      return type === '0' && size <= WHOLE ? readWhole(file, WHOLE) : file.createReadStream();
    },
  };
}

/**
 * Opens what was found, once: what is looked at is what is read, even if something else has taken its place. A link is
 * refused then, and nothing blocks.
 */
async function openFile(real: string): Promise<{ file: FileHandle; size: number }> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const status = await file.stat();
    if (!status.isFile()) throw new UsageError('this is no file any more', { protocol: 'gopher' });
    return { file, size: status.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** All of a file, which is closed then. Throws ProtocolError (`limit`) above `max` octets. */
async function readWhole(file: FileHandle, max: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of file.createReadStream()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > max) throw limitError('a file that is read whole', max, { protocol: 'gopher' });
  }
  return Buffer.concat(chunks);
}

function folderAnswer(root: string, real: string, path: string): Answer {
  const content = async (): Promise<{ menu: readonly MenuLine[] }> => {
    const map = await find(root, `${path}/${GOPHERMAP}`);
    if (!map?.status.isFile()) return { menu: await listing(root, real, path) };
    const { file } = await openFile(map.real);
    const text = (await readWhole(file, LARGEST_MAP)).toString('utf8');
    return { menu: await readGophermap(text, path, () => listing(root, real, path)) };
  };
  return { type: '1', name: basename(path), mediaType: 'text/x-gopher-menu', content };
}

/** The entries of a folder that would be served, folders first. */
async function listing(root: string, real: string, path: string): Promise<MenuLine[]> {
  const lines: { type: string; name: string; selector: string }[] = [];
  for (const name of await readdir(real)) {
    if (name === GOPHERMAP || /[\t\r\n]/.test(name)) continue;
    const selector = `${path}/${name}`;
    const found = await find(root, selector);
    if (found === undefined) continue;
    lines.push({ type: found.status.isDirectory() ? '1' : typeOf(found.real)[0], name, selector });
  }
  const rank = (type: string): number => (type === '1' ? 0 : 1);
  return lines.sort((a, b) => rank(a.type) - rank(b.type) || (a.name < b.name ? -1 : 1));
}

/**
 * A gophermap: a line with a TAB is an item (`0Title<TAB>selector<TAB>host<TAB>port`, from the right what is missing is
 * the server's), `#` a comment, `!` a title, `*` the listing of the folder, `.` the end; all else is text for people.
 */
async function readGophermap(map: string, path: string, listed: () => Promise<MenuLine[]>): Promise<MenuLine[]> {
  const lines: MenuLine[] = [];
  for (const written of map.split(/\r?\n/)) {
    const line = written.replace(/[\0-\x08\x0b-\x1f\x7f]/g, '');
    if (line === '.') break;
    if (line === '*') {
      for (const entry of await listed()) lines.push(entry);
      break;
    }
    if (line.startsWith('#')) continue;
    if (!line.includes('\t')) {
      lines.push(line.replace(/^[!i]/, ''));
      continue;
    }
    const [typed = '', given = '', host = '', port = ''] = line.split('\t');
    const type = typed.charAt(0);
    const name = typed.slice(1);
    if (type === 'i') {
      lines.push(name);
      continue;
    }
    lines.push({
      type,
      name,
      selector: selectorOf(given || name, host, path),
      ...(host !== '' && { host }),
      ...(/^\d{1,5}$/.test(port) && { port: Number(port) }),
    });
  }
  return lines[lines.length - 1] === '' ? lines.slice(0, -1) : lines;
}

/** A relative selector is one of this folder; one of another host, or a `URL:`, is left as it is. */
function selectorOf(given: string, host: string, path: string): string {
  if (host !== '' || given.startsWith('/') || /^URL:/.test(given)) return given;
  return `${path}/${given}`;
}

function typeOf(name: string): readonly [type: string, media: string] {
  return TYPES.get(extname(name).toLowerCase()) ?? BINARY;
}
