import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type MaildirMessage, readMaildir } from '../../message/maildir.ts';
import { hasCode } from '../../message/storage.ts';
import { isUid } from '../codec.ts';
import type { KeptMessage, Spool } from '../fixture.ts';
import { sizeOf } from './block.ts';
import { UniqueIds } from './memory.ts';

/** A message of a Maildir: a file, which is read when it is asked for. */
class FileMessage implements KeptMessage {
  readonly uid: string;
  /** The name of its file, without flags. */
  readonly name: string;
  readonly #file: MaildirMessage;

  constructor(uid: string, file: MaildirMessage) {
    this.uid = uid;
    this.name = file.name;
    this.#file = file;
  }

  async content(): Promise<Uint8Array> {
    return this.#file.read();
  }
}

/** The messages of a Maildir. Unique ids are the names of their files where they can be, else digests of them. */
export class MaildirSpool implements Spool {
  readonly #folder: string;
  /** What has been found before: of these more may be known by now. */
  #known = new Map<string, FileMessage>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws UsageError for what is no Maildir. */
  async open(): Promise<readonly FileMessage[]> {
    const ids = new UniqueIds();
    const found = new Map<string, FileMessage>();
    for await (const file of readMaildir(this.#folder)) {
      const uid = isUid(file.name) ? file.name : ids.of(file.name);
      const message = this.#known.get(file.name) ?? new FileMessage(uid, file);
      if (await isThere(message)) found.set(file.name, message);
    }
    this.#known = found;
    return [...found.values()];
  }

  /** Removes the files, also where their flags, and so their names, have changed meanwhile. */
  async remove(messages: readonly KeptMessage[]): Promise<void> {
    const gone = new Set(messages.map((message) => (message instanceof FileMessage ? message.name : '')));
    const failures: unknown[] = [];
    for (const part of ['new', 'cur']) {
      for (const entry of await readdir(join(this.#folder, part), { withFileTypes: true })) {
        const [name = ''] = entry.name.split(':', 1);
        if (!entry.isFile() || !gone.has(name)) continue;
        await rm(join(this.#folder, part, entry.name), { force: true }).catch((error) => failures.push(error));
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Reads it, where that was not done before: if it goes during the session, its size stays, and only it is missed. */
async function isThere(message: FileMessage): Promise<boolean> {
  try {
    await sizeOf(message);
    return true;
  } catch (error) {
    return !hasCode(error, 'ENOENT');
  }
}
