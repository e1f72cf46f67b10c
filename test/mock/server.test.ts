import { expect } from 'chai';
import { ConnectionError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { type MockOptions, MockServer, Session, type SessionParts } from '../../lib/mock/server.ts';
import { connect } from '../../lib/net/connect.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { rejection } from '../helpers.ts';
import { ask, LineServer } from './lines.ts';

describe('a mock server', () => {
  it('listens at a free port of the loopback interface, and says so in its URL', async () => {
    await using server = await LineServer.start();
    expect(server.url).to.equal(`tcp://127.0.0.1:${server.port}`);
    expect(server.ca).to.equal(undefined);
  });

  it('answers verbs from a table, whatever their case', async () => {
    await using server = await LineServer.start();
    expect(await ask(server.url, 'SAY one  two', 'say three', 'nonsense 1', '__proto__', 'quit', 'say more')).to.equal(
      'hello\r\none two\r\nthree\r\n? nonsense 1\r\n? __proto__\r\nbye\r\n',
    );
  });

  it('ends a session when the client does', async () => {
    await using server = await LineServer.start();
    expect(await ask(server.url, 'say one')).to.equal('hello\r\none\r\n');
  });

  it('remembers what was said: in a session, in all, and for whoever listens', async () => {
    const heard = new Transcript();
    await using server = await LineServer.start({}, { transcript: heard });
    await ask(server.url, 'say one', 'list');
    await ask(server.url, 'quit');
    expect(server.sessions.map(({ id }) => id)).to.deep.equal([1, 2]);
    expect(server.sessions[0]?.transcript.toString()).to.equal(
      'S: hello\nC: say one\nS: one\nC: list\nS: +OK\nS: one\nS: ..two\nS: .',
    );
    expect(server.transcript.toString()).to.match(/C: list[\s\S]*S: hello\nC: quit\nS: bye$/);
    expect(heard.toString()).to.equal(server.transcript.toString());
  });

  it('shows octets by their number', async () => {
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
      yield Buffer.from('de\r\n');
    }
    await using server = await LineServer.start({ file: (session) => session.reply(chunks()) });
    expect(await ask(server.url, 'file')).to.equal('hello\r\nabcde\r\n');
    expect(server.transcript.toString()).to.match(/C: file\n\*: 7 octets$/);
  });

  it('forgets the oldest finished sessions beyond those it is to remember', async () => {
    await using server = await LineServer.start({}, { remembered: 2 });
    for (let i = 0; i < 4; i++) await ask(server.url, 'quit');
    await server.waitFor(() => true);
    expect(server.sessions.length).to.be.at.most(3);
    expect(server.sessions.at(-1)?.id).to.equal(4);
  });

  it('makes the sessions that its protocol wants', async () => {
    class Counting extends Session {
      count = 0;
    }
    class CountingServer extends MockServer<Counting> {
      static async start(options: MockOptions = {}): Promise<CountingServer> {
        return new CountingServer({ scheme: 'tcp' }, options).listen();
      }
      protected override begin(parts: SessionParts): Counting {
        return new Counting(parts);
      }
      protected override async converse(session: Counting): Promise<void> {
        while ((await session.command()) !== undefined) await session.say(`${++session.count}`);
      }
    }
    await using server = await CountingServer.start();
    expect(await ask(server.url, 'a', 'b')).to.equal('1\r\n2\r\n');
    expect(server.sessions[0]?.count).to.equal(2);
  });

  describe('waitFor', () => {
    it('finds what has been said already', async () => {
      await using server = await LineServer.start();
      await ask(server.url, 'say one');
      expect(await server.waitFor('C: say')).to.deep.equal({ from: 'C', text: 'say one' });
      expect(await server.waitFor(/^S: o.e$/)).to.deep.equal({ from: 'S', text: 'one' });
      expect(await server.waitFor(({ text }) => text === 'one')).to.deep.equal({ from: 'S', text: 'one' });
    });

    it('waits for what is yet to be said', async () => {
      await using server = await LineServer.start();
      const waiting = server.waitFor('C: say one');
      await ask(server.url, 'say one');
      expect(await waiting).to.deep.equal({ from: 'C', text: 'say one' });
    });

    it('shows the end of the dialogue when its time is up', async () => {
      await using server = await LineServer.start();
      await ask(server.url, 'say one');
      const error = await rejection(server.waitFor('C: QUIT', { timeout: 20 }));
      expect(error).to.be.instanceOf(TimeoutError);
      expect(String(error)).to.include('C: QUIT').and.to.include('S: hello\nC: say one\nS: one');
    });

    it('is ended by its signal', async () => {
      await using server = await LineServer.start();
      const controller = new AbortController();
      const waiting = server.waitFor('never', { signal: controller.signal });
      controller.abort();
      expect(await rejection(waiting)).to.equal(controller.signal.reason);
      expect(await rejection(server.waitFor('never', { signal: controller.signal }))).to.equal(
        controller.signal.reason,
      );
    });
  });

  describe('close', () => {
    it('throws the first crash of a session as it is, once', async () => {
      const crash = new RangeError('a mistake');
      const server = await LineServer.start({
        crash: () => {
          throw crash;
        },
      });
      await ask(server.url, 'crash');
      expect(await rejection(server.close())).to.equal(crash);
      await server.close();
    });

    it('does not take what a client does wrong for a crash', async () => {
      await using server = await LineServer.start();
      await ask(server.url, 'x'.repeat(200)).catch(() => {});
      await server.waitFor('hello');
    });

    it('ends sessions that wait for their client', async () => {
      const server = await LineServer.start();
      const client = await connect(server.url);
      expect(await client.readLine()).to.equal('hello');
      await server.close();
      expect(await client.read()).to.equal(undefined);
      await client.close();
    });

    it('names the sessions that do not end, and what was said last', async () => {
      let release: () => void = () => {};
      const never = new Promise<void>((resolve) => {
        release = resolve;
      });
      const server = await LineServer.start({ hang: () => never });
      const client = await connect(server.url);
      await client.writeText('hang\r\n');
      await server.waitFor('C: hang');
      const error = await rejection(server.close());
      expect(error).to.be.instanceOf(TimeoutError);
      expect(String(error)).to.match(/session 1 with 127\.0\.0\.1:\d+, last was C: hang/);
      release();
      await client.close();
    });
  });

  describe('with TLS', () => {
    it('is secure from the first octet, with a certificate that its own authority signed', async () => {
      await using server = await LineServer.start({}, { tls: 'implicit' });
      const client = await connect(server.url, { tls: { ca: server.ca } });
      expect(await client.readLine()).to.equal('hello');
      expect(client.secure).to.equal(true);
      await client.close();
    });

    it('can be upgraded by a command', async () => {
      await using server = await LineServer.start({}, { tls: 'upgrade' });
      const client = await connect(server.url);
      await client.writeText('stls\r\n');
      expect([await client.readLine(), await client.readLine()]).to.deep.equal(['hello', 'go']);
      await client.upgradeToTls({ tls: { ca: server.ca } });
      await client.writeText('say hidden\r\n');
      expect(await client.readLine()).to.equal('hidden');
      expect(server.sessions[0]?.secure).to.equal(true);
      await client.close();
    });

    it('says that there is no certificate where it was not asked for TLS', async () => {
      const server = await LineServer.start();
      await ask(server.url, 'stls');
      expect(await rejection(server.close())).to.be.instanceOf(UsageError);
    });

    it('is not believed by a client that does not know its authority', async () => {
      await using server = await LineServer.start({}, { tls: 'implicit' });
      expect(await rejection(connect(server.url))).to.be.instanceOf(ConnectionError);
    });
  });
});
