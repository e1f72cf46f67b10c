import { realpath, stat } from 'node:fs/promises';
import type { Pop3Fixture, Spool } from './fixture.ts';
import { MaildirSpool } from './server/maildir.ts';
import { MboxSpool } from './server/mbox.ts';

/**
 * Serves the messages of a Maildir (a folder) or of a mailbox in one file (mboxrd), as they are when a session begins;
 * what is deleted is deleted there. Throws UsageError for what is neither, and the error of the file system.
 */
export async function folderFixture(path: string): Promise<Pop3Fixture> {
  const real = await realpath(path);
  const spool: Spool = (await stat(real)).isDirectory() ? new MaildirSpool(real) : new MboxSpool(real);
  // what cannot be served is better known before anybody asks
  await spool.open();
  return { messages: spool };
}
