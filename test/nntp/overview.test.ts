import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../lib/core/errors.ts';
import { formatOverview, type Overview, parseOverview } from '../../lib/nntp/overview.ts';
import {
  formatOverviewFormat,
  type OverviewFormat,
  overviewFormat,
  parseOverviewFormat,
  USUAL_FORMAT,
} from '../../lib/nntp/overview-format.ts';
import { HeaderBlock } from '../../lib/wire/headers.ts';

function read(text: string, format?: OverviewFormat, strict?: boolean): Overview[] {
  const rows: Overview[] = [];
  parseOverview(text, rows, format, strict);
  return rows;
}

function only(text: string, format?: OverviewFormat): Overview {
  const [row, ...more] = read(text, format);
  if (!row || more.length > 0) throw new Error('expected one row');
  return row;
}

// RFC 3977 8.3.3
const ROW =
  '3000234\tI am just a test article\t"Demo User" <nobody@example.com>\t6 Oct 1998 04:38:40 -0500\t' +
  '<45223423@example.com>\t<45454@example.net>\t1234\t17\tXref: news.example.com misc.test:3000363\r\n';

const WHOLE = {
  number: 3000234,
  subject: 'I am just a test article',
  from: '"Demo User" <nobody@example.com>',
  date: '6 Oct 1998 04:38:40 -0500',
  messageId: '<45223423@example.com>',
  references: ['<45454@example.net>'],
  bytes: 1234,
  lines: 17,
  xref: 'news.example.com misc.test:3000363',
  extras: undefined,
  malformed: undefined,
};

describe('a row of an overview', () => {
  it('has seven fields behind its number, and those of the format', () => {
    const row = only(ROW);
    expect(row).to.include({ number: 3000234, subject: WHOLE.subject, from: WHOLE.from, date: WHOLE.date });
    expect(row).to.include({
      messageId: WHOLE.messageId,
      bytes: 1234,
      lines: 17,
      xref: WHOLE.xref,
      malformed: undefined,
    });
    expect(row.references).to.deep.equal(WHOLE.references);
    expect(row.sent?.toISOString()).to.equal('1998-10-06T09:38:40.000Z');
    expect(row.raw).to.equal(ROW.trimEnd());
    expect(row.toJSON()).to.deep.equal(WHOLE);
  });

  it('is the same with a bare LF, without its line end, and in the middle of others', () => {
    expect(only(ROW.replace('\r', '')).toJSON()).to.deep.equal(WHOLE);
    expect(only(ROW.trimEnd()).toJSON()).to.deep.equal(WHOLE);
    const rows = read(`1\ta\tb\tc\t<d@e>\t\t1\t2\r\n${ROW}2\ta\tb\tc\t<d@e>\t\t\t\n`);
    expect(rows.map(({ number }) => number)).to.deep.equal([1, 3000234, 2]);
    expect(rows[1]?.toJSON()).to.deep.equal(WHOLE);
    expect(rows[0]).to.include({ lines: 2, xref: undefined, malformed: undefined });
    expect(rows[2]).to.include({ bytes: undefined, lines: undefined, xref: undefined, malformed: undefined });
    expect(rows[2]?.references).to.deep.equal([]);
    expect(rows[2]?.sent).to.equal(undefined);
  });

  it('has its encoded words decoded, and is there as it came too', () => {
    const row = only('1\t=?utf-8?q?gr=C3=BCn?=\t=?iso-8859-1?q?J=F6rg?= <j@x>\tc\t<d@e>\t\t1\t2\r\n');
    expect(row).to.include({ subject: 'grün', from: 'Jörg <j@x>' });
    expect(row.get('Subject')).to.equal('=?utf-8?q?gr=C3=BCn?=');
    expect(row.toJSON()).to.include({ subject: 'grün', from: 'Jörg <j@x>' });
  });

  it('has many references, or some that are none', () => {
    const of = (references: string): string[] => only(`1\ta\tb\tc\t<d@e>\t${references}\t1\t2\r\n`).references;
    expect(of('<a@b> <c@d>\x0b <e@f>')).to.deep.equal(['<a@b>', '<c@d>', '<e@f>']);
    expect(of('<a@b><c@d>')).to.deep.equal(['<a@b>', '<c@d>']);
    expect(of('rubbish <c@d> <')).to.deep.equal(['<c@d>']);
    expect(of('<<<<<<<')).to.deep.equal([]);
  });

  it('is printed as what it holds', () => {
    expect(inspect(only(ROW))).to.contain("messageId: '<45223423@example.com>'");
    expect(JSON.parse(JSON.stringify(only(ROW)))).to.include({ number: 3000234, lines: 17 });
  });
});

