import { createReadStream } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, posix, sep } from 'node:path';
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
/** A gophermap and a text are read whole; larger texts are streamed, and then end with the connection. */
const WHOLE = 4 * 1024 * 1024;

/**
 * Serves a folder, as it is when it is asked: files by the type that their name means, folders as menus, and a file
 * named `gophermap` as the menu of its folder. Nothing outside the folder is served, not through a link either, and
 * nothing whose name begins with a dot.
 */
export async function folderFixture(folder: string): Promise<GopherFixture> {
  const root = await realpath(folder);
  return async (selector) => {
    const path = posix.normalize(`/${selector}`);
    if (/[\0\\]/.test(path) || path.split('/').some((name) => name.startsWith('.'))) return undefined;
    const inner = path.replace(/\/$/, '');
    const found = await realpath(join(root, inner)).catch(() => undefined);
    if (found === undefined || (found !== root && !found.startsWith(root + sep))) return undefined;
    const status = await stat(found);
    if (status.isDirectory()) return folderAnswer(found, inner);
    return status.isFile() ? fileAnswer(found, inner, status.size, status.mtime) : undefined;
  };
}

function fileAnswer(file: string, path: string, size: number, modified: Date): Answer {
  const [type, mediaType] = typeOf(file);
  const whole = type === '0' && size <= WHOLE;
  return {
    type,
    name: basename(path),
    mediaType,
    size,
    modified,
    content: async () => (whole ? await readFile(file) : createReadStream(file)),
  };
}

async function folderAnswer(folder: string, path: string): Promise<Answer> {
  const map = await readFile(join(folder, GOPHERMAP), 'utf8').catch(() => undefined);
  const content = async (): Promise<{ menu: readonly MenuLine[] }> => ({
    menu: map === undefined ? await listing(folder, path) : await readGophermap(map, folder, path),
  });
  return { type: '1', name: basename(path), mediaType: 'text/x-gopher-menu', content };
}

/** The entries of a folder, folders first. */
async function listing(folder: string, path: string): Promise<MenuLine[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lines: { type: string; name: string; selector: string }[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === GOPHERMAP || /[\t\r\n]/.test(entry.name)) continue;
    const { name } = entry;
    const status = await stat(join(folder, entry.name)).catch(() => undefined);
    if (!status?.isFile() && !status?.isDirectory()) continue;
    const type = status.isDirectory() ? '1' : typeOf(entry.name)[0];
    lines.push({ type, name, selector: `${path}/${name}` });
  }
  const rank = (type: string): number => (type === '1' ? 0 : 1);
  return lines.sort((a, b) => rank(a.type) - rank(b.type) || (a.name < b.name ? -1 : 1));
}

/**
 * A gophermap: a line with a TAB is an item (`0Title<TAB>selector<TAB>host<TAB>port`, from the right what is missing is
 * the server's), `#` a comment, `!` a title, `*` the listing of the folder, `.` the end; all else is text for people.
 */
async function readGophermap(map: string, folder: string, path: string): Promise<MenuLine[]> {
  const lines: MenuLine[] = [];
  for (const line of map.split(/\r?\n/)) {
    if (line === '.') break;
    if (line === '*') {
      lines.push(...(await listing(folder, path)));
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
