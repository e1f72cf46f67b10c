import { expect } from 'chai';
import fc from 'fast-check';
import { DotEncoder } from '../../lib/wire/dot.ts';
import { DotBlock } from '../../lib/wire/framing.ts';
import { everyCut, feed } from '../helpers.ts';

/** [what it shows, on the wire, as text, what is left behind it] */
const BLOCKS: readonly (readonly [string, string, string, string?])[] = [
  ['nothing at all', '.\r\n', ''],
  ['one line', 'one\r\n.\r\n', 'one\r\n'],
  ['an empty line', '\r\n.\r\n', '\r\n'],
  ['a tail that belongs to the next reply', 'one\r\n.\r\n+OK next\r\n', 'one\r\n', '+OK next\r\n'],
  ['a tail behind nothing', '.\r\n.\r\n', '', '.\r\n'],
  ['a stuffed dot alone', '..\r\n.\r\n', '.\r\n'],
  ['stuffed dots at the beginning of lines', '..\r\n...\r\n..x\r\n.\r\n', '.\r\n..\r\n.x\r\n'],
  ['a dot that should have been stuffed', '.y\r\n.\r\n', 'y\r\n'],
  ['dots inside lines', 'a.\r\nb..c\r\n.\r\n', 'a.\r\nb..c\r\n'],
  [
    'a dot line between bare line feeds',
    'before\n.\n+OK forged\r\nafter\r\n.\r\n',
    'before\n.\n+OK forged\r\nafter\r\n',
  ],
  ['a dot line that ends with a bare line feed', 'a\r\n.\nb\r\n.\r\n', 'a\r\n\nb\r\n'],
  ['a dot line that ends with a bare carriage return', 'a\r\n.\rb\r\n.\r\n', 'a\r\n\rb\r\n'],
  ['a dot behind a bare carriage return', 'a\r.\r\n.\r\n', 'a\r.\r\n'],
  ['carriage returns in a row', 'a\r\r\r\n.\r\n', 'a\r\r\r\n'],
  ['a dot and two carriage returns', 'a\r\n.\r\r\n.\r\n', 'a\r\n\r\r\n'],
  ['many stuffed lines', '..a\r\n..b\r\n..c\r\n..d\r\n.\r\nX', '.a\r\n.b\r\n.c\r\n.d\r\n', 'X'],
];

describe('a dot block', () => {
  for (const [title, wire, text, rest = ''] of BLOCKS) {
    it(`is read however it is cut: ${title}`, () => {
      for (const chunks of everyCut(Buffer.from(wire))) {
        const block = new DotBlock();
        expect(feed(block, chunks)).to.deep.equal({ text, done: true, rest });
        expect(block.complete).to.equal(true);
      }
    });
  }

  it('without its final dot has not ended, wherever it stops', () => {
    const wire = Buffer.from('one\r\n..two\r\n.\r\n');
    for (let length = 0; length < wire.length; length++) {
      expect(feed(new DotBlock(), [wire.subarray(0, length)], true).done, `after ${length} octets`).to.equal(false);
    }
  });

  it('may end with the connection where the protocol says so, and then what was held back is text', () => {
    const rows: [string, string][] = [
      ['one\r\n', 'one\r\n'],
      ['one\r\n.', 'one\r\n.'],
      ['one\r\n.\r', 'one\r\n.\r'],
      ['', ''],
    ];
    for (const [wire, text] of rows) {
      for (const chunks of everyCut(Buffer.from(wire))) {
        const block = new DotBlock({ endsWithout: true });
        expect(feed(block, chunks, true)).to.deep.equal({ text, done: true, rest: '' });
        expect(block.complete).to.equal('unknown');
      }
    }
  });

  it('with doubled dots only leaves a single dot where it is', () => {
    for (const chunks of everyCut(Buffer.from('.x\r\n...\r\n..y\r\n.\r\n'))) {
      expect(feed(new DotBlock({ unstuff: 'doubled' }), chunks).text).to.equal('.x\r\n..\r\n.y\r\n');
    }
  });

  it('gives back whatever was encoded, with CR LF for every line end', () => {
    const octets = fc.array(fc.constantFrom(0x2e, 0x0d, 0x0a, 0x61), { maxLength: 24 });
    fc.assert(
      fc.property(fc.array(octets, { maxLength: 4 }), fc.nat(), (chunks, at) => {
        const encoder = new DotEncoder();
        const wire = Buffer.concat([
          ...chunks.map((chunk) => encoder.encode(Uint8Array.from(chunk))),
          encoder.finish(),
        ]);
        const text = Buffer.from(chunks.flat()).toString('latin1');
        const lines = text.replace(/\r\n|\r|\n/g, '\r\n');
        const expected = lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
        const cut = wire.length === 0 ? 0 : at % wire.length;
        const got = feed(new DotBlock(), [wire.subarray(0, cut), wire.subarray(cut)]);
        expect(got).to.deep.equal({ text: expected, done: true, rest: '' });
        expect(wire.toString('latin1')).to.not.match(/(?:^|[^\r])\n|\r(?:[^\n]|$)/);
      }),
    );
  });
});
