import { expect } from 'chai';
import {
  formatActive,
  formatActiveTime,
  formatCounts,
  formatDescription,
  parseActive,
  parseActiveTime,
  parseCounts,
  parseDescription,
  parseDistribPat,
  parseFieldName,
  parseHeader,
  parseLines,
  parseMessageId,
  parseName,
  parseNumber,
  parseXhdr,
} from '../../lib/nntp/listing.ts';

describe('a list of NNTP', () => {
  it('has its malformed lines aside, and is whole without them', () => {
    const text = 'misc.test 2 1 y\r\nbroken\r\n\r\nalt.test 0 1 m\nlast 3 1 n';
    expect(parseLines(text, parseActive)).to.deep.equal({
      items: [
        { name: 'misc.test', high: 2, low: 1, status: 'y' },
        { name: 'alt.test', high: 0, low: 1, status: 'm' },
        { name: 'last', high: 3, low: 1, status: 'n' },
      ],
      malformed: ['broken', ''],
    });
    expect(parseLines('', parseActive)).to.deep.equal({ items: [], malformed: [] });
  });

  const rows: [what: string, parse: (line: string) => unknown, line: string, means: unknown][] = [
    [
      'a group',
      parseActive,
      'misc.test 3002322 3000234 y',
      { name: 'misc.test', high: 3002322, low: 3000234, status: 'y' },
    ],
    ['a group', parseActive, 'a 0000000012 0000000001 =b.c', { name: 'a', high: 12, low: 1, status: '=b.c' }],
    ['a group', parseActive, 'a\t12  1 x ', { name: 'a', high: 12, low: 1, status: 'x' }],
    ['a group', parseActive, '../../tmp/x 1 1 y', { name: '../../tmp/x', high: 1, low: 1, status: 'y' }],
    ['a group', parseActive, 'grün 1 1 j', { name: 'grün', high: 1, low: 1, status: 'j' }],
    ['no group', parseActive, 'a 1 y', undefined],
    ['no group', parseActive, 'a -1 1 y', undefined],
    ['no group', parseActive, 'a 1e3 1 y', undefined],
    ['no group', parseActive, 'a 1 1', undefined],
    ['no group', parseActive, 'a 1 1 y n', undefined],
    ['no group', parseActive, 'a\x1b[2J 1 1 y', undefined],
    ['no group', parseActive, 'a 1000000000000000 1 y', undefined],
    ['no group', parseActive, 'a.* 1 1 y', undefined],
    ['no group', parseActive, `${'a'.repeat(498)} 1 1 y`, undefined],
    ['no count', parseCounts, 'a,b 9 1 5 y', undefined],
    ['no description', parseDescription, '!a about it', undefined],
    ['no time', parseActiveTime, 'a[b] 1 x', undefined],
    ['no name', parseName, 'a?', undefined],
    ['a count', parseCounts, 'a 9 1 5 y', { name: 'a', count: 5, low: 1, high: 9, empty: false, status: 'y' }],
    ['a count', parseCounts, 'a 0 1 0 m', { name: 'a', count: 0, low: 1, high: 0, empty: true, status: 'm' }],
    ['no count', parseCounts, 'a 9 1 y', undefined],
    ['a description', parseDescription, 'a.b\tAbout b. (Moderated)', { name: 'a.b', text: 'About b. (Moderated)' }],
    ['a description', parseDescription, 'a.b  \t two words ', { name: 'a.b', text: 'two words' }],
    ['a description', parseDescription, 'a.b', { name: 'a.b', text: '' }],
    ['a description', parseDescription, 'a.b \x1b]52;c;x\x07', { name: 'a.b', text: '\x1b]52;c;x\x07' }],
    ['no description', parseDescription, '\tabout nothing', undefined],
    [
      'a time',
      parseActiveTime,
      'a 930445408 <me@x>',
      { name: 'a', created: new Date(930445408000), creator: '<me@x>' },
    ],
    ['a time', parseActiveTime, 'a 0', { name: 'a', created: new Date(0), creator: '' }],
    ['no time', parseActiveTime, 'a 1234567890123 x', undefined],
    ['no time', parseActiveTime, 'a -1 x', undefined],
    ['a pattern', parseDistribPat, '10:local.*:local', { weight: 10, wildmat: 'local.*', distribution: 'local' }],
    ['a pattern', parseDistribPat, '5:*:', { weight: 5, wildmat: '*', distribution: '' }],
    ['no pattern', parseDistribPat, 'x:*:y', undefined],
    ['no pattern', parseDistribPat, '5::y', undefined],
    [
      'a header',
      parseHeader,
      '3000234 I am just a test article',
      { number: 3000234, value: 'I am just a test article' },
    ],
    ['a header', parseHeader, '5 ', { number: 5, value: '' }],
    ['a header', parseHeader, '5', { number: 5, value: '' }],
    ['a header', parseHeader, '0  two', { number: 0, value: ' two' }],
    ['a header', parseHeader, '1 (none)', { number: 1, value: '(none)' }],
    ['no header', parseHeader, 'five x', undefined],
    ['no header', parseHeader, '', undefined],
    ['an old header', parseXhdr, '1 (none)', { number: 1, value: '' }],
    ['an old header', parseXhdr, '<a@b> value', { number: 0, value: 'value' }],
    ['no old header', parseXhdr, '<a b> value', undefined],
    ['a message-id', parseMessageId, '<a@b>', '<a@b>'],
    ['no message-id', parseMessageId, 'a@b', undefined],
    ['no message-id', parseMessageId, '<a@b> x', undefined],
    ['a number', parseNumber, '42', 42],
    ['no number', parseNumber, '4 2', undefined],
    ['a name', parseName, 'misc.test', 'misc.test'],
    ['no name', parseName, 'misc test', undefined],
    ['the name of a field', parseFieldName, ':bytes', ':bytes'],
    ['the name of a field', parseFieldName, ':', ':'],
    ['the name of a field', parseFieldName, 'Subject', 'Subject'],
    ['no name of a field', parseFieldName, 'Subject:', undefined],
  ];
  for (const [what, parse, line, means] of rows) {
    it(`has ${what}: ${JSON.stringify(line.slice(0, 60))}`, () => expect(parse(line)).to.deep.equal(means));
  }

  it('is written as it is read', () => {
    const same = <T>(line: string, parse: (line: string) => T | undefined, format: (item: T) => string): void => {
      const item = parse(line);
      expect(item === undefined ? undefined : format(item)).to.equal(line);
    };
    same('misc.test 2 1 =a', parseActive, formatActive);
    same('misc.test 9 1 5 y', parseCounts, formatCounts);
    same('misc.test\tA test', parseDescription, formatDescription);
    same('misc.test 930445408 me', parseActiveTime, formatActiveTime);
    expect(formatDescription({ name: 'a', text: 'b\n.\n' })).to.equal('a\tb . ');
  });

  it('does not take long for being hostile', () => {
    const began = performance.now();
    const parsers = [
      parseActive,
      parseCounts,
      parseDescription,
      parseActiveTime,
      parseDistribPat,
      parseHeader,
      parseXhdr,
    ];
    for (const unit of ['a', ' ', '\t', '1 ', 'a 1 1 ', '<', '1:a:', ':']) {
      for (const parse of parsers) parse(unit.repeat(65_536 / unit.length));
    }
    expect(performance.now() - began).to.be.below(1000);
  });
});
