import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../lib/core/errors.ts';
import { LineBlocks, type LineLimits } from '../../lib/wire/lines.ts';
import { everyCut } from '../helpers.ts';

function blocksOf(chunks: Iterable<Uint8Array>, limits?: LineLimits): string[] {
  const blocks: string[] = [];
  const lines = new LineBlocks(limits);
  // one piece of memory for all of them: nothing that was given may be kept
  const borrowed = Buffer.alloc(4096);
  for (const chunk of chunks) {
    const fits = chunk.length <= borrowed.length;
    const given = fits ? borrowed.subarray(0, chunk.length) : Buffer.from(chunk);
    given.set(chunk);
    lines.push(given, (text) => void blocks.push(text));
    given.fill(0x58);
  }
  lines.finish((text) => void blocks.push(text));
  return blocks;
}

describe('blocks of lines', () => {
  const rows: [what: string, octets: Buffer, text: string][] = [
    ['nothing', Buffer.from(''), ''],
    ['lines of ASCII', Buffer.from('one\r\ntwo\r\n'), 'one\r\ntwo\r\n'],
    ['bare line feeds and empty lines', Buffer.from('one\n\n\r\ntwo\n'), 'one\n\n\r\ntwo\n'],
    ['a last line without its end', Buffer.from('one\r\ntwo'), 'one\r\ntwo'],
    ['UTF-8', Buffer.from('größe\r\n日本\r\n'), 'größe\r\n日本\r\n'],
    ['windows-1252', Buffer.from('caf\xe9 \x80\r\n', 'latin1'), 'café €\r\n'],
    ['each line in its own way', Buffer.from('a\r\n\xc3\xa9\r\n\xe9\r\n\x93z\x94', 'latin1'), 'a\r\né\r\né\r\n“z”'],
  ];
  for (const [what, octets, text] of rows) {
    it(`are ${what}, however they come`, () => {
      for (const chunks of everyCut(octets)) expect(blocksOf(chunks).join('')).to.equal(text);
    });
  }

  it('are whole lines, of at most 48 KiB', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `line ${i}\r\n`).join('');
    const blocks = blocksOf([Buffer.from(text)]);
    expect(blocks.join('')).to.equal(text);
    expect(blocks.every((block) => block.length <= 48 * 1024 && block.endsWith('\r\n'))).to.equal(true);
    expect(blocks.length).to.equal(Math.ceil(text.length / (48 * 1024)));
  });

  it('are one line where that is longer than a block', () => {
    const long = `${'x'.repeat(60_000)}\r\n`;
    expect(blocksOf([Buffer.from(`a\r\n${long}b\r\n`)])).to.deep.equal(['a\r\n', long, 'b\r\n']);
  });

  it('are the same text for any lines, in any chunks', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/\n/g, ''));
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(line), sizes, (lines, lengths) => {
        const text = lines.map((each) => `${each}\n`).join('');
        const octets = Buffer.from(text);
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < octets.length; i++) {
          const length = lengths[i % lengths.length] ?? 1;
          chunks.push(octets.subarray(at, at + length));
          at += length;
        }
        expect(blocksOf(chunks).join('')).to.equal(text);
      }),
    );
  });

  it('have limits: a line, all lines, their number', () => {
    const cases: [LineLimits, fits: string, not: string][] = [
      [{ line: 5 }, 'abc\r\nabc\r\nab', 'abc\r\nabcd\r\n'],
      [{ line: 5 }, 'abcd\nabcd\n', 'ab\nabcdef'],
      [{ size: 10 }, 'abc\r\nabc\r\n', 'abc\r\nabc\r\na'],
      [{ lines: 2 }, 'a\nb\nc', 'a\nb\nc\n'],
    ];
    for (const [limits, fits, not] of cases) {
      for (const chunks of everyCut(Buffer.from(fits))) expect(blocksOf(chunks, limits).join('')).to.equal(fits);
      for (const chunks of everyCut(Buffer.from(not)))
        expect(() => blocksOf(chunks, limits), not)
          .to.throw(ProtocolError)
          .with.property('reason', 'limit');
    }
  });

  it('keep no more of an endless line than its limit', () => {
    const lines = new LineBlocks();
    const chunk = Buffer.alloc(10_000, 0x61);
    const push = (): void => lines.push(chunk, () => {});
    for (let i = 0; i < 6; i++) push();
    expect(push).to.throw(ProtocolError).with.property('reason', 'limit');
  });
});
