import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { charsetOf, decodeWhole, loadedCharset } from '../../lib/wire/charset.ts';
import { everyCut, rejection } from '../helpers.ts';

/** Names, a text, its octets, and something that cannot be written. */
const ROWS: readonly (readonly [string, string, string, string | undefined])[] = [
  ['utf-8', 'a€😀', '61e282acf09f9880', 'half \ud83d'],
  ['UTF8', '\ufeffa', 'efbbbf61', '\udc00'],
  ['latin1', 'aÿ\x80', '61ff80', '\u01ff'],
  ['ISO_8859-1:1987', 'é', 'e9', '€'],
  ['US-ASCII', 'a~', '617e', 'é'],
  ['cp437', '░é', 'b082', '€'],
  ['windows-1252', '€', '80', 'я'],
  ['KOI8-R', 'да', 'c4c1', 'é'],
  ['shift_jis', '日本a', '93fa967b61', '😀'],
  ['gb18030', '中€', 'd6d0a2e3', undefined],
];

describe('text that comes in pieces', () => {
  for (const [name, text, hex, foreign] of ROWS) {
    it(`is read in ${name} wherever it is cut, and written, or refused`, async () => {
      const charset = await charsetOf(name);
      const octets = Buffer.from(hex, 'hex');
      for (const pieces of everyCut(octets)) {
        const decoder = charset.decoder();
        const read = pieces.map((piece) => decoder.write(Buffer.from(piece))).join('') + decoder.end();
        expect(read, pieces.join('|')).to.equal(text);
      }
      expect(decodeWhole(charset, octets)).to.equal(text);
      expect(charset.encode(text).toString('hex')).to.equal(hex);
      if (foreign !== undefined) expect(() => charset.encode(`a${foreign}`)).to.throw(UsageError, 'cannot be written');
    });
  }

  it('says where a character was cut off at the end', async () => {
    const decoder = (await charsetOf('utf-8')).decoder();
    expect([decoder.write(Buffer.from('61e282', 'hex')), decoder.end(), decoder.end()]).to.deep.equal([
      'a',
      '\ufffd',
      '',
    ]);
  });

  it('knows what has been loaded without waiting, and no other name', async () => {
    await charsetOf('cp850');
    expect(loadedCharset('cp866')?.name).to.equal('cp866');
    expect(loadedCharset('no-such')).to.equal(undefined);
    expect(await rejection(charsetOf('no-such'))).to.be.an.instanceOf(UsageError);
  });
});
