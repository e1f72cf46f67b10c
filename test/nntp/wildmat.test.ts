import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { checkWildmat, compileWildmat, isWildmat } from '../../lib/nntp/wildmat.ts';

/** What RFC 3977 4.2 says, word for word, in exponential time. */
function slowly(wildmat: string, name: string): boolean {
  const match = (pattern: string[], text: string[]): boolean => {
    const [first, ...rest] = pattern;
    if (first === undefined) return text.length === 0;
    if (first === '*') return match(rest, text) || (text.length > 0 && match(pattern, text.slice(1)));
    return text.length > 0 && (first === '?' || first === text[0]) && match(rest, text.slice(1));
  };
  let matched = false;
  for (const part of wildmat.split(',')) {
    if (match(Array.from(part.replace(/^!/, '')), Array.from(name))) matched = !part.startsWith('!');
  }
  return matched;
}

describe('a wildmat', () => {
  const rows: [wildmat: string, matching: string[], other: string[]][] = [
    ['*', ['a', 'misc.test', ''], []],
    ['misc.test', ['misc.test'], ['misc.tests', 'Misc.test', 'misc.tes']],
    ['comp.lang.*', ['comp.lang.c', 'comp.lang.'], ['comp.lang', 'xcomp.lang.c']],
    ['*.test', ['a.test', '.test'], ['test', 'a.test.b']],
    ['a?c', ['abc', 'aéc', 'a😀c'], ['ac', 'abbc']],
    ['??', ['ab', '日本', '😀😀'], ['😀', 'abc']],
    ['*??', ['ab', 'a😀'], ['😀', 'a', '']],
    ['a*b*c', ['abc', 'axbxbxc'], ['acb', 'ab']],
    // RFC 3977 4.4
    ['a*,!*b,*c*', ['aaa', 'abc', 'ccb'], ['xxx', 'abb', '']],
    ['*,!alt.*,alt.test', ['misc', 'alt.test'], ['alt.x']],
    ['!*,a', ['a'], ['b']],
    ['!a', [], ['a', 'b']],
    ['日本.*', ['日本.x'], ['日.x']],
  ];
  for (const [wildmat, matching, other] of rows) {
    it(`${wildmat} matches ${JSON.stringify(matching)} and not ${JSON.stringify(other)}`, () => {
      const match = compileWildmat(wildmat);
      expect(matching.filter((name) => !match(name))).to.deep.equal([]);
      expect(other.filter(match)).to.deep.equal([]);
    });
  }

  const none = [
    '',
    ',',
    'a,',
    ',a',
    'a,,b',
    '!',
    'a,!',
    'a!b',
    '!!a',
    'a b',
    'a\tb',
    'a\r\nQUIT',
    'a\0',
    '[a]',
    'a\\*',
    '\x7f',
  ];
  for (const text of [...none, 'x'.repeat(498), '\ud800']) {
    it(`is not ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(() => checkWildmat(text)).to.throw(UsageError);
      expect(() => compileWildmat(text)).to.throw(UsageError);
    });
  }

  it('decides as its definition does', () => {
    const letter = fc.constantFrom('a', 'b', '😀', '.');
    const item = fc.oneof({ weight: 2, arbitrary: letter }, fc.constantFrom('*', '?'));
    const pattern = fc.array(item, { minLength: 1, maxLength: 7 }).map((items) => items.join(''));
    const part = fc.tuple(fc.constantFrom('', '!'), pattern).map((parts) => parts.join(''));
    const wildmat = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(','));
    const name = fc.array(letter, { maxLength: 8 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(wildmat, name, (pattern, text) => {
        expect(compileWildmat(pattern)(text)).to.equal(slowly(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no longer for being hostile', () => {
    const match = compileWildmat('*a'.repeat(240));
    const name = 'a'.repeat(239) + 'b'.repeat(5000);
    const began = performance.now();
    for (let i = 0; i < 20; i++) expect(match(name)).to.equal(false);
    expect(performance.now() - began).to.be.below(2000);
  });

  it('is told from the name of a group', () => {
    expect(['*', 'a?', 'a,b', '!a'].every(isWildmat)).to.equal(true);
    expect(isWildmat('comp.lang.c++')).to.equal(false);
  });
});
