import { getEventListeners, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { ConnectionError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { type Dialed, dial } from '../../lib/net/dial.ts';
import { failure } from './failure.ts';
import { fakeWorld } from './fake-socket.ts';
import { deadPort, Loopback } from './loopback.ts';

const EVENTS = ['connect', 'error', 'close', 'data', 'readable', 'timeout', 'lookup'];

function greeter(text: string): Promise<Loopback> {
  return Loopback.start((socket) => void socket.end(text));
}

async function textOf(stream: Duplex): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk;
  return text;
}

function expectUntouched(stream: Duplex): void {
  expect(stream.isPaused()).to.equal(true);
  expect(stream.readableLength).to.equal(0);
  for (const event of EVENTS) expect(stream.listenerCount(event), event).to.equal(0);
}

describe('dial', () => {
  it('gives a connected, paused stream that nothing has been read from', async () => {
    await using server = await greeter('hello');
    const { stream, onread } = await dial({ host: '127.0.0.1', port: server.port });
    await server.accepted;
    await setImmediate();
    expectUntouched(stream);
    expect(onread).to.equal(false);
    expect(await textOf(stream)).to.equal('hello');
  });

  it('puts what is received where the caller wants it', async () => {
    await using server = await greeter('hello');
    const space = Buffer.alloc(16);
    let received = '';
    const { stream, onread } = await dial(
      { host: '127.0.0.1', port: server.port },
      {},
      {
        buffer: () => space,
        callback: (count) => {
          received += space.toString('latin1', 0, count);
          return true;
        },
      },
    );
    await server.accepted;
    await setImmediate();
    expectUntouched(stream);
    expect([onread, received]).to.deep.equal([true, '']);
    stream.resume();
    await once(stream, 'end');
    expect(received).to.equal('hello');
  });

  it('connects to a name by the system resolver', async () => {
    await using server = await greeter('hello');
    const { stream } = await dial({ host: 'localhost', port: server.port });
    expect(await textOf(stream)).to.equal('hello');
  });

  it('connects by no command when only what is public is allowed', async () => {
    const error = await failure(dial({ host: '192.0.1.1', port: 70 }, { via: 'cat', policy: 'public' }));
    expect(error).to.be.instanceOf(UsageError).and.to.include({ reason: 'policy' });
  });

  it('refuses a localAddress that is none, with a family too', async () => {
    const error = await failure(dial({ host: '127.0.0.1', port: 70 }, { family: 4, localAddress: 'eth0' }));
    expect(error).to.be.instanceOf(UsageError);
  });

  for (const host of ['127.1', '0x7f.0.0.1', '2130706433', '017700000001', '127.0.0.1.']) {
    it(`reads ${host} as 127.0.0.1, and asks no resolver`, async () => {
      const world = fakeWorld({}, ({ socket }) => void socket.succeed());
      await dial({ host, port: 70 }, {}, undefined, world);
      expect(world.asked).to.deep.equal([]);
      expect(world.attempts.map((a) => a.host)).to.deep.equal(['127.0.0.1']);
    });
  }

  for (const host of [
    '',
    ' ',
    'a b',
    'a\r\nb',
    'é\r\nb',
    'é/b',
    'é@b',
    'a\0',
    '-oProxyCommand=x',
    '[::1]',
    'a/b',
    'a@b',
    '1.2.3.4.5',
    '256.1.1.1',
    'a:b',
    '*',
  ]) {
    it(`refuses the host ${JSON.stringify(host)}`, async () => {
      const world = fakeWorld({});
      const error = await failure(dial({ host, port: 70 }, {}, undefined, world));
      expect(error).to.be.instanceOf(UsageError);
      expect(world.asked).to.deep.equal([]);
    });
  }

  for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
    it(`refuses the port ${port}`, async () => {
      expect(await failure(dial({ host: '127.0.0.1', port }))).to.be.instanceOf(UsageError);
    });
  }

  for (const connect of [0, -1, Number.NaN]) {
    it(`refuses a timeout of ${connect}`, async () => {
      const error = await failure(dial({ host: '127.0.0.1', port: 70 }, { timeouts: { connect } }));
      expect(error).to.be.instanceOf(UsageError);
    });
  }

  for (const connect of [2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY]) {
    it(`takes a timeout of ${connect} for no limit`, async () => {
      await using server = await greeter('hello');
      const { stream } = await dial({ host: '127.0.0.1', port: server.port }, { timeouts: { connect } });
      stream.destroy();
    });
  }

  it('says that nothing listens there', async () => {
    const port = await deadPort();
    const error = await failure(dial({ host: '127.0.0.1', port }));
    if (!(error instanceof ConnectionError)) throw error;
    expect(error).to.include({ reason: 'connect', phase: 'connect', host: '127.0.0.1', port, temporary: true });
    expect(error.message).to.equal(
      `127.0.0.1 port ${port}: nothing listens there: is the server running, and the port right?`,
    );
    expect(error.cause).to.be.instanceOf(AggregateError).with.nested.property('errors[0].code', 'ECONNREFUSED');
  });

  it('knows a resolver that is not there from a name that is not there', async () => {
    const broken = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
    const error = await failure(
      dial({ host: 'a.example', port: 70 }, {}, undefined, fakeWorld({ 'a.example': broken })),
    );
    expect(error).to.include({ reason: 'resolve', phase: 'resolve', temporary: true });
  });

  it('waits for a resolver no longer than its deadline, and does not hear it afterwards', async () => {
    let late: (() => void) | undefined;
    const world = {
      ...fakeWorld({}),
      lookup: (_h: string, _f: number, found: (e: null, a: string[]) => void) => {
        late = () => found(null, ['127.0.0.1']);
      },
    };
    const error = await failure(dial({ host: 'a.example', port: 70 }, { timeouts: { connect: 40 } }, undefined, world));
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error).to.include({ phase: 'resolve', reason: 'timeout', host: 'a.example', port: 70 });
    late?.();
    await setImmediate();
    expect(world.attempts).to.deep.equal([]);
  });

  it('waits for a connection no longer than its deadline', async () => {
    const world = fakeWorld({});
    const error = await failure(dial({ host: '127.0.0.1', port: 70 }, { timeouts: { connect: 40 } }, undefined, world));
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error).to.include({ phase: 'connect', host: '127.0.0.1', port: 70 });
    expect(world.attempts[0]?.socket.destroyed).to.equal(true);
  });

  it('is aborted before, during the resolution, and during the attempt, and leaves no listener', async () => {
    for (const when of ['before', 'resolve', 'connect'] as const) {
      const controller = new AbortController();
      const abort = (): void => controller.abort(new Error(when));
      const world = fakeWorld({ 'a.example': ['127.0.0.1'] }, when === 'connect' ? abort : undefined);
      if (when === 'before') abort();
      const promise = dial({ host: 'a.example', port: 70 }, { signal: controller.signal }, undefined, world);
      if (when === 'resolve') abort();
      expect(await failure(promise)).to.have.property('message', when);
      expect(world.attempts.map((a) => a.socket.destroyed)).to.deep.equal(when === 'connect' ? [true] : []);
      expect(getEventListeners(controller.signal, 'abort').length).to.equal(0);
    }
  });

  it('leaves no listener at the signal when it succeeds, and is not undone by an abort afterwards', async () => {
    await using server = await greeter('hello');
    const controller = new AbortController();
    const { stream } = await dial({ host: '127.0.0.1', port: server.port }, { signal: controller.signal });
    expect(getEventListeners(controller.signal, 'abort').length).to.equal(0);
    controller.abort();
    expect(await textOf(stream)).to.equal('hello');
  });
});

