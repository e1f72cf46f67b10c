import zlib from 'node:zlib';
import { expect } from 'chai';
import { ConnectionError, ProtocolError } from '../../lib/core/errors.ts';
import type { Flow } from '../../lib/core/resource.ts';
import { ACCEPTED, codings } from '../../lib/http/coding.ts';
import type { Exchange, HttpAnswer, HttpRequest } from '../../lib/http/exchange.ts';
import { memory } from '../../lib/http/kept.ts';
import { HeaderBlock } from '../../lib/wire/headers.ts';
import { everyCut, rejection } from '../helpers.ts';
import { Peer, reply } from './peer.ts';

const TEXT = 'Never gonna give you up. '.repeat(40);
const REQUEST: HttpRequest = {
  method: 'GET',
  origin: { scheme: 'http', host: 'h', port: 80 },
  target: '/',
  headers: HeaderBlock.received([]),
  secret: new Set(),
};

interface Given {
  readonly coding: string | readonly string[];
  readonly chunks: readonly Uint8Array[];
  readonly method?: string;
  readonly status?: number;
  readonly maxRatio?: number;
  readonly body?: Flow;
  /** Whether the answer says how long it is: what is short is decoded all at once. */
  readonly sized?: boolean;
}

async function answerTo({
  coding,
  chunks,
  method = 'GET',
  status = 200,
  maxRatio,
  body,
  sized,
}: Given): Promise<HttpAnswer> {
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  const lines = typeof coding === 'string' ? [coding] : coding;
  const next: Exchange = async (request) => ({
    ...{ request, status, reason: '', version: '1.1' },
    headers: HeaderBlock.received([
      ...lines.map((line) => ['Content-Encoding', line] as const),
      ...(sized ? [['Content-Length', `${size}`] as const] : []),
    ]),
    body:
      body ??
      memory(
        chunks.map((chunk) => Buffer.from(chunk)),
        true,
      ),
    trailers: () => HeaderBlock.received([]),
    close: async () => {},
  });
  return codings({ maxRatio })({ ...REQUEST, method }, next);
}

async function textOf(given: Given, way: 'pull' | 'each' = 'pull'): Promise<string> {
  const { body } = await answerTo(given);
  const parts: Buffer[] = [];
  if (way === 'each') await body.each((chunk) => void parts.push(Buffer.from(chunk)));
  else for (let chunk = await body.pull(); chunk; chunk = await body.pull()) parts.push(chunk);
  expect(body.complete).to.equal(true);
  return Buffer.concat(parts).toString();
}

const ENCODERS: [name: string, encode: (octets: Uint8Array) => Buffer][] = [
  ['gzip', (octets) => zlib.gzipSync(octets)],
  ['x-gzip', (octets) => zlib.gzipSync(octets)],
  ['GZip', (octets) => zlib.gzipSync(octets)],
  ['deflate', (octets) => zlib.deflateSync(octets)],
  ['deflate', (octets) => zlib.deflateRawSync(octets)],
  ['br', (octets) => zlib.brotliCompressSync(octets)],
];

