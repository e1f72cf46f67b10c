import { inspect } from 'node:util';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { CookieJar } from '../../lib/http/cookie-jar.ts';
import { Peer, reply } from './peer.ts';

const SITE = 'https://www.example.com/a/b';

async function jarOf(url: string, ...lines: string[]): Promise<CookieJar> {
  const jar = await CookieJar.open();
  jar.take(url, lines);
  return jar;
}

describe('a cookie jar', () => {
  const refused: [what: string, url: string, line: string][] = [
    ['for a public suffix', SITE, 'a=1; Domain=com'],
    ['for a public suffix with a dot', 'https://x.co.uk/', 'a=1; Domain=.co.uk'],
    ['for a public suffix with a dot behind it', 'https://x.co.uk/', 'a=1; Domain=co.uk.'],
    ['for a private suffix', 'https://me.github.io/', 'a=1; Domain=github.io'],
    ['with a dot behind the domain', SITE, 'a=1; Domain=example.com.'],
    ['for somebody else', SITE, 'a=1; Domain=example.org'],
    ['for what is below the host', SITE, 'a=1; Domain=x.www.example.com'],
    ['for a part of an address', 'http://127.0.0.1/', 'a=1; Domain=0.0.1'],
    ['for an address with a dot behind it', 'http://127.0.0.1/', 'a=1; Domain=127.0.0.1.'],
    ['for a host that only ends like it', 'https://badexample.com/', 'a=1; Domain=example.com'],
    ['for __proto__', SITE, '__proto__=polluted; Domain=__proto__; Path=__proto__'],
    ['for another name of this machine', 'http://127.0.0.1/', 'a=1; Domain=LOCALHOST'],
    ['with control characters', SITE, 'a=\u0001\u0002'],
    ['with a tab in its value', SITE, 'a=b\tc'],
    ['without a name', SITE, '=noname'],
    ['without =', SITE, 'noname'],
    ['that is empty', SITE, ''],
    ['that is too long', SITE, `a=1; Path=/${'x'.repeat(5000)}`],
    ['whose name and value are too long', SITE, `a=${'x'.repeat(4096)}`],
    ['that is secure, in the clear', 'http://www.example.com/', 'a=1; Secure'],
    ['__Secure- without Secure', SITE, '__Secure-a=1'],
    ['__secure- in other letters', SITE, '__sEcUrE-a=1'],
    ['__Host- without Secure', SITE, '__Host-a=1; Path=/'],
    ['__Host- with a domain', SITE, '__Host-a=1; Secure; Path=/; Domain=www.example.com'],
    ['__Host- for a folder', SITE, '__Host-a=1; Secure; Path=/a'],
    ['__Host- without a path', SITE, '__Host-a=1; Secure'],
  ];
  for (const [what, url, line] of refused) {
    it(`takes none ${what}`, async () => {
      const jar = await jarOf(url, line);
      expect(jar.size).to.equal(0);
      expect(() => jar.set(url, line))
        .to.throw(UsageError)
        .with.property('reason', 'policy');
      expect(Reflect.get({}, 'polluted')).to.equal(undefined);
    });
  }

  const taken: [what: string, url: string, line: string, sent: [url: string, header: string | undefined][]][] = [
    [
      'a host alone',
      SITE,
      'a=1',
      [
        ['https://www.example.com/a/c', 'a=1'],
        ['http://www.example.com:8080/a/', 'a=1'],
        ['https://x.www.example.com/a/', undefined],
        ['https://example.com/a/', undefined],
        ['https://www.example.com/', undefined],
        ['https://www.example.com/ab', undefined],
      ],
    ],
    [
      'a domain',
      SITE,
      'a=1; Domain=.Example.COM; Path=/',
      [
        ['https://example.com/', 'a=1'],
        ['https://x.y.example.com/z', 'a=1'],
        ['https://badexample.com/', undefined],
      ],
    ],
    [
      'TLS',
      SITE,
      'a=1; Secure; Path=/',
      [
        [SITE, 'a=1'],
        ['http://www.example.com/', undefined],
      ],
    ],
    ['this machine, which needs no TLS', 'http://127.0.0.1:99/', 'a=1; Secure', [['http://127.0.0.1/', 'a=1']]],
    ['an address', 'http://[::1]/', 'a=1; Domain=127.0.0.1', [['http://[::1]/', undefined]]],
    [
      'a host that is a public suffix itself',
      'https://github.io/',
      'a=1; Domain=github.io',
      [
        ['https://github.io/', 'a=1'],
        ['https://x.github.io/', undefined],
      ],
    ],
    ['what __Host- promises', SITE, '__Host-a=1; Secure; Path=/', [[SITE, '__Host-a=1']]],
    ['a name like __proto__', SITE, '__proto__=1', [[SITE, '__proto__=1']]],
    ['a strange path', SITE, 'a=1; Path=/../..', [[SITE, undefined]]],
    ['a value that looks encoded', SITE, 'k=%0d%0aX: y', [[SITE, 'k=%0d%0aX: y']]],
    ['quotes', SITE, 'a="b c"', [[SITE, 'a="b c"']]],
    ['UTF-8', SITE, 'a=é', [[SITE, Buffer.from('a=é').toString('latin1')]]],
    ['an end that is nonsense', SITE, 'a=1; Expires=nonsense; SameSite=Nobody', [[SITE, 'a=1']]],
    ['an end that was', SITE, 'a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT', [[SITE, undefined]]],
    ['an age that beats an end', SITE, 'a=1; Max-Age=10; Expires=Wed, 21 Oct 2015 07:28:00 GMT', [[SITE, 'a=1']]],
  ];
  for (const [what, url, line, sent] of taken) {
    it(`takes one for ${what}`, async () => {
      const jar = await jarOf(url, line);
      for (const [to, header] of sent) expect(jar.header(to), to).to.equal(header);
    });
  }

  it('sends the longest path first, then the oldest', async () => {
    const jar = await jarOf(SITE, 'a=1; Path=/', 'b=2; Path=/a', 'c=3; Path=/a/b');
    expect(jar.header(SITE)).to.equal('c=3; b=2; a=1');
    expect(jar.header(SITE, new Set(['b']))).to.equal('c=3; a=1');
  });

  it('replaces one of the same name, domain and path, and ends it', async () => {
    const jar = await jarOf(SITE, 'a=1', 'a=2', 'a=3; Path=/');
    expect(jar.header(SITE)).to.equal('a=2; a=3');
    expect(jar.take(SITE, ['a=; Max-Age=0'])).to.equal(1);
    expect(jar.header(SITE)).to.equal('a=3');
    expect(jar.delete({ domain: 'www.example.com', path: '/', name: 'a' })).to.equal(true);
    expect(jar.size).to.equal(0);
  });

  it('lets nobody in the clear stand before what TLS has set', async () => {
    const jar = await jarOf(SITE, 'a=1; Secure; Path=/', 'b=1; Path=/');
    expect(jar.take('http://www.example.com/', ['a=2', 'a=2; Domain=example.com', 'b=2'])).to.equal(1);
    expect(jar.header(SITE)).to.equal('a=1; b=2');
  });

  it('keeps nothing for more than 400 days', async () => {
    const jar = await jarOf(SITE, 'a=1; Max-Age=99999999999999999999', 'b=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT');
    const latest = Date.now() + 400 * 24 * 60 * 60 * 1000;
    for (const { expires } of jar) expect(expires?.getTime()).to.be.within(latest - 60_000, latest);
  });

  it('is bounded: 50 of an answer, 180 of a domain, 3000 in all, 150 and 8190 octets sent', async () => {
    const lines = (count: number, size = 1): string[] =>
      Array.from({ length: count }, (_, i) => `n${i}=${'x'.repeat(size)}`);
    expect((await jarOf(SITE, ...lines(60))).size).to.equal(50);
    const jar = await CookieJar.open();
    for (let i = 0; i < 10; i++) jar.take(SITE, lines(500).slice(i * 50, i * 50 + 50));
    expect(jar.size).to.equal(180);
    expect(jar.header(SITE)?.split('; ')).to.have.length(150);
    expect(jar.header(SITE)).to.include('n320=').and.not.include('n319=');
    for (let i = 0; i < 3500; i++) jar.take(`https://h${i}.example.net/`, ['a=1']);
    expect(jar.size).to.equal(3000);
    const large = await jarOf(SITE, ...lines(20, 1000));
    expect(large.header(SITE)?.length).to.be.within(7000, 8190);
  });

  it('shows no values when it is inspected', async () => {
    const jar = await jarOf(SITE, 'a=s3cret');
    expect(inspect(jar, { depth: 9, showHidden: true }) + JSON.stringify(jar)).to.not.include('s3cret');
  });
});

