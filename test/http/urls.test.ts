import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { defrag, join, split, unsplit } from '../../lib/http/urls.ts';

/** RFC 3986 5.4. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'g:h': 'g:h',
  g: 'http://a/b/c/g',
  './g': 'http://a/b/c/g',
  'g/': 'http://a/b/c/g/',
  '/g': 'http://a/g',
  '//g': 'http://g',
  '?y': 'http://a/b/c/d;p?y',
  'g?y': 'http://a/b/c/g?y',
  '#s': 'http://a/b/c/d;p?q#s',
  'g#s': 'http://a/b/c/g#s',
  'g?y#s': 'http://a/b/c/g?y#s',
  ';x': 'http://a/b/c/;x',
  'g;x': 'http://a/b/c/g;x',
  'g;x?y#s': 'http://a/b/c/g;x?y#s',
  '': 'http://a/b/c/d;p?q',
  '.': 'http://a/b/c/',
  './': 'http://a/b/c/',
  '..': 'http://a/b/',
  '../': 'http://a/b/',
  '../g': 'http://a/b/g',
  '../..': 'http://a/',
  '../../': 'http://a/',
  '../../g': 'http://a/g',
  '../../../g': 'http://a/g',
  '../../../../g': 'http://a/g',
  '/./g': 'http://a/g',
  '/../g': 'http://a/g',
  'g.': 'http://a/b/c/g.',
  '.g': 'http://a/b/c/.g',
  'g..': 'http://a/b/c/g..',
  '..g': 'http://a/b/c/..g',
  './../g': 'http://a/b/g',
  './g/.': 'http://a/b/c/g/',
  'g/./h': 'http://a/b/c/g/h',
  'g/../h': 'http://a/b/c/h',
  'g;x=1/./y': 'http://a/b/c/g;x=1/y',
  'g;x=1/../y': 'http://a/b/c/y',
  'g?y/./x': 'http://a/b/c/g?y/./x',
  'g?y/../x': 'http://a/b/c/g?y/../x',
  'g#s/./x': 'http://a/b/c/g#s/./x',
  'g#s/../x': 'http://a/b/c/g#s/../x',
  'http:g': 'http:g',
};

describe('a reference beside a base (UP-4)', () => {
  for (const [reference, url] of Object.entries(EXAMPLES)) {
    it(`${reference || '(empty)'} is ${url}`, () => {
      expect(join('http://a/b/c/d;p?q', reference)).to.equal(url);
    });
    it(`${reference || '(empty)'} is alike in a scheme that nobody knows`, () => {
      const other = url.replace(/^http:(?=\/\/)/, 'x-y+z.1:');
      expect(join('x-y+z.1://a/b/c/d;p?q', reference)).to.equal(other);
    });
  }

  const more: [base: string, reference: string, url: string][] = [
    ['http://a', 'b', 'http://a/b'],
    ['http://a?q', '', 'http://a?q'],
    ['http://a/b?', '#', 'http://a/b?#'],
    ['http://a/b?c#d', '?', 'http://a/b?'],
    ['http://joe@A:80/b', 'c', 'http://joe@A:80/c'],
    ['http://a/b//c', '../d', 'http://a/b/d'],
    ['mailto:a@b', 'c', 'mailto:c'],
    ['gopher://h/1/x', '../0/y', 'gopher://h/0/y'],
    ['/a/b', 'c?d', '/a/c?d'],
    ['a/b', '../c', 'c'],
    ['a/b', '../c:d', './c:d'],
    ['', 'a', 'a'],
    ['http://a/b', '//[::1]:8/c', 'http://[::1]:8/c'],
    ['http://a/b', 'HTTP://b/../c', 'HTTP://b/c'],
    ['http://a/b', 'x y', 'http://a/x y'],
    // a path never becomes a host
    ['a:/b', '/..//evil', 'a:/.//evil'],
    ['a:b', '..//evil', 'a:/evil'],
  ];
  for (const [base, reference, url] of more) {
    it(`${JSON.stringify(reference)} beside ${JSON.stringify(base)} is ${url}`, () => {
      expect(join(base, reference)).to.equal(url);
    });
  }

  it('is what browsers make of it, for http', () => {
    const part = fc.constantFrom('a', 'b', '.', '..', '', 'c;d', 'e=f', '%2e', 'g:h');
    const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    const tail = fc.constantFrom('', '?', '?q/../r', '#f', '?q#f/.', '#');
    fc.assert(
      fc.property(path, path, tail, (base, path, tail) => {
        // browsers drop the dots of bases, and decode those that are encoded
        fc.pre(!/^\/\/|^[a-z]+:|%2e/.test(path) && !/%2e|(?:^|\/)\.\.?(?:\/|$)/.test(base));
        const [from, reference] = [`http://h/${base}?x`, `${path}${tail}`];
        expect(join(from, reference).replace(/^(http:\/\/[^/?#]*)(?=[?#]|$)/, '$1/')).to.equal(
          new URL(reference, from).href,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('has no control characters, which others drop (hardening A3)', () => {
    for (const wrong of ['a\n\tb', '\x00', 'a\x7f', '\r\n']) {
      expect(() => join('http://a/', wrong)).to.throw(UsageError);
      expect(() => join(`http://a/${wrong}`, 'b')).to.throw(UsageError);
    }
  });

  it('is read in linear time (hardening A16)', () => {
    const began = performance.now();
    for (const worst of ['../', './', '/', 'a/', ':', '?', '%', 'a:']) join('http://a/b', worst.repeat(200_000));
    join(`http://a/${'b/'.repeat(200_000)}`, '../'.repeat(200_000));
    expect(performance.now() - began).to.be.lessThan(2_000);
  });
});

describe('the parts of a URL (UP-1, UP-3, UP-5)', () => {
  const urls = [
    'http://joe:x@example.com:8080/a/b;c?d=e&f#g',
    'http://[2001:db8::1]:80/',
    'http://a',
    'http://a?',
    'http://a/#',
    'mailto:joe@example.com',
    'urn:isbn:123',
    'file:///etc/hosts',
    '//a/b',
    '/a/b?c',
    'a/b',
    '?a',
    '#',
    '',
  ];
  for (const url of urls) {
    it(`become it again: ${url || '(empty)'}`, () => {
      expect(unsplit(split(url))).to.equal(url);
    });
  }

  it('are told apart', () => {
    expect(split('HTTP://joe:x@EXAMPLE.com:8080/a/b;c?d=e&f#g')).to.deep.equal({
      scheme: 'http',
      userinfo: 'joe:x',
      host: 'example.com',
      port: 8080,
      path: '/a/b;c',
      query: 'd=e&f',
      fragment: 'g',
    });
  });

  const refused: [what: string, parts: Parameters<typeof unsplit>[0]][] = [
    ['a path that would be a host', { path: '//evil/x' }],
    ['a path that would be a scheme', { path: 'javascript:x' }],
    ['a path beside a host that does not start with /', { host: 'a', path: 'b' }],
    ['a query in the path', { path: '/a?b' }],
    ['a fragment in the query', { query: 'a#b' }],
    ['a scheme that is none', { scheme: '1a', path: '/b' }],
    ['a path in the host', { host: 'a/b' }],
    ['a user in the host', { host: 'a@b' }],
    ['a host in the user', { userinfo: 'a@b', host: 'c' }],
    ['a space', { path: '/a b' }],
    ['a port without a host', { port: 80 }],
    ['a user without a host', { userinfo: 'a' }],
    ['a line end', { path: '/a\nb' }],
  ];
  for (const [what, parts] of refused) {
    it(`do not make a URL of ${what}`, () => {
      expect(() => unsplit(parts)).to.throw(UsageError);
    });
  }

  it('are parted from a fragment', () => {
    expect(defrag('http://a/b#c#d')).to.deep.equal({ url: 'http://a/b', fragment: 'c#d' });
    expect(defrag('http://a/b#')).to.deep.equal({ url: 'http://a/b', fragment: '' });
    expect(defrag('http://a/b')).to.deep.equal({ url: 'http://a/b', fragment: undefined });
  });
});