describe('a malformed row of an overview', () => {
  const rows: [text: string, why: string][] = [
    ['', 'the number of the article is none'],
    ['1', '0 fields of 7'],
    ['1\tone', '1 fields of 7'],
    ['1\ta\tb\tc\t<d@e>\t\t1', '6 fields of 7'],
    ['x\ta\tb\tc\t<d@e>\t\t1\t2', 'the number of the article is none'],
    ['-1\ta\tb\tc\t<d@e>\t\t1\t2', 'the number of the article is none'],
    ['1000000000000000\ta\tb\tc\t<d@e>\t\t1\t2', 'the number of the article is none'],
    ['1\ta\tb\tc\t<d@e>\t\t1e3\t2', 'bytes or lines are no number'],
    ['1\ta\tb\tc\t<d@e>\t\t1\t-2', 'bytes or lines are no number'],
    ['1\ta\tb\tc\t<d@e>\t\t0x1\t2\tXref: h g:1', 'bytes or lines are no number'],
  ];
  for (const [text, why] of rows) {
    it(`is ${JSON.stringify(text)}, and the next one is not`, () => {
      const [row, next] = read(`${text}\r\n${ROW}`);
      expect(row?.malformed).to.equal(why);
      expect(row?.toJSON().malformed).to.equal(why);
      expect(next?.toJSON()).to.deep.equal(WHOLE);
      expect(() => read(`${ROW}${text}\r\n`, undefined, true)).to.throw(ProtocolError, why);
    });
  }

  it('is read as far as it goes, and never into the next', () => {
    const [row] = read(`7\tone\r\n${ROW}`);
    expect(row).to.include({ number: 7, subject: 'one', from: '', date: '', messageId: '' });
    expect(row).to.include({ bytes: undefined, lines: undefined, xref: undefined });
    expect(row?.references).to.deep.equal([]);
    expect(row?.get('From')).to.equal(undefined);
    const { extras, ...record } = row?.toJSON() ?? {};
    expect(record).to.include({
      number: 7,
      subject: 'one',
      from: '',
      messageId: '',
      bytes: undefined,
      xref: undefined,
    });
    expect(extras).to.equal(undefined);
  });

  it('may have ten thousand fields', () => {
    const row = only(`1${'\tx'.repeat(10_000)}\r\n`);
    expect(row.field(255)).to.equal('x');
    expect(row.field(256)).to.equal(undefined);
    expect(row.malformed).to.equal('bytes or lines are no number');
  });
});

