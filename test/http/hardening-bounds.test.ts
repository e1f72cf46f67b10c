/** What a server may send, and no more: memory and time are bounded (hardening H3, H4, H8, H13, A11, A12). */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { ProtocolError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import type { HttpConnectOptions } from '../../lib/http/client.ts';
import { HttpError } from '../../lib/http/resource.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply, type Said } from './peer.ts';

const NOTHING = gzipSync('');
const HEAD = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n\r\n';

async function failing(said: Said, options: HttpConnectOptions = {}): Promise<unknown> {
  await using peer = await Peer.open(() => said);
  const client = await peer.client(options);
  return await rejection(async () => (await client.get('/')).bytes());
}

/** The longest that nothing else could be done, in milliseconds. */
async function lag(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  await work();
  delay.disable();
  return delay.max / 1e6;
}

describe('the header of an answer', () => {
  const floods: [what: string, said: string][] = [
    ['too large (http-s19)', HEAD + 'X-A: b\r\n'.repeat(20_000)],
    ['one line without end', `${HEAD}X-A: ${'b'.repeat(200_000)}`],
    ['of too many fields', `${HEAD}${'X:\r\n'.repeat(250)}Content-Length: 0\r\n\r\n`],
    ['followed by trailers without end (http-s39)', `${HEAD}${CHUNKED}1\r\nx\r\n0\r\n${'X-T: y\r\n'.repeat(20_000)}`],
    ['preceded by interim answers without end (http-s22)', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1_000)],
  ];
  for (const [what, said] of floods) {
    it(`is a failure when it is ${what}`, async () => {
      expect(await failing(said, { timeouts: { idle: 500 } })).to.be.instanceOf(ProtocolError);
    });
  }
});

describe('a status line without end, and an extension of a chunk', () => {
  for (const said of [`HTTP/1.1 200 ${'O'.repeat(200_000)}`, `${HEAD}${CHUNKED}1;${'x'.repeat(200_000)}`]) {
    it(`are late, and not kept: ${said.slice(0, 60).split('\r\n', 1)}`, async () => {
      expect(await failing(said, { timeouts: { idle: 200 } })).to.be.instanceOf(TimeoutError);
    });
  }
});

describe('a body', () => {
  it('of single octets blocks nothing, and is whole', async () => {
    const said = `${HEAD}${CHUNKED}${'1\r\nx\r\n'.repeat(300_000)}0\r\n\r\n`;
    await using peer = await Peer.open(({ target }) => (target === '/no' ? said.replace('200 OK', '500 No') : said));
    const client = await peer.client();
    const slowest = await lag(async () => {
      const answer = await client.get('/');
      await new Promise((resolve) => setTimeout(resolve, 300));
      let size = 0;
      for await (const chunk of answer) size += chunk.length;
      expect(size).to.equal(300_000);
      const error = await rejection(client.get('/no'));
      if (!(error instanceof HttpError)) throw error;
      expect(await error.response.bytes()).to.have.length(300_000);
    });
    expect(slowest).to.be.below(500);
  });

  it('is read by one reader, and by none that somebody else closes it under', async () => {
    const half = `${HEAD}Content-Length: 5000\r\n\r\nhalf`;
    await using peer = await Peer.open(() => half);
    const client = await peer.client();
    const answer = await client.get('/');
    const reading = rejection(answer.bytes());
    expect(await rejection(answer.bytes())).to.be.instanceOf(UsageError);
    await answer.close();
    expect(await reading).to.be.instanceOf(UsageError);
    expect(answer.complete).to.equal(false);
  });

  it('is no larger than the caller says (http-s75)', async () => {
    await using peer = await Peer.open(() => `${HEAD}\r\n${'x'.repeat(1_000_000)}`);
    const client = await peer.client();
    const error = await rejection(async () => (await client.get('/', { maxSize: 100_000 })).bytes());
    expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
  });

  it('that stalls is late, and one that drips for ever too (http-s70 to http-s72)', async () => {
    const stalled = `${HEAD}Content-Length: 100\r\n\r\nhello`;
    const error = await failing(stalled, { timeouts: { idle: 200 } });
    expect(error).to.be.instanceOf(TimeoutError).with.property('phase', 'body');
    await using peer = await Peer.open(() => stalled);
    const client = await peer.client({ timeouts: { total: 200 } });
    expect(await rejection(async () => (await client.get('/')).bytes())).to.be.instanceOf(TimeoutError);
  });

  const coded: [what: string, coding: string, body: Buffer][] = [
    ['becomes too much in two steps (http-s49)', 'gzip, gzip', gzipSync(gzipSync(Buffer.alloc(1 << 26)))],
    ['becomes nothing at all', 'gzip', Buffer.alloc(NOTHING.length * 200_000, NOTHING)],
    ['becomes much, which becomes nothing', 'gzip, gzip', gzipSync(Buffer.alloc(NOTHING.length * 400_000, NOTHING))],
    ['has too many codings (http-s51)', 'gzip, gzip, gzip, gzip, gzip, gzip', NOTHING],
  ];
  for (const [what, coding, body] of coded) {
    it(`is a failure when it ${what}`, async function () {
      this.timeout(10_000);
      const error = await failing(reply('200 OK', { 'Content-Encoding': coding }, body));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    });
  }
  for (const cut of [1, 4, 8, 9]) {
    it(`is a failure when its coding lacks ${cut} octets (http-s52)`, async () => {
      const body = gzipSync('hello '.repeat(100)).subarray(0, -cut);
      const error = await failing(reply('200 OK', { 'Content-Encoding': 'gzip' }, body));
      expect(error).to.have.property('reason', 'truncated');
    });
  }
});

describe('redirects', () => {
  it('end after so many, and their bodies are not read (http-s14 to http-s16)', async () => {
    const endless = `HTTP/1.1 302 x\r\nLocation: /again\r\n\r\n${'x'.repeat(1_000_000)}`;
    await using peer = await Peer.open(() => endless);
    const client = await peer.client({ redirects: 3 });
    expect(await rejection(client.get('/')))
      .to.be.instanceOf(ProtocolError)
      .with.property('reason', 'limit');
    expect(peer.asked).to.have.length(4);
  });
});
