import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { formatPath, isContainer, type NewsPath, parsePath } from '../../lib/nntp/path.ts';

describe('a path of news', () => {
  const rows: [path: string, means: NewsPath, canonical?: string][] = [
    ['', { kind: 'groups' }, '/'],
    ['/', { kind: 'groups' }],
    ['/*', { kind: 'groups', wildmat: '*' }],
    ['/comp.lang.*', { kind: 'groups', wildmat: 'comp.lang.*' }],
    ['/comp.%3F', { kind: 'groups', wildmat: 'comp.?' }],
    ['/a,!b', { kind: 'groups', wildmat: 'a,!b' }],
    ['/*@*/', { kind: 'groups', wildmat: '*@*' }],
    ['/misc.test', { kind: 'group', group: 'misc.test' }],
    ['misc.test/', { kind: 'group', group: 'misc.test' }, '/misc.test'],
    ['/alt.c%2B%2B', { kind: 'group', group: 'alt.c++' }, '/alt.c++'],
    ['/gr%C3%BCn.x', { kind: 'group', group: 'grün.x' }],
    ['/grün.x', { kind: 'group', group: 'grün.x' }, '/gr%C3%BCn.x'],
    ['/..%2F..%2Fetc', { kind: 'group', group: '../../etc' }],
    ['/1042', { kind: 'group', group: '1042' }],
    ['/a@b/', { kind: 'group', group: 'a@b' }],
    ['/a@b/12', { kind: 'article', group: 'a@b', number: 12 }],
    ['/misc.test/1042', { kind: 'article', group: 'misc.test', number: 1042 }],
    ['/misc.test/100-200', { kind: 'range', group: 'misc.test', range: { low: 100, high: 200 } }],
    ['/misc.test/7-7', { kind: 'range', group: 'misc.test', range: { low: 7, high: 7 } }],
    ['/misc.test/100-', { kind: 'range', group: 'misc.test', range: { low: 100 } }],
    ['/abc@example.org', { kind: 'message', messageId: '<abc@example.org>' }],
    ['/abc%40example.org', { kind: 'message', messageId: '<abc@example.org>' }, '/abc@example.org'],
    ['/<abc@example.org>', { kind: 'message', messageId: '<abc@example.org>' }, '/abc@example.org'],
    ['/%3Cabc%3E', { kind: 'message', messageId: '<abc>' }],
    ['/a%2Fb%3Fc%23d%25e%5Bf%5D@g', { kind: 'message', messageId: '<a/b?c#d%e[f]@g>' }],
    ['/a/b@c', { kind: 'message', messageId: '<a/b@c>' }, '/a%2Fb@c'],
    ['/<a/b@c/d>', { kind: 'message', messageId: '<a/b@c/d>' }, '/a%2Fb@c%2Fd'],
  ];
  for (const [path, means, canonical = path] of rows) {
    it(`${path || '(empty)'} names ${JSON.stringify(means)}`, () => {
      expect(parsePath(path)).to.deep.equal(means);
      expect(formatPath(means)).to.equal(canonical);
      expect(parsePath(canonical)).to.deep.equal(means);
    });
  }

  const none = [
    ...['/misc.test%0d%0aQUIT', '/misc.test%00', '/misc.test\r\n', '/a%20b', '/<a@b>%0d%0aQUIT', '/<a%20b@c>', '/<>'],
    ...['/comp.?', '/misc.test/x', '/misc.test/1/2', '/misc.test/-5', '/misc.test/1-2-3', '/comp.*/1', '/%ff', '/100%'],
    ...['/misc.test/1e3', '/misc.test/9999999999999999', '/a[b]', '/a%5Cb', '/a,', '//'],
  ];
  for (const path of none) {
    it(`is not ${JSON.stringify(path)}`, () => {
      expect(() => parsePath(path)).to.throw(UsageError);
      expect(isContainer(path)).to.equal(false);
    });
  }

  it('is of many, or of one', () => {
    for (const path of ['/', '/a.*', '/misc.test', '/misc.test/1-', '/misc.test/1-2'])
      expect(isContainer(path), path).to.equal(true);
    for (const path of ['/misc.test/1', '/a@b', '/<a@b>']) expect(isContainer(path), path).to.equal(false);
  });

  it('is not made of what no command takes', () => {
    const wrong: NewsPath[] = [
      { kind: 'group', group: 'a b' },
      { kind: 'groups', wildmat: 'a\r\nb' },
      { kind: 'article', group: 'a', number: -1 },
      { kind: 'range', group: 'a', range: { low: 0.5 } },
      { kind: 'message', messageId: 'a@b' },
    ];
    for (const path of wrong) expect(() => formatPath(path)).to.throw(UsageError);
  });

  it('comes back as what it names', () => {
    const character = fc.oneof(
      fc.constantFrom(...'ab.@<>/%#+-0129:ü'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    );
    const text = fc.array(character, { minLength: 1, maxLength: 12 }).map((all) => all.join(''));
    const group = text.filter((name) => !/[\x00-\x20\x7f*?,!\\[\]]|\p{Surrogate}/u.test(name));
    const number = fc.nat({ max: 999_999_999_999_999 });
    const id = fc.string({ unit: fc.constantFrom(...'ab@<./?#%[]\\!*,-1'), minLength: 1, maxLength: 20 });
    const paths = fc.oneof<fc.Arbitrary<NewsPath>[]>(
      group.map((name) => ({ kind: 'group', group: name })),
      fc.tuple(group, number).map(([name, n]) => ({ kind: 'article', group: name, number: n })),
      fc
        .tuple(group, number, number)
        .map(([name, low, high]) => ({ kind: 'range', group: name, range: { low, high } })),
      fc.tuple(group, number).map(([name, low]) => ({ kind: 'range', group: name, range: { low } })),
      id.map((inner) => ({ kind: 'message', messageId: `<${inner}>` })),
      group.map((name) => ({ kind: 'groups', wildmat: `${name}*` })),
    );
    fc.assert(
      fc.property(paths, (path) => {
        expect(parsePath(formatPath(path))).to.deep.equal(path);
      }),
      { numRuns: 1000 },
    );
  });
});
