/**
 * Deletes the messages of a maildrop that are older than some days.
 *
 *     npx tsx examples/delete-old-mail.ts pop3s://user:password@mail.example.org/ 30
 */
import { pop3 } from 'netkit';

const [, , url = 'pop3://user:password@127.0.0.1:1110/', days = '30'] = process.argv;
const limit = Date.now() - Number(days) * 24 * 60 * 60 * 1_000;

const client = await pop3.connect(url);
try {
  for await (const { path, modified, meta } of client.list('/', { headers: true })) {
    if (modified === undefined || modified.getTime() >= limit) continue;
    await client.remove(path);
    console.log(`${modified.toISOString().slice(0, 10)} ${meta['subject']}`);
  }
} catch (error) {
  // leaves without QUIT: then nothing is deleted
  await client.abandon();
  throw error;
}
const { size } = client.deleted;
// only now they are deleted: close throws where the server does not say so
await client.close();
console.log(`${size} deleted`);
