/** Who logs in to Apache, and to proxies on the way: Basic, Digest. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { HttpConnectOptions } from '../../../lib/http/client.ts';
import { Passwords } from '../../../lib/http/credentials.ts';
import { http, ReplyError, Transcript, UsageError } from '../../../lib/index.ts';
import { rejection } from '../../helpers.ts';
import { type Peer, start } from '../start.ts';
import { ALICE, askedOf, logged, manifestOf, type Seeded, sha256 } from './client.ts';

const USERS: Readonly<Record<string, { readonly user: string; readonly password: string }>> = {
  'with a space in the password': ALICE,
  'with colons in the password': { user: 'bob', password: 'bob:pw:with:colons' },
  'whose name and password are not ASCII': { user: 'jürgen', password: 'pässwörd' },
};

describe('Apache, where a login is wanted', () => {
  let server: Peer;
  let proxy: Peer;
  let ca: string;
  let manifest: Readonly<Record<string, Seeded>>;

  before(async () => {
    [server, proxy] = await Promise.all([start('apache2'), start('tinyproxy')]);
    ca = await readFile(server.get('ca'), 'utf8');
    manifest = await manifestOf(server);
  });

  after(async () => {
    await Promise.all([server, proxy].map((peer) => peer?.close()));
  });

  const WAYS: Readonly<Record<string, () => [url: string, options: HttpConnectOptions]>> = {
    plainly: () => [`http://localhost:${server.port('http')}`, {}],
    'with TLS': () => [`https://localhost:${server.port('https')}`, { tls: { ca } }],
    'by HTTP/2': () => [`https://localhost:${server.port('https')}`, { tls: { ca }, http2: true }],
    'through a proxy': () => [
      `http://localhost:${server.port('http')}`,
      { insecureLogin: true, proxy: `http://alice:${proxy.get('password')}@127.0.0.1:${proxy.port('closed')}` },
    ],
  };

  for (const [way, where] of Object.entries(WAYS)) {
    describe(way, () => {
      for (const [name, who] of Object.entries(USERS)) {
        it(`knows somebody ${name} by Basic`, async () => {
          const [url, options] = where();
          await using client = await http.connect(url, { ...options, ...who });
          expect(await (await client.fetch('/basic/secret.txt')).text()).to.equal('for who logs in by Basic\n');
        });

        if (who.user === 'bob') continue;
        it(`knows somebody ${name} by Digest`, async () => {
          const [url, options] = where();
          await using client = await http.connect(url, { ...options, ...who });
          expect(await (await client.fetch('/digest/secret.txt?a=b%20c')).text()).to.equal(
            'for who logs in by Digest\n',
          );
          expect(sha256(await (await client.fetch('/digest/large.bin')).bytes())).to.equal(
            manifest['/digest/large.bin']?.sha256,
          );
        });
      }

      for (const place of ['/basic/', '/digest/']) {
        it(`refuses a wrong password at ${place}, with something to read, and after one try`, async () => {
          const [url, options] = where();
          await using client = await http.connect(url, { ...options, user: 'alice', password: 'guess' });
          const error = await rejection(client.fetch(`${place}secret.txt?wrong=${way.replaceAll(/\W/g, '')}`));
          expect(error).to.be.instanceOf(ReplyError).and.include({ status: 401, reason: 'auth' });
          expect(String(error)).not.to.include('guess');
          const tries = await logged(server, new RegExp(`^${place}.*wrong=${way.replaceAll(/\W/g, '')}$`), 2);
          expect(tries.map(({ status }) => status)).to.deep.equal([401, 401]);
        });
      }
    });
  }

  it('is asked only once whether it wants a login, below the same folder', async () => {
    for (const place of ['/basic', '/digest']) {
      await using client = await http.connect(`http://localhost:${server.port('http')}`, ALICE);
      for (let i = 0; i < 5; i++) await (await client.fetch(`${place}/secret.txt?often`)).bytes();
      const entries = await logged(server, new RegExp(`^${place}/secret.txt.often$`), 6);
      expect(entries.map(({ status }) => status)).to.deep.equal([401, 200, 200, 200, 200, 200]);
    }
  });

  it('is told nothing where it asks nothing, nor at once unless it is to be', async () => {
    const url = `http://localhost:${server.port('http')}`;
    await using client = await http.connect(url, ALICE);
    const asked = await askedOf(await client.fetch('/cgi-bin/echo'));
    expect(asked.headers).not.to.have.property('authorization');
    await using hasty = await http.connect(url, { ...ALICE, auth: 'basic' });
    await (await hasty.fetch('/basic/secret.txt?hasty')).bytes();
    expect((await logged(server, /hasty$/)).map(({ status }) => status)).to.deep.equal([200]);
    await using bearer = await http.connect(url, { token: 'a-token' });
    expect((await askedOf(await bearer.fetch('/cgi-bin/echo'))).headers).to.include({
      authorization: 'Bearer a-token',
    });
  });

  it('is sent a body behind a login by Digest', async () => {
    await using client = await http.connect(`http://localhost:${server.port('http')}`, ALICE);
    // no program is there: what counts is that it is let in
    const error = await rejection(client.post('/digest/nobody', { body: Buffer.alloc(100_000) }));
    expect(error).to.be.instanceOf(ReplyError).and.include({ status: 404 });
  });

  it('knows many at once by Digest', async () => {
    await using client = await http.connect(`http://localhost:${server.port('http')}`, ALICE);
    const texts = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => (await client.fetch(`/digest/secret.txt?${i}`)).text()),
    );
    expect(new Set(texts)).to.deep.equal(new Set(['for who logs in by Digest\n']));
  });

  it('knows each by the passwords of its own realm', async () => {
    const origin = `http://localhost:${server.port('http')}`;
    const passwords = new Passwords([
      { url: `${origin}/`, realm: 'digest', ...ALICE },
      { url: `${origin}/`, realm: 'basic', user: 'bob', password: 'bob:pw:with:colons' },
    ]);
    await using client = await http.connect(origin, { passwords });
    expect(await (await client.fetch('/digest/secret.txt')).text()).to.include('Digest');
    expect(await (await client.fetch('/basic/below/secret.txt')).text()).to.equal('below\n');
  });

  it('shows no password in a transcript', async () => {
    const transcript = new Transcript();
    await using client = await http.connect(`http://localhost:${server.port('http')}`, { ...ALICE, transcript });
    for (const place of ['/basic', '/digest']) await (await client.fetch(`${place}/secret.txt`)).bytes();
    const text = transcript.lines.map((line) => line.text).join('\n');
    expect(text).to.include('/digest/secret.txt').and.include('401');
    for (const secret of ['alice-pw 1', Buffer.from('alice:alice-pw 1').toString('base64'), 'response="'])
      expect(text).not.to.include(secret);
  });

  it('is told no password that a proxy could read, unless it may', async () => {
    const by = `http://127.0.0.1:${proxy.port('open')}`;
    await using client = await http.connect(`http://localhost:${server.port('http')}`, { ...ALICE, proxy: by });
    expect(await rejection(client.fetch('/basic/secret.txt')))
      .to.be.instanceOf(UsageError)
      .and.include({ reason: 'policy' });
    expect(await (await client.fetch('/digest/secret.txt')).text()).to.include('Digest');
  });

  describe('a proxy that wants a password', () => {
    for (const [name, login] of Object.entries({ none: '', 'a wrong one': 'alice:guess@' })) {
      for (const port of ['http', 'https'] as const) {
        it(`refuses ${name}, on the way to ${port}`, async () => {
          const by = `http://${login}127.0.0.1:${proxy.port('closed')}`;
          await using client = await http.connect(`${port}://localhost:${server.port(port)}`, {
            proxy: by,
            tls: { ca },
          });
          const error = await rejection(client.fetch('/text.txt'));
          expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
          expect(String(error)).not.to.include('guess');
        });
      }
    }
  });
});
