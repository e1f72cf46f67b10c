import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { HttpClient } from '../../lib/http/client.ts';
import type { HttpSeen } from '../../lib/http/fixture.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { rejection } from '../helpers.ts';

async function* breaking(): AsyncGenerator<Buffer> {
  for (let i = 0; i < 4; i++) yield Buffer.alloc(100_000, 'x');
  throw new Error('the source broke');
}

for (const http2 of [false, true]) {
  describe(`a body that breaks off while it is sent by HTTP/${http2 ? 2 : 1}`, () => {
    it('is never whole for the server', async () => {
      const ends: unknown[] = [];
      let over = (): void => {};
      const ended = new Promise<void>((resolve) => {
        over = resolve;
      });
      const read = async (request: HttpSeen): Promise<string> => {
        await request.bytes().then(
          () => ends.push('whole'),
          () => ends.push('broken'),
        );
        over();
        return 'read';
      };
      await using server = await HttpMockServer.start({ 'POST /': read }, { tls: 'implicit' });
      const endpoint = { scheme: 'https', host: '127.0.0.1', port: server.port, tls: 'implicit' } as const;
      await using client = await HttpClient.connect(endpoint, { http2, tls: { ca: server.ca } });
      const error = await rejection(client.post('/', { body: breaking() }));
      expect(error).to.be.instanceOf(UsageError);
      await ended;
      expect(ends).to.deep.equal(['broken']);
      const [first] = server.requests;
      expect(first?.version).to.equal(http2 ? '2' : '1.1');
      expect(first?.complete).to.equal(false);
    });

    it('is whole where nothing breaks', async () => {
      const count = async (request: HttpSeen): Promise<string> => `${(await request.bytes()).length}`;
      await using server = await HttpMockServer.start({ 'POST /': count }, { tls: 'implicit' });
      const endpoint = { scheme: 'https', host: '127.0.0.1', port: server.port, tls: 'implicit' } as const;
      await using client = await HttpClient.connect(endpoint, { http2, tls: { ca: server.ca } });
      const body = Buffer.alloc(300_000, 'x');
      for (const sent of [
        body,
        (async function* () {
          yield body;
        })(),
        '',
      ]) {
        const size = typeof sent === 'string' ? 0 : body.length;
        expect(await (await client.post('/', { body: sent })).text()).to.equal(`${size}`);
      }
    });
  });
}

describe('a request that is larger than a handler takes', () => {
  it('is answered with 413', async () => {
    await using server = await HttpMockServer.start({ 'POST /': async (request) => `${await request.text(10)}` });
    const endpoint = { scheme: 'http', host: '127.0.0.1', port: server.port, tls: 'none' } as const;
    await using client = await HttpClient.connect(endpoint);
    const answer = await client.post('/', { body: 'x'.repeat(11), failing: 'return' });
    expect(answer.status).to.equal(413);
    await answer.close();
  });
});
