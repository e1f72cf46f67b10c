import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import type { Expected } from '../../lib/core/verbs.ts';
import { Expectation, type Place } from '../../lib/telnet/expect.ts';
import { rejection } from '../helpers.ts';

/** Every way to cut a text in two, and then one character at a time. */
function* cuts(text: string): Generator<readonly string[]> {
  yield [text];
  for (let at = 1; at < text.length; at++) yield [text.slice(0, at), text.slice(at)];
  yield text.split('');
}

function find(what: Expected | readonly Expected[], pieces: readonly string[]): Place | undefined {
  const expectation = new Expectation(what);
  for (const piece of pieces) {
    const place = expectation.feed(piece);
    if (place) return place;
  }
  return undefined;
}

/** What to look for, in what, and what is found: which of them, the text before it, and the text. */
const ROWS: readonly (readonly [
  string,
  Expected | readonly Expected[],
  string,
  readonly [number, string, string] | undefined,
])[] = [
  ['a string', 'login: ', 'Debian 12 login: ann', [0, 'Debian 12 ', 'login: ']],
  ['a string that begins twice', 'aab', 'aaab', [0, 'a', 'aab']],
  ['a string that is not there', 'Password', 'Passwor d', undefined],
  ['the one that ends first', ['Welcome back', 'come'], 'Welcome back', [1, 'Wel', 'come']],
  ['of two that end together the first of the list', ['in:', 'login:'], 'login:', [0, 'log', 'in:']],
  ['the same the other way round', ['login:', 'in:'], 'login:', [0, '', 'login:']],
  ['the one that ends first, not the one that begins first', ['abcd', 'bc'], 'abcd', [1, 'a', 'bc']],
  ['a pattern', /[$#] /, 'root@host:~# ls', [0, 'root@host:~', '# ']],
  ['a pattern that could take more takes as little as it can', /\d+/, 'uid 1000', [0, 'uid ', '1']],
  ['a pattern with what follows takes all', /(\d+)\r/, 'uid 1000\r\n', [0, 'uid ', '1000\r']],
  ['an end that is always true', /\$ $/, 'a$ b', [0, 'a', '$ ']],
  ['an end of a line that is always true', /b$/m, 'ab\ncb', [0, 'a', 'b']],
  ['an end that is escaped', /\$/, 'a$', [0, 'a', '$']],
  ['a beginning', /^b/, 'ab\nb', undefined],
  ['the beginning of a line', /^b/m, 'ab\nb', [0, 'ab\n', 'b']],
  ['what does not follow', /a(?!b)/, 'abac', [0, '', 'a']],
  ['what must follow', /a(?=b)/, 'acab', [0, 'ac', 'a']],
  ['the end of a word, as soon as there may be one', /\bcat\b/, 'a category', [0, 'a ', 'cat']],
  ['a pattern and a string that end together', [/c[o0]de/, 'ode'], 'the code', [0, 'the ', 'code']],
  ['whatever its case', /LOGIN/i, 'my login', [0, 'my ', 'login']],
  ['characters above U+FFFF', /.x/u, 'a😀x', [0, 'a', '😀x']],
  ['no half of a character', /[^a]/, 'a😀x', [0, 'a', '\ud83d']],
  ['nothing', /x*/, 'abc', [0, '', '']],
];

describe('waiting for a text', () => {
  for (const [title, what, text, wanted] of ROWS) {
    it(`finds ${title}, however the text is cut`, () => {
      for (const pieces of cuts(text)) {
        const place = find(what, pieces);
        const found = place && [place.index, text.slice(0, place.start), place.match];
        if (title.startsWith('no half')) expect(place?.at, pieces.join('|')).to.equal(3);
        expect(found, pieces.join('|')).to.deep.equal(wanted);
        if (place) expect(text.slice(place.start, place.end)).to.equal(place.match);
      }
    });
  }

  it('tells what groups caught, by number and by name, and nothing else', () => {
    const place = find(/(?<user>\w+)@(\w+)(x)? /, ['ann@', 'host ']);
    expect({ ...place?.groups }).to.deep.equal({ 1: 'ann', 2: 'host', 3: undefined, user: 'ann' });
    expect(Object.getPrototypeOf(place?.groups)).to.equal(null);
  });

  it('looks at the flags of a pattern, and leaves where it was last', () => {
    const sticky = /b/gy;
    sticky.lastIndex = 7;
    expect(find(sticky, ['aab'])).to.include({ start: 2 });
    expect(sticky.lastIndex).to.equal(7);
  });

  it('finds behind much that is not it, at the same place whatever the pieces', () => {
    const text = `${'login:\xa0'.repeat(3000)}login: `;
    for (const what of ['login: ', /login: $/, /^(?:x|log)in: /m, /o(gi)n:[ ]/]) {
      for (const size of [1, 7, 1000, 1024, 4096, 100_000]) {
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          text.slice(i * size, (i + 1) * size),
        );
        const place = find(what, pieces);
        if (what instanceof RegExp && what.flags === 'm') expect(place, `${what} by ${size}`).to.equal(undefined);
        else expect(place?.end, `${what} by ${size}`).to.equal(text.length);
      }
    }
  });

  it('gives a pattern 3 to 4 KiB of what came, the same whatever the pieces', () => {
    for (const [gap, there] of [
      [3000, true],
      [4200, false],
    ] as const) {
      const text = `${'.'.repeat(5000)}BEGIN${'x'.repeat(gap)}END`;
      for (const pieces of [[text], text.split(''), [text.slice(0, 5003), text.slice(5003)]]) {
        expect(find(/BEGIN.*END/s, pieces) !== undefined, `${gap} in ${pieces.length}`).to.equal(there);
      }
    }
  });

  it('finds a string of 64 KiB, and refuses a longer one, an empty one, and none at all', async () => {
    const long = 'ab'.repeat(32 * 1024);
    expect(find(long, ['b', long.slice(0, 777), long.slice(777), 'x'])).to.include({ start: 1 });
    for (const what of [`${long}a`, '', []]) {
      expect(await rejection(async () => new Expectation(what))).to.be.an.instanceOf(UsageError);
    }
  });

  it('takes a time that grows with the text, not with its square', () => {
    const took = (size: number, piece: number): number => {
      const part = 'login:\xa0'.repeat(Math.ceil(piece / 7)).slice(0, piece);
      const began = performance.now();
      const expectation = new Expectation(['login: ', /assword: $/, /(\d+) left\r/]);
      for (let fed = 0; fed < size; fed += piece) expectation.feed(part);
      return performance.now() - began;
    };
    took(1 << 18, 4096);
    for (const piece of [64, 65_536]) {
      const [small, large] = [took(1 << 20, piece), took(1 << 23, piece)];
      expect(large, `${small} and ${large} ms by ${piece}`).to.be.lessThan(small * 24 + 200);
    }
  });
});
