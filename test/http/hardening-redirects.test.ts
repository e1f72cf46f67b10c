/** What crosses from one origin to another, and what becomes of a request on its way (hardening H1, H3, A17). */
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import type { HttpRequest } from '../../lib/http/exchange.ts';
import { checkHeaders, type GivenHeaders } from '../../lib/http/headers.ts';
import { type RedirectOptions, redirects } from '../../lib/http/redirect.ts';
import { sourceOf } from '../../lib/http/source.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply } from './peer.ts';

const SECRETS: GivenHeaders = {
  Authorization: 'Bearer SECRET',
  'Proxy-Authorization': 'Basic SECRET',
  Cookie: 's=SECRET',
  'X-Api-Key': 'SECRET',
  'X-Plain': 'SECRET',
  Referer: 'http://joe:SECRET@a.example/',
  Accept: new Secret('SECRET'),
  'Accept-Language': 'en',
};

interface Given {
  readonly method?: string;
  readonly scheme?: 'http' | 'https';
  readonly headers?: GivenHeaders;
  readonly body?: string | AsyncIterable<Uint8Array>;
  readonly options?: RedirectOptions;
}

/** The requests that come of one, where these are the answers and then a 200. */
async function follow(
  answers: readonly (readonly [status: number, location: string])[],
  { method = 'GET', scheme = 'http', headers = {}, body, options }: Given = {},
): Promise<readonly HttpRequest[]> {
  const seen: HttpRequest[] = [];
  const port = scheme === 'https' ? 443 : 80;
  const origin = { scheme, host: 'a.example', port } as const;
  const sent = body === undefined ? undefined : { ...sourceOf(body), type: 'text/plain' };
  const first = { method, origin, target: '/x', ...checkHeaders(headers), body: sent };
  await redirects(options)(first, async (request) => {
    const [status = 200, location] = answers[seen.length] ?? [];
    seen.push(request);
    const fields = checkHeaders(location === undefined ? {} : { Location: location }).headers;
    const flow = { pull: async () => undefined, each: async () => {}, complete: true } as const;
    const rest = { reason: '', version: '1.1', body: flow, trailers: () => fields, close: async () => {} } as const;
    return { request, status, headers: fields, ...rest };
  });
  return seen;
}

describe('a redirect to another origin', () => {
  for (const location of ['http://b.example/', 'http://a.example:81/', '//b.example/', 'https://a.example/']) {
    it(`takes along nothing that we are known by: ${location} (http-s01, http-s02, http-s03)`, async () => {
      const [first, second] = await follow([[302, location]], { headers: SECRETS });
      expect([...(first?.headers ?? [])]).to.have.length(8);
      expect([...(second?.headers ?? [])]).to.deep.equal([['Accept-Language', 'en']]);
    });
  }

  it('does not give them back on the way home (http-s04)', async () => {
    const seen = await follow(
      [
        [302, 'http://b.example/'],
        [302, 'http://a.example/'],
      ],
      { headers: SECRETS },
    );
    expect([...(seen[2]?.headers ?? [])]).to.deep.equal([['Accept-Language', 'en']]);
  });

  it('keeps them where it stays', async () => {
    const [, second] = await follow([[302, 'http://A.example:80/y']], { headers: SECRETS });
    expect([...(second?.headers ?? [])]).to.have.length(8);
    expect(second?.target).to.equal('/y');
  });

  it('is not one from https to http, unless the caller says so', async () => {
    const given = { scheme: 'https' } as const;
    expect(await rejection(follow([[302, 'http://a.example/']], given))).to.be.instanceOf(UsageError);
    expect(await follow([[302, 'http://a.example/']], { ...given, options: { toPlain: true } })).to.have.length(2);
  });

  it('logs in as nobody whom a server names', async () => {
    expect(await rejection(follow([[302, 'http://joe:x@b.example/']]))).to.be.instanceOf(UsageError);
  });

  it('that leads nowhere is the fault of the server', async () => {
    for (const location of ['http://', 'http://a b/', 'http://[::1'])
      expect(await rejection(follow([[302, location]]))).to.be.instanceOf(ProtocolError);
  });

  it('shows no secret in a transcript, nor in an error', async () => {
    await using there = await Peer.open(() => reply('404 Not Found', {}, 'SECRET'));
    const location = `${there.origin}/y?token=SECRET#SECRET`.replace('#SECRET', '');
    await using here = await Peer.open(() => reply('302 Found', { Location: location, 'Set-Cookie': 's=SECRET' }));
    const transcript = new Transcript();
    const client = await here.client({ transcript, user: 'joe', password: 'SECRET', auth: 'basic', cookies: true });
    const headers = { 'X-Api-Key': new Secret('SECRET'), Referer: 'http://joe:SECRET@a.example/?b=SECRET' };
    const error = await rejection(client.get('/x?token=SECRET', { headers }));
    expect(there.asked[0]?.headers.has('authorization')).to.equal(false);
    expect(there.asked[0]?.headers.has('x-api-key')).to.equal(false);
    expect(`${inspect(error, { depth: 9 })}${JSON.stringify(error)}`).not.to.include('SECRET');
    expect(transcript.toString()).to.include('Location: ').and.not.to.include('SECRET');
  });
});

describe('what is redirected', () => {
  const body = 'a=1';
  const headers = { 'Content-Language': 'en', 'Content-Type': 'text/plain', Range: 'bytes=0-1' };
  const rows: [status: number, method: string, becomes: string][] = [
    [301, 'GET', 'GET'],
    [301, 'HEAD', 'HEAD'],
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'PUT', 'PUT'],
    [302, 'DELETE', 'DELETE'],
    [303, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
    [308, 'PATCH', 'PATCH'],
  ];
  for (const [status, method, becomes] of rows) {
    it(`by ${status}: ${method} becomes ${becomes} (http-s17)`, async () => {
      const sends = !['GET', 'HEAD', 'DELETE'].includes(method);
      const [, second] = await follow([[status, '/y']], { method, ...(sends && { body, headers }) });
      expect(second).to.include({ method: becomes, target: '/y' });
      const keeps = sends && becomes !== 'GET';
      expect(second?.body !== undefined).to.equal(keeps);
      expect(second?.headers.has('content-language')).to.equal(keeps);
      expect(second?.headers.has('content-type')).to.equal(keeps);
    });
  }

  it('cannot be a stream where it would be sent again (http-s18)', async () => {
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
    };
    const given = { method: 'POST', body: stream() };
    expect(await rejection(follow([[307, '/y']], given))).to.be.instanceOf(UsageError);
    expect(await follow([[302, '/y']], { method: 'POST', body: stream() })).to.have.length(2);
  });

  it('is so many times, and no more (http-s14)', async () => {
    const loop = Array.from({ length: 50 }, () => [302, '/x'] as const);
    expect(await rejection(follow(loop)))
      .to.be.instanceOf(ProtocolError)
      .with.property('reason', 'limit');
    expect(await follow(loop.slice(0, 10))).to.have.length(11);
    expect(await rejection(follow(loop.slice(0, 1), { options: { max: 0 } }))).to.be.instanceOf(ProtocolError);
  });
});
