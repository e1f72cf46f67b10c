import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { checkMediaType, parseMediaType, parseParameters } from '../../lib/http/media-type.ts';
import { quoteString, splitOutside, unquoteString } from '../../lib/http/quoted.ts';

describe('a media type', () => {
  const read: [value: string | undefined, type: string, parameters?: Record<string, string>][] = [
    ['text/html', 'text/html'],
    ['Text/HTML;Charset="utf-8"', 'text/html', { charset: 'utf-8' }],
    ['text/html; charset=UTF-8 ;a=b', 'text/html', { charset: 'UTF-8', a: 'b' }],
    ['text/html;;; charset=a; charset=b', 'text/html', { charset: 'a' }],
    ['a/b; c="d;e=f\\"\\\\g"; h=i', 'a/b', { c: 'd;e=f"\\g', h: 'i' }],
    ['a/b; x y="z;c=d"; e=f', 'a/b', { e: 'f' }],
    ['a/b; c="d', 'a/b', { c: 'd' }],
    ['a/b; c', 'a/b'],
    ['a/b; =c', 'a/b'],
    ['a/b; c = "d"', 'a/b', { c: 'd' }],
    ['a/b; c=', 'a/b', { c: '' }],
    ['application/vnd.a-b+json', 'application/vnd.a-b+json'],
    ['text', 'application/octet-stream'],
    ['text/html, text/plain', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    [undefined, 'application/octet-stream'],
  ];
  for (const [value, type, parameters = {}] of read) {
    it(`is read: ${value}`, () => {
      const media = parseMediaType(value);
      expect(media.type).to.equal(type);
      expect([...media.parameters]).to.deep.equal(Object.entries(parameters));
    });
  }

  it('has parameters of any name (hardening A15)', () => {
    expect([...parseParameters('a; __proto__=b; constructor=c').parameters]).to.deep.equal([
      ['__proto__', 'b'],
      ['constructor', 'c'],
    ]);
  });

  it('is sent only where it is one', () => {
    expect(checkMediaType('text/plain; charset=utf-8')).to.equal('text/plain; charset=utf-8');
    for (const wrong of ['', 'text', 'text/', 'a b/c', 'text/plain\r\nX: y', 'text/plain;a=é', 'text/plain\0']) {
      expect(() => checkMediaType(wrong), wrong).to.throw(UsageError);
    }
  });

  it('is read in linear time (hardening A16)', () => {
    const began = performance.now();
    for (const worst of [';', '; a', ';a=', ';a="', '"', '\\', ';a="\\"', ' ', ';\t', ',<', ';a=b']) {
      parseParameters(`text/html;${worst.repeat(200_000)}`);
      splitOutside(worst.repeat(200_000), ',', true);
    }
    expect(performance.now() - began).to.be.lessThan(3_000);
  });
});

describe('a list of a header field (UR-21)', () => {
  const read: [text: string, items: string[]][] = [
    ['a, b ,c', ['a', 'b', 'c']],
    [',, a,', ['a']],
    ['a="b, \\" c", d', ['a="b, \\" c"', 'd']],
    ['"a\\\\", b', ['"a\\\\"', 'b']],
    ['a "b, c', ['a "b, c']],
    ['', []],
  ];
  for (const [text, items] of read) {
    it(`is parted outside of quotes: ${text}`, () => {
      expect(splitOutside(text, ',')).to.deep.equal(items);
    });
  }

  it('gives every quoted string back', () => {
    const latin1 = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.array(latin1), (texts) => {
        const items = splitOutside(texts.map(quoteString).join(', '), ',');
        expect(items.map(unquoteString)).to.deep.equal(texts);
      }),
    );
  });

  it('has no control characters in its quoted strings', () => {
    for (const wrong of ['a\r\nb', '\0', '\x7f', '☃']) expect(() => quoteString(wrong)).to.throw(UsageError);
  });
});
