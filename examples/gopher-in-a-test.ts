/** A Gopher server in a test: with what it serves, and with what goes wrong. */
import assert from 'node:assert/strict';
import { ConnectionError, gopher } from 'netkit';
import { Transcript } from 'netkit/testing';

await using server = await gopher.mock({
  '': { menu: ['Welcome', { type: '0', name: 'About', selector: '/about.txt' }] },
  '/about.txt': 'Hello\n',
});

const names: string[] = [];
for await (const entry of gopher.list(server.url)) names.push(entry.name);
assert.deepEqual(names, ['About']);

// the next answer is cut after three octets, by a reset
server.faults.add({ match: /^\/about/, truncate: 3, reset: true });
await assert.rejects(async () => (await gopher.fetch(`${server.url}/0/about.txt`)).text(), ConnectionError);

// and then all is well again
const transcript = new Transcript();
const about = await gopher.fetch(`${server.url}/0/about.txt`, { transcript });
assert.equal(await about.text(), 'Hello\r\n');
console.log(`${transcript}`);
