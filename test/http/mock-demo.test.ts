import { expect } from 'chai';
import type { HttpClient } from '../../lib/http/client.ts';
import { fixture } from '../../lib/http/demo.ts';
import { http } from '../../lib/http/index.ts';
import type { HttpMockServer } from '../../lib/http/mock-server.ts';

describe('the HTTP server that tells what was asked', () => {
  let server: HttpMockServer;
  let client: HttpClient;

  before(async () => {
    server = await http.mock(fixture);
    client = await http.connect(server.url, { failing: 'return', cookies: true, user: 'ann', password: 'pass' });
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  const text = async (path: string): Promise<string> => (await client.get(path)).text();

  it('tells of a request: its query, its fields, its form, its JSON, its octets', async () => {
    const told = await (await client.post('/post?a=1', { form: { b: 'ü' }, query: { c: 2 } })).json();
    expect(told).to.include({ method: 'POST', url: `${server.url}/post?a=1&c=2`, version: '1.1', size: 8 });
    expect(told).to.deep.include({
      query: [
        ['a', '1'],
        ['c', '2'],
      ],
      form: [['b', 'ü']],
      data: 'b=%C3%BC',
    });
    const sent = await (await client.put('/anything/x', { json: { a: [1] } })).json();
    expect(sent).to.deep.include({ json: { a: [1] } });
    const octets = Buffer.from([0xff, 0x00]);
    expect(await (await client.patch('/patch', { body: octets })).json()).to.include({ base64: '/wA=' });
    expect(await (await client.delete('/delete')).json()).to.include({ method: 'DELETE', size: 0 });
    expect(await text('/ip')).to.equal('{"origin":"127.0.0.1"}\n');
    expect(await text('/user-agent')).to.include('netkit');
  });

  it('has any status, and redirects of each kind', async () => {
    for (const status of [200, 204, 304, 404, 418, 503])
      expect((await client.get(`/status/${status}`)).status).to.equal(status);
    expect((await client.get('/status/42')).status).to.equal(400);
    for (const path of ['/redirect/3', '/relative-redirect/3', '/redirect-to?url=/get&status=307', '/status/302'])
      expect((await client.get(path)).url, path).to.equal(`${server.url}/get`);
    expect((await client.get('/redirect-to?url=a%0d%0aX:%20b')).status).to.equal(400);
  });

  it('asks who it is, in each way', async () => {
    const paths = [
      '/basic-auth/ann/pass',
      '/any-auth/ann/pass',
      '/digest-auth/auth/ann/pass',
      '/digest-auth/auth-int/ann/pass/sha-256-sess',
    ];
    for (const path of paths) expect(await text(path), path).to.equal('{"authenticated":true,"user":"ann"}\n');
    expect((await client.get('/basic-auth/ann/other')).status).to.equal(401);
    expect((await client.get('/digest-auth/auth/ann/pass/rot13')).status).to.equal(400);
    await using bearer = await http.connect(server.url, { token: 'abc' });
    expect(await (await bearer.get('/bearer')).json()).to.deep.equal({ authenticated: true, token: 'abc' });
    expect((await client.get('/bearer')).status).to.equal(401);
  });

  it('sets cookies, and forgets them', async () => {
    expect(await text('/cookies/set?a=1&b=2')).to.equal('{"cookies":[["a","1"],["b","2"]]}\n');
    expect(await text('/cookies/set/c/3')).to.include('["c","3"]');
    expect(await text('/cookies/delete?a=&b=&c=')).to.equal('{"cookies":[]}\n');
  });

  it('has bodies of every kind', async () => {
    for (const coding of ['gzip', 'deflate', 'br'])
      expect(await (await client.get(`/${coding}`)).json()).to.include({ coding, method: 'GET' });
    const bytes = await (await client.get('/bytes/100000')).bytes();
    expect(bytes).to.have.length(100_000);
    expect(await (await client.get('/bytes/100000?seed=2')).bytes()).to.not.deep.equal(bytes);
    expect(await text('/range/30')).to.equal('abcdefghijklmnopqrstuvwxyzabcd');
    const part = await client.get('/range/1000000', { range: { first: 99_998, last: 100_002 } });
    expect([part.status, await part.text()]).to.deep.equal([206, 'cdefg']);
    expect((await text('/stream/3')).trim().split('\n')).to.have.length(3);
    expect(await text('/chunked')).to.equal('one, two, three\n');
    expect(await text('/trailers')).to.equal('one, two\n');
    expect(await text('/drip?numbytes=3&duration=0.01')).to.equal('***');
    expect(await text('/sse?count=2&every=0.01')).to.equal(
      'retry: 1000\n\nid: 1\nevent: tick\ndata: {"id":1}\n\nid: 2\nevent: tick\ndata: {"id":2}\n\n',
    );
    expect(await (await client.post('/echo', { body: 'again', type: 'text/x' })).text()).to.equal('again');
  });

  it('waits, and refuses to wait for ever', async () => {
    const began = performance.now();
    expect(await (await client.get('/delay/0.05')).json()).to.include({ method: 'GET' });
    expect(performance.now() - began).to.be.greaterThan(45);
    for (const path of ['/delay/1e9', '/delay/100', '/bytes/-1', '/bytes/99999999999', '/stream/x', '/sse?every=x'])
      expect((await client.get(path)).status, path).to.equal(400);
  });

  it('has what can be kept', async () => {
    const { headers } = await client.get('/etag/abc');
    expect(headers.get('etag')).to.equal('"abc"');
    expect((await client.get('/etag/abc', { ifNoneMatch: '"abc"' })).status).to.equal(304);
    expect((await client.get('/cache')).headers.get('cache-control')).to.equal('public, max-age=60');
  });

  it('speaks XML-RPC, and has a page of its methods', async () => {
    expect(await text('/xmlrpc')).to.include('add(int, int)');
    const call = `<?xml version="1.0"?><methodCall><methodName>add</methodName><params>${'<param><value><int>2</int></value></param>'.repeat(2)}</params></methodCall>`;
    expect(await (await client.post('/xmlrpc', { body: call, type: 'text/xml' })).text()).to.match(/<(?:int|i4)>4</);
  });

  it('names what is wrong on the wire', async () => {
    expect(await (await client.get('/faults')).json()).to.include('truncated-chunk');
    expect((await client.get('/faults/no-length')).complete).to.equal(false);
  });
});
