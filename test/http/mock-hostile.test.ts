import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import { ConnectionError } from '../../lib/core/errors.ts';
import { shownField } from '../../lib/http/codec.ts';
import { fixture as demo } from '../../lib/http/demo.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { heads, request, say } from './wire.ts';

/** Writes until it is not taken any more for a while, or so much has been taken. */
async function flood(socket: Socket, octets: Buffer, most: number): Promise<void> {
  for (let taken = 0; taken < most; taken += octets.length) {
    if (socket.write(octets)) continue;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), 500);
    const isTaken = await once(socket, 'drain', { signal: patience.signal }).then(
      () => true,
      () => false,
    );
    clearTimeout(timer);
    if (!isTaken) return;
  }
}

describe('the HTTP server, and clients that mean it no good', () => {
  it('reads on only when few requests wait, and answers all of them in the end', async () => {
    let answer: (said: string) => void = () => {};
    const answered = new Promise<string>((resolve) => {
      answer = resolve;
    });
    let asked = 0;
    await using server = await HttpMockServer.start({
      'GET /slow': () => answered,
      'GET /': () => {
        asked++;
        return 'x';
      },
    });
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.write(request('GET /slow'));
    const lot = Buffer.from('GET / HTTP/1.1\r\nHost:\r\n\r\n'.repeat(1_000));
    await flood(socket, lot, lot.length * 200);
    expect(server.sessions[0]?.connection.received).to.be.lessThan(1024 * 1024);
    expect(asked).to.equal(0);
    answer('now');
    await server.request('GET / ');
    socket.destroy();
  });

  it('answers many requests that came at once, in their order', async () => {
    await using server = await HttpMockServer.start({ 'GET /:n': ({ params }) => `${params.get('n')};` });
    const said = await say(server.port, Array.from({ length: 3_000 }, (_, n) => request(`GET /${n}`)).join(''));
    expect([...said.matchAll(/(\d+);/g)].map(([, n]) => Number(n))).to.deep.equal(
      Array.from({ length: 3_000 }, (_, n) => n),
    );
  });

  it('digs no tunnel, and says so behind the answers that go before', async () => {
    await using server = await HttpMockServer.start({ 'GET /': async () => 'first' });
    const said = await say(server.port, request('GET /') + request('CONNECT example.org:1'));
    expect(heads(said).map((head) => head.slice(0, 12))).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 405']);
  });

  it('ends at once, whoever is still waited for', async () => {
    const server = await HttpMockServer.start(demo);
    const sockets = ['/delay/60', '/sse?every=60', '/drip?numbytes=2&duration=60'].map((path) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {}).write(request(`GET ${path}`));
      return socket;
    });
    await Promise.all(['/delay', '/sse', '/drip'].map((path) => server.request(`GET ${path}`)));
    const began = performance.now();
    await server.close();
    expect(performance.now() - began).to.be.lessThan(1_900);
    for (const socket of sockets) socket.destroy();
  });

  it('tells a handler when nobody waits for its answer any more', async () => {
    let left: unknown;
    await using server = await HttpMockServer.start({
      'GET /': async ({ signal }) => {
        await once(signal, 'abort');
        left = signal.reason;
        return 'too late';
      },
    });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(request('GET /'));
    await server.request('GET / ');
    socket.destroy();
    await server.close();
    expect(left).to.be.an.instanceOf(ConnectionError).and.to.have.property('reason', 'closed');
  });

  it('never ends an answer of HTTP/2 in good order that breaks off, however slowly it is read', async () => {
    await using server = await HttpMockServer.start({
      'GET /': () => ({
        body: (async function* () {
          for (let i = 0; i < 4; i++) yield Buffer.alloc(100_000, 'x');
          throw new Error('there is no more');
        })(),
      }),
    });
    const session = connectHttp2(server.url);
    const stream = session.request({ ':path': '/' }).on('error', () => {});
    let isEnded = false;
    stream.on('end', () => {
      isEnded = true;
    });
    const closed = new Promise((resolve) => stream.once('close', resolve));
    await once(stream, 'response');
    stream.resume();
    await closed;
    expect([isEnded, stream.rstCode]).to.deep.equal([false, 2]);
    session.destroy();
  });

  it('answers so many requests of HTTP/2 at a time, and no more', async () => {
    await using server = await HttpMockServer.start();
    const session = connectHttp2(server.url);
    const [settings] = await once(session, 'remoteSettings');
    expect(settings.maxConcurrentStreams).to.equal(256);
    session.destroy();
  });
});

describe('what is shown of a field', () => {
  const rows: readonly (readonly [name: string, value: string, shown: string])[] = [
    ['X-Api-Key', 'k', '***'],
    ['x-auth-token', 't', '***'],
    ['Location', 'https://h/a?token=t&b=c#d', 'https://h/a?token=***&b=***'],
    ['Location', '/cb#access_token=t&x=y', '/cb#access_token=***&x=***'],
    ['X-Other', 'a=b', 'a=b'],
  ];
  for (const [name, value, shown] of rows)
    it(`${name}: ${shown}`, () => {
      expect(shownField(name, value)).to.equal(`${name}: ${shown}`);
    });
});