describe('a client with cookies', () => {
  it('sends what it was given, also what came with redirects and refusals', async () => {
    await using peer = await Peer.open((_, count) => {
      if (count === 1) return reply('302 Found', { Location: '/b', 'Set-Cookie': 'a=1; Path=/' });
      if (count === 2) return reply('404 No', { 'Set-Cookie': 'b=2; Path=/' });
      return reply('200 OK', {});
    });
    const client = await peer.client({ cookies: true, failing: 'return' });
    await (await client.get('/a')).close();
    await (await client.get('/c')).close();
    await (await client.get('/c', { headers: { Cookie: 'b=mine; x=y' } })).close();
    expect(peer.asked.map(({ headers }) => headers.get('cookie'))).to.deep.equal([
      undefined,
      'a=1',
      'a=1; b=2',
      'b=mine; x=y; a=1',
    ]);
    expect(client.cookies?.header(`${peer.origin}/`)).to.equal('a=1; b=2');
  });

  it('has none unless it is asked for', async () => {
    await using peer = await Peer.open(() => reply('200 OK', { 'Set-Cookie': 'a=1' }));
    const client = await peer.client();
    await (await client.get('/')).close();
    await (await client.get('/')).close();
    expect(peer.asked.map(({ headers }) => headers.has('cookie'))).to.deep.equal([false, false]);
    expect(client.cookies).to.equal(undefined);
  });

  it('can share its jar', async () => {
    await using peer = await Peer.open(() => reply('200 OK', { 'Set-Cookie': 'a=1' }));
    const cookies = await CookieJar.open();
    await (await (await peer.client({ cookies })).get('/')).close();
    await (await (await peer.client({ cookies })).get('/')).close();
    expect(peer.asked[1]?.headers.get('cookie')).to.equal('a=1');
  });

  it('takes nothing that a hostile server should not set', async () => {
    const lines = [
      'a=1; Domain=com',
      'c=1; Domain=co.uk.',
      'd=1; Domain=0.0.1',
      '__Host-x=1; Domain=127.0.0.1',
      '__Secure-y=1',
      'g=1',
      'k=%0d%0aX: y',
    ];
    const block = lines.map((line) => `Set-Cookie: ${line}\r\n`).join('');
    await using peer = await Peer.open(() => `HTTP/1.1 200 OK\r\n${block}Content-Length: 0\r\n\r\n`);
    const client = await peer.client({ cookies: true });
    for (let i = 0; i < 2; i++) await (await client.get('/')).close();
    expect(peer.asked[1]?.headers.get('cookie')).to.equal('g=1; k=%0d%0aX: y');
    expect(peer.asked[1]?.headers.has('x')).to.equal(false);
  });
});
