import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { certificate } from '../../lib/mock/certificate.ts';
import { type ConnectTarget, connect } from '../../lib/net/connect.ts';
import { type Listening, type ListenOptions, listen } from '../../lib/net/listen.ts';
import { rejection } from '../helpers.ts';

describe('connect', () => {
  let server: Listening | undefined;
  const start = async (options: ListenOptions = {}): Promise<Listening> => {
    server = await listen(options, (connection) => connection.writeText('welcome\r\n'));
    return server;
  };
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  it('takes a host and a port, in every spelling', async () => {
    const { port, url } = await start();
    const targets: ConnectTarget[] = [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      url,
      new URL(url),
      { host: '127.0.0.1', port },
    ];
    for (const target of targets) {
      const connection = await connect(target);
      expect(await connection.readLine(), String(target)).to.equal('welcome');
      expect(connection.peer).to.deep.equal({ address: '127.0.0.1', port });
      expect(connection.local.address).to.equal('127.0.0.1');
      expect(connection.secure).to.equal(false);
      await connection.close();
    }
  });

  it('knows its ends also after it has been closed', async () => {
    const { port } = await start();
    const connection = await connect({ host: '127.0.0.1', port });
    const { peer, local } = connection;
    await connection.close();
    expect([connection.peer, connection.local]).to.deep.equal([peer, local]);
  });

  it('secures the connection for tls:', async () => {
    const { cert, key, ca } = certificate();
    const { port, url } = await start({ tls: { cert, key } });
    for (const target of [url, { host: 'localhost', port, tls: true }]) {
      const connection = await connect(target, { tls: { ca } });
      expect(connection.secure).to.equal(true);
      expect(connection.peer.port).to.equal(port);
      expect(await connection.readLine()).to.equal('welcome');
      await connection.close();
    }
    expect(await rejection(connect(url)))
      .to.be.instanceOf(ConnectionError)
      .and.to.include({ reason: 'tls' });
  });

  it('connects to a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'netkit-'));
    const path = join(folder, 'socket');
    try {
      const { url } = await start({ unixSocket: path });
      for (const target of [url, { unixSocket: path }]) {
        const connection = await connect(target);
        expect(await connection.readLine()).to.equal('welcome');
        await connection.close();
      }
    } finally {
      await server?.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what is no target', async () => {
    for (const target of [
      'somewhere',
      'http://host:80',
      'tcp://host',
      'tcp://user@host:1',
      'host:1/path',
      'unix:',
      'host:0',
    ]) {
      expect(await rejection(connect(target)), target).to.be.instanceOf(UsageError);
    }
  });

  it('says that nobody listens', async () => {
    const { port, close } = await start();
    await close.call(server);
    const error = await rejection(connect({ host: '127.0.0.1', port }));
    expect(error).to.be.instanceOf(ConnectionError).and.to.include({ reason: 'connect', port });
  });

  it('is ended by its signal, before and after', async () => {
    const { port } = await start();
    const reason = new Error('enough');
    expect(await rejection(connect({ host: '127.0.0.1', port }, { signal: AbortSignal.abort(reason) }))).to.equal(
      reason,
    );
    const controller = new AbortController();
    const connection = await connect({ host: '127.0.0.1', port }, { signal: controller.signal });
    await connection.readLine();
    controller.abort(reason);
    expect(await rejection(connection.readLine())).to.equal(reason);
  });
});
