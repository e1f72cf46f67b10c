import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { TimeoutError, UsageError } from '../../lib/core/errors.ts';
import type { HttpFixture } from '../../lib/http/fixture.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { rejection } from '../helpers.ts';
import { bodyOf, heads, request, say } from './wire.ts';

const fixture: HttpFixture = {
  'GET /': 'Welcome\n',
  'POST /echo': (asked) => ({ body: asked }),
  'PUT /kept': async (asked) => `${(await asked.bytes()).length} octets, ${asked.trailers.get('x-sum') ?? 'no sum'}\n`,
  'PUT /refused': { status: 413, body: 'too much\n' },
  'GET /early': {
    information: [{ status: 103, headers: { Link: '</style.css>' } }],
    body: ['a', 'b'],
    trailers: { 'X-Sum': '2' },
  },
};

describe('the HTTP server, on the wire', () => {
  let server: HttpMockServer;

  beforeEach(async () => {
    server = await HttpMockServer.start(fixture);
  });
  afterEach(() => server.close());

  it('answers one request after another on a connection, also those that came together', async () => {
    const said = await say(server.port, request('GET /') + request('GET /no-such') + request('HEAD /'));
    expect(heads(said)).to.deep.equal([
      'HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\nContent-Length: 8',
      'HTTP/1.1 404 Not Found\nContent-Type: text/plain; charset=utf-8\nContent-Length: 22',
      'HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\nContent-Length: 8',
    ]);
    expect(said.endsWith('\r\n\r\n')).to.equal(true);
    expect(server.sessions).to.have.length(1);
  });

  it('closes behind an answer of HTTP/1.0, unless the client asks it not to, and says so', async () => {
    const said = await say(server.port, 'GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n');
    expect(said.match(/HTTP\/1\.1 200/g)).to.have.length(1);
    expect(said).to.include('\r\nConnection: close\r\n');
    const kept = await say(server.port, 'GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n'.repeat(2));
    expect(kept.match(/HTTP\/1\.1 200/g)).to.have.length(2);
    expect(kept.match(/\r\nConnection: keep-alive\r\n/g)).to.have.length(2);
  });

  it('sends a stream to HTTP/1.0 without chunks, and without what goes before an answer and behind it', async () => {
    const said = await say(server.port, 'GET /early HTTP/1.0\r\n\r\n');
    expect(said).to.not.include('103');
    expect(said).to.not.include('chunked');
    expect(bodyOf(said)).to.equal('ab');
  });

  it('sends 1xx answers before an answer, chunks, and trailers behind them', async () => {
    const said = await say(server.port, request('GET /early'));
    expect(heads(said)).to.deep.equal([
      'HTTP/1.1 103 Early Hints\nLink: </style.css>',
      'HTTP/1.1 200 OK\nContent-Type: application/octet-stream\nTrailer: X-Sum\nTransfer-Encoding: chunked',
    ]);
    expect(said).to.match(/\r\n\r\n(?:1\r\na\r\n1\r\nb|2\r\nab)\r\n0\r\nX-Sum: 2\r\n\r\n$/);
  });

  it('takes bodies with a length and in chunks, with trailers', async () => {
    const chunked = '3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n';
    const said = await say(
      server.port,
      `${request('PUT /kept', 'Content-Length: 3')}abc${request('PUT /kept', 'Transfer-Encoding: chunked')}${chunked}`,
    );
    expect(said).to.include('3 octets, no sum\n').and.to.include('5 octets, 5\n');
    expect(server.requests.map(({ body, size, complete }) => [`${body}`, size, complete])).to.deep.equal([
      ['abc', 3, true],
      ['abcde', 5, true],
    ]);
  });

  it('gives a body back while it comes', async () => {
    const socket = await opened(server);
    socket.write(`${request('POST /echo', 'Transfer-Encoding: chunked')}3\r\nabc\r\n`);
    await heard(socket, /3\r\nabc\r\n/);
    socket.write('1\r\nd\r\n0\r\n\r\n');
    await heard(socket, /1\r\nd\r\n0\r\n\r\n/);
    socket.destroy();
  });

  it('tells who waits for it to send its body', async () => {
    const socket = await opened(server);
    socket.write(request('PUT /kept', 'Content-Length: 3', 'Expect: 100-continue'));
    await heard(socket, /^HTTP\/1\.1 100 Continue\r\n\r\n/);
    socket.write('abc');
    await heard(socket, /3 octets/);
    socket.destroy();
  });

  it('refuses before the body, closes, and takes nothing for the next request', async () => {
    const asked = request('PUT /refused', 'Content-Length: 3', 'Expect: 100-continue');
    const said = await say(server.port, `${asked}abc${request('GET /')}`);
    expect(heads(said)).to.deep.equal([
      'HTTP/1.1 413 Payload Too Large\nContent-Type: text/plain; charset=utf-8\nContent-Length: 9\nConnection: close',
    ]);
  });

  it('reads a body that nobody wants before it refuses', async () => {
    const said = await say(server.port, `${request('PUT /refused', 'Content-Length: 3')}abc${request('GET /')}`);
    expect(said.match(/HTTP\/1\.1 (?:413|200)/g)).to.deep.equal(['HTTP/1.1 413', 'HTTP/1.1 200']);
    expect(`${server.requests[0]?.body}`).to.equal('abc');
  });

  it('answers who asks by a whole URL, and for what others there are', async () => {
    expect(bodyOf(await say(server.port, request('GET http://example.org/')))).to.equal('Welcome\n');
    expect(await say(server.port, request('GET example'))).to.match(/^HTTP\/1\.1 400 /);
    expect(await say(server.port, request('CONNECT example.org:443'))).to.match(/^HTTP\/1\.1 405 /);
    expect(await say(server.port, request('OPTIONS /kept'))).to.match(/^HTTP\/1\.1 204 [\s\S]*Allow: OPTIONS, PUT\r\n/);
    expect(await say(server.port, request('DELETE /'))).to.match(
      /^HTTP\/1\.1 405 [\s\S]*Allow: GET, HEAD, OPTIONS\r\n/,
    );
    expect(await say(server.port, request('GET /', 'Upgrade: h2c', 'Connection: Upgrade'))).to.match(
      /^HTTP\/1\.1 200 /,
    );
    expect(await say(server.port, request('GET /', 'Expect: a miracle'))).to.match(/^HTTP\/1\.1 417 /);
  });

  const WRONG: Readonly<Record<string, string>> = {
    'no Host': 'GET / HTTP/1.1\r\n\r\n',
    'two Hosts': request('GET /', 'Host: example.com'),
    'no HTTP': 'EHLO example.org\r\n\r\n',
    'two lengths': `${request('PUT /kept', 'Content-Length: 3', 'Content-Length: 4')}abcd`,
    'a length beside chunks': `${request('PUT /kept', 'Content-Length: 3', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    'an unknown coding': `${request('PUT /kept', 'Transfer-Encoding: xchunked')}0\r\n\r\n`,
    'a length with a sign': `${request('PUT /kept', 'Content-Length: +3')}abc`,
    'a field without a name': request('GET /', 'no field'),
    'a folded field': request('GET /', 'X-A: b', ' c: d\x01'),
  };
  for (const [what, said] of Object.entries(WRONG)) {
    it(`refuses a request with ${what}, and closes`, async () => {
      const answered = await say(server.port, said + request('GET /'));
      expect(heads(answered)).to.have.length(1);
      expect(answered).to.match(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close\r\n/);
    });
  }

  it('refuses a header of more than 64 KiB', async () => {
    const said = await say(
      server.port,
      request('GET /', ...Array.from({ length: 70 }, (_, i) => `X-${i}: ${'x'.repeat(1000)}`)),
    );
    expect(said).to.match(/^HTTP\/1\.1 431 /);
  });

  it('tells the dialogue, without secrets', async () => {
    const fields = ['Authorization: Basic c2VjcmV0', 'Cookie: a=secret', 'X-Other: shown'];
    await say(server.port, request('GET /?token=secret', ...fields));
    const said = `${server.transcript}`.replace(/S: Date: .*/, 'S: Date: …');
    expect(said).to.equal(
      [
        'C: GET /?token=*** HTTP/1.1',
        'C: Host: example.org',
        'C: Authorization: ***',
        'C: Cookie: ***',
        'C: X-Other: shown',
        'S: HTTP/1.1 200 OK',
        'S: Content-Type: text/plain; charset=utf-8',
        'S: Content-Length: 8',
        'S: Date: …',
        'S: Connection: keep-alive',
        '*: 8 octets',
      ].join('\n'),
    );
    expect(server.requests[0]?.headers.get('cookie')).to.equal('a=secret');
  });
});

describe('what the HTTP server remembers', () => {
  it('gives a request that has come, and one that will, once its body is there', async () => {
    await using server = await HttpMockServer.start(fixture);
    await say(server.port, request('GET /?a=1&a=2'));
    const known = await server.request('GET /?a');
    expect([known.path, known.query.getAll('a'), known.version, known.session]).to.deep.equal([
      '/',
      ['1', '2'],
      '1.1',
      1,
    ]);
    const coming = server.request(/^PUT/);
    const socket = await opened(server);
    socket.write(`${request('PUT /kept', 'Content-Length: 6')}abc`);
    await server.waitFor('PUT /kept');
    socket.write('def');
    expect(`${(await coming).body}`).to.equal('abcdef');
    socket.destroy();
  });

  it('says what came instead of what was waited for', async () => {
    await using server = await HttpMockServer.start(fixture);
    await say(server.port, request('GET /'));
    const error = await rejection(server.request('POST /', { timeout: 20 }));
    expect(error).to.be.an.instanceOf(TimeoutError).and.to.have.property('message').that.includes('GET / HTTP/1.1');
    const reason = new Error('enough');
    expect(await rejection(server.request('POST /', { signal: AbortSignal.abort(reason) }))).to.equal(reason);
  });

  it('keeps the last requests only, and of each body the first 1 MiB', async () => {
    await using server = await HttpMockServer.start(fixture, { remembered: 5 });
    for (let i = 0; i < 30; i++) await say(server.port, request(`GET /${i}`));
    expect(server.requests.map(({ path }) => path)).to.deep.equal(['/25', '/26', '/27', '/28', '/29']);
    const size = 2 * 1024 * 1024;
    await say(server.port, request('PUT /kept', `Content-Length: ${size}`) + 'x'.repeat(size));
    const { body, size: came, complete } = await server.request('PUT /kept');
    expect([body.length, came, complete]).to.deep.equal([size / 2, size, true]);
  });

  it('does not call a request complete that broke off', async () => {
    await using server = await HttpMockServer.start(fixture);
    await say(server.port, `${request('PUT /kept', 'Content-Length: 10')}abc`);
    expect(server.requests.map(({ complete, size }) => [complete, size])).to.deep.equal([[false, 3]]);
  });

  it('refuses an upgrade to TLS, which HTTP does not have, and routes that are none', async () => {
    expect(await rejection(HttpMockServer.start({}, { tls: 'upgrade' }))).to.be.an.instanceOf(UsageError);
    expect(await rejection(HttpMockServer.start({ 'GET no-slash': '' }))).to.be.an.instanceOf(UsageError);
  });
});

async function opened(server: HttpMockServer): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Waits for it in what comes from now on. */
async function heard(socket: Socket, pattern: RegExp): Promise<void> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (pattern.test(text)) return;
  }
  throw new Error(`it ended with ${JSON.stringify(text)}`);
}
