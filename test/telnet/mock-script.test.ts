import { expect } from 'chai';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { rejection } from '../helpers.ts';
import { play } from './mock.ts';

const ROUTER = {
  banner: 'User Access Verification\n',
  users: { admin: 'sesame', guest: '' },
  login: { user: 'Username: ' },
  motd: 'Welcome.',
  prompt: 'router> ',
  commands: {
    show: '% Incomplete command.',
    'show version': 'Version 1.2\nUptime is 3 weeks\n',
    'show clock': () => '12:00:00',
    ping: (_: unknown, words: readonly string[]) => `${words.length}: ${words.join('|')}`,
    line: (_: unknown, __: unknown, line: string) => `<${line}>`,
    octets: () => Buffer.from([0x41, 0xff, 0x0d, 0x42]),
    parts: () => ['a\n', 'b\n'],
    nothing: () => {},
  },
};

/** A login that is accepted. */
const IN = `
  S: User Access Verification
  S| Username: 
  C: admin
  S| Password: 
  C: sesame
  S: Welcome.
  S| router> 
`;

describe('A script of a Telnet server', () => {
  it('greets, asks for a user and a password, answers commands, and ends with exit', async () => {
    await play(
      ROUTER,
      {},
      `${IN}
      C: show version
      S: Version 1.2
      S: Uptime is 3 weeks
      S| router> 
      C: exit
      S: logout
      *: close`,
    );
  });

  it('says neither banner nor message of the day, and asks nobody, where it has none', async () => {
    await play(
      {},
      {},
      `
      S| $ 
      C: what is this
      S: what: unknown command
      S| $ 
      C: logout
      S: logout
      *: close`,
    );
  });

  it('takes the longest name that a line begins with, and the words behind it', async () => {
    await play(
      ROUTER,
      {},
      `${IN}
      C: show   clock  now
      S: 12:00:00
      S| router> 
      C: show
      S: % Incomplete command.
      S| router> 
      C: show me
      S: % Incomplete command.
      S| router> 
      C: ping a  b
      S: 2: a|b
      S| router> 
      C:  line x  y
      S: < line x  y>
      S| router> 
      C: 
      S| router> 
      C: nothing
      S| router> `,
    );
  });

  it('says octets as they are, but for IAC and a lone CR, and parts one after the other', async () => {
    await play(
      ROUTER,
      {},
      `${IN}
      C: octets
      S| A\\xff\\xff\\r\\0Brouter> 
      C: parts
      S: a
      S: b
      S| router> `,
    );
  });

  it('refuses a wrong password three times, and then ends', async () => {
    const wrong = `
      S| Username: 
      C: admin
      S| Password: 
      C: wrong
      S: Login incorrect`;
    await play(ROUTER, {}, `S: User Access Verification${wrong}${wrong}${wrong}\n*: close`);
  });

  it('asks an empty user again, and refuses one that nobody knows, and one that every object has', async () => {
    await play(
      ROUTER,
      {},
      `
      S: User Access Verification
      S| Username: 
      C: 
      S| Username: 
      C: nobody
      S| Password: 
      C: sesame
      S: Login incorrect
      S| Username: 
      C: constructor
      S| Password: 
      C: x
      S: Login incorrect
      S| Username: 
      C: guest
      S| Password: 
      C: 
      S: Welcome.
      S| router> `,
    );
  });

  it('has its own words, and as many tries as it says', async () => {
    await play(
      { ...ROUTER, banner: undefined, login: { user: 'U:', password: 'P:', incorrect: 'No.', tries: 1 } },
      {},
      `
      S| U:
      C: admin
      S| P:
      C: x
      S: No.
      *: close`,
    );
  });

  it('has a prompt that is made for each line, and words for lines that it does not know', async () => {
    let count = 0;
    await play(
      { prompt: () => `${++count}> `, unknown: (_, words) => `no ${words.join(' ')}`, farewell: 'bye' },
      {},
      `
      S| 1> 
      C: a b
      S: no a b
      S| 2> 
      C: quit
      S: bye
      *: close`,
    );
  });

  it('lets exit mean something else', async () => {
    await play(
      { commands: { exit: 'You are not in.' } },
      {},
      `
      S| $ 
      C: exit
      S: You are not in.
      S| $ `,
    );
  });

  it('takes everything that is said at once, and answers in order', async () => {
    const server = await play(
      ROUTER,
      {},
      `
      C| admin\\r\\nsesame\\r\\nshow version\\r\\nexit\\r\\n
      S: User Access Verification
      S: Username: Password: Welcome.
      S: router> Version 1.2
      S: Uptime is 3 weeks
      S: router> logout
      *: close`,
    );
    expect(`${server.transcript}`).to.include('C: admin\nS: Password: \nC: ***\n');
    expect(`${server.transcript}`).not.to.include('sesame');
  });

  it('shows no password in its transcript, not where it is typed again elsewhere either', async () => {
    const server = await play(
      ROUTER,
      {},
      `${IN}
      C: what is sesame
      S: what: unknown command
      S| router> `,
    );
    expect(`${server.transcript}`)
      .to.include('C: ***\n')
      .and.to.include('C: what is ***\n')
      .and.not.to.include('sesame');
  });

  it('says who may log in: the first', async () => {
    await using server = await TelnetMockServer.start(ROUTER);
    expect(server.login).to.deep.equal({ user: 'admin', password: 'sesame' });
    await using open = await TelnetMockServer.start({});
    expect(open.login).to.equal(undefined);
  });

  it('ends a session in which nothing is typed, and says so', async () => {
    await play(
      { idle: 20 },
      {},
      `
      S| $ \\r\\ntimed out waiting for input: auto-logout\\r\\n
      *: close`,
    );
  });

  it('gives what a command throws to whoever closes the server', async () => {
    const crash = new Error('a mistake in the test');
    const server = await TelnetMockServer.start({
      commands: {
        crash: () => {
          throw crash;
        },
      },
    });
    const { connect } = await import('node:net');
    const socket = connect(server.port, '127.0.0.1').resume();
    socket.end('crash\r\n');
    await new Promise((resolve) => socket.on('close', resolve));
    expect(await rejection(server.close())).to.equal(crash);
  });
});
