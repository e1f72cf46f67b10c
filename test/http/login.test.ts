import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { parseInfo } from '../../lib/http/challenge.ts';
import { HttpClient } from '../../lib/http/client.ts';
import { HttpError } from '../../lib/http/resource.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { rejection } from '../helpers.ts';
import { type Asked, Peer, reply } from './peer.ts';

const JOE = { user: 'joe', password: 'hunter2' };
const BASIC = `Basic ${Buffer.from('joe:hunter2').toString('base64')}`;

function authorization({ headers }: Asked): string | undefined {
  return headers.get('authorization');
}

/** Wants Digest, and is right about it. */
function digestServer(extra = '', info?: (nonce: string) => string): (asked: Asked, count: number) => Buffer {
  let nonces = 0;
  return (asked) => {
    const sent = parseInfo((authorization(asked) ?? '').replace(/^Digest /, ''));
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const [nonce = '', nc, cnonce] = [sent.get('nonce'), sent.get('nc'), sent.get('cnonce')];
    const expected = md5(
      `${md5('joe:r:hunter2')}:${nonce}:${nc}:${cnonce}:auth:${md5(`${asked.method}:${asked.target}`)}`,
    );
    if (sent.get('response') === expected && (nonce === `n${nonces}` || nonce.startsWith('next')))
      return reply('200 OK', info ? { 'Authentication-Info': info(nonce) } : {}, 'in');
    const stale = sent.get('response') === expected ? ', stale=TRUE' : '';
    const challenge = `Digest realm="r", nonce="n${++nonces}", qop="auth"${stale}${extra}`;
    return reply('401 No', { 'WWW-Authenticate': challenge }, 'who are you');
  };
}

