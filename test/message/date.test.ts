import { expect } from 'chai';
import * as fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { formatDate, parseDate } from '../../lib/message/date.ts';
import { isMessageId, makeMessageId } from '../../lib/message/id.ts';

describe('message/date', () => {
  for (const [text, iso] of [
    ['Fri, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06Z'],
    ['Tue, 1 Jul 2003 10:52:37 +0200', '2003-07-01T08:52:37Z'],
    ['1 Jul 2003 10:52 +0200', '2003-07-01T08:52:00Z'],
    // RFC 5322 A.5, A.6.2, A.6.3
    [
      'Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)',
      '1969-02-14T03:02:00Z',
    ],
    ['21 Nov 97 09:55:06 GMT', '1997-11-21T09:55:06Z'],
    ['Fri, 21 Nov 1997 09(comment):   55  :  06 -0600', '1997-11-21T15:55:06Z'],
    // years
    ['1 Jan 00 00:00:00 UT', '2000-01-01T00:00:00Z'],
    ['1 Jan 49 00:00:00 UT', '2049-01-01T00:00:00Z'],
    ['1 Jan 50 00:00:00 UT', '1950-01-01T00:00:00Z'],
    ['1 Jan 104 00:00:00 UT', '2004-01-01T00:00:00Z'],
    // zones
    ['1 Jan 2000 00:00:00 EST', '2000-01-01T05:00:00Z'],
    ['1 Jan 2000 00:00:00 pdt', '2000-01-01T07:00:00Z'],
    ['1 Jan 2000 00:00:00 Z', '2000-01-01T00:00:00Z'],
    ['1 Jan 2000 00:00:00 A', '2000-01-01T00:00:00Z'],
    ['1 Jan 2000 00:00:00 MEZ', '2000-01-01T00:00:00Z'],
    ['1 Jan 2000 00:00:00 constructor', undefined],
    ['1 Jan 2000 00:00:00', '2000-01-01T00:00:00Z'],
    ['1 Jan 2000 00:00:00 -0000', '2000-01-01T00:00:00Z'],
    ['1 Jan 2000 00:00:00 +05:30', '1999-12-31T18:30:00Z'],
    ['Mon, 31 Dec 2012 23:59:60 +0000', '2013-01-01T00:00:00Z'],
    ['29 Feb 2024 12:00:00 +0000 (a (nested) \\) comment)', '2024-02-29T12:00:00Z'],
    ['Friday, 19-Nov-82 16:14:55 EST', '1982-11-19T21:14:55Z'],
    ['Sun, 21 Nov 1997 09:55:06 -0600', '1997-11-21T15:55:06Z'],
    ['  SAT , 1 JAN 2000 00:00:00 GMT ', undefined],
    // nonsense
    ['', undefined],
    ['nonsense', undefined],
    ['30 Feb 2000 00:00:00 GMT', undefined],
    ['0 Jan 2000 00:00:00 GMT', undefined],
    ['32 Jan 2000 00:00:00 GMT', undefined],
    ['1 Foo 2000 00:00:00 GMT', undefined],
    ['1 Jan 2000 24:00:00 GMT', undefined],
    ['1 Jan 2000 00:60:00 GMT', undefined],
    ['1 Jan 2000 00:00:61 GMT', undefined],
    ['1 Jan 2000 00:00:00 +0060', undefined],
    ['1 Jan 2000 00:00:00 +1', undefined],
    ['1 Jan 2000 00:00:00 GMT more', undefined],
    ['Xyz, 1 Jan 2000 00:00:00 GMT', undefined],
    ['1 Jan 20000 00:00:00 GMT', undefined],
    ['1 Jan 2000 00:00:00 GMT (open', undefined],
    ['2000-01-01T00:00:00Z', undefined],
    ['1', undefined],
    [`1 Jan 2000 00:00:00 GMT${' '.repeat(1000)}`, undefined],
  ] as const)
    it(`reads ${JSON.stringify(text.slice(0, 60))}`, () => {
      const date = parseDate(text);
      if (iso === undefined) expect(date).to.equal(undefined);
      else expect(date?.getTime()).to.equal(new Date(iso).getTime());
    });

  it('writes a date as RFC 5322 has it', () => {
    expect(formatDate(new Date('2025-07-01T10:00:00.999Z'))).to.equal('Tue, 01 Jul 2025 10:00:00 +0000');
    expect(formatDate(new Date('1900-01-01T00:00:00Z'))).to.equal('Mon, 01 Jan 1900 00:00:00 +0000');
    for (const wrong of [new Date(Number.NaN), new Date('+012000-01-01'), new Date('1899-12-31')])
      expect(() => formatDate(wrong)).to.throw(UsageError, '1900 to 9999');
  });

  it('reads what it writes', () => {
    const dates = fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(dates, (date) => {
        expect(parseDate(formatDate(date))?.getTime()).to.equal(Math.floor(date.getTime() / 1000) * 1000);
      }),
    );
  });

  it('never throws', () => {
    const pieces = fc.constantFrom(
      '1',
      '00',
      ':',
      ' ',
      '(',
      ')',
      '\\',
      'Jan',
      'Mon',
      ',',
      '+',
      '2000',
      '-',
      'GMT',
      '\0',
    );
    fc.assert(fc.property(fc.string({ unit: pieces }), (text) => void parseDate(text)));
  });
});

describe('message/id', () => {
  for (const [text, sound] of [
    ['<a@b>', true],
    ['<i.am.a.test.article@example.com>', true],
    ['<"quoted"@[1.2.3.4]>', true],
    ['<$x+y/z=%{a}@b>', true],
    [`<${'x'.repeat(246)}@b>`, true],
    [`<${'x'.repeat(247)}@b>`, false],
    ['<>', false],
    ['<@>', false],
    ['<@b>', false],
    ['<a@>', false],
    ['<ab>', false],
    ['a@b', false],
    ['<a@b', false],
    ['<a@b> ', false],
    ['<a@b>\r\nQUIT', false],
    ['<a@b>\n', false],
    ['<a b@c>', false],
    ['<a>@b>', false],
    ['<ä@b>', false],
    ['<a\0@b>', false],
    ['', false],
  ] as const)
    it(`${sound ? 'takes' : 'refuses'} ${JSON.stringify(text.slice(0, 40))}`, () =>
      expect(isMessageId(text)).to.equal(sound));

  it('makes one of its own each time', () => {
    const ids = new Set(Array.from({ length: 100 }, () => makeMessageId('news.example.org')));
    expect(ids.size).to.equal(100);
    for (const id of ids) expect(id).to.match(/^<[\w-]{20}@news\.example\.org>$/);
    expect(isMessageId(makeMessageId())).to.equal(true);
  });

  it('refuses a host that is none', () => {
    for (const host of ['', 'a b', 'a>', 'a\r\nb', '.a', 'ä', 'x'.repeat(250)])
      expect(() => makeMessageId(host), host).to.throw(UsageError);
  });
});
