import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { certificate } from '../../lib/mock/certificate.ts';
import { acceptTls } from '../../lib/net/accept.ts';
import type { Connection } from '../../lib/net/connection.ts';
import { type Handler, type Listening, type ListenOptions, listen } from '../../lib/net/listen.ts';
import { reset } from '../../lib/net/reset.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { rejection } from '../helpers.ts';

/** What a peer says until it ends; rejects when it resets. */
async function said(socket: Socket | TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function event(emitter: Socket | TLSSocket, name: string): Promise<void> {
  await new Promise<void>((resolve) => {
    emitter.once(name, () => resolve());
  });
}

/** A promise, and what settles it. */
function latch(): { readonly open: Promise<void>; release: () => void } {
  let release: () => void = () => {};
  const open = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { open, release };
}

const greet: Handler = async (connection) => connection.writeText('welcome\r\n');
const echo: Handler = async (connection) => {
  for await (const line of connection.lines()) await connection.writeText(`${line}\r\n`);
};

describe('listen', () => {
  let server: Listening | undefined;
  const start = async (options: ListenOptions, handler: Handler): Promise<Listening> => {
    server = await listen(options, handler);
    return server;
  };
  const dialTcp = (): Socket => connectTcp({ port: server?.port ?? 0, host: '127.0.0.1', allowHalfOpen: true });

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('listens at a free port of the loopback interface, and says where', async () => {
    const { host, port, url, address } = await start({}, greet);
    expect(host).to.equal('127.0.0.1');
    expect(port).to.be.greaterThan(0);
    expect(url).to.equal(`tcp://127.0.0.1:${port}`);
    expect(address).to.deep.include({ address: '127.0.0.1', port });
  });

  it('ends the connection when the handler has ended', async () => {
    await start({}, greet);
    expect(await said(dialTcp())).to.equal('welcome\r\n');
  });

  it('gives the handler a server side that knows both ends', async () => {
    let seen: Connection | undefined;
    const transcript = new Transcript();
    await start({ transcript }, async (connection) => {
      seen = connection;
      expect(connection.local.port).to.equal(server?.port);
      expect(connection.peer).to.deep.equal({ address: '127.0.0.1', port: client.localPort });
      await echo(connection);
    });
    const client = dialTcp();
    client.end('hello\r\n');
    expect(await said(client)).to.equal('hello\r\n');
    expect(seen?.received).to.equal(7);
    expect(transcript.toString()).to.equal('C: hello\nS: hello');
  });

  it('lets the peer finish speaking, so that the reply is not lost to a reset', async () => {
    const reply = 'x'.repeat(200_000);
    await start({}, async (connection) => {
      await connection.readLine();
      await connection.writeText(reply);
    });
    const client = dialTcp();
    client.on('error', () => {});
    // The handler reads the first line only; a megabyte stays unread.
    client.write('first\r\n');
    client.write(Buffer.alloc(1_000_000));
    const heard = await said(client);
    client.end();
    expect(heard.length).to.equal(reply.length);
  });

  it('waits for a peer that does not end, but not longer than the close timeout', async () => {
    await start({ timeouts: { close: 50 } }, greet);
    const client = dialTcp();
    let text = '';
    client.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    const gone = event(client, 'close');
    await event(client, 'end');
    expect(text).to.equal('welcome\r\n');
    // who has ended reading learns only by writing that the other end is gone
    client.on('error', () => {});
    const timer = setInterval(() => client.write('still here'), 10);
    await gone;
    clearInterval(timer);
  });

  it('has all the time for its last words when there is no close timeout', async () => {
    const reply = 'x'.repeat(32_000_000);
    await start({ timeouts: { close: Number.POSITIVE_INFINITY } }, async (connection) => {
      void connection.write(Buffer.from(reply)).catch(() => {});
      await connection.close();
    });
    const client = dialTcp();
    expect((await said(client)).length).to.equal(reply.length);
    client.end();
  });

  it('closes without complaint while a client does not read', async () => {
    const big = Buffer.alloc(32_000_000);
    const written = latch();
    const listening = await start({}, async (connection) => {
      const writing = connection.write(big);
      written.release();
      await writing;
    });
    const client = dialTcp();
    client.on('error', () => {});
    await written.open;
    await listening.close();
    expect(listening.connections.size).to.equal(0);
    client.destroy();
  });

  it('serves many at once', async () => {
    const both = latch();
    let here = 0;
    await start({}, async (connection) => {
      if (++here === 2) both.release();
      await both.open;
      await greet(connection);
    });
    expect(await Promise.all([said(dialTcp()), said(dialTcp())])).to.deep.equal(['welcome\r\n', 'welcome\r\n']);
  });

  it('serves one after another when it is told to', async () => {
    const log: string[] = [];
    await start({ concurrency: 1 }, async (connection) => {
      const name = await connection.readLine();
      log.push(`begin ${name}`);
      await connection.writeText(`${name}\r\n`);
      await connection.readLine();
      log.push(`end ${name}`);
    });
    const [first, second] = [dialTcp(), dialTcp()];
    await Promise.all([event(first, 'connect'), event(second, 'connect')]);
    second.write('b\r\nb\r\n');
    first.write('a\r\n');
    await event(first, 'data');
    first.end('a\r\n');
    second.end();
    await Promise.all([said(first), said(second)]);
    expect(log).to.deep.equal(['begin a', 'end a', 'begin b', 'end b']);
  });

  it('goes on to the next when one that waited has gone', async () => {
    const hold = latch();
    await start({ concurrency: 1 }, async (connection) => {
      await hold.open;
      await greet(connection);
    });
    const first = dialTcp();
    await event(first, 'connect');
    const second = dialTcp();
    await event(second, 'connect');
    const third = dialTcp();
    await event(third, 'connect');
    second.resetAndDestroy();
    hold.release();
    expect(await Promise.all([said(first), said(third)])).to.deep.equal(['welcome\r\n', 'welcome\r\n']);
  });

  it('refuses connections beyond maxConnections', async () => {
    const hold = latch();
    await start({ maxConnections: 1 }, async (connection) => {
      await hold.open;
      await greet(connection);
    });
    const first = dialTcp();
    await event(first, 'connect');
    expect(await said(dialTcp())).to.equal('');
    hold.release();
    expect(await said(first)).to.equal('welcome\r\n');
  });

  it('throws the first crash of a handler at close, once', async () => {
    const crash = new RangeError('a mistake in the handler');
    const { close } = await start({}, () => {
      throw crash;
    });
    expect(await said(dialTcp())).to.equal('');
    expect(await rejection(close.call(server))).to.equal(crash);
    await server?.close();
  });

  it('does not take what the peer does wrong for a crash', async () => {
    await start({ maxLine: 10 }, echo);
    const long = dialTcp();
    long.on('error', () => {});
    long.end('longer than ten octets\r\n');
    await event(long.resume(), 'close');
    const reset = dialTcp();
    reset.write('hi\r\n');
    await event(reset, 'data');
    reset.resetAndDestroy();
    await event(reset, 'close');
  });

  it('tells onError, and then keeps nothing', async () => {
    const errors: unknown[] = [];
    await start({ maxLine: 10, onError: (error) => errors.push(error) }, async (connection) => {
      await connection.readLine();
      throw new RangeError('a mistake');
    });
    const [good, long] = [dialTcp(), dialTcp()];
    long.on('error', () => {});
    good.end('hello\r\n');
    await said(good);
    long.end('longer than ten octets\r\n');
    await event(long.resume(), 'close');
    expect(errors[0]).to.be.instanceOf(RangeError);
    expect(errors[1]).to.be.instanceOf(ProtocolError);
  });

  it('ends every connection when it is closed', async () => {
    const failures: unknown[] = [];
    const listening = await start({ onError: (error) => failures.push(error) }, async (connection) => {
      await connection.readLine();
    });
    const client = dialTcp();
    await event(client, 'connect');
    while (listening.connections.size === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([listening.close(), said(client)]);
    expect(listening.connections.size).to.equal(0);
    expect(failures[0]).to.be.instanceOf(ConnectionError);
    const late = dialTcp();
    await event(
      late.on('error', () => {}),
      'close',
    );
  });

  it('names the handlers that do not end', async () => {
    const never = latch();
    const listening = await start({}, async (connection) => {
      await connection.readLine();
      await never.open;
    });
    const client = dialTcp();
    client.write('hello\r\n');
    while ([...listening.connections][0]?.received !== 7) await new Promise((resolve) => setImmediate(resolve));
    const error = await rejection(listening.close());
    expect(error).to.be.instanceOf(TimeoutError);
    expect(String(error)).to.include(`127.0.0.1:${client.localPort} (7 octets received)`);
    client.destroy();
    never.release();
  });

  it('is ended by its signal', async () => {
    const controller = new AbortController();
    const listening = await start({ signal: controller.signal }, echo);
    const client = dialTcp();
    await event(client, 'connect');
    const ended = said(client);
    controller.abort();
    expect(await ended).to.equal('');
    await listening.close();
    expect(await rejection(listen({ signal: controller.signal }, echo))).to.equal(controller.signal.reason);
  });

  it('says what is wrong with an address', async () => {
    const { port } = await start({}, echo);
    const taken = await rejection(listen({ port }, echo));
    expect(taken).to.be.instanceOf(ConnectionError);
    expect(taken).to.include({ reason: 'connect', port });
    expect(String(taken)).to.match(/somebody else does/);
    expect(await rejection(listen({ port: 70_000 }, echo))).to.be.instanceOf(UsageError);
    expect(await rejection(listen({ timeouts: { idle: 0 } }, echo))).to.be.instanceOf(UsageError);
    expect(await rejection(listen({ concurrency: 0 }, echo))).to.be.instanceOf(UsageError);
  });

  it('tells a reset from an end, whoever has asked for the peer before', async () => {
    const errors: unknown[] = [];
    const over = latch();
    const onError = (error: unknown): void => {
      errors.push(error);
      over.release();
    };
    await start({ onError }, async (connection) => {
      expect(connection.peer.port).to.be.greaterThan(0);
      while ((await connection.read()) !== undefined);
      over.release();
    });
    const client = dialTcp();
    client.write('half', () => client.resetAndDestroy());
    await over.open;
    expect(errors[0]).to.be.instanceOf(ConnectionError).and.to.include({ reason: 'reset' });
  });

  it('listens at a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netkit-'));
    const path = join(folder, 'socket');
    try {
      const listening = await start({ unixSocket: path }, echo);
      expect(listening.url).to.equal(`unix:${path}`);
      const client = connectTcp({ path, allowHalfOpen: true });
      client.end('hello\r\n');
      expect(await said(client)).to.equal('hello\r\n');
      await listening.close();
      expect(existsSync(path)).to.equal(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('with TLS', () => {
    const { cert, key, ca } = certificate();
    const dialTls = (options: { ALPNProtocols?: string[] } = {}): TLSSocket =>
      connectTls({ port: server?.port ?? 0, host: '127.0.0.1', ca, ...options });

    it('is secure from the first octet', async () => {
      const { url } = await start({ tls: { cert, key, alpn: ['echo'] } }, echo);
      const client = dialTls({ ALPNProtocols: ['echo'] });
      client.end('hello\r\n');
      expect(await said(client)).to.equal('hello\r\n');
      expect(client.alpnProtocol).to.equal('echo');
      expect(url).to.match(/^tls:/);
    });

    it('gives a peer that shakes no hands only so much time', async () => {
      const failed = latch();
      let error: unknown;
      const onError = (reason: unknown): void => {
        error = reason;
        failed.release();
      };
      await start({ tls: { cert, key }, timeouts: { tls: 50 }, onError }, echo);
      const client = dialTcp();
      await failed.open;
      client.destroy();
      expect(error).to.be.instanceOf(TimeoutError);
      expect(error).to.include({ phase: 'tls' });
    });

    it('notices at once that a peer ends in the middle of the handshake', async () => {
      for (const hello of ['', '\x16\x03\x01\x02\x00\x01']) {
        const failed = latch();
        const errors: unknown[] = [];
        const onError = (reason: unknown): void => {
          errors.push(reason);
          failed.release();
        };
        const listening = await start({ tls: { cert, key }, timeouts: { tls: 3_000 }, onError }, echo);
        const client = dialTcp();
        client.end(hello, 'latin1');
        await failed.open;
        expect(errors[0]).to.be.instanceOf(ConnectionError).and.to.include({ reason: 'tls' });
        client.destroy();
        await listening.close();
      }
    });

    it('can be reset right after the handshake', async () => {
      const done = latch();
      await start({ tls: { cert, key } }, async (connection) => {
        reset(connection.stream);
        await connection.gone;
        done.release();
      });
      const client = dialTls();
      client.on('error', () => {});
      await done.open;
      client.destroy();
    });

    it('closes while a peer shakes no hands', async () => {
      const listening = await start({ tls: { cert, key } }, echo);
      const client = dialTcp();
      await event(client, 'connect');
      expect(await Promise.all([said(client), listening.close()])).to.deep.equal(['', undefined]);
    });

    it('refuses a client without a certificate where one is required', async () => {
      const errors: unknown[] = [];
      await start({ tls: { cert, key, ca, clients: 'required' }, onError: (error) => errors.push(error) }, echo);
      const stranger = dialTls();
      stranger.on('error', () => {});
      stranger.end('hello\r\n');
      await event(stranger.resume(), 'close');
      expect(errors[0]).to.be.instanceOf(ConnectionError).and.to.include({ reason: 'tls' });
    });

    it('refuses a certificate that cannot be used before it listens', async () => {
      expect(await rejection(listen({ tls: { cert: 'nonsense', key } }, echo))).to.be.instanceOf(UsageError);
    });

    it('can begin later, when a command has asked for it', async () => {
      await start({}, async (connection) => {
        expect(await connection.readLine()).to.equal('STARTTLS');
        await connection.writeText('go\r\n');
        await connection.upgrade((stream) => acceptTls(stream, { cert, key }));
        await echo(connection);
      });
      const plain = dialTcp();
      plain.write('STARTTLS\r\n');
      await event(plain, 'data');
      plain.removeAllListeners('data');
      const secured = connectTls({ socket: plain, ca, servername: 'localhost' });
      secured.end('hello\r\n');
      expect(await said(secured)).to.equal('hello\r\n');
    });

    it('does not take what came in the clear for the secured peer', async () => {
      const errors: unknown[] = [];
      await start({ onError: (error) => errors.push(error) }, async (connection) => {
        await connection.readLine();
        await connection.writeText('go\r\n');
        await connection.upgrade((stream) => acceptTls(stream, { cert, key }));
      });
      const plain = dialTcp();
      plain.write('STARTTLS\r\nplanted\r\n');
      expect(await said(plain)).to.equal('go\r\n');
      expect(errors[0]).to.be.instanceOf(ConnectionError).and.to.include({ reason: 'tls-injection' });
    });
  });
});
