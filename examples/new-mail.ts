/**
 * Fetches what is new in a maildrop into a Maildir, and remembers it in a file. Nothing is deleted.
 *
 *     npx tsx examples/new-mail.ts pop3s://user:password@mail.example.org/ ~/Maildir
 */
import { appendFile, readFile } from 'node:fs/promises';
import { pop3 } from 'netkit';
import { deliver } from 'netkit/message';

const [, , url = 'pop3://user:password@127.0.0.1:1110/', maildir = 'Maildir'] = process.argv;
const memory = `${maildir}.fetched`;
const before = new Set((await readFile(memory, 'utf8').catch(() => '')).split('\n'));

let count = 0;
for await (const message of pop3.fetchAll(url, { known: (uid) => before.has(uid) })) {
  // it is on the disk when this returns, and is remembered then
  await deliver(maildir, message);
  await appendFile(memory, `${message.meta['uid']}\n`);
  count++;
}
console.log(`${count} new`);
