/**
 * Fetches what is new in a maildrop into a Maildir, and remembers it in a file. Nothing is deleted.
 *
 *     npx tsx examples/new-mail.ts pop3s://user:password@mail.example.org/ ~/Maildir
 */
import { createWriteStream } from 'node:fs';
import { appendFile, mkdir, readFile, rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pop3 } from 'netkit';

const [, , url = 'pop3://user:password@127.0.0.1:1110/', maildir = 'Maildir'] = process.argv;
for (const part of ['tmp', 'new', 'cur']) await mkdir(join(maildir, part), { recursive: true });

const memory = join(maildir, '.fetched');
const before = new Set((await readFile(memory, 'utf8').catch(() => '')).split('\n'));
let count = 0;

for await (const message of pop3.fetchAll(url, { known: (uid) => before.has(uid) })) {
  // a message is written under tmp, and is one when it stands under new
  const name = `${Date.now()}.${process.pid}_${++count}.${hostname()}`;
  await pipeline(message.stream(), createWriteStream(join(maildir, 'tmp', name), { flags: 'wx', flush: true }));
  await rename(join(maildir, 'tmp', name), join(maildir, 'new', name));
  await appendFile(memory, `${message.meta['uid']}\n`);
}
console.log(`${count} new`);
