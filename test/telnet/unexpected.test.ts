import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ConnectionError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { Expectation } from '../../lib/telnet/expect.ts';
import type { TelnetFixture } from '../../lib/telnet/fixture.ts';
import { telnet } from '../../lib/telnet/index.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { PASSWORD_PROMPT, REFUSAL, USER_PROMPT } from '../../lib/telnet/prompt.ts';
import { withSocket } from './talk.ts';

const DO_MCCP2 = Buffer.of(255, 253, 86);
const WILL_MCCP3 = Buffer.of(255, 251, 87);

/** A body that ends where a script has found its last prompt, of a server that says these octets. */
async function bodyOf(octets: Buffer, charset?: string): Promise<string> {
  return withSocket(
    (socket) => socket.write(octets),
    async (url) => {
      await using client = await telnet.connect(url, { charset });
      const resource = await client.fetch('/', { script: [{ expect: 'o' }, { expect: '$ ' }] });
      const body = Buffer.from(await resource.bytes()).toString('latin1');
      assert.equal(resource.complete, true);
      return body;
    },
  );
}

describe('A body that ends with a prompt', () => {
  const behind = [
    ['nothing', ''],
    ['text', 'more'],
    ['what is no UTF-8', '\xff\xff\xfe'],
    ['half of a character', '\xc3'],
    ['a character of several octets', '\xe2\x82\xac'],
  ] as const;
  for (const [what, octets] of behind)
    it(`is whole, and has nothing of what is behind it: ${what}`, async () => {
      assert.equal(await bodyOf(Buffer.from(`hello \xc3\xa9 \xfe$ ${octets}`, 'latin1')), 'hello \xc3\xa9 \xfe$ ');
    });

  it('is so in a character set that cannot write what came', async () => {
    assert.equal(await bodyOf(Buffer.from('hello \x81$ \x81\x8d', 'latin1'), 'windows-1252'), 'hello \x81$ ');
  });
});

describe('A Telnet client to which the unexpected happens', () => {
  it('can be read after a silence that is no duration', async () => {
    await withSocket(
      (socket) => socket.write('hi'),
      async (url) => {
        await using client = await telnet.connect(url);
        const dialogue = await client.open();
        await assert.rejects(dialogue.readUntilIdle(-1), UsageError);
        assert.equal((await dialogue.waitFor('hi')).text, 'hi');
      },
    );
  });

  it('writes in the character set that was agreed on last, also where an earlier one had to be loaded', async () => {
    const request = (name: string): Buffer =>
      Buffer.concat([Buffer.of(255, 250, 42, 1), Buffer.from(`;${name}`), Buffer.of(255, 240)]);
    await withSocket(
      (socket) => {
        socket.write(Buffer.concat([Buffer.of(255, 251, 42), request('cp865'), request('UTF-8'), Buffer.from('é$')]));
      },
      async (url) => {
        await using client = await telnet.connect(url);
        const dialogue = await client.open();
        assert.equal((await dialogue.waitFor('$')).text, 'é$');
        assert.equal(dialogue.charset, 'UTF-8');
      },
    );
  });

  it('says that the connection is lost where what it sends is compressed, and can be ended', async () => {
    await withSocket(
      (socket) => {
        socket.write(WILL_MCCP3);
        socket.once('data', () => socket.resetAndDestroy());
      },
      async (url) => {
        await using client = await telnet.connect(url, { compress: true });
        const dialogue = await client.open();
        await assert.rejects(dialogue.readToEnd(), ConnectionError);
        await assert.rejects(dialogue.writeBytes(Buffer.from('x')), ConnectionError);
        await dialogue.end();
      },
    );
  });

  it('says in the clear that it compresses, also where it had just ended that', async () => {
    const heard: Buffer[] = [];
    await withSocket(
      (socket) => {
        socket.on('data', (octets) => heard.push(octets));
        socket.write(WILL_MCCP3);
        // WONT, WILL: in one piece
        socket.once('data', () => socket.write(Buffer.of(255, 252, 87, 255, 251, 87)));
        setTimeout(() => socket.end(), 200);
      },
      async (url) => {
        await using client = await telnet.connect(url, { compress: true });
        await (await client.open()).readToEnd();
      },
    );
    const said = Buffer.from('fffd57fffa57fff0', 'hex').toString('latin1');
    assert.equal(Buffer.concat(heard).toString('latin1').split(said).length, 3);
  });

  it('does not show a password that was asked for and that the server shows', async () => {
    const transcript = new Transcript();
    await withSocket(
      (socket) => {
        socket.write('Password: ');
        socket.pipe(socket);
      },
      async (url) => {
        await using client = await telnet.connect(url, { transcript });
        const dialogue = await client.open();
        await dialogue.waitFor('Password: ');
        await dialogue.write('hunter2\n');
        await dialogue.waitFor('hunter2\r\n');
      },
    );
    assert.equal(`${transcript}`, 'S: Password: \nC: ***\nS: ***');
  });

  it('looks for the prompts of a login without a search for each character', () => {
    const expectation = new Expectation([USER_PROMPT, PASSWORD_PROMPT, REFUSAL]);
    const began = process.cpuUsage().user;
    for (let i = 0; i < 64; i++) expectation.feed('login\xa0'.repeat(2730));
    assert.ok(process.cpuUsage().user - began < 1_000_000);
  });
});

