import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import {
  type ByteRange,
  formatContentRange,
  formatRange,
  parseContentRange,
  parseRange,
  placeOf,
} from '../../lib/http/byte-range.ts';
import { formatETag, isSameStrongly, isSameWeakly, parseETag, parseETags } from '../../lib/http/etag.ts';
import { type Link, parseLinks } from '../../lib/http/link.ts';

describe('an entity tag (RFC 9110 8.8.3)', () => {
  const strong = (opaque: string) => ({ weak: false, opaque });
  const weak = (opaque: string) => ({ weak: true, opaque });

  it('is read', () => {
    expect(parseETag('"xyzzy"')).to.deep.equal(strong('xyzzy'));
    expect(parseETag(' W/"xyzzy" ')).to.deep.equal(weak('xyzzy'));
    expect(parseETag('""')).to.deep.equal(strong(''));
    expect(parseETag('"a\\"')).to.deep.equal(strong('a\\'));
    for (const wrong of [undefined, '', 'xyzzy', 'w/"a"', '"a', '"a"b"', '"a b"', '"a\r\nb"', '"a", "b"']) {
      expect(parseETag(wrong), wrong).to.equal(undefined);
    }
  });

  it('is written', () => {
    expect(formatETag(strong('a'))).to.equal('"a"');
    expect(formatETag(weak('a'))).to.equal('W/"a"');
    for (const wrong of ['a"b', 'a b', 'a\r\n', '☃']) expect(() => formatETag(strong(wrong))).to.throw(UsageError);
  });

  it('is compared as the table of RFC 9110 8.8.3.2 says', () => {
    const rows: [a: string, b: string, strongly: boolean, weakly: boolean][] = [
      ['W/"1"', 'W/"1"', false, true],
      ['W/"1"', 'W/"2"', false, false],
      ['W/"1"', '"1"', false, true],
      ['"1"', '"1"', true, true],
    ];
    for (const [a, b, strongly, weakly] of rows) {
      const [one, other] = [parseETag(a) ?? strong('a'), parseETag(b) ?? strong('b')];
      expect([isSameStrongly(one, other), isSameWeakly(one, other)]).to.deep.equal([strongly, weakly]);
      expect([isSameStrongly(other, one), isSameWeakly(other, one)]).to.deep.equal([strongly, weakly]);
    }
  });

  it('is read in a list', () => {
    expect(parseETags('"xyzzy"')).to.deep.equal([strong('xyzzy')]);
    expect(parseETags('"a,b", W/"c\\" ,,"d"')).to.deep.equal([strong('a,b'), weak('c\\'), strong('d')]);
    expect(parseETags(' * ')).to.equal('*');
    for (const wrong of ['', ',', 'a', '"a" b', '"a', '"a", *']) expect(parseETags(wrong), wrong).to.equal(undefined);
  });
});

