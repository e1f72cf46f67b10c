/** A router that speaks Telnet, in a test: what a program does with it, and what when the line breaks. */
import assert from 'node:assert/strict';
import { ConnectionError, telnet } from 'netkit';

await using router = await telnet.mock({
  banner: 'User Access Verification',
  users: { admin: 'sesame' },
  login: { user: 'Username: ' },
  prompt: 'router> ',
  commands: {
    'show version': 'Version 15.2',
    'show window': ({ client }) => `${client.window?.columns} x ${client.window?.rows}`,
    reload: async (session) => {
      const answer = await session.readLine({ prompt: 'Are you sure? ' });
      return answer === 'yes' ? 'Reloading.' : 'Nothing done.';
    },
  },
});

// the program under test
async function ask(command: string): Promise<string> {
  const script = [{ expect: 'router> ' }, { send: command }, { expect: 'router> ' }];
  const options = { user: 'admin', password: 'sesame', columns: 132, rows: 43 };
  const said = await (await telnet.fetch(router.url, { ...options, script })).text();
  return said.split(/\r?\n/).at(-2) ?? '';
}

assert.equal(await ask('show version'), 'Version 15.2');
assert.equal(await ask('show window'), '132 x 43');

// the answer is cut in the middle
router.faults.add({ verb: 'show', truncate: 4 });
await assert.rejects(() => ask('show version'), ConnectionError);

// a person at the keyboard: a question, and an answer
await using dialogue = await telnet.open(router.url, { user: 'admin', password: 'sesame' });
await dialogue.waitFor('router> ');
await dialogue.writeLine('reload');
await dialogue.waitFor('sure? ');
await dialogue.writeLine('no');
console.log((await dialogue.waitFor('router> ')).before.split('\r\n').at(-2));
