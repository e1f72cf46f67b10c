import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { formatMailbox, isAddress, parseFrom, parseMailboxes } from '../../lib/message/address.ts';
import { splitMessage } from '../../lib/message/head.ts';

describe('message/address', () => {
  for (const [text, sound] of [
    ['a@b', true],
    ['ann.b+c@news.example.org', true],
    ["!#$%&'*+-/=?^_`{|}~@b", true],
    ['"quoted local"@b', true],
    ['"a@b"@c', true],
    ['a@[192.0.2.1]', true],
    ['a@[IPv6:2001:db8::1]', true],
    ['zoë@bücher.example', true],
    [`${'a'.repeat(64)}@b`, true],
    [`${'a'.repeat(65)}@b`, false],
    [`a@${'b'.repeat(253)}`, false],
    ['', false],
    ['@', false],
    ['a@', false],
    ['@b', false],
    ['ab', false],
    ['a@b@c', false],
    ['a b@c', false],
    ['a@b c', false],
    ['.a@b', false],
    ['a..b@c', false],
    ['a@b.', false],
    ['a@b..c', false],
    ['a@b\r\nRCPT TO:<x@evil>', false],
    ['a@b>\r\nRCPT TO:<x@evil', false],
    ['a>@b', false],
    ['a@b,c@d', false],
    ['a(b)@c', false],
    ['"a@b', false],
    ['"a"b"@c', false],
    ['a@[b', false],
    ['a\0@b', false],
    ['a\u200b@b', false],
    ['a\u3000@b', false],
    ['a\u2003b@c', false],
    ['\ud800@b', false],
  ] as const)
    it(`${sound ? 'takes' : 'refuses'} ${JSON.stringify(text.slice(0, 40))}`, () =>
      expect(isAddress(text)).to.equal(sound));

  for (const [text, name, address] of [
    ['a@b', '', 'a@b'],
    [' <a@b> ', '', 'a@b'],
    ['Ann Example <a@b>', 'Ann Example', 'a@b'],
    ['Ann   Example<a@b>', 'Ann Example', 'a@b'],
    ['"Example, Ann (x) <y>" <a@b>', 'Example, Ann (x) <y>', 'a@b'],
    ['"say \\"x\\" \\\\" <a@b>', 'say "x" \\', 'a@b'],
    ['J. "Q" Public <a@b>', 'J. Q Public', 'a@b'],
    ['a@b (Ann Example)', 'Ann Example', 'a@b'],
    ['Ann <a@b> (work)', 'Ann', 'a@b'],
    ['(before) a@b (after (nested) \\) one)', 'before', 'a@b'],
    ['"a b"@c', '', '"a b"@c'],
    ['a@[192.0.2.1]', '', 'a@[192.0.2.1]'],
    ['Ann [x] <a@b>', 'Ann [x]', 'a@b'],
    ['Zoë <zoë@b>', 'Zoë', 'zoë@b'],
  ] as const)
    it(`reads ${JSON.stringify(text)}`, () => expect(parseFrom(text)).to.deep.equal({ name, address }));

  it('reads a list', () => {
    expect(parseMailboxes('a@b, "x, y" <c@d> , e@f (g, h)')).to.deep.equal([
      { name: '', address: 'a@b' },
      { name: 'x, y', address: 'c@d' },
      { name: 'g, h', address: 'e@f' },
    ]);
    expect(() => parseFrom('a@b, c@d')).to.throw(UsageError, 'one address');
  });

  for (const text of [
    '',
    'Ann',
    'Ann <>',
    'Ann <a>',
    'Ann <a@b> <c@d>',
    'Ann <a@b> Example',
    'Ann <a@b',
    'Ann a@b>',
    'Ann a@b',
    'a@b,',
    ',a@b',
    'a@b (open',
    '"open <a@b>',
    '<@x,@y:a@b>',
    'friends: a@b, c@d;',
    'undisclosed-recipients:;',
    'a@b\r\nBcc: c@d',
    'Ann\0 <a@b>',
  ])
    it(`refuses ${JSON.stringify(text)}`, () => expect(() => parseFrom(text)).to.throw(UsageError));

  for (const [name, written] of [
    ['', 'a@b'],
    ['Ann Example', 'Ann Example <a@b>'],
    ['J. Public', '"J. Public" <a@b>'],
    ['a "b" \\', '"a \\"b\\" \\\\" <a@b>'],
    ['Zoë', '=?UTF-8?Q?Zo=C3=AB?= <a@b>'],
    ['=?x?=', '=?UTF-8?B?PT94Pz0=?= <a@b>'],
  ] as const)
    it(`writes the name ${JSON.stringify(name)}`, () =>
      expect(formatMailbox({ name, address: 'a@b' })).to.equal(written));

  it('is quick, whatever it is given', () => {
    const start = performance.now();
    for (const piece of ['(', '"', '<', '\\', 'a ', ',', '[', 'a@b,', '()', '.a', '@'])
      for (const end of ['', ' <a@b>']) {
        try {
          parseMailboxes(piece.repeat(100_000) + end);
        } catch (error) {
          expect(error).to.be.an.instanceof(UsageError);
        }
      }
    expect(performance.now() - start).to.be.below(2000);
  });
});

describe('message/head', () => {
  it('takes a message in two', () => {
    for (const end of ['\n', '\r\n']) {
      const message = Buffer.from(`From: a@b${end}Subject: long${end} and folded${end}${end}body\0\r${end}${end}x`);
      const { headers, body } = splitMessage(message);
      expect([...headers]).to.deep.equal([
        ['From', 'a@b'],
        ['Subject', 'long and folded'],
      ]);
      expect(body.toString()).to.equal(`body\0\r${end}${end}x`);
    }
    expect(splitMessage(Buffer.from(`A: ${'x'.repeat(995)}\r\n\r\n`)).body).to.have.length(0);
  });

  for (const [what, message, words] of [
    ['nothing', '', 'no empty line'],
    ['no headers', '\r\nbody', 'no headers'],
    ['no empty line', 'From: a@b\r\nSubject: x\r\n', 'no empty line'],
    ['text', 'some text\n\nmore', 'no header'],
    ['a line From of a mailbox', 'From a b\nFrom: a@b\n\n', 'From a b'],
    ['a continuation of nothing', ' x\nFrom: a@b\n\n', 'no header'],
    ['a space before the colon', 'From : a@b\n\n', 'no header'],
    ['NUL', 'A: 1\nFrom: a\0@b\n\n', 'line 2 of this message has a NUL'],
    ['a bare CR', 'From: a@b\rBcc: c@d\n\n', 'CR'],
    ['white space alone', 'From: a@b\n \n\n', 'white space'],
    ['a long line', `A: ${'x'.repeat(996)}\n\n`, '998'],
    ['many headers', `${'A: 1\n'.repeat(10_001)}\n`, 'too many'],
    ['large headers', `${`A: ${'x'.repeat(900)}\n`.repeat(300)}\n`, 'too many'],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(() => splitMessage(Buffer.from(message))).to.throw(UsageError, words);
    });
});