describe('content codings', () => {
  for (const [coding, encode] of ENCODERS) {
    const coded = encode(Buffer.from(TEXT));

    it(`${coding}: is decoded however it is cut`, async () => {
      for (const chunks of everyCut(coded)) {
        expect(await textOf({ coding, chunks })).to.equal(TEXT);
        expect(await textOf({ coding, chunks, sized: true })).to.equal(TEXT);
      }
      expect(await textOf({ coding, chunks: [coded] }, 'each')).to.equal(TEXT);
    });

    it(`${coding}: is truncated wherever it ends too early`, async () => {
      for (let length = 1; length < coded.length; length++) {
        for (const sized of [false, true]) {
          const error = await rejection(textOf({ coding, chunks: [coded.subarray(0, length)], sized }));
          expect(error, `${length}`).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
        }
      }
    });
  }

  it('are undone from the last to the first, over several lines too', async () => {
    const twice = zlib.brotliCompressSync(zlib.gzipSync(zlib.deflateSync(TEXT)));
    expect(await textOf({ coding: 'deflate, gzip, br', chunks: [twice] })).to.equal(TEXT);
    expect(await textOf({ coding: ['deflate', ' gzip , identity', 'br'], chunks: [twice] })).to.equal(TEXT);
    expect(await textOf({ coding: 'deflate, gzip, br', chunks: [twice], sized: true })).to.equal(TEXT);
  });

  it('are of no account where the body is empty', async () => {
    expect(await textOf({ coding: 'gzip', chunks: [] })).to.equal('');
    expect(await textOf({ coding: 'gzip', chunks: [], sized: true })).to.equal('');
    expect(await textOf({ coding: 'gzip', chunks: [zlib.gzipSync('')], sized: true })).to.equal('');
    expect(await textOf({ coding: 'gzip, br', chunks: [] })).to.equal('');
  });

  it('leave what nobody here knows as it is', async () => {
    const coded = zlib.gzipSync(TEXT);
    for (const coding of ['compress', 'gzip, aes128gcm', 'nonsense, gzip', 'identity', '']) {
      const { body, headers } = await answerTo({ coding, chunks: [coded] });
      expect(await body.pull()).to.deep.equal(coded);
      expect(headers.get('content-encoding')).to.equal(coding);
    }
  });

  it('leave HEAD, 204, 304 and parts as they are', async () => {
    for (const [method, status] of [
      ['HEAD', 200] as const,
      ['GET', 204] as const,
      ['GET', 304] as const,
      ['GET', 206] as const,
    ]) {
      const body = memory([], true);
      expect((await answerTo({ coding: 'gzip', chunks: [], method, status, body })).body).to.equal(body);
    }
  });

  it('are at most five, over however many lines', async () => {
    for (const coding of [Array<string>(100).fill('gzip'), ['gzip,'.repeat(6)], ['gzip, gzip', 'br,br', 'gzip,gzip']]) {
      const error = await rejection(answerTo({ coding, chunks: [] }));
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    }
  });

  const wrong = zlib.gzipSync('hello');
  wrong.writeUInt32LE(1, wrong.length - 8);
  const damaged: [what: string, coding: string, octets: Buffer][] = [
    ['a wrong sum', 'gzip', wrong],
    ['what is no gzip', 'gzip', Buffer.from('hello world, this is no gzip')],
    ['what is no brotli', 'br', Buffer.from('garbage!!')],
    ['what is no deflate', 'deflate', Buffer.from('\xff\xff\xff\xff', 'latin1')],
    ['something else behind a gzip', 'gzip', Buffer.concat([zlib.gzipSync('hello'), Buffer.from('tail')])],
  ];
  for (const [what, coding, octets] of damaged) {
    it(`fail for ${what}`, async () => {
      for (const chunks of everyCut(octets)) {
        for (const sized of [false, true]) {
          const error = await rejection(textOf({ coding, chunks, sized }));
          expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'decode');
        }
      }
    });
  }

  it('read away what fills up behind the end', async () => {
    for (const [coding, encode] of ENCODERS) {
      const octets = Buffer.concat([encode(Buffer.from('hello')), Buffer.alloc(100)]);
      for (const chunks of everyCut(octets)) expect(await textOf({ coding, chunks })).to.equal('hello');
      expect(await textOf({ coding, chunks: [octets], sized: true })).to.equal('hello');
    }
    const tail = Array.from({ length: 20 }, () => Buffer.alloc(8192));
    const error = await rejection(textOf({ coding: 'deflate', chunks: [zlib.deflateSync('hello'), ...tail] }));
    expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
  });

  it('stop a bomb by how much it becomes of how little', async () => {
    const bomb = zlib.gzipSync(zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    for (const sized of [false, true]) {
      const { body } = await answerTo({ coding: 'gzip, gzip', chunks: [bomb], sized });
      let size = 0;
      const work = body.each((chunk) => {
        size += chunk.length;
      });
      expect(await rejection(work))
        .to.be.instanceOf(ProtocolError)
        .with.property('reason', 'limit');
      expect(size).to.be.lessThan(9 * 1024 * 1024);
    }
  });

  it('let through what is honestly that small', async () => {
    const zeros = zlib.gzipSync(Buffer.alloc(16 * 1024 * 1024));
    const { body } = await answerTo({ coding: 'gzip', chunks: [zeros] });
    let size = 0;
    await body.each((chunk) => {
      size += chunk.length;
    });
    expect(size).to.equal(16 * 1024 * 1024);
  });

  it('read no further ahead than a decoder holds', async () => {
    const coded = zlib.gzipSync(Buffer.from(Array.from({ length: 4_000_000 }, (_, i) => (i * 7919 * (i >> 8)) & 0xff)));
    let pulled = 0;
    const source: Flow = {
      get complete() {
        return pulled >= coded.length;
      },
      pull: async () => {
        const chunk = coded.subarray(pulled, pulled + 4096);
        pulled += 4096;
        return chunk.length === 0 ? undefined : Buffer.from(chunk);
      },
      each: async () => {},
    };
    const { body } = await answerTo({ coding: 'gzip', chunks: [], body: source });
    await body.pull();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).to.be.lessThan(coded.length / 2);
    expect(body.complete).to.equal(false);
    await body.each(() => {});
    expect(body.complete).to.equal(true);
  });

  it('give on what fails beneath', async () => {
    const failure = new ConnectionError('cut', { reason: 'truncated' });
    const body = memory([zlib.gzipSync(TEXT).subarray(0, 30)], true, { error: failure });
    expect(await rejection(textOf({ coding: 'gzip', chunks: [], body }))).to.equal(failure);
    const again = memory([zlib.gzipSync(TEXT).subarray(0, 30)], true, { error: failure });
    expect(await rejection(textOf({ coding: 'gzip', chunks: [], body: again, sized: true }))).to.equal(failure);
  });

  it('are asked for, unless the caller says otherwise or wants a part', async () => {
    await using peer = await Peer.open(() => reply('200 OK', {}, 'x'));
    const client = await peer.client();
    await (await client.get('/')).close();
    await (await client.get('/', { headers: { 'accept-encoding': 'br' } })).close();
    await (await client.get('/', { range: { first: 0 } })).close();
    const plain = await peer.client({ decompress: false });
    await (await plain.get('/')).close();
    expect(peer.asked.map(({ headers }) => headers.get('accept-encoding'))).to.deep.equal([
      ACCEPTED,
      'br',
      'identity',
      undefined,
    ]);
    expect(ACCEPTED).to.match(/^gzip, deflate, br/);
  });

  it('come through a client, whose limit counts what is decoded', async () => {
    const coded = zlib.gzipSync(TEXT);
    await using peer = await Peer.open(() => reply('200 OK', { 'Content-Encoding': 'gzip' }, coded));
    const client = await peer.client();
    const answer = await client.get('/');
    expect(answer.headers.get('content-length')).to.equal(`${coded.length}`);
    expect(answer.headers.get('content-encoding')).to.equal('gzip');
    expect(answer.size).to.equal(undefined);
    expect(await answer.text()).to.equal(TEXT);
    const error = await rejection(async () => (await client.get('/', { maxSize: coded.length })).text());
    expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
  });

  it('let go of a body that nobody wants to the end', async () => {
    const coded = zlib.gzipSync(Buffer.from(Array.from({ length: 500_000 }, (_, i) => (i * i * 31) & 0xff)));
    await using peer = await Peer.open(() => reply('200 OK', { 'Content-Encoding': 'gzip' }, coded));
    const client = await peer.client();
    for await (const chunk of await client.get('/')) {
      expect(chunk.length).to.be.greaterThan(0);
      break;
    }
    expect(await (await client.get('/')).bytes()).to.have.length(500_000);
  });
});
