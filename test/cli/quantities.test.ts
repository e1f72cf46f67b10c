import { expect } from 'chai';
import { formatDuration, parseDuration } from '../../lib/cli/durations.ts';
import { formatSize, parseSize } from '../../lib/cli/sizes.ts';
import { nearest } from '../../lib/cli/suggest.ts';
import { UsageError } from '../../lib/core/errors.ts';

describe('durations', () => {
  const rows: [text: string, milliseconds: number][] = [
    ['5', 5000],
    ['5s', 5000],
    ['1.5', 1500],
    ['0.001', 1],
    ['500ms', 500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['none', Number.POSITIVE_INFINITY],
  ];
  for (const [text, milliseconds] of rows) {
    it(`${text} is ${milliseconds} ms`, () => expect(parseDuration(text)).to.equal(milliseconds));
  }
  for (const text of [
    '',
    '0',
    '0s',
    '-1',
    '5 s',
    '5x',
    '1e3',
    'Infinity',
    '0x10',
    '25000000',
    '999h',
    '5S',
    ' 5',
    'ms',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => expect(() => parseDuration(text)).to.throw(UsageError));
  }
  it('are printed for people', () => {
    expect([1, 1500, 119_999, 150_000].map(formatDuration)).to.deep.equal(['1 ms', '1.5 s', '120 s', '2.5 min']);
  });
});

describe('sizes', () => {
  it('are octets, or in steps of 1024', () => {
    expect(['0', '500', '64k', '64K', '10M', '2G'].map(parseSize)).to.deep.equal([
      0,
      500,
      65536,
      65536,
      10 * 1024 ** 2,
      2 * 1024 ** 3,
    ]);
    for (const text of ['', '-1', '1.5k', '1kB', '1 k', 'k', '999999999999T']) {
      expect(() => parseSize(text), text).to.throw(UsageError);
    }
  });

  it('are printed in at most five characters', () => {
    expect([0, 999, 1000, 1536, 10_200, 1_047_000, 2 ** 30].map(formatSize)).to.deep.equal([
      ...['0', '999', '1.0k', '1.5k', '10k', '1.0M', '1.0G'],
    ]);
    for (let size = 1; size < 2 ** 45; size = Math.ceil(size * 1.01)) {
      expect(formatSize(size).length, `${size}`).to.be.lessThan(6);
    }
  });
});

describe('a suggestion', () => {
  const known = ['list', 'fetch', 'search', 'gopher', 'ftp'];
  const rows: [word: string, meant: string | undefined][] = [
    ['lsit', 'list'],
    ['fecth', 'fetch'],
    ['gohper', 'gopher'],
    ['sear', 'search'],
    ['ftps', 'ftp'],
    ['zzz', undefined],
    ['x', undefined],
    ['', undefined],
    ['a'.repeat(100_000), undefined],
  ];
  for (const [word, meant] of rows) {
    it(`for ${word.slice(0, 10) || 'nothing'} is ${meant ?? 'nothing'}`, () =>
      expect(nearest(word, known)).to.equal(meant));
  }
});
