import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { withQuery } from '../../lib/http/query.ts';
import {
  type Fields,
  type ParseOptions,
  parsePairs,
  parseQuery,
  quote,
  quotePlus,
  unquote,
  unquotePlus,
  unquoteToOctets,
  urlencode,
} from '../../lib/http/urls.ts';

const text = fc.string({ unit: 'grapheme' });

describe('percent-encoding (UP-6, UP-7)', () => {
  const quoted: [given: string | Uint8Array, safe: string | undefined, quoted: string][] = [
    ['abc/def ghi', undefined, 'abc/def%20ghi'],
    ['abc/def', '', 'abc%2Fdef'],
    ['El Niño/', undefined, 'El%20Ni%C3%B1o/'],
    ["-._~!*'();:@&=+$,?#[]", undefined, '-._~%21%2A%27%28%29%3B%3A%40%26%3D%2B%24%2C%3F%23%5B%5D'],
    ['a:b@c', ':@', 'a:b@c'],
    [Buffer.from([0, 0x7f, 0x80, 0xff, 0x41]), undefined, '%00%7F%80%FFA'],
    ['é', 'é', '%C3%A9'],
    ['%', undefined, '%25'],
    ['', undefined, ''],
  ];
  for (const [given, safe, expected] of quoted) {
    it(`writes ${JSON.stringify(given)}${safe === undefined ? '' : ` with ${safe} safe`} as ${expected}`, () => {
      expect(quote(given, safe)).to.equal(expected);
    });
  }

  const unquoted: [given: string, expected: string, charset?: string][] = [
    ['a%20b%2fc', 'a b/c'],
    ['%C3%A9é+', 'éé+'],
    ['%', '%'],
    ['%4', '%4'],
    ['%zz%41', '%zzA'],
    ['%%41', '%A'],
    ['%e9', '\ufffd'],
    ['%e9', 'é', 'windows-1252'],
    ['%82%a0é', 'あé', 'shift_jis'],
    ['%2541', '%41'],
  ];
  for (const [given, expected, charset] of unquoted) {
    it(`reads ${given}${charset === undefined ? '' : ` in ${charset}`} as ${JSON.stringify(expected)}`, () => {
      expect(unquote(given, charset)).to.equal(expected);
    });
  }

  it('reads octets', () => {
    expect([...unquoteToOctets('a%ff%00%zé')]).to.deep.equal([0x61, 0xff, 0, 0x25, 0x7a, 0xc3, 0xa9]);
  });

  it('reads what another decodes', () => {
    expect(unquote('%41', (octets) => `<${octets.length}>`)).to.equal('<1>');
    expect(() => unquote('a', 'no-such-thing')).to.throw(UsageError);
  });

  it('gives every text back, and all octets', () => {
    fc.assert(fc.property(text, (given) => unquote(quote(given)) === given && unquotePlus(quotePlus(given)) === given));
    fc.assert(fc.property(fc.uint8Array(), (given) => unquoteToOctets(quote(given, '')).equals(given)));
  });

  it('refuses half a surrogate pair instead of writing another character', () => {
    expect(() => quote('\ud800')).to.throw(UsageError);
    expect(() => quotePlus('a\udfff')).to.throw(UsageError);
  });
});