/** A server that asks for a login, and says something behind the password, which goes on for ever. */
async function greeted<T>(said: (socket: Socket) => void, work: (url: string) => Promise<T>): Promise<T> {
  return withSocket((socket) => {
    socket.write('login: ');
    socket.once('data', () => {
      socket.write('Password: ');
      socket.once('data', () => said(socket));
    });
  }, work);
}

const LOGIN = { user: 'joe', password: new Secret('x') };

/** Again and again, until the socket is closed. */
function repeat(socket: Socket, octets: string | Uint8Array, every: number): void {
  const timer = setInterval(() => socket.write(octets), every);
  socket.once('close', () => clearInterval(timer));
}

describe('A login', () => {
  for (const prompt of ['$ ', 'joe@host:~$ ', '[joe@host]# ', 'router#', 'router(config)# ', 'C:\\>'])
    it(`is over with the prompt of a shell, and waits for nothing more: ${prompt}`, async () => {
      await greeted(
        (socket) => socket.write(`\r\nWelcome\r\n${prompt}`),
        async (url) => {
          await using client = await telnet.connect(url, LOGIN);
          // a machine may have something else to do; but not five times
          let shortest = Number.POSITIVE_INFINITY;
          for (let i = 0; i < 5; i++) {
            const began = performance.now();
            const dialogue = await client.open();
            shortest = Math.min(shortest, performance.now() - began);
            assert.equal(dialogue.available(), `Welcome\r\n${prompt}`);
          }
          assert.ok(shortest < 95, `${shortest}`);
        },
      );
    });

  for (const words of ['# Access denied', '% Login invalid', '>>> Login incorrect'])
    it(`is refused by words that come one octet at a time, behind what might be a prompt: ${words}`, async () => {
      await greeted(
        (socket) => {
          const octets = [...`\r\n${words}\r\n`];
          const timer = setInterval(() => {
            const next = octets.shift();
            if (next === undefined) clearInterval(timer);
            else socket.write(next);
          }, 2);
        },
        async (url) => {
          await using client = await telnet.connect(url, LOGIN);
          await assert.rejects(client.open(), ReplyError);
        },
      );
    });

  for (const said of ['Gr\xfc\xdfe\r\n$ ', '$ \xc3', '\xc3\xa9\r\n$ '])
    it(`leaves what comes behind it to a body as it is: ${JSON.stringify(said)}`, async () => {
      await greeted(
        (socket) => {
          socket.write(Buffer.from(`\r\n${said}`, 'latin1'));
          setTimeout(() => socket.end(Buffer.from('\xa9!', 'latin1')), 300);
        },
        async (url) => {
          await using client = await telnet.connect(url, LOGIN);
          const octets = await (await client.fetch('/')).bytes();
          assert.equal(Buffer.from(octets).toString('latin1'), `${said}\xa9!`);
        },
      );
    });

  it('is over where what is said behind it has no end', async () => {
    await greeted(
      (socket) => repeat(socket, '.', 20),
      async (url) => {
        await using client = await telnet.connect(url, LOGIN);
        const dialogue = await client.open();
        assert.match(dialogue.available(), /^\.+$/);
      },
    );
  });
});

