import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import {
  checkCommand,
  checkField,
  checkGroup,
  checkMessageId,
  checkNumber,
  formatGroup,
  MAX_SASL_COMMAND,
  offers,
  parseArticleRef,
  parseCapabilities,
  parseGroup,
} from '../../lib/nntp/codec.ts';
import { formatDate, formatDateTime, parseDate, parseDateTime } from '../../lib/nntp/date.ts';
import { formatRange, inRange, parseRange } from '../../lib/nntp/range.ts';
import { command } from '../../lib/wire/command.ts';

describe('what NNTP says of a group', () => {
  const rows: [string, ReturnType<typeof parseGroup>][] = [
    ['1234 3000234 3002322 misc.test', { name: 'misc.test', count: 1234, low: 3000234, high: 3002322, empty: false }],
    ['0 0 0 example.empty', { name: 'example.empty', count: 0, low: 0, high: 0, empty: true }],
    ['0 4000 3999 misc.test', { name: 'misc.test', count: 0, low: 4000, high: 3999, empty: true }],
    ['7 4000 3999 misc.test', { name: 'misc.test', count: 0, low: 4000, high: 3999, empty: true }],
    ['0 5 9 a', { name: 'a', count: 0, low: 5, high: 9, empty: true }],
    ['999999999999 1 999999999999 a', { name: 'a', count: 999999999999, low: 1, high: 999999999999, empty: false }],
    ['1 1 1 grün.test group selected', { name: 'grün.test', count: 1, low: 1, high: 1, empty: false }],
  ];
  for (const [text, status] of rows) {
    it(`is ${text}`, () => expect(parseGroup(text)).to.deep.equal(status));
  }

  const broken = [
    ...['many 1 2 misc.test', '1 2 misc.test', '1 1 2', '', '-1 1 2 a', '1e3 1 2 a', '0x1 1 2 a', '1 1 2 '],
    ...['1  1 2 a', '9999999999999999 1 2 a', ' 1 1 2 a', '１ 1 2 a'],
  ];
  for (const text of broken) {
    it(`is not ${JSON.stringify(text)}`, () => expect(() => parseGroup(text)).to.throw(ProtocolError));
  }

  it('comes back as it was', () => {
    expect(formatGroup(parseGroup('5 1 9 a.b'))).to.equal('5 1 9 a.b');
  });
});

describe('what NNTP says of an article', () => {
  it('is its number and its message-id, and perhaps more words', () => {
    const ref = { number: 3000234, messageId: '<45223423@example.com>' };
    expect(parseArticleRef('3000234 <45223423@example.com>')).to.deep.equal(ref);
    expect(parseArticleRef('3000234 <45223423@example.com> article retrieved')).to.deep.equal(ref);
    expect(parseArticleRef('0 <a@b>')).to.deep.equal({ number: 0, messageId: '<a@b>' });
  });

  for (const text of ['', '1', '<a@b>', '1 a@b', '1 <>', '1 <a@b', '1 <a b>', '-1 <a@b>', '1 <a@b>x', '1 <a<b>']) {
    it(`is not ${JSON.stringify(text)}`, () => expect(() => parseArticleRef(text)).to.throw(ProtocolError));
  }
});

describe('the capabilities of NNTP', () => {
  it('are labels with arguments, whatever their case', () => {
    const lines = [
      'VERSION 2',
      'reader',
      'LIST ACTIVE  NEWSGROUPS',
      'AUTHINFO USER',
      'AUTHINFO SASL',
      'SASL PLAIN',
      '',
    ];
    const found = parseCapabilities([...lines, 'IMPLEMENTATION INN 2.7.0', '__proto__ polluted', ' 12']);
    expect(found.get('VERSION')).to.deep.equal(['2']);
    expect(found.get('IMPLEMENTATION')).to.deep.equal(['INN', '2.7.0']);
    expect(offers(found, 'READER')).to.equal(true);
    expect(offers(found, 'list', 'newsgroups')).to.equal(true);
    expect(offers(found, 'LIST', 'MOTD')).to.equal(false);
    expect(offers(found, 'AUTHINFO', 'USER') && offers(found, 'AUTHINFO', 'SASL')).to.equal(true);
    expect(offers(found, 'OVER')).to.equal(false);
    expect(Reflect.get({}, 'polluted')).to.equal(undefined);
  });

  it('have a limit', () => {
    const lines = Array.from({ length: 1001 }, (_, i) => `X${i}`);
    expect(() => parseCapabilities(lines))
      .to.throw(ProtocolError)
      .with.property('reason', 'limit');
  });
});

