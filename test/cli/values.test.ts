import { expect } from 'chai';
import type { Flag } from '../../lib/cli/options.ts';
import { gathered, HeaderFile, readValue } from '../../lib/cli/values.ts';
import { UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';

const read = (type: Flag['type'], text: string, more: Partial<Flag> = {}): unknown =>
  readValue('flag', { type, summary: '', ...more }, text);

describe('the value behind a flag', () => {
  const rows: readonly (readonly [type: Flag['type'], text: string, value: unknown])[] = [
    ['headers', 'A: b', ['A', 'b']],
    ['headers', 'A:b:c ', ['A', 'b:c']],
    ['headers', 'A:', ['A', '']],
    ['headers', '@file', new HeaderFile('file')],
    ['headers', '@-', new HeaderFile('-')],
    ['parts', 'a=b', { name: 'a', value: 'b' }],
    ['parts', 'a=', { name: 'a', value: '' }],
    ['parts', 'a=b=c', { name: 'a', value: 'b=c' }],
    ['parts', 'a=@f', { name: 'a', file: 'f' }],
    ['parts', 'a=@f;x', { name: 'a', file: 'f;x' }],
    ['parts', 'a=@f;type=text/plain; charset=utf-8', { name: 'a', file: 'f', type: 'text/plain; charset=utf-8' }],
    ['parts', 'a=@', { name: 'a', value: '@' }],
    ['range', '0-499', { first: 0, last: 499 }],
    ['range', '500-', { first: 500 }],
    ['range', '-500', { suffix: 500 }],
    ['date', '2026-01-31', new Date('2026-01-31T00:00:00Z')],
    ['date', '2026-01-31T12:30:00+02:00', new Date('2026-01-31T10:30:00Z')],
    ['date', 'Sat, 31 Jan 2026 12:00:00 GMT', new Date('2026-01-31T12:00:00Z')],
    ['json', '{"a":[1,null]}', { a: [1, null] }],
    ['json', '"text"', 'text'],
    ['json', '-9007199254740991', -9_007_199_254_740_991],
    ['size', '64k', 65_536],
  ];
  for (const [type, text, value] of rows) {
    it(`${type}: ${text}`, () => expect(read(type, text)).to.deep.equal(value));
  }

  const mistakes: readonly (readonly [type: Flag['type'], text: string])[] = [
    ['headers', 'A'],
    ['headers', ': b'],
    ['headers', '@'],
    ['parts', 'a'],
    ['parts', '=b'],
    ['parts', 'a=@-'],
    ['range', ''],
    ['range', '-'],
    ['range', '5'],
    ['range', '1-2-3'],
    ['range', '0x1-2'],
    ['range', '1,3-4'],
    ['range', `${'9'.repeat(16)}-`],
    ['date', 'yesterday'],
    ['date', '1'],
    ['date', '2026-13-01'],
    ['date', '@/nonexistent'],
    ['json', ''],
    ['json', '{a:1}'],
    ['json', '{"a":9007199254740993}'],
    ['json', '1e999'],
    ['size', '64q'],
  ];
  for (const [type, text] of mistakes) {
    it(`${type}: ${JSON.stringify(text)} is none`, () => {
      expect(() => read(type, text)).to.throw(UsageError, /^--flag: /);
    });
  }

  it('is a Secret where others should not read it', () => {
    const [name, value] = read('headers', 'X-Key: abc', { secret: ['x-key'] }) as [string, Secret];
    expect([name, value instanceof Secret, value.reveal()]).to.deep.equal(['X-Key', true, 'abc']);
  });

  it('of JSON pollutes nothing', () => {
    const value = read('json', '{"__proto__":{"polluted":1}}') as object;
    expect(JSON.stringify(value)).to.equal('{"__proto__":{"polluted":1}}');
    expect('polluted' in {}).to.equal(false);
  });

  it('is one of several, where there may be several', () => {
    const pairs: Flag = { type: 'pairs', many: true, summary: '' };
    expect(gathered('a', pairs, [['a', '1']], ['a', '2'])).to.deep.equal([
      ['a', '1'],
      ['a', '2'],
    ]);
    const record = gathered('a', { type: 'pairs', summary: '' }, { a: '1' }, ['a', '2']);
    expect({ ...(record as object) }).to.deep.equal({ a: '2' });
  });
});
