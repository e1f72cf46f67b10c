import { expect } from 'chai';
import { type MockOptions, MockServer, Session, type SessionParts, serveCommands } from '../../lib/mock/server.ts';
import { connect } from '../../lib/net/connect.ts';
import { ask } from './lines.ts';

/** Whose clients say secrets. */
class SecretSession extends Session {
  override shown(line: string): string {
    return line.replace(/^(secret) .*/i, '$1 ***');
  }
}

class SecretServer extends MockServer<SecretSession> {
  static async start(options: MockOptions = {}): Promise<SecretServer> {
    return new SecretServer({ scheme: 'tcp' }, options).listen();
  }

  protected override begin(parts: SessionParts): SecretSession {
    return new SecretSession(parts);
  }

  protected override async converse(session: SecretSession): Promise<void> {
    await serveCommands(session, {
      '*': async (_, words) => {
        await session.say('+OK');
        await session.reply(Buffer.from(`${words.join(' ')}\r\n`));
      },
      TLS: async () => {
        await session.say('go');
        await session.upgradeToTls();
      },
    });
  }
}

describe("A session's replies", () => {
  it('go out together where they are said together', async () => {
    const server = await SecretServer.start();
    const connection = await connect(server.url);
    const chunks: string[] = [];
    await connection.writeText('a 1\r\nb 2\r\nc 3\r\n');
    while (chunks.join('').length < 24) chunks.push((await connection.read())?.toString() ?? '');
    expect(chunks).to.deep.equal(['+OK\r\n1\r\n+OK\r\n2\r\n+OK\r\n3\r\n']);
    await connection.close();
    await server.close();
  });

  it('are out before TLS begins', async () => {
    const server = await SecretServer.start({ tls: 'upgrade' });
    const connection = await connect(server.url.replace('127.0.0.1', 'localhost'), { tls: { ca: server.ca } });
    await connection.writeText('tls\r\n');
    expect(await connection.readLine()).to.equal('go');
    await connection.upgradeToTls();
    await connection.writeText('x y\r\n');
    expect(await connection.readLine()).to.equal('+OK');
    await connection.close();
    await server.close();
  });
});

describe("A session's transcript", () => {
  it('shows the lines of its client as the session says', async () => {
    const server = await SecretServer.start();
    const fault = server.faults.add({ match: /hunter2/, reply: 'no' })[0];
    expect(await ask(server.url, 'SECRET hunter2', 'secret swordfish', 'plain words')).to.contain(
      'no\r\n+OK\r\nswordfish',
    );
    await server.close();
    expect(server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text)).to.deep.equal([
      'SECRET ***',
      'secret ***',
      'plain words',
    ]);
    // what is shown is not what faults see
    expect(fault?.hits).to.equal(1);
  });
});
