import { expect } from 'chai';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { certificate } from '../../lib/mock/certificate.ts';
import { acceptTls, connect, type Listening, listen } from '../../lib/net/index.ts';
import { rejection } from '../helpers.ts';

const { cert, key, ca } = certificate();

describe('an upgrade to TLS', () => {
  let server: Listening;
  let heard = '';
  afterEach(() => server.close());

  /** A server that agrees, and then shakes hands or does nothing. */
  const start = async (shakes: boolean): Promise<{ host: string; port: number }> => {
    heard = '';
    server = await listen({ timeouts: { close: 50 } }, async (connection) => {
      await connection.readLine();
      await connection.writeText('220 go\r\n');
      if (!shakes) {
        for (let chunk = await connection.read(); chunk; chunk = await connection.read())
          heard += chunk.toString('latin1');
        return;
      }
      await connection.upgrade((stream) => acceptTls(stream, { cert, key }));
      for await (const line of connection.lines()) await connection.writeText(`${line}\r\n`);
    });
    return { host: '127.0.0.1', port: server.port };
  };

  it('secures what follows', async () => {
    const connection = await connect(await start(true), { tls: { ca } });
    await connection.writeText('STARTTLS\r\n');
    await connection.readLine();
    await connection.upgradeToTls();
    expect(connection.secure).to.equal(true);
    await connection.writeText('hello\r\n');
    expect(await connection.readLine()).to.equal('hello');
    await connection.close();
  });

  it('keeps what the connection was opened with, unless it is told otherwise', async () => {
    const connection = await connect(await start(true), { tls: { ca, pins: [`${'A'.repeat(43)}=`] } });
    await connection.writeText('STARTTLS\r\n');
    await connection.readLine();
    const error = await rejection(connection.upgradeToTls({ tls: { ca } }));
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'tls');
    await connection.close();
  });

  it('lets nothing be said in the clear while it lasts', async () => {
    const connection = await connect(await start(false), { tls: { ca }, timeouts: { tls: 200 } });
    await connection.writeText('STARTTLS\r\n');
    await connection.readLine();
    const upgrade = rejection(connection.upgradeToTls());
    expect(await rejection(connection.writeText('PASS hunter2\r\n'))).to.be.instanceOf(UsageError);
    expect(await rejection(connection.readLine())).to.be.instanceOf(UsageError);
    expect(await upgrade).to.have.property('code', 'NETKIT_TIMEOUT');
    expect(heard).to.not.contain('hunter2');
    await connection.close();
  });

  it('ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const connection = await connect(await start(false), { tls: { ca }, signal: controller.signal });
    await connection.writeText('STARTTLS\r\n');
    await connection.readLine();
    const upgrade = rejection(connection.upgradeToTls());
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await upgrade).to.equal(reason);
    await connection.close();
  });

  it('is refused when the server has said something in the clear before it', async () => {
    server = await listen({}, async (connection) => {
      await connection.readLine();
      await connection.writeText('220 go\r\n220 planted\r\n');
    });
    const connection = await connect({ host: '127.0.0.1', port: server.port }, { tls: { ca } });
    await connection.writeText('STARTTLS\r\n');
    await connection.readLine();
    const error = await rejection(connection.upgradeToTls());
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'tls-injection');
    await connection.close();
  });
});
