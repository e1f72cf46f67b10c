import { expect } from 'chai';
import { ConnectionError, ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { ScriptedClient, ScriptedServer, type ScriptedServerOptions } from '../../lib/mock/script.ts';
import { connect } from '../../lib/net/connect.ts';
import type { Connection } from '../../lib/net/connection.ts';
import { rejection } from '../helpers.ts';
import { LineServer } from './lines.ts';

const DIALOGUE = `
  # a greeting, and two commands
  S: hello
  C: say one
  S: one
  C: quit
  S: bye
  *: close
`;

/** Starts a server with a dialogue, lets a client do this, and closes both. */
async function playServer(
  dialogue: string | string[],
  client: (connection: Connection, server: ScriptedServer) => Promise<unknown>,
  options: ScriptedServerOptions = {},
): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(dialogue, { timeouts: { idle: 200, close: 100 }, ...options });
  const connection = await connect({ host: '127.0.0.1', port: server.port });
  await client(connection, server);
  await connection.close();
  await server.close();
  return server;
}

describe('a scripted server', () => {
  it('says its part to a client that says the other', async () => {
    const server = await playServer(DIALOGUE, async (client) => {
      expect(await client.readLine()).to.equal('hello');
      await client.writeText('say one\r\n');
      expect(await client.readLine()).to.equal('one');
      await client.writeText('quit\r\n');
      expect(await client.readLine()).to.equal('bye');
      expect(await client.read()).to.equal(undefined);
    });
    expect(server.transcript.toString()).to.equal('S: hello\nC: say one\nS: one\nC: quit\nS: bye\n*: close');
  });

  it('shows where the client said something else', async () => {
    const error = await rejection(playServer(DIALOGUE, (client) => client.writeText('say two\r\n')));
    expect(error).to.be.instanceOf(ProtocolError);
    expect((error as Error).message).to.equal(
      'line 4 of the dialogue, "C: say one", did not come, but "say two\\r\\n"\n' +
        '  S: hello\n> C: say one\n  S: one\n  C: quit',
    );
  });

  it('minds the line end', async () => {
    const error = await rejection(playServer('C: a', (client) => client.writeText('a\n')));
    expect(String(error)).to.include('did not come, but "a\\n"');
  });

  it('finds a client that ends too soon', async () => {
    const error = await rejection(playServer(DIALOGUE, async (client) => client.readLine()));
    expect(error).to.be.instanceOf(ProtocolError);
    expect(String(error)).to.include('"C: say one", did not come: the peer closed the connection');
  });

  it('finds a client that ends in the middle of a line', async () => {
    const error = await rejection(
      playServer(DIALOGUE, async (client) => {
        await client.readLine();
        await client.writeText('say o');
      }),
    );
    expect(String(error)).to.include('did not come, but "say o"');
  });

  it('finds a client that says nothing', async () => {
    const error = await rejection(
      playServer(DIALOGUE, async (client) => {
        await client.readLine();
        expect(await client.read()).to.equal(undefined);
      }),
    );
    expect(String(error)).to.include('"C: say one", did not come: nothing came for 200 ms');
  });

  it('finds a client that says more', async () => {
    const error = await rejection(
      playServer('C: a\nS: b', async (client) => {
        await client.writeText('a\r\n');
        await client.readLine();
        await client.writeText('c\r\n');
      }),
    );
    expect(String(error)).to.include('was over, and then came "c\\r\\n"');
  });

  it('takes a line that fits a pattern', async () => {
    await playServer('C~ ^EHLO \\S+$\nS: 250 ok', async (client) => {
      await client.writeText('EHLO somewhere\r\n');
      await client.readLine();
    });
    expect(String(await rejection(playServer('C~ ^EHLO', (client) => client.writeText('HELO\r\n'))))).to.include(
      'did not come, but "HELO\\r\\n"',
    );
  });

  it('says and hears exact octets', async () => {
    await playServer('C| a\\x00b\\\\\\t\nS| \\xff\\r\\n\\r\\n.', async (client) => {
      await client.write(Buffer.from('a\0b\\\t'));
      expect((await client.readExactly(6)).toString('latin1')).to.equal('\xff\r\n\r\n.');
    });
  });

  it('plays one dialogue for each connection', async () => {
    await playServer(['S: first', 'S: second'], async (client, { port }) => {
      expect(await client.readLine()).to.equal('first');
      await client.close();
      const other = await connect({ host: '127.0.0.1', port });
      expect(await other.readLine()).to.equal('second');
      await other.close();
    });
    const few = await rejection(playServer(['S: first', 'S: second'], (client) => client.readLine()));
    expect(String(few)).to.include('2 dialogues, and 1 clients came');
  });

  it('resets the connection', async () => {
    await playServer('S: hello\n*: reset', async (client) => {
      await client.readLine();
      expect(await rejection(client.readLine())).to.be.instanceOf(ConnectionError);
    });
  });

  it('speaks TLS, from the beginning and later', async () => {
    await playServer('C: STLS\nS: go\n*: tls\nC: hidden\nS: too', async (client, { ca }) => {
      await client.writeText('STLS\r\n');
      await client.readLine();
      await client.upgradeToTls({ tls: { ca } });
      await client.writeText('hidden\r\n');
      expect(await client.readLine()).to.equal('too');
    });
    const server = await ScriptedServer.start('S: hello', { tls: 'implicit' });
    const client = await connect(`tls://127.0.0.1:${server.port}`, { tls: { ca: server.ca } });
    expect(await client.readLine()).to.equal('hello');
    await client.close();
    await server.close();
  });

  it('refuses a dialogue that cannot be played', async () => {
    for (const dialogue of ['hello', 'S~ pattern', 'C~ (', '*: explode', 'C| \\q', 'S| \\x1']) {
      expect(await rejection(ScriptedServer.start(dialogue)), dialogue).to.be.instanceOf(UsageError);
    }
  });
});

