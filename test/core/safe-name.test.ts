import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { safeName } from '../../lib/core/safe-name.ts';

describe('safeName', () => {
  for (const name of ['about.txt', 'a b', 'ä.txt', 'console.log', '100%', 'x'.repeat(255)]) {
    it(`leaves ${JSON.stringify(name.slice(0, 20))} as it is`, () => {
      expect(safeName(name)).to.equal(name);
    });
  }

  const dangerous = [
    ...['', '.', '..', '../x', '../../../etc/x', '..\\..\\x', '/etc/passwd', 'a/b', 'a\\b'],
    ...['a\0b', 'a\nb', 'a\x1b[2Jb', 'a\x9bb', 'a\u202eb', 'a\x7f'],
    ...['.bashrc', '-rf', 'a.', 'a ', 'c:x', 'a.txt:stream'],
    ...['CON', 'con.txt', 'NUL', 'LPT1.log', 'com9', 'COM¹'],
    ...['x'.repeat(256), 'ä'.repeat(128), 'a\ud800'],
  ];
  for (const name of dangerous) {
    it(`refuses ${JSON.stringify(name.slice(0, 20))}`, () => {
      expect(() => safeName(name))
        .to.throw(UsageError)
        .with.property('reason', 'unsafe-name');
    });
  }
});
