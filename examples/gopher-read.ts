/**
 * Goes through the menus of a Gopher server, and prints every document that is text.
 *
 *     npx tsx examples/gopher-read.ts gopher://HOST:PORT/
 */
import { gopher, ReplyError } from 'netkit';

const client = await gopher.connect(process.argv[2] ?? 'gopher://127.0.0.1:7070/');

for await (const entry of client.walk('/', { depth: 3 })) {
  if (entry.meta['type'] !== '0' || !entry.path.startsWith('/')) continue;
  try {
    const document = await client.fetch(entry.path);
    console.log(`== ${entry.name}`);
    console.log(await document.text());
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    console.log(`== ${entry.name}: ${error.reason}`);
  }
}
