import { expect } from 'chai';
import type { HttpRoutes, HttpSeen } from '../../lib/http/fixture.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { bodyOf, heads, request, say } from './wire.ts';

const MODIFIED = new Date('2024-01-02T03:04:05Z');
const LONG = 'Tue, 02 Jan 2024 03:04:05 GMT';

async function* broken(): AsyncGenerator<string> {
  yield 'a';
  throw new Error('no more paper');
}

const routes: HttpRoutes = {
  'GET /text': 'Grüße',
  'GET /octets': Buffer.from([0, 255]),
  'GET /json': { json: { a: [1, null] } },
  'GET /empty': { status: 204 },
  'GET /own': {
    ...{ status: 299, reason: 'Almost', body: 'x' },
    headers: [
      ['X-B', '1'],
      ['x-a', '2'],
      ['X-B', '3'],
      ['Content-Type', 'text/x'],
    ],
  },
  'GET /lie': { headers: { 'Content-Length': 3 }, body: 'ab' },
  'GET /web': () => new Response('from fetch', { status: 203, headers: { 'X-A': 'b' } }),
  'GET /stream': () =>
    (async function* () {
      yield 'one ';
      yield '';
      yield Buffer.from('two');
    })(),
  'GET /fails': () => {
    throw new Error('out of order');
  },
  'GET /splits': { headers: [['X-A', 'b\r\nX-Evil: 1']], body: 'x' },
  'GET /breaks': { body: broken() },
  'GET /user/:id/file/*': ({ params }: HttpSeen) => ({ json: [...params] }),
  'GET /user/me/file/x': 'the plain one first',
  '/any': ({ method }: HttpSeen) => method,
  'GET /version': { content: '0123456789', type: 'text/plain', etag: '"v1"', modified: MODIFIED },
  'GET /weak': { content: '0123456789', etag: 'W/"v1"' },
};

