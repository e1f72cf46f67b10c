import { expect } from 'chai';
import { charsetOf, decoderFor, encodeAs, isCharset } from '../../lib/wire/charset.ts';

describe('A character set that a peer may propose', () => {
  const known = [
    ...['UTF-8', 'utf8', 'US-ASCII', 'ascii', 'ANSI_X3.4-1968', 'ISO646-US'],
    ...['ISO-8859-1', 'iso8859-1', 'ISO_8859-1:1987', 'latin1', 'Latin-1', 'ISO-8859-15', 'latin9', 'ISO-8859-16'],
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16].map((part) => `ISO-8859-${part}`),
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((part) => `latin${part}`),
    ...['ISO-8859-8-I', 'KOI8-R', 'KOI8-U', 'macintosh', 'windows-874', 'TIS-620'],
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((page) => [`windows-125${page}`, `cp125${page}`]),
    ...[437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869, 874].map((page) => `CP${page}`),
    ...[437, 737, 775, 850, 852, 855, 857, 858, 860, 861, 862, 863, 864, 865, 866, 869].map((page) => `IBM${page}`),
    ...['GBK', 'GB18030', 'GB2312', 'Big5', 'Big5-HKSCS', 'EUC-JP', 'EUC-KR', 'Shift_JIS', 'SJIS'],
    ...['cp932', 'cp936', 'cp949', 'cp950'],
  ];
  for (const name of known) {
    it(`can be read and written: ${name}`, async () => {
      expect(isCharset(name)).to.equal(true);
      const text = 'login: joe [1]{~}\\\r\n\t';
      const octets = await encodeAs(text, name);
      // what is not ASCII, and IAC above all, is not made of it
      expect([...octets].map((octet) => octet & 0x7f)).to.deep.equal([...Buffer.from(text)]);
      expect(octets.every((octet) => octet < 0x80)).to.equal(true);
      expect((await decoderFor(name))(octets)).to.equal(text);
      const charset = await charsetOf(name);
      expect(charset.encode(text).equals(octets)).to.equal(true);
      expect(charset.decoder().write(octets)).to.equal(text);
    });
  }

  for (const name of [
    ...['', 'UTF-16', 'utf-16le', 'ucs-2', 'UTF-32', 'UTF-7', 'EBCDIC-US', 'IBM037', 'cp500', 'ISO-2022-JP'],
    ...['base64', 'hex', 'binary', 'internal', '__proto__', 'constructor', 'x-user-defined', 'iso-8859-12', 'nonsense'],
    ...[`utf8${'-'.repeat(100)}`],
  ]) {
    it(`is not ${JSON.stringify(name.slice(0, 20))}`, () => {
      expect(isCharset(name)).to.equal(false);
    });
  }
});
