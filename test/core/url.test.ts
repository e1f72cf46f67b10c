import { expect } from 'chai';
import fc from 'fast-check';
import { formatUrl, hasScheme, parseTarget } from '../../lib/core/endpoint.ts';
import { UsageError } from '../../lib/core/errors.ts';
import { decodeOctets, decodeText, encodePath, splitUrl } from '../../lib/core/url.ts';

const SCHEMES = { gopher: { port: 70 }, gophers: { port: 70, tls: 'implicit' }, pop3: { port: 110 } } as const;

describe('a URL', () => {
  const rows: [string, Partial<ReturnType<typeof splitUrl>>][] = [
    ['gopher://h/1/a/../b', { scheme: 'gopher', host: 'h', path: '/1/a/../b' }],
    ['GOPHER://Host.Example:7070/0/About', { scheme: 'gopher', host: 'host.example', port: 7070, path: '/0/About' }],
    ['gopher://h/7/find%09two%20words', { path: '/7/find%09two%20words' }],
    ['http://h/p?q=1#f', { path: '/p', query: 'q=1', fragment: 'f' }],
    ['gopher://[::1]:70/', { host: '::1', port: 70 }],
    ['gopher://[fe80::1%25eth0]/', { host: 'fe80::1%eth0', port: undefined }],
    ['gopher://h', { host: 'h', path: '' }],
    ['gopher://h:/x', { host: 'h', port: undefined, path: '/x' }],
    ['news:comp.lang.c', { scheme: 'news', host: undefined, path: 'comp.lang.c' }],
    ['gopher://bücher.example/', { host: 'xn--bcher-kva.example' }],
    ['ftp://joe:p%40ss@h/', { userinfo: 'joe:p%40ss', host: 'h' }],
  ];
  for (const [text, parts] of rows) {
    it(`is split and not normalised: ${text}`, () => expect(splitUrl(text)).to.include(parts));
  }

  const refused = [
    'http://h/a\n\tb',
    'gopher://h/0/x\r\ny',
    'gopher://h/0/x y',
    'gopher://h/0/\x7f',
    'gopher://h:0/',
    'gopher://h:65536/',
    'gopher://h:70.5/',
    'gopher://h:NaN/',
    'gopher://h%2fx/',
    'gopher://a@b@h/',
    'gopher://[::1/',
    'gopher://[not-an-address]/',
    'gopher://ho st/',
    'gopher://h<x>/',
  ];
  for (const text of refused) {
    it(`is refused: ${JSON.stringify(text)}`, () => expect(() => splitUrl(text)).to.throw(UsageError));
  }

  it('is decoded once, and only where two hexadecimal digits stand behind the %', () => {
    expect(decodeText('a%2525b')).to.equal('a%25b');
    expect(decodeOctets('%ff%00')).to.deep.equal(Buffer.from([0xff, 0]));
    for (const text of ['100%', '%4', '%zz']) expect(() => decodeOctets(text)).to.throw(UsageError);
    expect(() => decodeText('%ff')).to.throw(UsageError);
  });

  it('gives back every octet that was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        const path = encodePath(octets);
        expect(path).to.match(/^[\x21-\x7e]*$/);
        expect(decodeOctets(path)).to.deep.equal(Buffer.from(octets));
      }),
    );
  });
});

describe('a target', () => {
  it('has the default port of its scheme', () => {
    expect(parseTarget('pop3://h/1', SCHEMES, 'gopher').endpoint).to.include({
      scheme: 'pop3',
      port: 110,
      tls: 'none',
    });
    expect(parseTarget('gophers://h', SCHEMES, 'gopher')).to.deep.include({ path: '/' });
    expect(parseTarget('gophers://h', SCHEMES, 'gopher').endpoint.tls).to.equal('implicit');
  });

  it('without a scheme is a host', () => {
    expect(parseTarget('h:7070/0/x?y', SCHEMES, 'gopher')).to.deep.equal({
      endpoint: { scheme: 'gopher', host: 'h', port: 7070, tls: 'none' },
      path: '/0/x?y',
    });
    expect(hasScheme('h:7070/0/x')).to.equal(false);
    expect(hasScheme('h:7070')).to.equal(false);
    expect(hasScheme('news:comp.lang.c')).to.equal(true);
  });

  it('keeps its password from sight', () => {
    const { endpoint } = parseTarget('pop3://joe:hunter2@h/1', SCHEMES, 'gopher');
    expect(endpoint.user).to.equal('joe');
    expect(endpoint.password?.reveal()).to.equal('hunter2');
    expect(JSON.stringify(endpoint)).to.not.contain('hunter2');
    expect(formatUrl(endpoint, '/1', 110)).to.equal('pop3://h/1');
  });

  it('may name a mechanism before or after the password', () => {
    expect(parseTarget('pop3://joe;AUTH=PLAIN@h/', SCHEMES, 'gopher').endpoint).to.include({
      user: 'joe',
      auth: 'AUTH=PLAIN',
    });
    const { endpoint } = parseTarget('pop3://joe:pw;AUTH=+APOP@h/', SCHEMES, 'gopher');
    expect(endpoint.auth).to.equal('AUTH=+APOP');
    expect(endpoint.password?.reveal()).to.equal('pw');
  });

  for (const text of ['imap://h/', 'gopher:///x', 'gopher://h/0/a#b', '']) {
    it(`is refused: ${JSON.stringify(text)}`, () =>
      expect(() => parseTarget(text, SCHEMES, 'gopher')).to.throw(UsageError));
  }

  it('is a URL object too', () => {
    expect(parseTarget(new URL('gopher://h/0/x'), SCHEMES, 'gopher').path).to.equal('/0/x');
  });

  it('writes an IPv6 address in brackets', () => {
    const { endpoint } = parseTarget('gopher://[::1]:7070/', SCHEMES, 'gopher');
    expect(formatUrl(endpoint, '/', 70)).to.equal('gopher://[::1]:7070/');
  });
});
