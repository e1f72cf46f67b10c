/** A POP3 server in a test: what a program does when a message cannot be had, and when QUIT is refused. */
import assert from 'node:assert/strict';
import { pop3, ReplyError } from 'netkit';

await using server = await pop3.mock({
  messages: ['Subject: One\n\nfirst\n', { uid: 'second', content: 'Subject: Two\n\nsecond\n' }],
});
const options = { user: 'user', password: 'password' };

// the program under test: stores what it can, deletes what it has stored
async function collect(): Promise<string[]> {
  const stored: string[] = [];
  const client = await pop3.connect(server.url, options);
  const numbers: number[] = [];
  await client.each(
    undefined,
    (octets, number) => {
      stored.push(octets.toString());
      numbers.push(number);
    },
    { refused: () => {} },
  );
  for (const number of numbers) await client.dele(number);
  await client.close();
  return stored;
}

server.faults.add({ verb: 'RETR', reply: '-ERR [SYS/TEMP] the disk is slow today' });
assert.equal((await collect()).length, 1);
assert.equal(server.messages().length, 1);

// nothing is deleted where QUIT is not answered with +OK
server.faults.add({ verb: 'QUIT', reply: '-ERR not now' });
server.deliver('Subject: Three\n\nthird\n');
await assert.rejects(collect, ReplyError);

await server.waitFor('C: QUIT');
for (const { text } of server.transcript.lines.filter(({ text }) => text.startsWith('DELE'))) console.log(text);