describe('the answers of the HTTP server', () => {
  let server: HttpMockServer;
  const get = (path: string, ...fields: readonly string[]): Promise<string> =>
    say(server.port, request(`GET ${path}`, ...fields));
  const status = async (path: string, ...fields: readonly string[]): Promise<string> =>
    (await get(path, ...fields)).slice(9, 12);

  before(async () => {
    server = await HttpMockServer.start(routes);
  });
  after(() => server.close());

  it('are text, octets, JSON, streams, nothing', async () => {
    expect(await get('/text')).to.match(/\r\nContent-Type: text\/plain; charset=utf-8\r\nContent-Length: 7\r\n/);
    expect(bodyOf(await get('/octets'))).to.equal('\x00\xff');
    expect(await get('/json')).to.match(/\r\nContent-Type: application\/json\r\n[\s\S]*\r\n\r\n{"a":\[1,null\]}\n$/);
    expect(heads(await get('/empty'))).to.deep.equal(['HTTP/1.1 204 No Content']);
    // some versions of Node put what is written at once into one chunk
    expect(bodyOf(await get('/stream'))).to.match(/^(?:4\r\none \r\n3\r\ntwo|7\r\none two)\r\n0\r\n\r\n$/);
  });

  it('have the fields that they are given, in their order and case, and their own words', async () => {
    expect(heads(await get('/own'))).to.deep.equal([
      'HTTP/1.1 299 Almost\nX-B: 1\nx-a: 2\nX-B: 3\nContent-Type: text/x\nContent-Length: 1',
    ]);
    expect(await get('/lie')).to.match(/\r\nContent-Length: 3\r\n[\s\S]*\r\n\r\nab$/);
    expect(await get('/web')).to.match(/^HTTP\/1\.1 203 [\s\S]*\r\nx-a: b\r\n/);
  });

  it('are found by method and path, with parts of it for a function', async () => {
    expect(bodyOf(await get('/user/42/file/a/b?c')).trim()).to.equal('[["id","42"],["*","a/b"]]');
    expect(bodyOf(await get('/user/me/file/x'))).to.equal('the plain one first');
    expect(bodyOf(await say(server.port, request('PURGE /any')))).to.equal('PURGE');
    expect(await status('/user/42')).to.equal('404');
  });

  it('are a 500 where there is none, which tells nothing of why', async () => {
    for (const path of ['/fails', '/splits']) {
      const said = await get(path);
      expect(said).to.match(/^HTTP\/1\.1 500 /);
      expect(said).to.not.match(/out of order|X-Evil/);
    }
    await server.waitFor('*: no answer could be made: out of order');
  });

  it('are never taken for whole when they break off', async () => {
    const said = await get('/breaks');
    expect(said).to.not.include('0\r\n\r\n');
    await server.waitFor('*: the answer broke off: no more paper');
  });

  const CONDITIONS: readonly [path: string, field: string, status: string][] = [
    ['/version', 'If-None-Match: "v0", W/"v1"', '304'],
    ['/version', 'If-None-Match: "v0"', '200'],
    ['/version', 'If-None-Match: *', '304'],
    ['/version', 'If-Match: "v1"', '200'],
    ['/version', 'If-Match: W/"v1"', '412'],
    ['/version', 'If-Match: "v0"', '412'],
    ['/version', `If-Modified-Since: ${LONG}`, '304'],
    ['/version', 'If-Modified-Since: Tue, 02 Jan 2024 03:04:04 GMT', '200'],
    ['/version', 'If-Modified-Since: yesterday', '200'],
    ['/version', `If-Unmodified-Since: ${LONG}`, '200'],
    ['/version', 'If-Unmodified-Since: Tue, 02 Jan 2024 03:04:04 GMT', '412'],
    ['/weak', 'If-None-Match: "v1"', '304'],
    ['/weak', 'If-Match: W/"v1"', '412'],
  ];
  for (const [path, field, expected] of CONDITIONS) {
    it(`${path} under ${field} is ${expected}`, async () => {
      expect(await status(path, field)).to.equal(expected);
    });
  }

  const RANGES: readonly [range: string, status: string, place: string | undefined, body: string][] = [
    ['bytes=2-4', '206', 'bytes 2-4/10', '234'],
    ['bytes=8-', '206', 'bytes 8-9/10', '89'],
    ['bytes=-3', '206', 'bytes 7-9/10', '789'],
    ['bytes=5-99', '206', 'bytes 5-9/10', '56789'],
    ['bytes=10-', '416', 'bytes */10', ''],
    ['bytes=-0', '416', 'bytes */10', ''],
    ['bytes=4-2', '200', undefined, '0123456789'],
    ['lines=1-2', '200', undefined, '0123456789'],
    ['bytes=0-8,1-9', '200', undefined, '0123456789'],
    [`bytes=${'0-0,'.repeat(40)}1-1`, '200', undefined, '0123456789'],
  ];
  for (const [range, expected, place, body] of RANGES) {
    it(`the range ${range.slice(0, 20)} is ${expected}`, async () => {
      const said = await get('/version', `Range: ${range}`);
      expect([said.slice(9, 12), /Content-Range: (.*)\r/.exec(said)?.[1], bodyOf(said)]).to.deep.equal([
        expected,
        place,
        body,
      ]);
    });
  }

  it('several ranges are parts of one body, whose length is right', async () => {
    const said = await get('/version', 'Range: bytes=0-1, -1');
    const [, boundary = '', length = ''] =
      /Content-Type: multipart\/byteranges; boundary=(.*)\r\nContent-Length: (\d+)\r\n/.exec(said) ?? [];
    expect(bodyOf(said)).to.have.length(Number(length));
    expect(
      bodyOf(said)
        .split(`--${boundary}`)
        .map((part) => part.trim()),
    ).to.deep.equal([
      '',
      'Content-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01',
      'Content-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n9',
      '--',
    ]);
  });

  it('a range is for the version that If-Range names, and for GET', async () => {
    expect(await status('/version', 'Range: bytes=0-1', 'If-Range: "v1"')).to.equal('206');
    expect(await status('/version', 'Range: bytes=0-1', 'If-Range: "v0"')).to.equal('200');
    expect(await status('/version', 'Range: bytes=0-1', `If-Range: ${LONG}`)).to.equal('206');
    expect(await status('/weak', 'Range: bytes=0-1', 'If-Range: W/"v1"')).to.equal('200');
    const head = await say(server.port, request('HEAD /version', 'Range: bytes=0-1'));
    expect(head).to.match(/^HTTP\/1\.1 200 [\s\S]*\r\nContent-Length: 10\r\n/);
  });
});
