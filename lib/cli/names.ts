/** What files are called that have no name from their user. */
import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { safeName } from '../core/safe-name.ts';
import { decodeText } from '../core/url.ts';
import { hasCode } from '../message/storage.ts';
import { placeOf, type Task } from './task.ts';

/** The names of `-O` in one run, which two targets do not share. */
export class Names {
  readonly #written = new Set<string>();

  /** The last segment of a path. Throws UsageError (`unsafe-name`), also where the file is another target's. */
  async ofPath(path: string, folder: string): Promise<string> {
    const [file = ''] = path.split('?', 1);
    const name = safeName(decodeText(file.slice(file.lastIndexOf('/') + 1)));
    const whole = join(folder, name);
    if (this.#written.has(fold(whole))) {
      throw new UsageError('another target of this run has written the file of that name: use -o', {
        reason: 'unsafe-name',
      });
    }
    await refuseTwin(name, folder);
    return whole;
  }

  /** It is there. */
  add(path: string): void {
    this.#written.add(fold(path));
  }
}

/**
 * The names of the messages of one container: `id-mark.eml`, where the mark is that of the container, for an id is good
 * for one only. A file that is there is no other message's to replace: the next one is `id-mark-2.eml`.
 */
export class MessageNames {
  readonly #mark: string;
  /** The last number of a name, where it has been wanted more than once. */
  readonly #last = new Map<string, number>();

  constructor(task: Task) {
    this.#mark = digest(placeOf(task)).slice(0, 8);
  }

  async ofUid(uid: string, folder: string): Promise<string> {
    const stem = `${wordOf(uid)}-${this.#mark}`;
    for (let number = this.#last.get(stem) ?? 1; ; number++) {
      const path = join(folder, safeName(`${stem}${number === 1 ? '' : `-${number}`}.eml`));
      if (await isThere(path)) continue;
      if (number > 1) this.#last.set(stem, number);
      return path;
    }
  }
}

/** An identifier that a server gave: its digest, where it could be anything but plain. */
function wordOf(uid: string): string {
  const plain = /^[A-Za-z0-9][A-Za-z0-9._@=+-]{0,100}$/.test(uid);
  return plain ? uid : digest(uid);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Where `a.txt` and `A.TXT` are one file, the second must not replace the first. */
async function refuseTwin(name: string, folder: string): Promise<void> {
  const twin = (await readdir(folder || '.')).find((other) => other !== name && fold(other) === fold(name));
  if (twin !== undefined) {
    throw new UsageError('there is a file whose name differs in case only: use -o', { reason: 'unsafe-name' });
  }
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
