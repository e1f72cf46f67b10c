/** Aborts and deadlines, wherever the server has stopped. */
import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { NetkitError, TimeoutError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { Tamper } from '../../lib/mock/tamper.ts';
import { nntp } from '../../lib/nntp/index.ts';
import { all, rejection } from '../helpers.ts';
import { against, ruled } from './client-rules.ts';

const TEXT =
  'From: a@b.c\r\nNewsgroups: a.b\r\nSubject: s\r\nDate: Tue, 02 Jan 2024 03:04:05 +0000\r\nMessage-ID: <1@x>\r\n\r\nx\r\n';
const FIXTURE = { groups: [{ name: 'a.b', articles: [TEXT] }], users: { joe: 'x' } };
const JOE = { user: 'joe', password: 'x' };

/** A session with a bit of everything; the signal is given to each call. */
async function session(port: number, signal: AbortSignal): Promise<void> {
  const options: ConnectOptions = { ...JOE, signal, timeouts: { close: 50 } };
  const client = await nntp.connect(`nntp://127.0.0.1:${port}`, options);
  try {
    await all(client.list('/a.b', { signal }));
    await (await client.fetch('/a.b/1', { signal })).bytes();
    for await (const resource of client.fetchAll('/a.b', { signal })) await resource.bytes();
    await client.group('a.b', { signal });
    await client.each([1, 1], () => {}, { signal });
    await client.post(TEXT.replace('1@x', '2@x'), { signal });
  } finally {
    await client.close();
  }
}

describe('an NNTP session that is aborted', () => {
  it('ends with the reason, wherever the server has fallen silent, and leaves the signal', async () => {
    await using whole = await nntp.mock(FIXTURE, { auth: 'all', profile: 'minimal' });
    const untouched = await Tamper.before(whole.port);
    await session(untouched.port, new AbortController().signal);
    const length = untouched.count;
    await untouched.close();
    for (let after = 0; after < length - 40; after += 3) {
      await using server = await nntp.mock(FIXTURE, { auth: 'all', profile: 'minimal' });
      const tamper = await Tamper.before(server.port, { cut: { after, how: 'stall' } });
      const controller = new AbortController();
      const outcome = rejection(session(tamper.port, controller.signal));
      while (tamper.count < after) await new Promise((resolve) => setImmediate(resolve));
      const reason = new Error('enough');
      const began = performance.now();
      controller.abort(reason);
      expect(await outcome, `after ${after} octets`).to.equal(reason);
      expect(performance.now() - began).to.be.lessThan(500);
      expect(getEventListeners(controller.signal, 'abort')).to.have.length(0);
      await tamper.close();
    }
  }).timeout(60_000);

  it('says nothing when the signal has been aborted before', async () => {
    const { asked } = await against({}, async (client) => {
      const signal = AbortSignal.abort(new Error('before'));
      await client.group('misc.test');
      for (const call of [
        () => client.group('misc.test', { signal }),
        () => client.article(1, { signal }),
        () => client.bodyOf(1, { signal }),
        () => client.each([1], () => {}, { signal }),
        () => all(client.over({ low: 1 }, { signal })),
        () => client.listActive('*', { signal }),
        () => client.post(TEXT, { signal }),
        () => client.date({ signal }),
      ]) {
        expect(await rejection(call), `${call}`).to.have.property('message', 'before');
      }
    });
    expect(asked).to.deep.equal(['CAPABILITIES', 'GROUP misc.test', 'QUIT']);
  });
});

describe('an NNTP session and its deadlines', () => {
  const timeouts = { greeting: 100, idle: 100, tls: 100, close: 100 };

  it('are of the phase in which nothing comes', async () => {
    const silent = await ruled({}, () => {});
    const greeting = await rejection(nntp.connect(silent.url, { timeouts }));
    expect(greeting).to.be.instanceOf(TimeoutError).and.include({ phase: 'greeting' });
    await silent.close();
    for (const [rules, phase] of [
      [{ CAPABILITIES: () => {} }, 'command'],
      [{ CAPABILITIES: '101 list\r\nVERSION' }, 'body'],
      [{ GROUP: () => {} }, 'command'],
      [{ ARTICLE: '220 1 <1@x>\r\nSubject' }, 'body'],
    ] as const) {
      const began = performance.now();
      const error = await rejection(
        against(rules, async (client) => (await client.fetch('/misc.test/1')).bytes(), { timeouts }),
      );
      expect(error).to.be.instanceOf(TimeoutError).and.include({ phase });
      expect(performance.now() - began).to.be.within(90, 1_000);
    }
  });

  it('end the farewell, too', async () => {
    const began = performance.now();
    await against({ QUIT: () => {} }, (client) => client.date(), { timeouts });
    expect(performance.now() - began).to.be.within(90, 1_000);
  });

  it('are over with the connection: later calls fail at once, with what ended it', async () => {
    await against({ DATE: (socket) => socket.end() }, async (client) => {
      const first = await rejection(client.date());
      expect(first).to.be.instanceOf(NetkitError);
      const began = performance.now();
      expect(await rejection(client.group('misc.test'))).to.be.instanceOf(NetkitError);
      expect(await rejection(all(client.list('/')))).to.be.instanceOf(NetkitError);
      expect(performance.now() - began).to.be.lessThan(100);
    });
  });

  it('hold for TLS that is cut short (A9, N1)', async () => {
    await using server = await nntp.mock(FIXTURE, { tls: 'implicit' });
    const tamper = await Tamper.before(server.port, { cut: { after: 3_000, how: 'fin' } });
    const cut = async (): Promise<unknown> => {
      const client = await nntp.connect(`nntps://127.0.0.1:${tamper.port}`, { tls: { ca: server.ca }, timeouts });
      try {
        for (;;) await (await client.fetch('/a.b/1')).bytes();
      } finally {
        await client.close();
      }
    };
    expect(await rejection(cut)).to.be.instanceOf(NetkitError);
    await tamper.close();
  });
});
