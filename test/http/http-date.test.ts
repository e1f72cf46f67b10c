import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { formatDate, parseDate } from '../../lib/http/http-date.ts';
import { retryAfter } from '../../lib/http/retry-after.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

describe('a date of HTTP', () => {
  const read: [text: string, iso: string][] = [
    // RFC 9110 5.6.7
    ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
    ['Sun Nov 16 08:49:37 1994', '1994-11-16T08:49:37.000Z'],
    ['  Sun, 06 Nov 1994 08:49:37 GMT\t', '1994-11-06T08:49:37.000Z'],
    ['Sun, 6 nov 1994 08:49:37 +0000', '1994-11-06T08:49:37.000Z'],
    ['Mon, 01 Jan 0099 00:00:00 GMT', '0099-01-01T00:00:00.000Z'],
    ['Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00.000Z'],
    ['Thu, 29 Feb 2024 00:00:00 GMT', '2024-02-29T00:00:00.000Z'],
    ['Friday, 31-Dec-76 00:00:00 GMT', '2076-12-31T00:00:00.000Z'],
    ['Friday, 31-Dec-77 00:00:00 GMT', '1977-12-31T00:00:00.000Z'],
  ];
  for (const [text, iso] of read) {
    it(`is read: ${text}`, () => {
      expect(parseDate(text, NOW)?.toISOString()).to.equal(iso);
    });
  }

  const none = [
    '',
    '0',
    '-1',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 EST',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 29 Feb 2023 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nox 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nov 10007 08:49:37 GMT',
    '1994-11-06T08:49:37Z',
    `Sun, 06 Nov 1994 08:49:37 GMT${' '.repeat(100_000)}x`,
  ];
  for (const text of none) {
    it(`is not ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(parseDate(text)).to.equal(undefined);
    });
  }

  it('is undefined where there is none', () => {
    expect(parseDate(undefined)).to.equal(undefined);
  });

  it('comes back as it was, to the second', () => {
    const date = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (date) => parseDate(formatDate(date))?.getTime() === Math.floor(date.getTime() / 1000) * 1000),
    );
    expect(formatDate(new Date('1994-11-06T08:49:37.999Z'))).to.equal('Sun, 06 Nov 1994 08:49:37 GMT');
    expect(() => formatDate(new Date(Number.NaN))).to.throw(UsageError);
    expect(() => formatDate(new Date('+010000-01-01'))).to.throw(UsageError);
  });
});

describe('a Retry-After (hardening H14)', () => {
  const read: [value: string | undefined, milliseconds: number | undefined][] = [
    ['0', 0],
    [' 5 ', 5_000],
    ['61', 60_000],
    // http-s79
    ['99999999999', 60_000],
    ['9'.repeat(400), 60_000],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Fri, 02 Jan 2026 00:00:00 GMT', 60_000],
    ['Thu, 01 Jan 2015 00:00:00 GMT', 0],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [value, milliseconds] of read) {
    it(`of ${value?.slice(0, 40)} is ${milliseconds} ms`, () => {
      expect(retryAfter(value, NOW)).to.equal(milliseconds);
    });
  }
});