describe('a scripted client', () => {
  const play = async (dialogue: string): Promise<ScriptedClient> => {
    await using server = await LineServer.start({}, { tls: 'upgrade' });
    const client = new ScriptedClient(dialogue);
    await client.play(server.url, { tls: { ca: server.ca }, timeouts: { idle: 200, close: 100 } });
    return client;
  };

  it('says its part to a server that says the other', async () => {
    const { transcript } = await play(DIALOGUE);
    expect(transcript.toString()).to.equal('S: hello\nC: say one\nS: one\nC: quit\nS: bye\n*: close');
  });
  it('shows where the server said something else', async () => {
    const error = await rejection(play('S: hello\nC: say one\nS: two'));
    expect(String(error)).to.include('line 3 of the dialogue, "S: two", did not come, but "one\\r\\n"');
  });
  it('takes a line that fits a pattern', async () => {
    await play('S~ ^hel+o$');
  });
  it('begins TLS', async () => {
    const { transcript } = await play('S: hello\nC: STLS\nS: go\n*: tls\nC: say x\nS: x');
    expect(transcript.toString()).to.include('*: tls\nC: say x');
  });
  it('finds a server that does not end', async () => {
    expect(String(await rejection(play('S: hello\n*: close')))).to.include('"*: close", did not happen');
    expect(String(await rejection(play('S: hello\nC: quit\nS: bye\n*: reset')))).to.include('ended in good order');
    expect(String(await rejection(play('S: hello\nC: quit\n*: close')))).to.include('there came "bye\\r\\n"');
  });
  it('plays against a scripted server from the same text', async () => {
    const text = `${DIALOGUE}`.replace('*: close', 'C| \\x00\nS| \\xfe\n*: reset');
    const server = await ScriptedServer.start(text);
    await new ScriptedClient(text).play({ host: '127.0.0.1', port: server.port });
    await server.close();
  });
});
