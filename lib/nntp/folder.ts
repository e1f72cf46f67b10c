import { randomBytes } from 'node:crypto';
import { constants, createReadStream, type Dirent } from 'node:fs';
import { lstat, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { excerpt, limitError, UsageError } from '../core/errors.ts';
import { readMbox } from '../message/mbox.ts';
import { MboxSink } from '../message/mbox-file.ts';
import { hasCode, syncFolder } from '../message/storage.ts';
import { isGroup } from './codec.ts';
import type { ArticleSource, GroupFixture, GroupStatusFlag, Kept, NntpFixture } from './fixture.ts';
import { type ActiveGroup, parseActive, parseDescription, parseLines } from './listing.ts';

const MBOX = '.mbox';
/** The largest article of a file, in octets. */
const LARGEST = 64 * 1024 * 1024;

/**
 * A folder as it is now: a folder `comp.lang.c` is that group, and each file in it an article, under its own number where
 * its name is one; a file `comp.lang.c.mbox` is a group too. A file `newsgroups` says what groups are for, as LIST
 * NEWSGROUPS does, and a file `active` who may post, as LIST ACTIVE. What is posted is written there. Links, and names
 * that begin with a dot, are passed over. Throws UsageError for what is no folder, and the error of the file system.
 */
export async function folderFixture(folder: string): Promise<NntpFixture> {
  const root = await realpath(folder);
  if (!(await stat(root)).isDirectory()) throw new UsageError(`${excerpt(folder)} is no folder`, { protocol: 'nntp' });
  const descriptions = await linesOf(root, 'newsgroups', parseDescription);
  const active = await linesOf(root, 'active', parseActive);
  const places = await placesOf(root);
  const groups = await Promise.all(
    Array.from(places, async ([name, place]): Promise<GroupFixture> => {
      return {
        name,
        articles: await place.read(),
        description: descriptions.find((each) => each.name === name)?.text,
        status: statusOf(active.find((each) => each.name === name)),
      };
    }),
  );
  return { groups, keep: inTurn((article) => write(places, article)) };
}

async function write(places: ReadonlyMap<string, Place>, { numbers, octets }: Kept): Promise<void> {
  for (const [name, number] of numbers) await places.get(name)?.write(octets, number);
}

/** One after another, so that they are in a file in the order of their numbers. */
function inTurn(work: (article: Kept) => Promise<void>): (article: Kept) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (article) => {
    last = last.catch(() => {}).then(() => work(article));
    return last;
  };
}

/** Where the articles of a group are. */
interface Place {
  read(): Promise<ArticleSource[]>;
  write(octets: Uint8Array, number: number): Promise<void>;
}

/** Throws UsageError for a group that is there twice. */
async function placesOf(root: string): Promise<Map<string, Place>> {
  const places = new Map<string, Place>();
  for (const entry of await entriesOf(root)) {
    const isMbox = entry.isFile() && entry.name.endsWith(MBOX);
    if (!isMbox && !entry.isDirectory()) continue;
    const name = isMbox ? entry.name.slice(0, -MBOX.length) : entry.name;
    if (!isGroup(name)) continue;
    if (places.has(name))
      throw new UsageError(`there is a folder and a file for the group ${name}`, { protocol: 'nntp' });
    const path = join(root, entry.name);
    places.set(name, isMbox ? mboxPlace(path) : folderPlace(path));
  }
  return places;
}

function mboxPlace(path: string): Place {
  return {
    read: async () => {
      const articles: ArticleSource[] = [];
      for await (const message of readMbox(createReadStream(path), { messageSize: LARGEST })) articles.push(message);
      return articles;
    },
    write: async (octets) => {
      const sink = new MboxSink(path);
      try {
        await sink.write(octets);
        await sink.commit();
      } finally {
        await sink.discard();
      }
    },
  };
}

function folderPlace(folder: string): Place {
  return { read: () => articlesOf(folder), write: (octets, number) => writeArticle(folder, octets, number) };
}

/** Those whose name is a number have it; the others, in order of their names, have those that are free. */
async function articlesOf(folder: string): Promise<ArticleSource[]> {
  const names = (await entriesOf(folder)).filter((entry) => entry.isFile()).map(({ name }) => name);
  const numbers = new Map(names.filter(isNumber).map((name) => [Number(name), name]));
  let free = 1;
  for (const name of names.filter((each) => !isNumber(each))) {
    while (numbers.has(free)) free++;
    numbers.set(free, name);
  }
  const inOrder = [...numbers].sort(([a], [b]) => a - b);
  const articles: ArticleSource[] = [];
  for (const [number, name] of inOrder) articles.push({ number, content: await readArticle(join(folder, name)) });
  return articles;
}

function isNumber(name: string): boolean {
  return /^[1-9]\d{0,14}$/.test(name);
}

/** What was a file a moment ago, and is no link and no pipe now. */
async function readArticle(path: string): Promise<Buffer> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size > LARGEST) throw limitError(`the article ${excerpt(path)}`, LARGEST, { protocol: 'nntp' });
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Throws UsageError where there is a file of that number: somebody else writes here. */
async function writeArticle(folder: string, octets: Uint8Array, number: number): Promise<void> {
  const path = join(folder, String(number));
  if (await lstat(path).catch(() => undefined))
    throw new UsageError(`there is an article ${number} already`, { protocol: 'nntp' });
  const part = join(folder, `.${number}.${randomBytes(8).toString('hex')}.part`);
  try {
    const file = await open(part, 'wx', 0o644);
    try {
      await file.writeFile(octets);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The lines of a file that there may be; those that cannot be read are passed over. */
async function linesOf<T>(root: string, name: string, parse: (line: string) => T | undefined): Promise<T[]> {
  try {
    return parseLines(await readFile(join(root, name), 'utf8'), parse).items;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function statusOf(active: ActiveGroup | undefined): GroupStatusFlag | undefined {
  const { status } = active ?? {};
  if (status === 'y' || status === 'n' || status === 'm' || status === 'x' || status === 'j') return status;
  return status?.startsWith('=') ? `=${status.slice(1)}` : undefined;
}
