/** Where a stranger's redirect must not lead (hardening H2, A19, A20; http-s05 to http-s13). */
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { HttpClient } from '../../lib/http/client.ts';
import type { HttpRequest, Origin } from '../../lib/http/exchange.ts';
import { checkHeaders } from '../../lib/http/headers.ts';
import { redirects } from '../../lib/http/redirect.ts';
import type { TransportOptions } from '../../lib/http/transport.ts';
import { Ways } from '../../lib/http/ways.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply } from './peer.ts';

const STRANGER: Origin = { scheme: 'http', host: 'stranger.example', port: 80 };

function asking(origin: Origin, ledBy?: Origin): HttpRequest {
  return { method: 'GET', origin, ledBy, target: '/', ...checkHeaders({}) };
}

/** What becomes of a request to this host, at a server here, that a stranger's redirect leads to. */
async function led(host: string, options: TransportOptions = {}): Promise<{ status: number; connections: number }> {
  await using peer = await Peer.open(() => reply('204 No Content', {}));
  const ways = await Ways.open({ resolve: { 'rebound.example': '127.0.0.1' }, ...options });
  try {
    const { status } = await ways.exchange(asking({ scheme: 'http', host, port: peer.port }, STRANGER));
    return { status, connections: peer.connections };
  } catch (error) {
    expect(peer.connections, 'connections').to.equal(0);
    throw error;
  } finally {
    await ways.close();
  }
}

async function located(location: string): Promise<Peer> {
  return Peer.open(() => reply('302 Found', { Location: location }));
}

describe('a redirect', () => {
  for (const location of [
    'file:///etc/passwd',
    'ftp://127.0.0.1/x',
    'gopher://127.0.0.1/',
    'javascript:1',
    'data:,x',
  ]) {
    it(`is not followed to ${location} (http-s05 to http-s09)`, async () => {
      await using peer = await located(location);
      const error = await rejection((await peer.client()).get('/'));
      expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
    });
  }

  it('may lead from this machine to this machine', async () => {
    await using there = await Peer.open(() => reply('200 OK', {}, 'there'));
    await using here = await located(`${there.origin}/`);
    expect(await (await (await here.client()).get('/')).text()).to.equal('there');
  });

  for (const host of [
    '127.0.0.1',
    'localhost',
    'a.localhost',
    '::1',
    '::ffff:127.0.0.1',
    '0x7f000001',
    '2130706433',
    '127.1',
    '0.0.0.0',
    '169.254.169.254',
    '10.0.0.1',
    'fd00::1',
    '64:ff9b::7f00:1',
    'rebound.example',
  ]) {
    it(`does not lead from a public address to ${host} (http-s11, http-s13)`, async () => {
      expect(await rejection(led(host)))
        .to.be.instanceOf(UsageError)
        .with.property('reason', 'policy');
    });
  }

  it('leads there where the caller says that it may', async () => {
    expect(await led('rebound.example', { policy: 'any' })).to.deep.equal({ status: 204, connections: 1 });
  });

  it('does not lead from a public address to a port of another protocol', async () => {
    const ways = await Ways.open();
    const error = await rejection(ways.exchange(asking({ scheme: 'http', host: '192.0.9.1', port: 25 }, STRANGER)));
    expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
    await ways.close();
  });

  it('does not lead to an address of here through a proxy either', async () => {
    await using proxy = await located('http://127.0.0.1:1/');
    const stranger = await HttpClient.connect(
      { scheme: 'http', host: 'stranger.example', port: 80, tls: 'none' },
      { proxy: proxy.origin },
    );
    expect(await rejection(stranger.get('/')))
      .to.be.instanceOf(UsageError)
      .with.property('reason', 'policy');
    expect(proxy.asked.map(({ target }) => target)).to.deep.equal(['http://stranger.example:80/']);
    await stranger.close();
  });

  it('remembers who led: not the one whom the caller named', async () => {
    const seen: (string | undefined)[] = [];
    const ways = ['http://b.example/', '/on', 'http://c.example/', 'http://a.example/back', undefined];
    const follow = redirects();
    const first = asking({ scheme: 'http', host: 'a.example', port: 80 });
    await follow(first, async (request) => {
      const location = ways[seen.length];
      seen.push(request.ledBy?.host);
      const { headers } = checkHeaders(location === undefined ? {} : { Location: location });
      const body = { pull: async () => undefined, each: async () => {}, complete: true } as const;
      const [status, close] = [location === undefined ? 200 : 302, async () => {}];
      return { request, status, reason: '', version: '1.1', headers, body, trailers: () => headers, close };
    });
    expect(seen).to.deep.equal([undefined, 'a.example', 'a.example', 'b.example', undefined]);
  });
});

describe('the policy public', () => {
  it('holds for who is asked through a proxy: names are resolved here, and the proxy is told addresses', async () => {
    await using proxy = await Peer.open(() => reply('403 Forbidden', {}));
    const resolve = { 'rebound.example': '127.0.0.1', 'fine.example': '192.0.9.1' };
    const ask = async (host: string): Promise<unknown> => {
      const ways = await Ways.open({ policy: 'public', proxy: proxy.origin, resolve });
      const error = await rejection(ways.exchange(asking({ scheme: 'http', host, port: 80 })));
      await ways.close();
      return error;
    };
    expect(await ask('rebound.example')).to.be.instanceOf(UsageError);
    expect(proxy.connections).to.equal(0);
    expect(await ask('fine.example')).not.to.be.instanceOf(UsageError);
    expect(proxy.asked.map(({ method, target }) => `${method} ${target}`)).to.deep.equal(['CONNECT 192.0.9.1:80']);
  });
});