describe('dial, with options', () => {
  const RESOLVE: readonly (readonly [Readonly<Record<string, string | readonly string[]>>, readonly string[]])[] = [
    [{ 'a.example:70': '127.0.0.9', 'a.example': '127.0.0.8' }, ['127.0.0.9']],
    [{ 'a.example:71': '127.0.0.9', 'a.example': '127.0.0.8' }, ['127.0.0.8']],
    [{ '*': '127.0.0.7', '*:70': ['::1', '127.0.0.6'] }, ['::1', '127.0.0.6']],
    [{ '*': '[::1]' }, ['::1']],
    [{ 'b.example': '127.0.0.9' }, ['127.0.0.1']],
  ];
  for (const [table, addresses] of RESOLVE) {
    it(`resolves by ${JSON.stringify(table)}`, async () => {
      const world = fakeWorld({ 'a.example': ['127.0.0.1'] }, ({ socket }) => void socket.refuse());
      await failure(dial({ host: 'A.example', port: 70 }, { resolve: table }, undefined, world));
      expect(world.attempts.map((a) => a.host)).to.deep.equal(addresses);
    });
  }

  it('refuses to resolve to what is no address', async () => {
    for (const value of ['b.example', '', []]) {
      const error = await failure(dial({ host: 'a.example', port: 70 }, { resolve: { 'a.example': value } }));
      expect(error).to.be.instanceOf(UsageError);
    }
  });

  it('takes only addresses of the family, and of that of the local address', async () => {
    const addresses = ['::1', '127.0.0.1', '::2'];
    for (const [options, hosts] of [
      [{ family: 4 }, ['127.0.0.1']],
      [{ family: 6 }, ['::1', '::2']],
      [{ localAddress: '127.0.0.1' }, ['127.0.0.1']],
      [{ localAddress: '::1' }, ['::1', '::2']],
    ] as const) {
      const world = fakeWorld({ 'a.example': addresses }, ({ socket }) => void socket.refuse());
      await failure(dial({ host: 'a.example', port: 70 }, options, undefined, world));
      expect(world.attempts.map((a) => a.host)).to.deep.equal(hosts);
    }
    const error = await failure(dial({ host: '127.0.0.1', port: 70 }, { family: 6 }));
    expect(error).to.include({ reason: 'resolve' });
    expect(await failure(dial({ host: '127.0.0.1', port: 70 }, { localAddress: 'eth0' }))).to.be.instanceOf(UsageError);
  });

  it('connects from a local address', async () => {
    await using server = await greeter('hello');
    const { stream } = await dial({ host: '127.0.0.1', port: server.port }, { localAddress: '127.0.0.1' });
    expect((await server.accepted).remoteAddress).to.equal('127.0.0.1');
    stream.destroy();
  });

  it('connects to a Unix socket, whatever the host', async function () {
    if (process.platform === 'win32') return this.skip();
    const folder = await mkdtemp(join(tmpdir(), 'dial-'));
    const path = join(folder, 's');
    const world = fakeWorld({});
    try {
      await using _ = await Loopback.start((socket) => void socket.end('hello'), path);
      const space = Buffer.alloc(16);
      const given = { buffer: () => space, callback: () => true };
      const dialed: Dialed = await dial({ host: 'server.example', port: 70 }, { unixSocket: path }, given);
      expectUntouched(dialed.stream);
      expect(dialed.onread).to.equal(true);
      dialed.stream.resume();
      await once(dialed.stream, 'end');
      expect(space.toString('latin1', 0, 5)).to.equal('hello');
      const error = await failure(dial({ host: 'server.example', port: 70 }, { unixSocket: join(folder, 'no') }));
      expect(error).to.include({ reason: 'connect', host: 'server.example', port: 70 });
      expect(error)
        .to.have.property('message')
        .that.matches(/no such socket/);
      expect(world.asked).to.deep.equal([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

// programs without spaces, for there are no quotes
const PIPE = `${process.execPath} -e s=require('net').connect(%p,'%h');process.stdin.pipe(s).pipe(process.stdout)`;
const FAIL = `${process.execPath} -e console.error('no-way-to-%h');process.exitCode=3`;
const LOUD = `${process.execPath} -e b=Buffer.alloc(4e7);process.stdout.write(b)`;
const STUCK = `${process.execPath} -e process.on('SIGTERM',()=>{});setInterval(()=>{},1000);console.log(process.pid)`;

describe('dial via a command', () => {
  it('speaks to its standard input and output, with host and port put in', async () => {
    await using server = await Loopback.start((socket) => void socket.once('data', (d) => socket.end(`you said ${d}`)));
    const { stream, onread } = await dial(
      { host: '127.0.0.1', port: server.port },
      { via: PIPE },
      {
        buffer: () => Buffer.alloc(1),
        callback: () => true,
      },
    );
    expectUntouched(stream);
    expect(onread).to.equal(false);
    stream.write('hello');
    expect(await textOf(stream)).to.equal('you said hello');
  });

  it('carries a large body both ways without loss', async () => {
    await using server = await Loopback.start((socket) => void socket.pipe(socket));
    const { stream } = await dial({ host: '127.0.0.1', port: server.port }, { via: PIPE });
    const sent = Buffer.alloc(3_000_000, 'netkit');
    stream.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(sent)).to.equal(true);
  });

  it('takes no more from a command than is read', async () => {
    const { stream } = await dial({ host: '127.0.0.1', port: 70 }, { via: LOUD });
    stream.pause();
    stream.once('readable', () => {});
    let [before, still] = [0, 0];
    while (still < 200) {
      await setImmediate();
      still = stream.readableLength > 0 && stream.readableLength === before ? still + 1 : 0;
      before = stream.readableLength;
    }
    expect(before).to.be.below(1_000_000);
    let count = 0;
    for await (const chunk of stream) count += chunk.length;
    expect(count).to.equal(4e7);
  });

  it('tells the last words of a command that fails', async () => {
    const { stream } = await dial({ host: 'server.example', port: 70 }, { via: FAIL });
    const error = await failure(textOf(stream));
    expect(error).to.be.instanceOf(ConnectionError);
    expect(error).to.include({ reason: 'closed', host: 'server.example', port: 70, phase: 'connect' });
    expect(error)
      .to.have.property('message')
      .that.matches(/status 3, and said "no-way-to-server.example"/);
  });

  it('says that a command is not there', async () => {
    const error = await failure(dial({ host: 'server.example', port: 70 }, { via: '/no/such/command %h' }));
    expect(error).to.include({
      reason: 'connect',
      phase: 'connect',
      host: 'server.example',
      port: 70,
      temporary: false,
    });
    expect(error).to.have.nested.property('cause.code', 'ENOENT');
  });

  it('ends the command when the stream is destroyed, also one that does not want to', async () => {
    const { stream } = await dial({ host: '127.0.0.1', port: 70 }, { via: STUCK });
    stream.resume();
    const [pid] = await once(stream, 'data');
    stream.destroy();
    await gone(Number(pid));
  });

  it('uses no shell', async () => {
    const line = `${process.execPath} -p process.argv.slice(1).join('|') $HOME;ls | %h %%h`;
    const { stream } = await dial({ host: 'a.example', port: 70 }, { via: line });
    expect(await textOf(stream)).to.equal('$HOME;ls|||a.example|%h\n');
  });

  it('refuses a command without words, and one with control characters that would end a word', async () => {
    for (const via of [' ', 'nc\0 %h', 'nc\n%h'])
      expect(await failure(dial({ host: '127.0.0.1', port: 70 }, { via }))).to.be.instanceOf(UsageError);
  });
});

/** Waits until a process is no more, at most five seconds. */
async function gone(pid: number): Promise<void> {
  const began = performance.now();
  while (isThere(pid)) {
    if (performance.now() - began > 5000) {
      process.kill(pid, 'SIGKILL');
      throw new Error(`process ${pid} is still there`);
    }
    await setImmediate();
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