describe('an argument of NNTP', () => {
  it('is a message-id', () => {
    for (const id of ['<a@b>', '<x>', `<${'a'.repeat(248)}>`, '<!"#$%&\'()*+,-./:;=?@[\\]^_`{|}~>', '<a<b>'])
      expect(checkMessageId(id)).to.equal(id);
    const none = [
      '',
      '<>',
      'a@b',
      '<a b>',
      '<a>b>',
      '<a@b>\r\nQUIT',
      '<é@b>',
      '<a\u010d\u010ab>',
      `<${'a'.repeat(249)}>`,
    ];
    for (const id of none) expect(() => checkMessageId(id), id).to.throw(UsageError);
  });

  it('is the name of a group', () => {
    for (const name of ['misc.test', 'alt.c++', 'a_b-c', 'grün.日本', '../../etc/x', 'a@b', '-x', 'x'.repeat(497)])
      expect(checkGroup(name)).to.equal(name);
    const none = [
      '',
      'a b',
      'a*',
      'a?',
      'a,b',
      '!a',
      'a[b]',
      'a\\b',
      'a\tb',
      'misc.test\r\nQUIT',
      'a\0b',
      '\x7f',
      '\ud800',
    ];
    for (const name of [...none, 'x'.repeat(498), 'ü'.repeat(249)])
      expect(() => checkGroup(name), JSON.stringify(name)).to.throw(UsageError);
  });

  it('is the number of an article', () => {
    for (const number of [0, 1, 999_999_999_999_999]) expect(checkNumber(number)).to.equal(number);
    for (const number of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e15])
      expect(() => checkNumber(number)).to.throw(UsageError);
  });

  it('is the name of a header', () => {
    for (const name of ['Subject', 'X-Trace', ':bytes']) expect(checkField(name)).to.equal(name);
    for (const name of ['', ':', 'a b', 'a:', '::a', 'a\r\nQUIT', 'ü'])
      expect(() => checkField(name)).to.throw(UsageError);
  });

  it('is a range', () => {
    expect(parseRange('5')).to.deep.equal({ low: 5, high: 5 });
    expect(parseRange('5-')).to.deep.equal({ low: 5 });
    expect(parseRange('5-9')).to.deep.equal({ low: 5, high: 9 });
    expect(parseRange('9-5')).to.deep.equal({ low: 9, high: 5 });
    expect(formatRange({ low: 1, high: 999_999_999_999_999 })).to.equal('1-999999999999999');
    for (const text of ['', '-', '-5', '1-\r\nQUIT', '1-2-3', '1 - 2', 'a-b', '1000000000000000', '1e3'])
      expect(() => parseRange(text), text).to.throw(UsageError);
    expect(() => formatRange({ low: -1 })).to.throw(UsageError);
    expect([4, 5, 9, 10].map((number) => inRange({ low: 5, high: 9 }, number))).to.deep.equal([
      false,
      true,
      true,
      false,
    ]);
    expect(inRange({ low: 5 }, 1e9)).to.equal(true);
  });

  it('comes back as the range that it was', () => {
    const number = fc.nat({ max: 999_999_999_999_999 });
    fc.assert(
      fc.property(number, fc.option(number, { nil: undefined }), (low, high) => {
        const range = { low, ...(high !== undefined && { high }) };
        expect(parseRange(formatRange(range))).to.deep.equal(range);
      }),
    );
  });

  it('has its place in a command of 512 octets', () => {
    const fits = command`STAT ${'x'.repeat(505)}`;
    expect(checkCommand(fits)).to.equal(fits);
    expect(() => checkCommand(command`STAT ${'x'.repeat(506)}`)).to.throw(UsageError);
    expect(() => checkCommand(command`STAT ${'ü'.repeat(253)}`)).to.throw(UsageError);
    checkCommand(command`AUTHINFO SASL PLAIN ${'x'.repeat(10_000)}`, MAX_SASL_COMMAND);
  });
});

describe('a date of NNTP', () => {
  it('is fourteen digits', () => {
    expect(parseDate('19990623135624').toISOString()).to.equal('1999-06-23T13:56:24.000Z');
    expect(parseDate('20240229235960 UTC').toISOString()).to.equal('2024-03-01T00:00:00.000Z');
    const none = ['', '2024', '20240230000000', '20241301000000', '20240101240000', '20240101006000', '20240101000061'];
    for (const text of [...none, '20240101000000x', '2024010100000'])
      expect(() => parseDate(text), text).to.throw(ProtocolError);
  });

  it('is two words in a question', () => {
    expect(formatDateTime(new Date(Date.UTC(2024, 0, 2, 3, 4, 5, 678)))).to.equal('20240102 030405');
    expect(() => formatDateTime(new Date(Number.NaN))).to.throw(UsageError);
    expect(() => formatDateTime(new Date(Date.UTC(12024, 0)))).to.throw(UsageError);
  });

  it('has a year of two digits in old questions', () => {
    const now = new Date(Date.UTC(2025, 5));
    expect(parseDateTime('20240102', '030405', now)?.toISOString()).to.equal('2024-01-02T03:04:05.000Z');
    expect(parseDateTime('250102', '030405', now)?.getUTCFullYear()).to.equal(2025);
    expect(parseDateTime('260102', '030405', now)?.getUTCFullYear()).to.equal(1926);
    for (const [day, time] of [
      ['2024010', '000000'],
      ['20240101', '0000'],
      ['20240431', '000000'],
      ['x', 'y'],
    ])
      expect(parseDateTime(day ?? '', time ?? '', now)).to.equal(undefined);
  });

  it('comes back as the second that it was', () => {
    const date = fc.date({ min: new Date('1970-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (any) => {
        const seconds = Math.floor(any.getTime() / 1000) * 1000;
        expect(parseDate(formatDate(any)).getTime()).to.equal(seconds);
        const [day = '', time = ''] = formatDateTime(any).split(' ');
        expect(parseDateTime(day, time)?.getTime()).to.equal(seconds);
      }),
    );
  });
});
