import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import { expect } from 'chai';
import type { HttpFixture } from '../../lib/http/fixture.ts';
import { http } from '../../lib/http/index.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';

const fixture: HttpFixture = {
  'GET /': 'Welcome\n',
  'POST /echo': (asked) => ({
    body: asked,
    headers: { 'X-Host': asked.headers.get('host') ?? '', Connection: 'close' },
  }),
  'GET /early': {
    ...{ information: [{ status: 103, headers: { Link: '</a>' } }], body: ['one'] },
    ...{
      headers: [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
      ],
      trailers: { 'X-Sum': '1' },
    },
  },
  'GET /raw': { raw: 'HTTP/1.1 200 OK\r\n\r\n' },
  'GET /breaks': {
    body: (async function* () {
      yield 'a';
      throw new Error('no more');
    })(),
  },
};

interface Said {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly early: readonly number[];
  readonly trailers: IncomingHttpHeaders;
}

async function ask(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<Said> {
  const stream = session.request(headers, { endStream: body === undefined });
  const early: number[] = [];
  let trailers: IncomingHttpHeaders = {};
  stream.on('headers', (more) => early.push(Number(more[':status']))).on('trailers', (more) => (trailers = more));
  if (body !== undefined) stream.end(body);
  const [answered] = await once(stream, 'response');
  let text = '';
  for await (const chunk of stream) text += chunk;
  return { headers: answered, text, early, trailers };
}

/** However it ends. */
async function closed(stream: ClientHttp2Stream): Promise<void> {
  await new Promise((resolve) =>
    stream
      .on('error', () => {})
      .on('close', resolve)
      .resume(),
  );
}

describe('the HTTP server, by HTTP/2', () => {
  let server: HttpMockServer;
  let session: ClientHttp2Session;

  beforeEach(async () => {
    server = await HttpMockServer.start(fixture);
    session = connect(server.url);
    session.on('error', () => {});
  });
  afterEach(async () => {
    session.destroy();
    await server.close();
  });

  it('speaks to who begins with it, many requests at once', async () => {
    const all = await Promise.all(Array.from({ length: 50 }, () => ask(session, { ':path': '/' })));
    expect(new Set(all.map(({ text }) => text))).to.deep.equal(new Set(['Welcome\n']));
    expect(server.sessions).to.have.length(1);
    expect(server.requests.map(({ version }) => version))
      .to.include('2')
      .and.to.have.length(50);
  });

  it('takes bodies, and has no fields of a connection', async () => {
    const { headers, text } = await ask(session, { ':path': '/echo', ':method': 'POST' }, 'some text');
    expect(text).to.equal('some text');
    expect(headers['x-host']).to.equal(`127.0.0.1:${server.port}`);
    expect(headers).to.not.have.property('connection');
    expect(`${(await server.request('POST /echo HTTP/2')).body}`).to.equal('some text');
  });

  it('sends what goes before an answer and behind it', async () => {
    const { headers, early, trailers, text } = await ask(session, { ':path': '/early' });
    expect([early, headers['set-cookie'], trailers['x-sum'], text]).to.deep.equal([[103], ['a=1', 'b=2'], '1', 'one']);
  });

  it('resets what would be octets of HTTP/1, and what breaks off, and goes on', async () => {
    for (const path of ['/raw', '/breaks']) {
      const stream = session.request({ ':path': path });
      await closed(stream);
      expect(stream.rstCode, path).to.equal(2);
    }
    expect((await ask(session, { ':path': '/' })).text).to.equal('Welcome\n');
  });

  it('has its faults too', async () => {
    server.faults.add({ match: /^GET \/ HTTP\/2$/, reset: true });
    await closed(session.request({ ':path': '/' }));
    expect(server.transcript.lines.at(-1)?.text).to.equal('fault: reset');
  });

  it('tells the dialogue', async () => {
    await ask(session, { ':path': '/?a=secret', cookie: 'a=secret' });
    expect(`${server.transcript}`).to.equal(
      [
        'C: GET /?a=*** HTTP/2',
        `C: host: 127.0.0.1:${server.port}`,
        'C: cookie: ***',
        'S: HTTP/2 200',
        'S: Content-Type: text/plain; charset=utf-8',
        'S: Content-Length: 8',
        '*: 8 octets',
      ].join('\n'),
    );
  });
});

describe('the HTTP server, over TLS', () => {
  for (const http2 of [true, false]) {
    it(`speaks ${http2 ? 'HTTP/2' : 'HTTP/1.1'} with a client that ${http2 ? 'offers it' : 'does not offer more'}`, async () => {
      await using server = await HttpMockServer.start(fixture, { tls: 'implicit' });
      await using client = await http.connect(server.url, { tls: { ca: server.ca }, http2 });
      const answer = await client.get('/');
      expect([await answer.text(), answer.version]).to.deep.equal(['Welcome\n', http2 ? '2' : '1.1']);
      expect(server.requests[0]).to.include({ version: http2 ? '2' : '1.1', secure: true });
    });
  }

  it('can be told to speak HTTP/1.1 only', async () => {
    await using server = await HttpMockServer.start(fixture, { tls: 'implicit', http2: false });
    await using client = await http.connect(server.url, { tls: { ca: server.ca }, http2: true });
    expect((await client.get('/')).version).to.equal('1.1');
  });
});