describe('a range (RFC 9110 14)', () => {
  it('is written', () => {
    expect(formatRange({ first: 0, last: 499 })).to.equal('bytes=0-499');
    expect(formatRange({ first: 500 })).to.equal('bytes=500-');
    expect(formatRange({ suffix: 500 })).to.equal('bytes=-500');
    expect(formatRange({ first: 0, last: 0 }, { suffix: 1 })).to.equal('bytes=0-0, -1');
    const wrong: ByteRange[] = [
      { first: -1 },
      { first: 1.5 },
      { first: 2, last: 1 },
      { suffix: Number.NaN },
      { first: 2 ** 53 },
    ];
    for (const range of wrong) expect(() => formatRange(range)).to.throw(UsageError);
  });

  it('is read', () => {
    expect(parseRange('bytes=0-499')).to.deep.equal([{ first: 0, last: 499 }]);
    expect(parseRange('Bytes=500-600, 601- , -3')).to.deep.equal([
      { first: 500, last: 600 },
      { first: 601, last: undefined },
      { suffix: 3 },
    ]);
    const none = [
      '',
      'bytes',
      'bytes=',
      'bytes=a-b',
      'bytes=1',
      'bytes=-',
      'bytes=2-1',
      'bytes=1-2,',
      'lines=1-2',
      'bytes=+1-2',
    ];
    for (const wrong of [...none, 'bytes=0x1-2', `bytes=${'9'.repeat(16)}-`, `bytes=${'0-,'.repeat(100)}0-`]) {
      expect(parseRange(wrong), wrong).to.equal(undefined);
    }
  });

  const places: [range: ByteRange, size: number, place: [number, number] | undefined][] = [
    [{ first: 0, last: 499 }, 1000, [0, 499]],
    [{ first: 0, last: 4999 }, 1000, [0, 999]],
    [{ first: 999 }, 1000, [999, 999]],
    [{ first: 1000 }, 1000, undefined],
    [{ first: 0 }, 0, undefined],
    [{ suffix: 1 }, 1000, [999, 999]],
    [{ suffix: 2000 }, 1000, [0, 999]],
    [{ suffix: 0 }, 1000, undefined],
    [{ suffix: 5 }, 0, undefined],
  ];
  for (const [range, size, place] of places) {
    it(`of ${JSON.stringify(range)} in ${size} octets is ${place?.join(' to ') ?? 'none'}`, () => {
      const [first, last] = place ?? [];
      expect(placeOf(range, size)).to.deep.equal(place && { first, last, size });
    });
  }

  it('comes with its place', () => {
    expect(parseContentRange('bytes 42-1233/1234')).to.deep.equal({ first: 42, last: 1233, size: 1234 });
    expect(parseContentRange('bytes 42-1233/*')).to.deep.equal({ first: 42, last: 1233, size: undefined });
    expect(parseContentRange(' BYTES  */1234 ')).to.deep.equal({ size: 1234 });
    const none = [
      '',
      'bytes 5-4/10',
      'bytes 0-10/10',
      'bytes */*',
      'bytes 0-1',
      'bytes=0-1/2',
      'items 0-1/2',
      'bytes -1/2',
    ];
    for (const wrong of [undefined, ...none, 'bytes 0-1e3/9999', `bytes 0-${'9'.repeat(16)}/*`]) {
      expect(parseContentRange(wrong), wrong).to.equal(undefined);
    }
    expect(formatContentRange({ size: 5 })).to.equal('bytes */5');
  });

  it('comes back as it was', () => {
    const number = fc.nat(1e9);
    fc.assert(
      fc.property(number, number, fc.option(number, { nil: undefined }), (first, length, more) => {
        const last = first + length;
        const place = { first, last, size: more === undefined ? undefined : last + 1 + more };
        expect(parseContentRange(formatContentRange(place))).to.deep.equal(place);
        expect(parseRange(formatRange({ first, last }))).to.deep.equal([{ first, last }]);
      }),
    );
  });
});

describe('links in a header (RFC 8288)', () => {
  const link = (url: string, rel: string[], parameters: Record<string, string> = {}, anchor?: string): Link => ({
    url,
    rel,
    anchor,
    parameters: new Map(Object.entries(parameters)),
  });
  const rows: [value: string | undefined, links: Link[]][] = [
    [
      '<http://example.com/TheBook/chapter2>; rel="previous"; title="previous chapter"',
      [link('http://example.com/TheBook/chapter2', ['previous'], { title: 'previous chapter' })],
    ],
    ['</>; rel="http://example.net/foo"', [link('http://h/', ['http://example.net/foo'])]],
    ['</terms>; rel="copyright"; anchor="#foo"', [link('http://h/terms', ['copyright'], {}, 'http://h/a/b#foo')]],
    [
      '</c1>; rel="previous"; title*=UTF-8\'de\'letztes%20Kapitel; title=x, </c4>; rel="next"; title*=UTF-8\'de\'n%c3%a4chstes%20Kapitel',
      [
        link('http://h/c1', ['previous'], { title: 'letztes Kapitel' }),
        link('http://h/c4', ['next'], { title: 'nächstes Kapitel' }),
      ],
    ],
    ['<c?a=b,c;d>; REL="Start  HTTP://a/B"', [link('http://h/a/c?a=b,c;d', ['start', 'http://a/b'])]],
    [
      '<c>;rel=next;rel=prev;hreflang=de;crossorigin',
      [link('http://h/a/c', ['next'], { hreflang: 'de', crossorigin: '' })],
    ],
    ['<c>; title="a, <b>; c"; rel=x', [link('http://h/a/c', ['x'], { title: 'a, <b>; c' })]],
    ['<c>', [link('http://h/a/c', [])]],
    ['<>; rel=self', [link('http://h/a/b', ['self'])]],
    ['c; rel=next, <d, <e>x; rel=next, <f\ng>; rel=x', []],
    ['', []],
    [undefined, []],
  ];
  for (const [value, links] of rows) {
    it(`are read: ${value}`, () => {
      expect(parseLinks(value, 'http://h/a/b')).to.deep.equal(links);
    });
  }

  it('are read in linear time (hardening A16)', () => {
    const began = performance.now();
    for (const worst of ['<', '>', '<>,', ';', '"', '\\"', '<a>;', ' ', 'a=', '<a>;rel="']) {
      parseLinks(worst.repeat(100_000), 'http://h/');
      parseLinks(`<a>;${worst.repeat(100_000)}`, 'http://h/');
      parseETags(worst.repeat(100_000));
      parseETags('"",'.repeat(100_000));
    }
    expect(performance.now() - began).to.be.lessThan(5_000);
  });
});
