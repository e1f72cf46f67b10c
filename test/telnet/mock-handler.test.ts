import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, TimeoutError } from '../../lib/core/errors.ts';
import type { TelnetHandler } from '../../lib/telnet/fixture.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { rejection } from '../helpers.ts';
import { play, playAgainst, QUIET } from './mock.ts';

/** What a session makes of octets that a client says before it ends. */
async function handled<T>(octets: string, work: (session: Parameters<TelnetHandler>[0]) => Promise<T>): Promise<T> {
  let result: Promise<T> | undefined;
  const server = await TelnetMockServer.start(async (session) => {
    result = work(session);
    await result.catch(() => {});
  }, QUIET);
  const socket = connect(server.port, '127.0.0.1').resume();
  socket.end(Buffer.from(octets, 'latin1'));
  await new Promise((resolve) => socket.once('close', resolve));
  await server.close();
  if (!result) throw new Error('nobody came');
  return result;
}

describe('A handler of a Telnet server', () => {
  it('talks with each client as it likes, and when it has ended so does the session', async () => {
    await play(
      async (session) => {
        await session.write('Who?\n');
        const name = await session.readLine({ prompt: '> ' });
        const secret = await session.readLine({ prompt: 'Secret: ', secret: true });
        await session.write(`${name} ${secret?.length}\n`);
      },
      {},
      'S: Who?\nS| > \nC: ann\nS| Secret: \nC: abc\nS: ann 3\n*: close',
    );
  });

  it('has commands, but for those that a fault answers', async () => {
    await using server = await TelnetMockServer.start(async (session) => {
      for (let line = await session.command(); line !== undefined; line = await session.command()) {
        await session.write(`<${line}>\n`);
      }
    }, QUIET);
    server.faults.add({ verb: 'two', reply: 'no' });
    await playAgainst(server, 'C: one\nS: <one>\nC: two x\nS: no\nC: three\nS: <three>');
  });

  it('reads what is typed as it comes, and waits for something in it', async () => {
    expect(await handled('a\x7fb\r\n', (session) => session.read())).to.equal('a\x7fb\n');
    const found = await handled('xx42\r\nrest\r\n', async (session) => {
      const { match, before, groups, index } = await session.waitFor(['never', /(\d+)\n/]);
      return [match, before, groups['1'], index, await session.readLine(), await session.readLine()];
    });
    expect(found).to.deep.equal(['42\n', 'xx', '42', 1, 'rest', undefined]);
  });

  it('is told when the client ends before what it waits for, and when it types too much', async () => {
    expect(await rejection(handled('abc', (session) => session.waitFor('x')))).to.be.instanceOf(ConnectionError);
    const long = 'a'.repeat(70_000);
    const failed = await rejection(handled(long, (session) => session.waitFor('x')));
    expect(failed).to.be.instanceOf(ProtocolError).and.have.property('reason', 'limit');
  });

  it('is told when nothing is typed for too long, and can go on', async () => {
    await play(
      async (session) => {
        session.idle = 5;
        expect(await rejection(session.readLine())).to.be.instanceOf(TimeoutError);
        session.idle = 5_000;
        await session.write(`late\n`);
        await session.write(`${await session.readLine()}\n`);
      },
      {},
      'S: late\nC: a\nS: a\n*: close',
    );
  });

  it('lets a client interrupt what it does, and says whether it has', async () => {
    await play(
      async (session) => {
        const stopped = await session.run(async (signal) => {
          await session.write('running\n');
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        });
        const done = await session.run(async () => session.write('again\n'));
        await session.write(`${stopped} ${done}\n`);
      },
      {},
      'S: running\nC| \\xff\\xf4\nS: again\nS: true false',
    );
  });

  it('sends commands, asks for options, and says octets that are not text', async () => {
    await play(
      async (session) => {
        session.sendCommand('NOP');
        session.request('remote', 31, true);
        await session.write(Buffer.of(255, 65));
        await session.link.put(Buffer.of(255, 246));
        await session.read();
      },
      {},
      'S| \\xff\\xf1\\xff\\xfd\\x1f\\xff\\xffA\\xff\\xf6\nC: x\n*: close',
    );
  });

  it('ends when its client is lost while something runs', async () => {
    let failed: unknown;
    const server = await TelnetMockServer.start(async (session) => {
      failed = await rejection(session.run(() => new Promise(() => {})));
    }, QUIET);
    const socket = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
    while (failed === undefined) await new Promise((resolve) => setImmediate(resolve));
    await server.close();
    expect(failed).to.be.instanceOf(ConnectionError);
  });

  it('is reached by TLS', async () => {
    await using server = await TelnetMockServer.start({ banner: 'Hello.' }, { ...QUIET, tls: 'implicit' });
    expect(server.url).to.match(/^telnets:/);
    await playAgainst(server, 'S: Hello.\nS| $ \nC: exit\nS: logout\n*: close');
  });
});

describe('A Telnet server', () => {
  it('speaks with a thousand clients at once', async function () {
    this.timeout(30_000);
    const server = await TelnetMockServer.start({ unknown: (session) => `${session.id}` }, { host: '127.0.0.1' });
    const sockets = await Promise.all(
      Array.from({ length: 1_000 }, async () => {
        const socket = connect(server.port, '127.0.0.1');
        await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject));
        return socket;
      }),
    );
    const ended = (socket: Socket): Promise<string> =>
      new Promise((resolve) => {
        let text = '';
        socket.on('data', (chunk: Buffer) => {
          text += chunk.toString('latin1');
        });
        socket.once('end', () => resolve(text));
      });
    const all = sockets.map(ended);
    for (const socket of sockets) socket.end('x\r\nexit\r\n');
    const said = new Set(await Promise.all(all));
    await server.close();
    expect(said.size).to.equal(1_000);
  });

  it('says a reply and its prompt in one write', async () => {
    await using server = await TelnetMockServer.start({
      commands: { a: 'one\ntwo\n', b: () => ['three\n', 'four\n'] },
    });
    const socket = connect(server.port, '127.0.0.1');
    const chunk = (): Promise<string> =>
      new Promise((resolve) => socket.once('data', (came: Buffer) => resolve(came.toString('latin1'))));
    await chunk();
    socket.write('a\r\n');
    expect(await chunk()).to.equal('one\r\ntwo\r\n$ ');
    socket.write('b\r\n');
    expect(await chunk()).to.equal('three\r\nfour\r\n$ ');
    socket.end();
  });
});
