import type { Duplex } from 'node:stream';
import { constants, deflateRawSync } from 'node:zlib';
import { expect } from 'chai';
import { ConnectionError, ProtocolError } from '../../lib/core/errors.ts';
import { certificate } from '../../lib/mock/certificate.ts';
import { deflated } from '../../lib/net/deflate.ts';
import { acceptTls, type Connection, connect, type Listening, listen } from '../../lib/net/index.ts';
import { everyCut, rejection } from '../helpers.ts';
import { pair } from '../pair.ts';

const { cert, key, ca } = certificate();

/** What a peer would send: flushed, and never ended. */
const deflate = (text: string | Uint8Array): Buffer => deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH });

const compress = (connection: Connection): Promise<void> => connection.upgrade(async (stream) => deflated(stream));

describe('Compression of a connection', () => {
  let server: Listening;
  afterEach(async () => server?.close());

  /** A server that compresses at once, and does something then. */
  const start = async (work: (connection: Connection) => Promise<void>, tls = false): Promise<Connection> => {
    server = await listen({ timeouts: { close: 100 } }, async (connection) => {
      if (tls) await connection.upgrade((stream) => acceptTls(stream, { cert, key }));
      await connection.writeText('206 go\r\n');
      await connection.readLine();
      await compress(connection);
      await connection.writeText('ready\r\n');
      await work(connection);
    });
    const connection = await connect({ host: '127.0.0.1', port: server.port }, { tls: { ca } });
    if (tls) await connection.upgradeToTls();
    await connection.readLine();
    await connection.writeText('go\r\n');
    await compress(connection);
    expect(await connection.readLine()).to.equal('ready');
    return connection;
  };

  const echo = async (connection: Connection): Promise<void> => {
    for await (const line of connection.lines()) await connection.writeText(`${line}\r\n`);
  };

  for (const tls of [false, true]) {
    it(`carries words both ways at once, each flushed${tls ? ', over TLS' : ''}`, async () => {
      await using connection = await start(echo, tls);
      for (const word of ['one', 'two', 'x'.repeat(5000)]) {
        await connection.writeText(`${word}\r\n`);
        expect(await connection.readLine()).to.equal(word);
      }
      expect(connection.secure).to.equal(tls);
      expect(connection.describe()).to.include({ address: '127.0.0.1', port: server.port, secure: tls });
      expect(connection.peer.port).to.equal(server.port);
    });
  }

  it('carries bodies that are larger than every buffer', async () => {
    const body = Buffer.alloc(3_000_000, 'All the world is a stage, and all the men and women merely players. ');
    for (let at = 0; at < body.length; at += 997) body[at] = at & 255;
    await using connection = await start(async (peer) => {
      const size = Number(await peer.readLine());
      const got = await peer.readExactly(size);
      await peer.write(got);
    });
    await connection.writeText(`${body.length}\r\n`);
    await connection.write(body);
    expect((await connection.readExactly(body.length)).equals(body)).to.equal(true);
  });

  it('ends in good order: what was said last arrives, then the end', async () => {
    await using connection = await start(async (peer) => {
      await peer.readLine();
      await peer.writeText('205 bye\r\n');
    });
    await connection.writeText('QUIT\r\n');
    expect(await connection.readLine()).to.equal('205 bye');
    expect(await connection.read()).to.equal(undefined);
  });

  it('stops a sender whose reader does not read', async () => {
    let sent = 0;
    await using connection = await start(async (peer) => {
      // what cannot be compressed
      const chunk = Buffer.from(Array.from({ length: 65_536 }, (_, i) => (i * 7919 * (i >> 3)) & 255));
      for (; sent < 2_000; sent++) {
        for (let at = 0; at < chunk.length; at += 2) chunk[at] = Math.random() * 256;
        await peer.write(chunk);
      }
    });
    await connection.writeText('go\r\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = sent;
    expect(before).to.be.lessThan(400);
    await connection.readExactly(65_536);
    connection.destroy(new Error('enough'));
  });

  it('is refused where something has come before it', async () => {
    server = await listen({}, async (connection) => connection.writeText('206 go\r\nand more\r\n'));
    await using connection = await connect({ host: '127.0.0.1', port: server.port });
    await connection.readLine();
    expect(await rejection(compress(connection))).to.be.instanceOf(ConnectionError);
  });
});

describe('A stream that is inflated', () => {
  /** Two ends, of which the far one does not mind that the near one is destroyed. */
  const peers = (): [Duplex, Duplex] => {
    const [near, far] = pair();
    far.on('error', () => {});
    return [near, far];
  };

  const read = async (upper: Duplex): Promise<string> => {
    let text = '';
    for await (const chunk of upper) text += chunk;
    return text;
  };

  it('is the same however it comes', async () => {
    for (const chunks of everyCut(deflate('200 hello\r\n200 hello again\r\n'))) {
      const [near, far] = peers();
      const upper = deflated(near);
      for (const chunk of chunks) far.write(chunk);
      far.end();
      expect(await read(upper)).to.equal('200 hello\r\n200 hello again\r\n');
      upper.destroy();
    }
  });

  it('must be DEFLATE', async () => {
    const [near, far] = peers();
    const upper = deflated(near);
    far.write('200 hello, not compressed\r\n');
    expect(await rejection(read(upper)))
      .to.be.instanceOf(ProtocolError)
      .with.property('reason', 'decode');
    expect(near.destroyed).to.equal(true);
  });

  it('may become 1000 times as large, and after 1 MiB no more', async () => {
    const [near, far] = peers();
    const upper = deflated(near);
    far.write(deflateRawSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 }));
    let size = 0;
    const error = await rejection(async () => {
      for await (const chunk of upper) size += chunk.length;
    });
    expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    expect(size).to.be.within(1024 * 1024 - 65_536, 2 * 1024 * 1024);
  });

  it('leaves nothing behind when it is destroyed in the middle', async () => {
    const [near, far] = peers();
    const upper = deflated(near);
    const listeners = near.listenerCount('data') + near.listenerCount('drain');
    far.write(deflate(Buffer.alloc(100_000)));
    upper.write(Buffer.alloc(1_000_000));
    const closed = new Promise((resolve) => upper.once('close', resolve));
    upper.destroy();
    await closed;
    expect(near.destroyed).to.equal(true);
    expect(listeners - near.listenerCount('data') - near.listenerCount('drain')).to.be.greaterThan(0);
  });
});
