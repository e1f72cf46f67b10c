import { constants } from 'node:fs';
import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { excerpt, UsageError } from '../core/errors.ts';
import type { TelnetCommand, TelnetScript } from './fixture.ts';
import { big, echo, helpOf, who } from './server/commands.ts';
import type { TelnetSession } from './server/session.ts';

const SUMMARIES = {
  help: 'this list',
  'ls [FOLDER]': 'names, folders with a / behind them',
  'cat FILE...': 'what is in files',
  'cd [FOLDER]': 'goes there',
  pwd: 'where you are',
  'echo TEXT': 'says it again',
  who: 'what your client told of itself, and which options are in use',
  'big N': 'N lines of 64 octets, numbered',
  exit: 'ends the session',
};

/**
 * A small shell in a folder, as it is when it is asked. Nobody has to log in. Nothing outside the folder can be read, not
 * through a link either, and nothing whose name, or whose real name, begins with a dot. Throws UsageError for what is no
 * folder, and the error of the file system.
 */
export async function folderFixture(folder: string): Promise<TelnetScript> {
  const root = await realpath(folder);
  if (!(await stat(root)).isDirectory())
    throw new UsageError(`${excerpt(folder)} is no folder`, { protocol: 'telnet' });
  /** Where each session is. */
  const places = new WeakMap<TelnetSession, string>();
  const at = (session: TelnetSession, path = '.'): string => posix.resolve('/', places.get(session) ?? '/', path);
  return {
    motd: 'Say help for what there is.',
    prompt: (session) => `${at(session)} $ `,
    commands: {
      help: helpOf(SUMMARIES),
      ls: async (session, [path]) =>
        (await list(root, at(session, path))) ?? `ls: ${excerpt(path ?? '.')}: no such folder`,
      cat: (session, words, _, signal) => contents(root, words, (path) => at(session, path), signal),
      cd: cd(root, places, at),
      pwd: (session) => at(session),
      ...{ echo, who, big },
    },
  };
}

function cd(
  root: string,
  places: WeakMap<TelnetSession, string>,
  at: (session: TelnetSession, path: string) => string,
): TelnetCommand {
  return async (session, [path = '/']) => {
    const there = at(session, path);
    const real = await find(root, there);
    if (real === undefined || !(await stat(real)).isDirectory()) return `cd: ${excerpt(path)}: no such folder`;
    places.set(session, there);
    return undefined;
  };
}

/** Where a path really is: no links are on the way there. Undefined where it may not be read. */
async function find(root: string, path: string): Promise<string | undefined> {
  if (/[\0\\]/.test(path) || isHidden(path.split('/'))) return undefined;
  const real = await realpath(join(root, path)).catch(() => undefined);
  if (real === undefined) return undefined;
  // what is outside begins with two dots
  const inside = relative(root, real);
  return isAbsolute(inside) || isHidden(inside.split(sep)) ? undefined : real;
}

function isHidden(names: readonly string[]): boolean {
  return names.some((name) => name.startsWith('.'));
}

/** The names that can be read, one on each line; undefined where this is no folder. */
async function list(root: string, path: string): Promise<string | undefined> {
  const real = await find(root, path);
  const names = real === undefined ? undefined : await readdir(real).catch(() => undefined);
  if (names === undefined) return undefined;
  const lines: string[] = [];
  for (const name of names.sort()) {
    const found = await find(root, posix.join(path, name));
    const status = found === undefined ? undefined : await stat(found).catch(() => undefined);
    if (status?.isDirectory()) lines.push(`${shown(name)}/\n`);
    else if (status?.isFile()) lines.push(`${shown(name)}\n`);
  }
  return lines.join('');
}

/** A name as it can be in a list: what would do something to a terminal, or end the line, is `?`. */
function shown(name: string): string {
  return name.replace(/[\0-\x1f\x7f-\x9f]/g, '?');
}

async function* contents(
  root: string,
  words: readonly string[],
  at: (path: string) => string,
  signal: AbortSignal,
): AsyncGenerator<string | Uint8Array> {
  if (words.length === 0) yield 'cat: which file?\n';
  for (const word of words) {
    const real = await find(root, at(word));
    const file = real === undefined ? undefined : await openFile(real).catch(() => undefined);
    if (file) yield* withLineEnds(file.createReadStream({ signal }));
    else yield `cat: ${excerpt(word)}: no such file\n`;
  }
}

/** What was found is what is read, even if something else has taken its place: a link is refused, and nothing blocks. */
async function openFile(real: string): Promise<FileHandle> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new UsageError('this is no file', { protocol: 'telnet' });
}

/** Octets with CR LF where they had LF alone. */
async function* withLineEnds(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let cr = false;
  for await (const chunk of chunks) {
    const text = chunk.toString('latin1');
    const kept = cr && text.startsWith('\n') ? 1 : 0;
    yield Buffer.from(text.slice(0, kept) + text.slice(kept).replace(/\r?\n/g, '\r\n'), 'latin1');
    cr = text.endsWith('\r');
  }
}
