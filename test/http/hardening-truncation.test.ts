/** What is cut is never whole, however the server said that it would end (hardening H7, H16, A9, A23). */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { ConnectionError, ProtocolError } from '../../lib/core/errors.ts';
import { HttpClient } from '../../lib/http/client.ts';
import { certificate } from '../../lib/mock/certificate.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply, type Said } from './peer.ts';

const CLOSING = 'HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
const KEPT = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const LARGE = 'x'.repeat(1024 * 1024);

/** What comes of a body that somebody begins to read after a while. */
async function fetched(said: Said, waits = false): Promise<{ text: string; complete: boolean | 'unknown' }> {
  await using peer = await Peer.open(() => said);
  const client = await peer.client({ timeouts: { idle: 2_000 } });
  const answer = await client.get('/');
  if (waits) await new Promise((resolve) => setTimeout(resolve, 100));
  const text = await answer.text();
  return { text, complete: answer.complete };
}

describe('a body in chunks that is cut', () => {
  const places = ['5\r\nhel', '5\r\nhello\r\n', '5\r\nhello\r\n1', '5\r\nhello\r\n0\r\n', '5\r\nhello\r\n0\r\nX-T: y'];
  // what ends in the middle of the name of a field has ended whole processes
  for (const body of [...places, '5\r\nhello\r\n0\r\nX-T']) {
    for (const [kind, head] of [
      ['keeps the connection', KEPT],
      ['closes it', CLOSING],
      ['speaks HTTP/1.0', CLOSING.replace('1.1', '1.0')],
    ] as const) {
      it(`fails behind ${JSON.stringify(body)} of a server that ${kind} (http-s37)`, async () => {
        const error = await rejection(fetched({ cut: head + body }));
        expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
        const reset = await rejection(fetched({ reset: head + body }));
        expect(reset, 'when it is reset').to.be.instanceOf(ConnectionError);
      });
    }
  }
  it('fails who reads late too', async () => {
    const said = `${CLOSING}200000\r\n${LARGE}`;
    expect(await rejection(fetched({ cut: said }, true))).to.be.instanceOf(ConnectionError);
    expect(await rejection(fetched({ reset: said }, true))).to.be.instanceOf(ConnectionError);
  });
});

describe('a body that lasts as long as its connection', () => {
  const head = 'HTTP/1.1 200 OK\r\n\r\n';

  it('ends with it, and nobody knows whether it is whole (http-s83)', async () => {
    expect(await fetched({ cut: `${head}hello` })).to.deep.equal({ text: 'hello', complete: 'unknown' });
    expect(await fetched({ cut: head + LARGE }, true)).to.deep.equal({ text: LARGE, complete: 'unknown' });
  });
  it('fails when the connection is reset (http-s73)', async () => {
    for (const waits of [false, true])
      expect(await rejection(fetched({ reset: `${head}hel` }, waits)))
        .to.be.instanceOf(ConnectionError)
        .with.property('phase', 'body');
  });
});

describe('a body that lasts as long as its TLS connection', () => {
  /** What comes of it where the server then does this to the connection. */
  async function overTls(end: (secured: TLSSocket, beneath: Socket) => void): Promise<unknown> {
    const { cert, key, ca } = certificate();
    const raw: Socket[] = [];
    const server = createServer({ cert, key }, (secured) => {
      secured.on('error', () => {});
      secured.once('data', () => {
        const [beneath] = raw;
        if (beneath) secured.write('HTTP/1.1 200 OK\r\n\r\nhel', () => setImmediate(end, secured, beneath));
      });
    });
    server.on('connection', (socket: Socket) => raw.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const client = await HttpClient.connect(
      { scheme: 'https', host: 'localhost', port, tls: 'implicit' },
      { tls: { ca } },
    );
    try {
      const answer = await client.get('/');
      return { text: await answer.text(), complete: answer.complete };
    } catch (error) {
      return error;
    } finally {
      await client.close();
      for (const socket of raw) socket.destroy();
      server.close();
    }
  }

  it('ends with close_notify, and with nothing less (hardening A9)', async () => {
    expect(await overTls((secured) => secured.end())).to.deep.equal({ text: 'hel', complete: 'unknown' });
    const cut = await overTls((_, beneath) => beneath.end());
    expect(cut).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
    expect(await overTls((_, beneath) => beneath.resetAndDestroy())).to.be.instanceOf(ConnectionError);
  });
});

describe('a body of a known length', () => {
  it('is whole with its last octet, whatever happens behind it (http-s84)', async () => {
    const said = reply('200 OK', {}, LARGE);
    for (const waits of [false, true]) {
      expect((await fetched({ cut: said }, waits)).text).to.equal(LARGE);
      expect(await fetched({ reset: reply('200 OK', { Connection: 'close' }, 'hello') }, waits)).to.deep.equal({
        text: 'hello',
        complete: true,
      });
    }
  });
  it('fails where an octet is missing (http-s31, http-s32, http-s73)', async () => {
    const said = reply('200 OK', { Connection: 'close' }, 'hello').subarray(0, -1);
    expect(await rejection(fetched({ cut: said })))
      .to.be.instanceOf(ConnectionError)
      .with.property('reason', 'truncated');
    expect(await rejection(fetched({ reset: said }))).to.be.instanceOf(ConnectionError);
    const huge = 'HTTP/1.1 200 OK\r\nContent-Length: 100000000000000\r\n\r\nhello';
    expect(await rejection(fetched({ cut: huge }))).to.be.instanceOf(ConnectionError);
  });
});

describe('the body of a failure', () => {
  it('is given up with the request: what comes of it is the reason of the signal', async () => {
    await using peer = await Peer.open(() => 'HTTP/1.1 500 x\r\nContent-Length: 100\r\n\r\nhalf');
    const client = await peer.client();
    const controller = new AbortController();
    const asking = rejection(client.get('/', { signal: controller.signal }));
    setTimeout(() => controller.abort(new RangeError('mine')), 50);
    expect(await asking).to.be.instanceOf(RangeError);
  });
});

describe('what nobody asked for', () => {
  for (const [what, said] of [
    ['a 100', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
  ] as const) {
    it(`is ${what}: that is the server's fault, and does not pass (http-s21)`, async () => {
      const error = await rejection(fetched(said));
      expect(error).to.be.instanceOf(ProtocolError).with.property('temporary', false);
    });
  }
});
