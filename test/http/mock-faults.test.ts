import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { ConnectionError, NetkitError } from '../../lib/core/errors.ts';
import { http } from '../../lib/http/index.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { type WireFault, wireFaults } from '../../lib/http/server/wire-faults.ts';
import { rejection } from '../helpers.ts';
import { bodyOf, heads, request, say } from './wire.ts';

describe('what goes wrong in the HTTP server', () => {
  let server: HttpMockServer;

  beforeEach(async () => {
    server = await HttpMockServer.start({ '/': 'Welcome\n' });
  });
  afterEach(() => server.close());

  it('befalls the requests that it selects: by method, start line, number', async () => {
    const busy = 'HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n';
    server.faults.add(
      { verb: 'post', reply: busy },
      { match: /^GET \/\?second HTTP\/1\.1$/, reply: busy },
      { nth: 3, reply: busy },
    );
    const said = await say(
      server.port,
      ['GET /?first', 'GET /?second', 'GET /?third', 'POST /', 'POST /'].map((start) => request(start)).join(''),
    );
    expect(heads(said).map((head) => head.slice(9, 12))).to.deep.equal(['200', '503', '503', '503', '200']);
    expect(server.requests).to.have.length(5);
  });

  it('answers octets as they are, reads the body before, and goes on', async () => {
    server.faults.add({
      verb: 'PUT',
      reply: Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\xff', 'latin1'),
    });
    const said = await say(server.port, `${request('PUT /', 'Content-Length: 3')}abc${request('GET /')}`);
    expect(said).to.match(/^HTTP\/1\.1 200 OK\r\nContent-Length: 1\r\n\r\n\xffHTTP\/1\.1 200 OK\r\n/);
    expect(`${server.requests[0]?.body}`).to.equal('abc');
  });

  it('sends garbage first, drips, and comes late', async () => {
    server.faults.add({ garbage: 'noise' });
    expect(await say(server.port, request('GET /'))).to.match(/^noiseHTTP\/1\.1 200 OK\r\n/);
    server.faults.add({ drip: { bytes: 50, every: 1 }, delay: 30 });
    const began = performance.now();
    expect(bodyOf(await say(server.port, request('GET /')))).to.equal('Welcome\n');
    expect(performance.now() - began).to.be.greaterThan(29);
  });

  it('truncates, and then hangs up, resets or falls silent', async () => {
    server.faults.add({ truncate: 20 });
    expect(await say(server.port, request('GET /') + request('GET /'))).to.equal('HTTP/1.1 200 OK\r\nCon');
    server.faults.add({ hangUp: true }, { reset: true });
    expect(await say(server.port, request('GET /'))).to.equal('');
    expect(await reset(server.port)).to.equal('ECONNRESET');
    server.faults.add({ truncate: 20, stall: true });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(request('GET /') + request('GET /'));
    const [first] = await once(socket, 'data');
    expect(`${first}`).to.equal('HTTP/1.1 200 OK\r\nCon');
    socket.destroy();
  });

  it('befalls an answer that is whole before the connection is reset', async () => {
    server.faults.add({ delay: 1, reset: true, truncate: 1_000 });
    await using client = await http.connect(server.url);
    expect(await (await client.get('/')).text()).to.equal('Welcome\n');
    expect(await (await client.get('/')).text()).to.equal('Welcome\n');
  });
});

async function reset(port: number): Promise<unknown> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request('GET /'));
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    socket.on('error', resolve).on('close', () => resolve(undefined));
  });
  return error?.code;
}

describe('what no HTTP server should say', () => {
  let server: HttpMockServer;

  before(async () => {
    server = await HttpMockServer.start(
      Object.fromEntries(Object.entries(wireFaults).map(([name, fault]) => [`GET /${name}`, fault])),
    );
  });
  after(() => server.close());

  /** What is nevertheless an answer. */
  const WHOLE: Partial<Record<WireFault, string>> = {
    'length-too-small': 'he',
    'no-length': 'hello',
    'slow-header': 'hello',
  };

  for (const name of Object.keys(wireFaults)) {
    const whole = new Map(Object.entries(WHOLE)).get(name);
    it(`${name} is ${whole === undefined ? 'an error' : 'read'}, in time`, async () => {
      const timeouts = name === 'slow-header' ? {} : { idle: 200, greeting: 200, total: 1_500 };
      await using client = await http.connect(server.url, { timeouts });
      const text = client.get(`/${name}`, { maxSize: 100_000 }).then((answer) => answer.text());
      if (whole === undefined) expect(await rejection(text)).to.be.an.instanceOf(NetkitError);
      else expect(await text).to.equal(whole);
    });
  }

  it('is on the wire as it is written', async () => {
    const said = await say(server.port, request('GET /truncated-chunk'));
    expect(bodyOf(said)).to.equal('5\r\nhello\r\n10\r\nonly a part');
    expect(await say(server.port, request('GET /garbage'))).to.equal('this is no answer of HTTP\r\n\r\n');
  });

  it('leaves nothing behind when the client goes', async () => {
    await using client = await http.connect(server.url);
    const signal = AbortSignal.timeout(50);
    expect(await rejection(client.get('/stall', { signal }))).to.equal(signal.reason);
    await client.close();
    expect(await rejection(http.fetch(`${server.url}/reset`))).to.be.an.instanceOf(ConnectionError);
  });
});
