import { expect } from 'chai';
import { entryLine } from '../../lib/cli/text.ts';
import type { Entry } from '../../lib/core/resource.ts';

const entry: Entry = { name: '7', path: '/7', url: 'fake://h/7', kind: 'item', size: 2048, meta: {} };

describe('an entry in a list for people', () => {
  it('has its name, and its path', () => {
    expect(entryLine(entry)).to.match(/^- {2}2\.0k {2}7 {41}\/7\n$/);
  });

  it('of a message has its day, its author and its subject', () => {
    const meta = { subject: 'Grüße', from: '"Müller, Jürgen" <j@example.org>' };
    const line = entryLine({ ...entry, modified: new Date('2024-01-03T07:00:00Z'), meta });
    expect(line).to.match(/^- {2}2\.0k {2}2024-01-03 {2}Müller, Jürgen {12}Grüße +\/7\n$/);
    expect(entryLine({ ...entry, meta: { subject: 's', from: 'j@example.org' } })).to.include(' j@example.org  ');
    expect(entryLine({ ...entry, meta: { subject: 's', from: 'j@example.org (Jo)' } })).to.include(
      'j@example.org (Jo)',
    );
  });

  it('of a message whose author has a hostile name takes no longer than others', () => {
    for (const from of [`a${' '.repeat(1e6)}b`, `"${' '.repeat(1e6)}<`, '"'.repeat(1e6), `${' '.repeat(1e6)}<`]) {
      const start = performance.now();
      entryLine({ ...entry, meta: { subject: 's', from } });
      expect(performance.now() - start).to.be.below(100);
    }
  });

  it('of a container has what it is about', () => {
    const line = entryLine({ ...entry, kind: 'container', name: 'misc.test', meta: { description: 'Tests' } });
    expect(line).to.match(/^\/ {2}2\.0k {2}misc\.test {17}Tests +\/7\n$/);
  });

  it('has nothing that a terminal would obey', () => {
    expect(entryLine({ ...entry, meta: { subject: '\x1b[2J\n', from: '\x9b' } })).to.not.match(
      /[\x00-\x09\x0b-\x1f\x80-\x9f]/,
    );
  });
});
