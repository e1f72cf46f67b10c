import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { ConnectionError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { HttpClient, type HttpConnectOptions } from '../../lib/http/client.ts';
import { certificate } from '../../lib/mock/certificate.ts';
import { rejection } from '../helpers.ts';

type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** A server of Node, which does what it is told. */
class Host implements AsyncDisposable {
  readonly sockets: TLSSocket[] = [];
  readonly #server: Http2SecureServer;
  readonly #ca: string;
  readonly #clients: HttpClient[] = [];

  static async open(serve: Serve): Promise<Host> {
    const { cert, key, ca } = certificate();
    const server = createSecureServer({ cert, key });
    const host = new Host(server, ca, serve);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return host;
  }

  private constructor(server: Http2SecureServer, ca: string, serve: Serve) {
    this.#server = server;
    this.#ca = ca;
    server.on('secureConnection', (socket) => this.sockets.push(socket));
    server.on('sessionError', () => {});
    server.on('stream', (stream, headers) =>
      serve(
        stream.on('error', () => {}),
        headers,
      ),
    );
  }

  async client(options: HttpConnectOptions = {}): Promise<HttpClient> {
    const { port } = this.#server.address() as AddressInfo;
    const endpoint = { scheme: 'https', host: 'localhost', port, tls: 'implicit' } as const;
    const client = await HttpClient.connect(endpoint, { http2: true, tls: { ca: this.#ca }, ...options });
    this.#clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.close();
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Says half of an answer, and then does something. */
function half(then: (stream: ServerHttp2Stream, host: Host) => void, length = true): Promise<Host> {
  const opened: Promise<Host> = Host.open((stream) => {
    stream.respond({ ':status': 200, ...(length && { 'content-length': '1000' }) });
    stream.write(Buffer.alloc(500));
    setImmediate(async () => then(stream, await opened));
  });
  return opened;
}

describe('HTTP/2', () => {
  const ends: Readonly<Record<string, (stream: ServerHttp2Stream, host: Host) => void>> = {
    'reset with one': (stream) => stream.destroy(new Error('x')),
    'given up with its session': (stream) => stream.session?.destroy(),
    'lost with its connection': (_stream, { sockets }) => sockets[0]?.destroy(),
    'ended with its connection': (_stream, { sockets }) => sockets[0]?.end(),
  };
  for (const [name, end] of Object.entries(ends)) {
    for (const length of [true, false]) {
      it(`fails an answer that is ${name}, ${length ? 'with' : 'without'} a length`, async () => {
        await using host = await half(end, length);
        const client = await host.client();
        const answer = await client.get('/');
        const error = await rejection(answer.bytes());
        expect(error).to.be.instanceOf(ConnectionError).and.include({ phase: 'body' });
        expect(answer.complete).to.equal(false);
        await client.close();
      });
    }
  }

  it('does not know whether an answer is whole whose stream is reset without an error, but by its length', async () => {
    await using host = await half((stream) => stream.destroy(), false);
    const answer = await (await host.client()).get('/');
    expect(await answer.bytes()).to.have.length(500);
    expect(answer.complete).to.equal('unknown');
    await using longer = await half((stream) => stream.destroy());
    const error = await rejection(async () => (await (await longer.client()).get('/')).bytes());
    expect(error).to.have.property('reason', 'truncated');
  });

  for (const more of [499, 501])
    it(`fails an answer of another length than it says: ${more}`, async () => {
      await using host = await half((stream) => stream.end(Buffer.alloc(more)));
      const client = await host.client();
      expect(await rejection(async () => (await client.get('/')).bytes())).to.be.instanceOf(ConnectionError);
    });

  it('gives answers that are whole, with and without a length, interim answers and trailers', async () => {
    await using host = await Host.open((stream, headers) => {
      stream.additionalHeaders({ ':status': 103, link: '</a>' });
      stream.respond(
        { ':status': 200, ...(headers[':path'] === '/a' && { 'content-length': 3 }) },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }));
      stream.end('abc');
    });
    const client = await host.client();
    const interim: number[] = [];
    for (const path of ['/a', '/b']) {
      const answer = await client.get(path, { onInformation: (status) => interim.push(status) });
      expect(await answer.text()).to.equal('abc');
      expect(answer).to.include({ version: '2', complete: true, reason: '' });
      expect(answer.trailers.get('x-sum')).to.equal('42');
    }
    expect(interim).to.deep.equal([103, 103]);
    const head = await client.head('/a');
    expect(head.headers.get('content-length')).to.equal('3');
    expect(await head.bytes()).to.have.length(0);
  });

  it('asks many things at once over one connection', async () => {
    await using host = await Host.open((stream, headers) => {
      stream.respond({ ':status': 200 });
      stream.end(headers[':path']);
    });
    const client = await host.client();
    const texts = await Promise.all(Array.from({ length: 300 }, async (_, i) => (await client.get(`/${i}`)).text()));
    expect(texts).to.deep.equal(Array.from({ length: 300 }, (_, i) => `/${i}`));
    expect(host.sockets).to.have.length(1);
  });

  it('makes another connection where the first is over', async () => {
    await using host = await Host.open((stream) => {
      stream.respond({ ':status': 200 });
      stream.end('x', () => stream.session?.close());
    });
    const client = await host.client();
    for (let i = 0; i < 5; i++) expect(await (await client.get('/')).text()).to.equal('x');
    expect(host.sockets.length).to.be.greaterThan(1);
  });

  it('sends bodies: octets, streams, and none', async () => {
    await using host = await Host.open((stream, headers) => {
      stream.respond({ ':status': 200 });
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      stream.on('end', () => stream.end(`${headers[':method']} ${size} ${headers['content-length']}`));
    });
    const client = await host.client();
    const told: number[] = [];
    const onSent = (octets: number): void => void told.push(octets);
    expect(await (await client.post('/', { body: Buffer.alloc(300_000), onSent })).text()).to.equal(
      'POST 300000 300000',
    );
    expect(told).to.deep.equal([300_000]);
    const parts = async function* (): AsyncGenerator<Buffer> {
      for (let i = 0; i < 10; i++) yield Buffer.alloc(70_000);
    };
    expect(await (await client.put('/', { body: parts() })).text()).to.equal('PUT 700000 undefined');
    expect(await (await client.post('/')).text()).to.equal('POST 0 0');
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
      throw new RangeError('mine');
    };
    const error = await rejection(client.put('/', { body: broken() }));
    expect(error).to.be.instanceOf(UsageError).with.property('cause').that.is.instanceOf(RangeError);
  });

  it('makes a server wait whose octets nobody reads, and does not blame it', async () => {
    let sent = 0;
    await using host = await Host.open((stream) => {
      stream.respond({ ':status': 200 });
      const more = (): void => {
        if (sent++ === 20) stream.end();
        else stream.write(Buffer.alloc(1024 * 1024), more);
      };
      more();
    });
    const client = await host.client({ timeouts: { idle: 300 } });
    const answer = await client.get('/');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(sent).to.be.lessThan(4);
    let octets = 0;
    for await (const chunk of answer) octets += chunk.length;
    expect(octets).to.equal(20 * 1024 * 1024);
  });

  it('waits for no longer than it may, and stops when it is told to', async () => {
    const resets: (number | undefined)[] = [];
    await using host = await Host.open((stream, headers) => {
      if (headers[':path'] === '/begun') stream.respond({ ':status': 200 });
      stream.once('close', () => resets.push(stream.rstCode));
    });
    const client = await host.client({ timeouts: { idle: 50 } });
    expect(await rejection(client.get('/')))
      .to.be.instanceOf(TimeoutError)
      .and.include({ phase: 'command' });
    const body = rejection(async () => (await client.get('/begun')).bytes());
    expect(await body)
      .to.be.instanceOf(TimeoutError)
      .and.include({ phase: 'body' });
    const reason = new Error('enough');
    const patient = await host.client();
    const answer = await patient.get('/begun', { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error);
    expect(answer).to.equal(reason);
    const controller = new AbortController();
    const begun = await patient.get('/begun', { signal: controller.signal });
    setImmediate(() => controller.abort(reason));
    expect(await rejection(begun.bytes())).to.equal(reason);
    expect(resets).to.include(constants.NGHTTP2_CANCEL);
  });

  it('asks again for what the server has certainly not done', async () => {
    let count = 0;
    await using host = await Host.open((stream) => {
      if (count++ === 0) return stream.close(constants.NGHTTP2_REFUSED_STREAM);
      stream.respond({ ':status': 200 });
      stream.end('done');
    });
    const client = await host.client();
    expect(await (await client.get('/')).text()).to.equal('done');
  });

  it('falls back to HTTP/1.1 over the connection that it has', async () => {
    const { cert, key, ca } = certificate();
    const server = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (_request, response) =>
      response.end('older'),
    );
    let connections = 0;
    server.on('secureConnection', () => connections++).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = { scheme: 'https', host: 'localhost', port, tls: 'implicit' } as const;
    const client = await HttpClient.connect(endpoint, { http2: true, tls: { ca } });
    const answer = await client.get('/');
    expect(await answer.text()).to.equal('older');
    expect(answer).to.include({ version: '1.1', complete: true });
    expect(connections).to.equal(1);
    await client.close();
    server.close();
  });

  it('is spoken only where that is wanted', async () => {
    await using host = await Host.open((stream) => stream.respond({ ':status': 204 }, { endStream: true }));
    const client = await host.client({ http2: false });
    expect(await rejection(client.get('/'))).to.be.instanceOf(ConnectionError);
    const other = await host.client();
    expect((await other.get('/')).status).to.equal(204);
    expect(await rejection(other.request('CONNECT', '/'))).to.be.instanceOf(UsageError);
  });
});