describe('a login', () => {
  it('answers a challenge once, and then does not wait for it in and below that folder', async () => {
    await using peer = await Peer.open((asked) =>
      authorization(asked) === BASIC || !asked.target.startsWith('/a/')
        ? reply('200 OK', {}, 'in')
        : reply('401 No', { 'WWW-Authenticate': 'Basic realm="x", charset="UTF-8"' }),
    );
    const client = await peer.client(JOE);
    for (const path of ['/a/b', '/a/c/d', '/a/b?q', '/e', '/ab', '/a/../e'])
      expect(await (await client.get(path)).text()).to.equal('in');
    expect(peer.asked.map((asked) => [asked.target, authorization(asked) === BASIC])).to.deep.equal([
      ...[['/a/b', false] as const, ['/a/b', true] as const, ['/a/c/d', true] as const, ['/a/b?q', true] as const],
      ...[['/e', false] as const, ['/ab', false] as const, ['/a/../e', false] as const, ['/a/../e', true] as const],
    ]);
  });

  it('is tried once per challenge', async () => {
    await using peer = await Peer.open(() => reply('401 x', { 'WWW-Authenticate': 'Basic realm="a"' }, 'no'));
    const client = await peer.client(JOE);
    const error = await rejection(client.get('/'));
    if (!(error instanceof HttpError)) throw error;
    expect([error.reason, error.status, peer.asked.length]).to.deep.equal(['auth', 401, 2]);
    expect(await error.response.text()).to.equal('no');
    expect(inspect(error, { depth: 9 })).to.not.match(/hunter2|am9lOmh1/);
    await rejection(client.get('/'));
    expect(peer.asked).to.have.length(4);
  });

  it('is tried no more often with Digest, whatever the server says of staleness', async () => {
    const challenge = 'Digest realm="a", nonce="b", stale=true, qop=auth';
    await using peer = await Peer.open(() => reply('401 x', { 'WWW-Authenticate': challenge }));
    const error = await rejection((await peer.client(JOE)).get('/'));
    expect(error).to.be.instanceOf(HttpError);
    expect(peer.asked).to.have.length(3);
  });

  it('waits for nobody where it is said to be Basic', async () => {
    await using peer = await Peer.open(() => reply('200 OK', {}));
    await (await (await peer.client({ ...JOE, auth: 'Basic' })).get('/')).close();
    expect(peer.asked.map(authorization)).to.deep.equal([BASIC]);
  });

  it('takes the strongest of what is offered', async () => {
    const offers = [
      'Basic realm="r"',
      'Digest realm="r", nonce="a", qop="auth"',
      'Digest realm="r", nonce="b", qop="auth", algorithm=SHA-256, Digest realm="r", nonce="c", algorithm=SHA-1',
      'Negotiate',
    ];
    await using peer = await Peer.open((asked) =>
      authorization(asked) ? reply('200 OK', {}) : reply('401 No', { 'WWW-Authenticate': offers.join(', ') }),
    );
    await (await (await peer.client(JOE)).get('/')).close();
    expect(authorization(peer.asked[1] as Asked)).to.match(/^Digest .*nonce="b".*algorithm=SHA-256/);
    await (await (await peer.client({ ...JOE, auth: 'basic' })).get('/')).close();
    expect(peer.asked.map(authorization).at(-1)).to.equal(BASIC);
  });

  it('gives back what it cannot answer', async () => {
    const challenges = ['Negotiate', 'Bearer realm="x"', 'Digest realm="r", nonce="n", algorithm=X', '"'];
    await using peer = await Peer.open((_, count) =>
      reply('401 No', { 'WWW-Authenticate': challenges[count - 1] ?? '' }),
    );
    const client = await peer.client({ ...JOE, failing: 'return' });
    for (const _ of challenges) expect((await client.get('/')).status).to.equal(401);
    expect(peer.asked).to.have.length(4);
  });

  it('goes on with Digest, for many requests at a time, and past a stale nonce', async () => {
    await using peer = await Peer.open(digestServer());
    const client = await peer.client(JOE);
    expect(await (await client.get('/x')).text()).to.equal('in');
    const answers = await Promise.all(Array.from({ length: 10 }, async () => (await client.get('/x')).text()));
    expect(new Set(answers)).to.deep.equal(new Set(['in']));
    expect(peer.asked).to.have.length(12);
    // another client makes the nonce of the first stale
    expect(await (await (await peer.client(JOE)).get('/x')).text()).to.equal('in');
    expect(await (await client.get('/x')).text()).to.equal('in');
    expect(peer.asked).to.have.length(16);
  });

  it('takes over the next nonce', async () => {
    await using peer = await Peer.open(digestServer('', () => 'nextnonce="next1"'));
    const client = await peer.client(JOE);
    for (let i = 0; i < 3; i++) await (await client.get('/x')).close();
    expect(peer.asked.map((asked) => /nonce="(\w+)"/.exec(authorization(asked) ?? '')?.[1])).to.deep.equal([
      undefined,
      'n1',
      'next1',
      'next1',
    ]);
  });

  it('fails for a server that proves itself wrongly', async () => {
    await using peer = await Peer.open(digestServer('', () => 'rspauth="00"'));
    const error = await rejection((await peer.client(JOE)).get('/x'));
    expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'integrity');
  });

  it('sends a body again, if it can be', async () => {
    const challenge = { 'WWW-Authenticate': 'Basic realm="a"' };
    await using peer = await Peer.open((asked) =>
      authorization(asked) ? reply('200 OK', {}) : reply('401 No', challenge),
    );
    const client = await peer.client(JOE);
    await client.send('/', 'hello');
    expect(peer.asked.map(({ body }) => body)).to.deep.equal(['hello', 'hello']);
    const other = await peer.client(JOE);
    const error = await rejection(other.send('/', Readable.from([Buffer.from('hello')])));
    expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
    expect(String(error)).to.include('a stream cannot be sent twice');
    await using deaf = await Peer.open(() => reply('401 No', challenge));
    const sure = await deaf.client({ ...JOE, auth: 'basic' });
    expect(await rejection(sure.send('/', Readable.from([Buffer.from('hello')])))).to.have.property('status', 401);
  });

  it('leaves alone what the caller says himself', async () => {
    await using peer = await Peer.open(() => reply('401 No', { 'WWW-Authenticate': 'Basic realm="a"' }));
    await rejection((await peer.client(JOE)).get('/', { headers: { Authorization: 'Mine x' } }));
    expect(peer.asked.map(authorization)).to.deep.equal(['Mine x']);
  });

  it('sends a token at once, and shows it to nobody', async () => {
    await using peer = await Peer.open(() => reply('401 No', { 'WWW-Authenticate': 'Bearer realm="a"' }));
    const transcript = new Transcript();
    const client = await peer.client({ token: 's3cret.token', transcript });
    const error = await rejection(client.get('/'));
    expect(peer.asked.map(authorization)).to.deep.equal(['Bearer s3cret.token']);
    expect(inspect([error, client, transcript.lines], { depth: 9 })).to.not.include('s3cret');
    expect(await rejection(peer.client({ token: 'a b' }))).to.be.instanceOf(UsageError);
  });

  it('shows a password to nobody on the way, unless it is told to', async () => {
    await using peer = await Peer.open((asked) =>
      authorization(asked) ? reply('200 OK', {}) : reply('401 No', { 'WWW-Authenticate': 'Basic realm="a"' }),
    );
    const endpoint = { scheme: 'http', host: 'example.test', port: peer.port, tls: 'none' } as const;
    const options = { ...JOE, resolve: { 'example.test': '127.0.0.1' } };
    for (const more of [{}, { auth: 'basic' }, { token: 'abc' }]) {
      await using client = await HttpClient.connect(endpoint, { ...options, ...more });
      expect(await rejection(client.get('/')))
        .to.be.instanceOf(UsageError)
        .with.property('reason', 'policy');
    }
    expect(peer.asked.map(authorization)).to.deep.equal([undefined]);
    await using client = await HttpClient.connect(endpoint, { ...options, insecureLogin: true });
    expect((await client.get('/')).status).to.equal(200);
  });

  it('does not follow a redirect to another origin', async () => {
    await using other = await Peer.open(() => reply('401 No', { 'WWW-Authenticate': 'Basic realm="a"' }));
    await using peer = await Peer.open(() => reply('302 Found', { Location: `${other.origin}/x` }));
    const error = await rejection((await peer.client({ ...JOE, auth: 'basic' })).get('/'));
    expect(error).to.be.instanceOf(HttpError).with.property('status', 401);
    await rejection((await peer.client({ token: 'abc' })).get('/'));
    expect(other.asked.map(authorization)).to.deep.equal([undefined, undefined]);
    expect(peer.asked.map(authorization)).to.deep.equal([BASIC, 'Bearer abc']);
  });

  it('is made anew for where a redirect leads', async () => {
    const login = digestServer();
    await using peer = await Peer.open((asked, count) => {
      const answer = login(asked, count);
      const isIn = answer.includes('200 OK') && asked.target === '/x';
      return isIn ? reply('302 Found', { Location: '/y', 'Set-Cookie': 'a=2; Path=/' }) : answer;
    });
    const client = await peer.client({ ...JOE, cookies: true });
    client.cookies?.set(`${peer.origin}/`, 'a=1; Path=/');
    expect(await (await client.get('/x')).text()).to.equal('in');
    const sent = peer.asked.map((asked) => [
      asked.target,
      /uri="([^"]*)"/.exec(authorization(asked) ?? '')?.[1],
      asked.headers.get('cookie'),
    ]);
    expect(sent).to.deep.equal([
      ['/x', undefined, 'a=1'],
      ['/x', '/x', 'a=1'],
      ['/y', '/y', 'a=2'],
    ]);
  });

  it('answers a proxy that is told whole URLs', async () => {
    const challenge = 'Digest realm="p", nonce="n", qop="auth", algorithm=SHA-256';
    await using proxy = await Peer.open(({ headers }) =>
      headers.get('proxy-authorization')?.startsWith('Digest ')
        ? reply('200 OK', {}, 'in')
        : reply('407 No', { 'Proxy-Authenticate': challenge }),
    );
    const options = { proxy: `http://joe:hunter2@127.0.0.1:${proxy.port}` };
    await using client = await HttpClient.connect({ scheme: 'http', host: 'h.test', port: 80, tls: 'none' }, options);
    expect(await (await client.get('/x')).text()).to.equal('in');
    const sent = parseInfo(proxy.asked[1]?.headers.get('proxy-authorization')?.slice(7) ?? '');
    expect([sent.get('uri'), sent.get('username')]).to.deep.equal(['http://h.test:80/x', 'joe']);
    expect(proxy.asked.map(authorization)).to.deep.equal([undefined, undefined]);
  });

  it('does not tell a proxy twice what it has refused', async () => {
    await using proxy = await Peer.open(() => reply('407 No', { 'Proxy-Authenticate': 'Basic realm="p"' }));
    const options = { proxy: `http://joe:hunter2@127.0.0.1:${proxy.port}` };
    await using client = await HttpClient.connect({ scheme: 'http', host: 'h.test', port: 80, tls: 'none' }, options);
    expect(await rejection(client.get('/')))
      .to.be.instanceOf(HttpError)
      .with.property('reason', 'auth');
    expect(proxy.asked.map(({ headers }) => headers.get('proxy-authorization'))).to.deep.equal([BASIC]);
  });

  it('refuses at once what can never log in', async () => {
    await using peer = await Peer.open(() => reply('200 OK', {}));
    for (const options of [{ user: 'joe' }, { password: 'x' }, { ...JOE, auth: 'ntlm' }])
      expect(await rejection(peer.client(options))).to.be.instanceOf(UsageError);
    for (const user of ['a:b', 'a\u0001']) {
      const client = await peer.client({ user, password: 'x', auth: 'basic' });
      expect(await rejection(client.get('/'))).to.be.instanceOf(UsageError);
    }
    expect(peer.asked).to.have.length(0);
  });
});
