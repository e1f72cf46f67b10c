import { expect } from 'chai';
import * as fc from 'fast-check';
import { decodeWords, encodeRun, encodeWords } from '../../lib/message/words.ts';
import { utf8OrOlder } from '../../lib/wire/charset.ts';

describe('message/words', () => {
  for (const [written, text] of [
    ['', ''],
    ['plain', 'plain'],
    ['1 =? 2 ?= 3', '1 =? 2 ?= 3'],
    // RFC 2047 8
    ['=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>', 'Keith Moore <moore@cs.utk.edu>'],
    ['=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>', 'Keld Jørn Simonsen <keld@dkuug.dk>'],
    [
      '=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=',
      'If you can read this you understand the example.',
    ],
    ['(=?ISO-8859-1?Q?a?=)', '(a)'],
    ['(=?ISO-8859-1?Q?a?= b)', '(a b)'],
    ['(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['(=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=)', '(ab)'],
    ['(=?ISO-8859-1?Q?a_b?=)', '(a b)'],
    ['(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)', '(a b)'],
    // a character split over two words
    ['=?utf-8?q?=E2=82?= =?UTF-8?Q?=AC?=', '€'],
    ['=?utf-8?q?=E2=82?= =?utf-8?b?rA==?=', '€'],
    ['=?utf-8*en?q?=E2=82?= =?utf-8*de?q?=AC?=', '€'],
    // sets of characters
    ['=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=', '日本'],
    ['=?windows-1252?q?=80_=93x=94?=', '€ “x”'],
    ['=?koi8-r?B?8NLJ18XU?=', 'Привет'],
    ['=?gb2312?B?xOO6ww==?=', '你好'],
    ['=?ISO-8859-15?Q?=A4?=', '€'],
    // where a word begins in another, and in the midst of text
    ['=?utf-8?q?a =?utf-8?q?b?=', '=?utf-8?q?a b'],
    ['a=?utf-8?q?b?=c', 'abc'],
    ['=?utf-8?q?a?==?utf-8?q?b?=', 'ab'],
    ['=?utf-8?q?a?=\u00a0=?utf-8?q?b?=', 'a\u00a0b'],
    // what many write
    ['=?utf-8?q?a b?=', 'a b'],
    ['=?utf-8?q?a?b?=', 'a?b'],
    ['=?utf-8?q?why??=', 'why?'],
    ['=?utf-8?q?=e4=b?=', '\ufffd=b'],
    ['=?utf-8?q??=', ''],
    ['=?utf-8?q?=?=', '='],
    ['=?utf-8?b?YQ?=', 'a'],
    ['=?utf-8?b?Y Q=\t=?=', 'a'],
    // what is no word
    ['=?nobody-knows?q?a?=', '=?nobody-knows?q?a?='],
    ['=?utf-8?b?!!?=', '=?utf-8?b?!!?='],
    ['=?utf-8?b?YWJjZ?=', '=?utf-8?b?YWJjZ?='],
    ['=?utf-8?b?YQ==YQ==?=', '=?utf-8?b?YQ==YQ==?='],
    ['=?utf-8?x?a?=', '=?utf-8?x?a?='],
    ['=?utf-8?q?a', '=?utf-8?q?a'],
    ['=??q?a?=', '=??q?a?='],
    ['=?__proto__?q?a?=', '=?__proto__?q?a?='],
    ['=?utf-8?q?ü?=', '=?utf-8?q?ü?='],
    ['=?nobody?q?a?= =?utf-8?q?b?= =?nobody?q?c?=', '=?nobody?q?a?= b =?nobody?q?c?='],
    // raw 8-bit text beside words
    ['Größe =?utf-8?q?=E2=82=AC?= ü', 'Größe € ü'],
  ] as const)
    it(`reads ${JSON.stringify(written)}`, () => expect(decodeWords(written)).to.equal(text));

  for (const [text, written] of [
    ['', ''],
    ['Re: plain, (text) "and" all', 'Re: plain, (text) "and" all'],
    ['résumés plain', '=?UTF-8?B?csOpc3Vtw6lz?= plain'],
    ['resumé', '=?UTF-8?Q?resum=C3=A9?='],
    ['a resumé b', 'a =?UTF-8?Q?resum=C3=A9?= b'],
    ['an été à la mer', 'an =?UTF-8?B?w6l0w6kgw6A=?= la mer'],
    ['été\t été', '=?UTF-8?B?w6l0w6kJIMOpdMOp?='],
    ['日本', '=?UTF-8?B?5pel5pys?='],
    ['=?utf-8?q?a?=', '=?UTF-8?B?PT91dGYtOD9xP2E/PQ==?='],
    ['a=?', '=?UTF-8?B?YT0/?='],
    ['two\r\nlines', '=?UTF-8?Q?two=0D=0Alines?='],
  ] as const)
    it(`writes ${JSON.stringify(text)}`, () => {
      expect(encodeWords(text)).to.equal(written);
      expect(decodeWords(written)).to.equal(text);
    });

  it('splits long text into words of at most 75 characters, the first one shorter, and no character', () => {
    for (const text of [
      'é'.repeat(200),
      'é'.repeat(200).replaceAll('éé', 'aé'),
      '日本語'.repeat(50),
      '😀'.repeat(90),
    ]) {
      const words = encodeWords(text, 9).split(' ');
      expect(words.length).to.be.greaterThan(2);
      expect(Math.max(...words.map((word) => word.length))).to.be.within(60, 75);
      expect(words[0]).to.have.length.at.most(66);
      expect(words.map((word) => decodeWords(word)).join('')).to.equal(text);
    }
    expect(decodeWords(encodeWords('😀é', 500))).to.equal('😀é');
    expect(encodeRun('plain')).to.equal('=?UTF-8?Q?plain?=');
  });

  it('reads what it writes', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({
        unit: fc.constantFrom(' ', '\t', 'a', 'é', '=?', '?=', '=', '?', 'q?', '\ufeff', '😀'),
        maxLength: 200,
      }),
    );
    fc.assert(
      fc.property(texts, fc.nat(100), (text, used) => {
        const written = encodeWords(text, used);
        expect(written).to.match(/^[\t -~]*$/);
        expect(decodeWords(written)).to.equal(text);
        expect(decodeWords(encodeRun(text, used))).to.equal(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, and is quick, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('=?', '?=', 'utf-8?', 'b?', 'q?', 'Y', ' ', '=', 'é') }),
        (text) => void decodeWords(text),
      ),
    );
    const start = performance.now();
    for (const piece of [
      '=?',
      '=?utf-8?q?',
      '=?utf-8?q?a?=',
      '=?utf-8?b?YQ==?= ',
      '=?x?q?a?= ',
      '=?=?=?utf-8?q?',
      '=?utf-8*',
    ])
      for (const end of ['', '?=', ' '.repeat(100_000)]) decodeWords(piece.repeat(250_000 / piece.length) + end);
    decodeWords(`=?utf-8?q?${'='.repeat(250_000)}?=`);
    decodeWords(`=?utf-8?b?${'='.repeat(250_000)}?=`);
    encodeWords('é '.repeat(100_000));
    expect(performance.now() - start).to.be.below(3000);
  });
});

describe('octets of a header', () => {
  for (const [octets, text] of [
    ['', ''],
    ['plain', 'plain'],
    ['caf\xc3\xa9 \xe2\x82\xac', 'café €'],
    ['caf\xe9', 'café'],
    ['\x93caf\xe9\x94 \x80', '“café” €'],
    ['\x81\x8d', '\x81\x8d'],
    ['=?utf-8?q?a?=', '=?utf-8?q?a?='],
  ] as const)
    it(`takes ${JSON.stringify(octets)} for ${JSON.stringify(text)}`, () => {
      expect(utf8OrOlder(Buffer.from(octets, 'latin1'))).to.equal(text);
      expect(utf8OrOlder(Uint8Array.from(Buffer.from(octets, 'latin1')))).to.equal(text);
    });
});