describe('queries and forms (UP-8, UP-9)', () => {
  const encoded: [what: string, fields: Fields, text: string][] = [
    ['a record', { a: 1, b: 'x y', c: undefined }, 'a=1&b=x+y'],
    ['a list', { a: ['1', 2n, false] }, 'a=1&a=2&a=false'],
    ['an empty list', { a: [] }, ''],
    [
      'pairs',
      [
        ['a', '&='],
        ['a', ''],
      ],
      'a=%26%3D&a=',
    ],
    ['a Map', new Map([['é', '~*']]), '%C3%A9=%7E*'],
    ['URLSearchParams', new URLSearchParams('x=1&x=2'), 'x=1&x=2'],
    ['a Secret', { token: new Secret('s/3') }, 'token=s%2F3'],
    ['line ends, as they are', { a: '\r\n' }, 'a=%0D%0A'],
  ];
  for (const [what, fields, expected] of encoded) {
    it(`are written from ${what}`, () => {
      expect(urlencode(fields)).to.equal(expected);
    });
  }

  it('are written with %20 where a + would stay', () => {
    expect(urlencode({ 'a b': 'c+d~*' }, { space: '%20' })).to.equal('a%20b=c%2Bd~%2A');
  });

  it('are written as browsers write them, and come back', () => {
    const pairs = fc.array(fc.tuple(text, text), { maxLength: 5 });
    fc.assert(
      fc.property(pairs, (fields) => {
        expect(urlencode(fields)).to.equal(new URLSearchParams(fields).toString());
        expect(parsePairs(urlencode(fields))).to.deep.equal(fields);
      }),
    );
  });

  const parsed: [given: string, pairs: [string, string][], options?: ParseOptions][] = [
    [
      'a=1&b=2&a=3',
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
    ],
    ['', []],
    ['&&', []],
    ['a', [['a', '']]],
    [
      'a=&=b&=',
      [
        ['a', ''],
        ['', 'b'],
        ['', ''],
      ],
    ],
    ['a=&b=1&c', [['b', '1']], { keepBlank: false }],
    ['a=b=c', [['a', 'b=c']]],
    ['a+b=%2B+', [['a b', '+ ']]],
    ['a=%zz%', [['a', '%zz%']]],
    ['a=1;b=2', [['a', '1;b=2']]],
    [
      'a=1;b=2&c',
      [
        ['a', '1'],
        ['b', '2&c'],
      ],
      { separator: ';' },
    ],
    ['a=%e9', [['a', '\ufffd']]],
    ['a=%e9', [['a', 'é']], { charset: 'windows-1252' }],
    ['?a=1', [['?a', '1']]],
    [
      '__proto__=1&constructor=2',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
  ];
  for (const [given, expected, options] of parsed) {
    it(`are read: ${given}${options ? ` ${JSON.stringify(options)}` : ''}`, () => {
      expect(parsePairs(given, options)).to.deep.equal(expected);
    });
  }

  it('are read into a Map, in which no name is special (hardening A15)', () => {
    const fields = parseQuery('__proto__=a&b=1&b=2&__proto__=c');
    expect([...fields]).to.deep.equal([
      ['__proto__', ['a', 'c']],
      ['b', ['1', '2']],
    ]);
    expect(Object.getPrototypeOf(fields)).to.equal(Map.prototype);
    expect('polluted' in {}).to.equal(false);
  });

  for (const given of ['a', 'a=1&b', 'a=%', 'a=%4x', '%e9=1', 'a=%c3']) {
    it(`are refused where it is strict: ${given}`, () => {
      expect(() => parsePairs(given, { strict: true })).to.throw(ProtocolError);
      expect(parsePairs('a=%c3%a9&&b=', { strict: true })).to.have.length(2);
    });
  }

  it('have at most a thousand fields, or as many as you say', () => {
    const many = (count: number): string => Array(count).fill('a=1').join('&');
    expect(parsePairs(many(1000))).to.have.length(1000);
    expect(() => parsePairs(many(1001)))
      .to.throw(ProtocolError)
      .with.property('reason', 'limit');
    expect(() => parsePairs('a&b', { maxFields: 1 })).to.throw(ProtocolError);
    expect(() => parsePairs('a', { separator: '' })).to.throw(UsageError);
  });

  it('are read in linear time (hardening A16)', () => {
    const began = performance.now();
    for (const worst of ['%', '%4', '&', '=', '+', '%e9']) parsePairs(worst.repeat(300_000), { maxFields: 1e6 });
    unquoteToOctets('%4'.repeat(300_000));
    expect(performance.now() - began).to.be.lessThan(2_000);
  });

  const added: [target: string, query: Fields | undefined, expected: string][] = [
    ['/a', { b: 1 }, '/a?b=1'],
    ['/a?c', { b: 1 }, '/a?c&b=1'],
    ['/a?', { b: 1 }, '/a?b=1'],
    ['/a?c&', { b: 1 }, '/a?c&b=1'],
    ['/a?c', {}, '/a?c'],
    ['/a', undefined, '/a'],
  ];
  for (const [target, query, expected] of added) {
    it(`are added to a path: ${expected}`, () => {
      expect(withQuery(target, query)).to.equal(expected);
    });
  }
});