describe('A silence', () => {
  it('is one also where the server shows that it lives (NOP)', async () => {
    await withSocket(
      (socket) => {
        socket.write('hello');
        repeat(socket, Buffer.of(255, 241), 20);
      },
      async (url) => {
        await using client = await telnet.connect(url);
        assert.equal(await (await client.fetch('/', { idle: 200 })).text(), 'hello');
        assert.equal((await client.info('/', { idle: 200 })).meta?.['greeting'], 'hello');
      },
    );
  });
});

describe('A message of a game (GMCP)', () => {
  const items = Array.from({ length: 10_000 }, (_, i) => `item ${i}`);
  const message = Buffer.concat([
    ...[Buffer.of(255, 250, 201), Buffer.from(`Char.Items.List ${JSON.stringify(items)}`), Buffer.of(255, 240)],
    Buffer.from('$ '),
  ]);

  it('may be longer than other subnegotiations, in parts too', async () => {
    await withSocket(
      (socket) => {
        socket.write(Buffer.of(255, 251, 201));
        socket.once('data', () => socket.write(message));
      },
      async (url) => {
        const heard: unknown[] = [];
        await using client = await telnet.connect(url, {
          gmcp: true,
          onEvent: (event) => event.type === 'gmcp' && heard.push(event.data),
        });
        await (await client.open()).waitFor('$ ');
        assert.deepEqual(heard, [items]);
      },
    );
  });

  it('may not, where nobody agreed on GMCP', async () => {
    await withSocket(
      (socket) => socket.write(message),
      async (url) => {
        await using client = await telnet.connect(url);
        await assert.rejects((await client.open()).waitFor('$ '), { reason: 'limit' });
      },
    );
  });
});

/** A server, and a client of it that says something, and is gone. */
async function struck(fixture: TelnetFixture, said: string): Promise<void> {
  const server = await TelnetMockServer.start(fixture);
  const socket = connect(server.port, server.host);
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  socket.write(DO_MCCP2);
  await server.waitFor('sent SB MCCP2');
  socket.write(said);
  socket.resetAndDestroy();
  await server.close();
}

describe('A Telnet server to which the unexpected happens', () => {
  for (const said of ['exit\r\n', 'big\r\nexit\r\n', ''])
    it(`ends with a client that is lost while it compresses: ${JSON.stringify(said)}`, async () => {
      for (let i = 0; i < 5; i++) await struck({ commands: { big: 'x'.repeat(100_000) } }, said);
    });

  it('answers who asks without end whether it is there (AYT) as fast as that is read, and no more', async () => {
    await using server = await TelnetMockServer.start({}, { asks: [], offers: [], agrees: [] });
    const socket = connect(server.port, server.host);
    let answers = 0;
    socket.on('data', (octets) => {
      answers += octets.toString('latin1').split('[Yes]').length - 1;
    });
    await once(socket, 'connect');
    socket.write(Buffer.alloc(200_000, Buffer.of(255, 246)));
    socket.write('exit\r\n');
    await server.waitFor('S: logout', { timeout: 10_000 });
    assert.ok(answers >= 1 && answers < 10_000, `${answers}`);
    socket.destroy();
  });

  it('keeps no more keys that are commands than it keeps text, while a command runs', async () => {
    let done = (): void => {};
    const over = new Promise<void>((resolve) => {
      done = resolve;
    });
    await using server = await TelnetMockServer.start({ commands: { wait: () => over } }, { agrees: [], asks: [] });
    const socket = connect(server.port, server.host);
    socket.on('error', () => {}).resume();
    await once(socket, 'connect');
    socket.write('wait\r\n');
    await server.waitFor('C: wait');
    const total = 16 * 2 ** 20;
    let written = 0;
    // EC, until nothing more is taken
    while (written < total && socket.writableLength < 2 ** 20) {
      socket.write(Buffer.alloc(65_536, Buffer.of(255, 247)));
      written += 65_536;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const taken = server.sessions[0]?.connection.received ?? 0;
    done();
    socket.destroy();
    assert.ok(taken < 2 ** 20, `${taken}`);
  });
});
