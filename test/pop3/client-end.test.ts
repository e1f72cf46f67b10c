import { expect } from 'chai';
import { ConnectionError, ReplyError, TimeoutError } from '../../lib/core/errors.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { rejection } from '../helpers.ts';
import { BYE, IN, JOE, scripted, serving } from './client-scripted.ts';

const MARKED = `${IN}\nC: DELE 1\nS: +OK`;
const QUICK = { ...JOE, timeouts: { close: 100, idle: 100 } };

describe('the end of a POP3 session', () => {
  it('is QUIT, once, however often it is closed', async () => {
    await scripted(`${IN}${BYE}`, async (client) => {
      await client.close();
      await client.close();
      await client.abandon();
    });
  });

  it('deletes what was removed when QUIT is answered with +OK', async () => {
    await scripted(`${MARKED}${BYE}`, async (client) => {
      await client.remove('/1');
      expect([...client.deleted]).to.deep.equal([1]);
      await client.close();
      expect([...client.deleted]).to.deep.equal([]);
    });
  });

  it('fails when the server could not delete all of it (pop3-s48)', async () => {
    const session = `${MARKED}\nC: QUIT\nS: -ERR some deleted messages not removed`;
    await serving(session, async ({ port }) => {
      const client = await pop3.connect(`pop3://127.0.0.1:${port}`, JOE);
      await client.dele(1);
      const error = await rejection(client.close());
      expect(error).to.be.instanceOf(ReplyError);
      expect(error).to.include({ outcome: 'unknown', command: 'QUIT', protocol: 'pop3' });
      await client.close();
    });
  });

  it('fails when QUIT is never answered after a deletion, within its limit (pop3-s47)', async () => {
    await serving(`${MARKED}\nC: QUIT`, async ({ port }) => {
      const client = await pop3.connect(`pop3://127.0.0.1:${port}`, QUICK);
      await client.dele(1);
      const began = performance.now();
      const error = await rejection(client.close());
      // the player closes when it has played: then the end comes before the limit
      expect(error).to.be.instanceOf(ConnectionError).and.include({ outcome: 'unknown', command: 'QUIT' });
      expect(performance.now() - began).to.be.lessThan(1_000);
      await client.close();
    });
    await using server = await Pop3MockServer.start({ messages: ['x', 'y'] });
    server.faults.add({ verb: 'QUIT', stall: true });
    const client = await pop3.connect(server.url, { ...server.login, timeouts: { close: 50, idle: 100 } });
    await client.dele(1);
    const began = performance.now();
    const error = await rejection(client.close());
    expect(error).to.be.instanceOf(TimeoutError).and.include({ outcome: 'unknown', phase: 'close', command: 'QUIT' });
    expect(performance.now() - began).to.be.within(90, 600);
  });

  it('waits longer for a server that has to delete, since that takes its time', async () => {
    await using server = await Pop3MockServer.start({ messages: ['x', 'y'] });
    server.faults.add({ verb: 'QUIT', delay: 300 });
    const client = await pop3.connect(server.url, { ...server.login, timeouts: { close: 50 } });
    await client.dele(1);
    await client.close();
    expect(server.messages()).to.have.length(1);
  });

  it('knows that nothing was deleted when QUIT did not get its turn', async () => {
    for (const capabilities of [{}, { PIPELINING: false }]) {
      await using server = await Pop3MockServer.start(
        { messages: ['x', `${'y'.repeat(70)}\n`.repeat(200_000)] },
        { capabilities },
      );
      const client = await pop3.connect(server.url, { ...server.login, timeouts: { close: 50 } });
      await client.dele(1);
      await client.fetch('/2');
      const error = await rejection(client.close());
      expect(error).to.be.instanceOf(TimeoutError).and.include({ outcome: 'none', phase: 'close', command: 'QUIT' });
      expect((error as Error).message).to.match(/did not get its turn .*: nothing has been deleted/);
      expect(server.messages()).to.have.length(2);
    }
  });

  it('is quiet about all of that where nothing was to be deleted', async () => {
    for (const answer of ['S: -ERR no', '', 'S: nonsense', '*: reset']) {
      await serving(`${IN}\nC: QUIT\n${answer}`, async ({ port }) => {
        await (await pop3.connect(`pop3://127.0.0.1:${port}`, QUICK)).close();
      });
    }
  });

  it('knows that nothing was deleted when the connection was lost before QUIT (pop3-s49)', async () => {
    await using server = await Pop3MockServer.start({ messages: ['x', 'y'] });
    const client = await pop3.connect(server.url, { ...server.login });
    await client.dele(1);
    server.faults.add({ verb: 'NOOP', reset: true });
    expect(await rejection(client.noop())).to.be.instanceOf(ConnectionError);
    const error = await rejection(client.close());
    expect(error).to.be.instanceOf(ConnectionError).and.include({ outcome: 'none' });
    expect((error as Error).message).to.contain('nothing has been deleted');
    expect(server.messages()).to.have.length(2);
  });

  it('keeps everything when it is abandoned, or the marks are taken back', async () => {
    await using server = await Pop3MockServer.start({ messages: ['x', 'y'] });
    const left = await pop3.connect(server.url, { ...server.login });
    await left.remove('/1');
    await left.abandon();
    await left.close();
    const reset = await connectWhenFree(server);
    await reset.remove('/2');
    await reset.reset();
    await reset.close();
    expect(server.messages()).to.have.length(2);
  });

  it('marks what was answered with +OK, and nothing else', async () => {
    await using server = await Pop3MockServer.start({ messages: ['x', 'y', 'z'] });
    await using client = await pop3.connect(server.url, { ...server.login });
    const done = await Promise.allSettled([1, 7, 3, 3].map((number) => client.dele(number)));
    expect(done.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    expect([...client.deleted]).to.deep.equal([1, 3]);
    await client.quit();
    expect(server.messages()).to.have.length(1);
  });

  it('does not wait for a body that nobody reads', async () => {
    await using server = await Pop3MockServer.start({ messages: [Buffer.alloc(8 * 1024 * 1024, 'x\r\n')] });
    const client = await pop3.connect(server.url, { ...server.login, timeouts: { close: 100 } });
    await client.fetch('/1');
    const began = performance.now();
    await client.close();
    expect(performance.now() - began).to.be.lessThan(1_000);
  });
});

/** The server notices in its own time that a client has gone. */
async function connectWhenFree(server: Pop3MockServer): ReturnType<typeof pop3.connect> {
  for (;;) {
    try {
      return await pop3.connect(server.url, { ...server.login });
    } catch (error) {
      if (!(error instanceof ReplyError && error.reason === 'busy')) throw error;
    }
  }
}
