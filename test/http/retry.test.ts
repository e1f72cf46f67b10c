import { Readable } from 'node:stream';
import { expect } from 'chai';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import type { HttpConnectOptions } from '../../lib/http/client.ts';
import type { Exchange } from '../../lib/http/exchange.ts';
import { HttpError } from '../../lib/http/resource.ts';
import { type RetryOptions, retries } from '../../lib/http/retry.ts';
import { HeaderBlock } from '../../lib/wire/headers.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply, type Said } from './peer.ts';

const FAST: RetryOptions = { max: 2, delay: 1 };
const ORIGIN = { scheme: 'http', host: 'h', port: 80 } as const;
const BUSY = reply('503 Busy', {}, 'busy');

/** Says these in turn, and then 200. */
async function saying(...said: Said[]): Promise<Peer> {
  return Peer.open((_, count) => said[count - 1] ?? reply('200 OK', {}, 'done'));
}

async function statusOf(peer: Peer, options: HttpConnectOptions, method = 'GET', body?: string): Promise<number> {
  const client = await peer.client({ failing: 'return', ...options });
  const answer = await client.request(method, '/', { body });
  await answer.text();
  return answer.status;
}

describe('a repetition', () => {
  it('is not made unless asked for', async () => {
    await using peer = await saying(BUSY);
    expect(await statusOf(peer, {})).to.equal(503);
    expect(peer.asked).to.have.length(1);
  });

  for (const status of [408, 425, 429, 502, 503, 504]) {
    it(`is made for ${status}`, async () => {
      await using peer = await saying(reply(`${status} x`, {}), reply(`${status} x`, {}));
      expect(await statusOf(peer, { retries: FAST })).to.equal(200);
      expect(peer.asked).to.have.length(3);
    });
  }

  for (const status of [400, 404, 409, 500, 501]) {
    it(`is not made for ${status}, which would be the same again`, async () => {
      await using peer = await saying(reply(`${status} x`, {}));
      expect(await statusOf(peer, { retries: FAST })).to.equal(status);
    });
  }

  it('is made so many times, and no more', async () => {
    await using peer = await Peer.open(() => BUSY);
    const client = await peer.client({ retries: FAST });
    const error = await rejection(client.get('/'));
    expect(error).to.be.instanceOf(HttpError).with.property('status', 503);
    expect(peer.asked).to.have.length(3);
  });

  it('is made when the connection is lost before there is an answer: one connection for each', async () => {
    await using peer = await Peer.open(() => ({ reset: '' }));
    const client = await peer.client({ retries: FAST });
    const error = await rejection(client.get('/'));
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'reset');
    expect(peer.connections).to.equal(3);
  });

  it('is not made once a part of the body is there', async () => {
    await using peer = await saying({ cut: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel' });
    const client = await peer.client({ retries: FAST });
    const error = await rejection(async () => (await client.get('/')).text());
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
    expect(peer.asked).to.have.length(1);
  });

  it('is made for what is idempotent, and for what the caller declares to be', async () => {
    for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      await using peer = await saying(BUSY);
      expect(await statusOf(peer, { retries: FAST }, method), method).to.equal(200);
    }
    for (const method of ['POST', 'PATCH', 'LOCK']) {
      await using peer = await saying(BUSY, { reset: '' });
      expect(await statusOf(peer, { retries: FAST }, method, 'x'), method).to.equal(503);
      const client = await peer.client({ retries: FAST });
      expect(await rejection(client.request(method, '/', { body: 'x' }))).to.be.instanceOf(ConnectionError);
      expect(peer.asked).to.have.length(2);
    }
    await using peer = await saying(BUSY, BUSY, BUSY);
    expect(await statusOf(peer, { retries: { ...FAST, methods: ['POST'] } }, 'POST', 'x')).to.equal(503);
    const client = await peer.client({ retries: FAST });
    expect((await client.post('/', { json: 1, idempotent: true })).status).to.equal(200);
    await using other = await saying(BUSY);
    const careful = await other.client({ retries: FAST, failing: 'return' });
    expect((await careful.get('/', { idempotent: false })).status).to.equal(503);
  });

  it('is made of anything that certainly has not reached the server', async () => {
    for (const [method, outcome, tries] of [
      ['POST', 'none', 3],
      ['POST', 'unknown', 1],
      ['GET', 'unknown', 3],
    ] as const) {
      let count = 0;
      const next: Exchange = async () => {
        count++;
        throw new ConnectionError('lost', { outcome });
      };
      const request = {
        method,
        origin: ORIGIN,
        target: '/',
        headers: HeaderBlock.received([]),
        secret: new Set<string>(),
      };
      expect(await rejection(retries(FAST)(request, next))).to.be.instanceOf(ConnectionError);
      expect(count, `${method} ${outcome}`).to.equal(tries);
    }
  });

  it('waits by chance, twice as long each time, up to a bound', async () => {
    const waits: number[] = [];
    let last = performance.now();
    const next: Exchange = async () => {
      waits.push(Math.round((performance.now() - last) / 20));
      last = performance.now();
      throw new ConnectionError('lost', { outcome: 'none' });
    };
    const request = {
      method: 'GET',
      origin: ORIGIN,
      target: '/',
      headers: HeaderBlock.received([]),
      secret: new Set<string>(),
    };
    await rejection(retries({ max: 4, delay: 40, maxDelay: 100 }, undefined, () => 1)(request, next));
    const least = [0, 2, 4, 5, 5];
    expect(
      waits.every((wait, i) => wait >= (least[i] ?? 0) && wait <= (least[i] ?? 0) + 5),
      `${waits}`,
    ).to.equal(true);
    waits.length = 0;
    await rejection(retries({ max: 4, delay: 1000 }, undefined, () => 0)(request, next));
    expect(waits).to.have.length(5);
  });

  it('sends a body again, if it can be', async () => {
    await using peer = await saying(BUSY);
    expect(await statusOf(peer, { retries: FAST }, 'PUT', 'hello')).to.equal(200);
    expect(peer.asked.map(({ body }) => body)).to.deep.equal(['hello', 'hello']);
    await using other = await saying(BUSY);
    const client = await other.client({ retries: FAST, failing: 'return' });
    expect((await client.put('/', { body: Readable.from([Buffer.from('x')]) })).status).to.equal(503);
  });

  it('waits as long as the server says', async () => {
    const soon = new Date(Date.now() + 500).toUTCString();
    await using peer = await saying(reply('429 x', { 'Retry-After': '1' }), reply('503 x', { 'Retry-After': soon }));
    const began = performance.now();
    expect(await statusOf(peer, { retries: FAST })).to.equal(200);
    expect(performance.now() - began).to.be.within(990, 5_000);
  });

  for (const after of ['99999999999', '99999999999999999999999999', '61', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
    it(`is not waited for when the server says ${after}: that is an answer`, async () => {
      await using peer = await saying(reply('503 x', { 'Retry-After': after }));
      expect(await statusOf(peer, { retries: FAST })).to.equal(503);
      expect(peer.asked).to.have.length(1);
    });
  }

  for (const after of ['-1', 'soon', '1e9', '0x10', 'Fri, 31 Dec 1999 23:59:59 GMT']) {
    it(`is made at once when the server says ${after}`, async () => {
      await using peer = await saying(reply('503 x', { 'Retry-After': after }));
      expect(await statusOf(peer, { retries: FAST })).to.equal(200);
    });
  }

  it('ends with the signal, with the time of the whole, and with the client', async () => {
    await using peer = await Peer.open(() => reply('503 x', { 'Retry-After': '30' }));
    const client = await peer.client({ retries: 1 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const aborted = client.get('/', { signal: controller.signal });
    const late = client.get('/', { timeouts: { total: 50 } });
    const closed = client.get('/');
    aborted.catch(() => {});
    closed.catch(() => {});
    expect(await rejection(late)).to.have.property('code', 'NETKIT_TIMEOUT');
    controller.abort(reason);
    expect(await rejection(aborted)).to.equal(reason);
    await client.close();
    expect(await rejection(closed)).to.be.instanceOf(ConnectionError);
  });

  it('refuses what is no number of repetitions', async () => {
    await using peer = await saying();
    for (const wrong of [-1, 1.5, Number.NaN, { max: 1, delay: -1 }, { max: Number.POSITIVE_INFINITY }])
      expect(await rejection(peer.client({ retries: wrong })), JSON.stringify(wrong)).to.be.instanceOf(UsageError);
  });
});