describe('any text as an overview', () => {
  it('has a row for each of its lines, and never fails', () => {
    const text = fc.string({ unit: fc.constantFrom(...'\t\t\t\t\n\r12a<> :é'), maxLength: 80 });
    const format = parseOverviewFormat([
      ...[
        'Subject:',
        'From:',
        'Date:',
        'Message-ID:',
        'References:',
        ':bytes',
        ':lines',
        'X-A:full',
        'Xref:full',
        ':b',
      ],
    ]);
    fc.assert(
      fc.property(text, fc.constantFrom(USUAL_FORMAT, format), (any, its) => {
        const rows = read(any, its);
        const lines = any.replace(/\n$/, '').split('\n');
        expect(rows.map(({ raw }) => raw)).to.deep.equal(
          any === '' ? [] : lines.map((line) => line.replace(/\r$/, '')),
        );
        for (const row of rows) {
          const record = row.toJSON();
          for (const [name, value] of Object.entries(record)) {
            if (name !== 'extras') expect(value, name).to.deep.equal(Reflect.get(row, name));
          }
          expect(row.raw.split('\t').every((field, place) => row.field(place) === field)).to.equal(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the format of an overview', () => {
  const SEVEN = ['Subject:', 'From:', 'Date:', 'Message-ID:', 'References:', ':bytes', ':lines'];

  it('is the seven of the RFC, in either dialect, and extras', () => {
    const format = parseOverviewFormat([...SEVEN, 'Xref:full', 'Distribution:FULL', ':size', 'Keywords:']);
    expect(format.extras).to.deep.equal([
      { name: 'Xref', full: true },
      { name: 'Distribution', full: true },
      { name: ':size', full: false },
      { name: 'Keywords', full: false },
    ]);
    const old = ['Subject:', 'From:', 'Date:', 'Message-ID:', 'References:', 'Bytes:', 'Lines:', 'Xref:full'];
    expect(parseOverviewFormat(old).extras).to.deep.equal(USUAL_FORMAT.extras);
    expect(formatOverviewFormat(USUAL_FORMAT, '2980')).to.deep.equal(old);
    expect(formatOverviewFormat(format)).to.deep.equal([
      ...SEVEN,
      'Xref:full',
      'Distribution:full',
      ':size',
      'Keywords:',
    ]);
    expect(parseOverviewFormat(['SUBJECT:', 'from:', ...SEVEN.slice(2)]).extras).to.deep.equal([]);
  });

  it('is not another order, less, or more than 256 fields', () => {
    const swapped = ['From:', 'Subject:', ...SEVEN.slice(2)];
    const none = [[], SEVEN.slice(0, 6), swapped, ['__proto__:', 'constructor:'], [...SEVEN, ''], [...SEVEN, 'a b:']];
    for (const lines of none) expect(() => parseOverviewFormat(lines)).to.throw(ProtocolError);
    const many = [...SEVEN, ...Array.from({ length: 250 }, (_, i) => `X-${i}:full`)];
    expect(() => parseOverviewFormat(many))
      .to.throw(ProtocolError)
      .with.property('reason', 'limit');
  });

  it('says what the extras of a row are', () => {
    const format = parseOverviewFormat([...SEVEN, 'Distribution:full', 'Xref:full', ':size', '__proto__:']);
    const row = only('1\ta\tb\tc\t<d@e>\t\t1\t2\t\txref:h g:1\t12\tpolluted\r\n', format);
    expect(row.xref).to.equal('h g:1');
    expect(row.get('XREF')).to.equal('h g:1');
    expect(row.get('distribution')).to.equal(undefined);
    expect(row.get(':size')).to.equal('12');
    expect(row.get('__proto__')).to.equal('polluted');
    expect(row.get('constructor')).to.equal(undefined);
    expect(row.get(':bytes')).to.equal('1');
    expect(row.toJSON().xref).to.equal('h g:1');
    expect(Object.entries(row.toJSON().extras ?? {})).to.deep.equal([
      [':size', '12'],
      ['__proto__', 'polluted'],
    ]);
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });

  it('takes the first of two fields of one name', () => {
    const format = overviewFormat([
      { name: 'X-A', full: false },
      { name: 'x-a', full: false },
    ]);
    expect(only('1\ta\tb\tc\t<d@e>\t\t1\t2\tone\ttwo\r\n', format).get('X-A')).to.equal('one');
  });
});

describe('a row of an overview, written', () => {
  it('is what can be read again', () => {
    const headers = new HeaderBlock([
      ['Subject', 'a\tb'],
      ['From', 'me@example.org'],
      ['Date', '6 Oct 1998 04:38:40 -0500'],
      ['Message-ID', '<d@e>'],
      ['Xref', 'h g:1'],
    ]);
    expect(formatOverview(5, headers, 10, 2)).to.equal(
      '5\ta b\tme@example.org\t6 Oct 1998 04:38:40 -0500\t<d@e>\t\t10\t2\tXref: h g:1\r\n',
    );
    expect(formatOverview(5, { get: () => undefined }, 10, 2)).to.equal('5\t\t\t\t\t\t10\t2\t\r\n');
  });

  it('is one row, whatever the headers hold', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab\t\r\n\0 é:'), maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(), fc.array(text, { minLength: 6, maxLength: 6 }), fc.nat(), (number, values, bytes) => {
        const names = ['Subject', 'From', 'Date', 'Message-ID', 'References', 'Xref'];
        const headers = new Map(names.map((name, i) => [name, values[i] ?? '']));
        const row = only(formatOverview(number, headers, bytes, 3));
        expect(row).to.include({ number, bytes, lines: 3, malformed: undefined });
        const written = (value = ''): string => value.replace(/\r?\n/g, '').replace(/[\0\t\r\n]/g, ' ');
        expect(row.get('Subject')).to.equal(written(values[0]));
        expect(row.xref).to.equal(written(values[5]));
      }),
    );
  });
});
