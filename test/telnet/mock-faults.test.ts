import { connect } from 'node:net';
import { expect } from 'chai';
import type { Fault } from '../../lib/mock/faults.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { playAgainst, QUIET } from './mock.ts';

const SCRIPT = {
  banner: 'Hello.',
  users: { ann: 'secret' },
  motd: 'In.',
  commands: { say: (_: unknown, words: readonly string[]) => words.join(' ') },
};
const IN = `
  S: Hello.
  S| login: 
  C: ann
  S| Password: 
  C: secret
  S: In.
  S| $ `;

/** Plays a dialogue against a server in which this goes wrong; gives its transcript. */
async function playFaulty(fault: Fault, dialogue: string): Promise<string> {
  await using server = await TelnetMockServer.start(SCRIPT, QUIET);
  server.faults.add(fault);
  await playAgainst(server, dialogue);
  return `${server.transcript}`;
}

describe('What goes wrong at a Telnet server when it is told to', () => {
  it('befalls the greeting', async () => {
    await playFaulty({ verb: 'greeting', reply: 'Busy.' }, 'S: Busy.\nS| login: ');
    await playFaulty({ verb: 'greeting', reply: 'Busy.', hangUp: true }, 'S: Busy.\n*: close');
    await playFaulty({ verb: 'greeting', truncate: 3 }, 'S| Hel\n*: close');
    await playFaulty({ verb: 'greeting', garbage: Buffer.of(255, 255, 0) }, 'S| \\xff\\xff\\0Hello.\\r\\nlogin: ');
    await playFaulty({ hangUp: true }, '*: close');
    await playFaulty({ reset: true }, '*: reset');
  });

  it('befalls the name of a user, and the password', async () => {
    const asked = 'S: Hello.\nS| login: \nC: ann\n';
    await playFaulty({ verb: 'login', hangUp: true }, `${asked}*: close`);
    await playFaulty({ verb: 'login', truncate: 4 }, `${asked}S| Pass\n*: close`);
    const said = await playFaulty({ verb: 'password', reset: true }, `${asked}S| Password: \nC: secret\n*: reset`);
    expect(said).not.to.include('secret');
    await playFaulty(
      { verb: 'password', reply: 'Login incorrect' },
      `${asked}S| Password: \nC: secret\nS: Login incorrect\nS| login: `,
    );
  });

  it('befalls a command, by its verb, and then the session goes on where it can', async () => {
    await playFaulty({ verb: 'say', reply: '% Error' }, `${IN}\nC: say a\nS: % Error\nS| $ \nC: say b\nS: b`);
    await playFaulty({ verb: 'say', nth: 2, truncate: 2 }, `${IN}\nC: say a\nS: a\nS| $ \nC: say bcd\nS| bc\n*: close`);
    await playFaulty({ verb: 'say', hangUp: true, garbage: 'x' }, `${IN}\nC: say a\nS| xa\\r\\n\n*: close`);
    await playFaulty({ verb: 'say', terminator: '|' }, `${IN}\nC: say a\nS| a|$ `);
    await playFaulty({ verb: 'say', drip: 1 }, `${IN}\nC: say abc\nS: abc\nS| $ `);
    await playFaulty({ verb: 'say', delay: 5 }, `${IN}\nC: say abc\nS: abc\nS| $ `);
    await playFaulty({ verb: 'exit', reset: true }, `${IN}\nC: exit\n*: reset`);
  });

  it('says octets as they are: commands of the protocol too', async () => {
    await playFaulty(
      { verb: 'say', reply: Buffer.of(255, 253, 24, 255) },
      `${IN}\nC: say a\nS| \\xff\\xfd\\x18\\xff$ `,
    );
  });

  it('befalls a session that is silent, until the client has had enough', async () => {
    await using server = await TelnetMockServer.start(SCRIPT, QUIET);
    server.faults.add({ verb: 'login', stall: true });
    const socket = connect(server.port, '127.0.0.1');
    socket.resume().write('ann\r\n');
    await server.waitFor('fault: stall');
    socket.end();
    await new Promise((resolve) => socket.once('close', resolve));
  });
});
