import { expect } from 'chai';
import * as fc from 'fast-check';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { formatReply, type Inner, parseReplyLine, ReplyParser, type ThreeDigitReply } from '../../lib/wire/reply.ts';

/** The replies in these lines; all of them must have ended. */
function parse(inner: Inner, ...lines: readonly string[]): ThreeDigitReply[] {
  const parser = new ReplyParser(inner);
  const replies = lines.map((line) => parser.push(line)).filter((reply) => reply !== undefined);
  expect(parser.pending, 'a reply has not ended').to.equal(false);
  return replies;
}

describe('wire/reply', () => {
  for (const [line, code, more, text] of [
    ['220 ready', '220', false, 'ready'],
    ['220-ready', '220', true, 'ready'],
    ['220', '220', false, ''],
    ['220 ', '220', false, ''],
    ['220-', '220', true, ''],
    ['220  two spaces', '220', false, ' two spaces'],
    ['599 x\ry', '599', false, 'x\ry'],
  ] as const)
    it(`reads the line ${JSON.stringify(line)}`, () => {
      expect(parseReplyLine(line)).to.deep.equal({ code, more, text });
    });

  for (const line of [
    '',
    '22',
    '22 x',
    '2200 x',
    '22x y',
    ' 220 x',
    '-220',
    '020 x',
    '620 x',
    '220_x',
    '220x',
    '+OK',
    '２20 x',
    'HTTP/1.1 400 Bad',
  ])
    it(`refuses the line ${JSON.stringify(line)}`, () => {
      expect(() => parseReplyLine(line))
        .to.throw(ProtocolError)
        .with.property('reason', 'grammar');
    });

  for (const [what, inner, lines, codes, text] of [
    ['a line', 'none', ['211 3 1 3 misc.test'], ['211'], '3 1 3 misc.test'],
    ['replies one after another', 'coded', ['250 a', '354', '221 c'], ['250', '354', '221'], 'a||c'],
    ['lines with their code', 'coded', ['250-a', '250-b', '250 c'], ['250'], 'a\nb\nc'],
    ['an end with a bare code', 'coded', ['250-a', '250'], ['250'], 'a\n'],
    ['empty lines with their code', 'coded', ['250-', '250-', '250 '], ['250'], '\n\n'],
    [
      'the example of RFC 959',
      'free',
      ['123-First line', 'Second line', '  234 A line beginning with numbers', '123 The last line'],
      ['123'],
      'First line\nSecond line\n  234 A line beginning with numbers\nThe last line',
    ],
    ['another code inside', 'free', ['211-a', '250 not the end', '211 z'], ['211'], 'a\n250 not the end\nz'],
    ['its own code, indented', 'free', ['211-a', ' 211 not the end', '211 z'], ['211'], 'a\n 211 not the end\nz'],
    ['its own code, hyphenated', 'free', ['220-a', '220-b', '220 z'], ['220'], 'a\nb\nz'],
    ['its own code with more digits', 'free', ['220-a', '2201 b', '220'], ['220'], 'a\n2201 b\n'],
    ['an empty line', 'free', ['220-a', '', '220 z'], ['220'], 'a\n\nz'],
  ] as const)
    it(`collects ${what}`, () => {
      const replies = parse(inner, ...lines);
      expect(replies.map(({ code }) => code)).to.deep.equal(codes);
      expect(replies.map((reply) => reply.text).join('|')).to.equal(text);
    });

  for (const [what, inner, lines] of [
    ['another code in the middle', 'coded', ['250-a', '550 b']],
    ['a line without code', 'coded', ['250-a', 'b']],
    ['an empty line', 'coded', ['250-a', '']],
    ['more lines where there is one', 'none', ['211-a']],
    ['a first line without code', 'free', ['hello']],
  ] as const)
    it(`refuses ${what}`, () =>
      expect(() => parse(inner, ...lines))
        .to.throw(ProtocolError)
        .with.property('reason', 'grammar'));

  it('knows that a reply has begun and not ended', () => {
    const parser = new ReplyParser('coded');
    expect(parser.pending).to.equal(false);
    parser.push('250-a');
    expect(parser.pending).to.equal(true);
    parser.push('250 b');
    expect(parser.pending).to.equal(false);
  });

  it('is ok up to 399', () => {
    const digits = parse('coded', '100 a', '200 a', '300 a', '400 a', '500 a');
    expect(digits.map(({ ok }) => ok)).to.deep.equal([true, true, true, false, false]);
  });

  for (const [line, enhanced] of [
    ['550 5.1.1 no such user', '5.1.1'],
    ['250 2.0.0', '2.0.0'],
    ['450 4.7.500 later', '4.7.500'],
    ['250 5.1.1 does not fit', undefined],
    ['250 2.1', undefined],
    ['250 2.1.0.1', undefined],
    ['354 3.0.0 go', undefined],
    ['250 2.1.1234 x', undefined],
    ['250 ok', undefined],
  ] as const)
    it(`finds the enhanced code ${enhanced} in ${line}`, () => {
      const [reply] = parse('coded', line);
      expect(reply?.enhanced).to.equal(enhanced);
      expect(reply?.text).to.equal(line.slice(4));
    });

  for (const [what, line, count] of [
    ['a reply line', `220 ${'a'.repeat(8_189)}`, 1],
    ['a reply', `220-${'a'.repeat(1_000)}`, 66],
    ['the lines of a reply', '220-', 501],
  ] as const)
    it(`refuses too much: ${what}`, () => {
      const parser = new ReplyParser('free');
      for (let sent = 1; sent < count; sent++) expect(parser.push(line)).to.equal(undefined);
      expect(() => parser.push(line))
        .to.throw(ProtocolError, `for ${what}`)
        .with.property('reason', 'limit');
    });

  it('starts to count anew with each reply', () => {
    const parser = new ReplyParser('coded', { line: 10, size: 12, lines: 1 });
    for (let sent = 0; sent < 3; sent++) expect(parser.push('250 123456')).to.include({ text: '123456' });
    expect(() => parser.push('250 1234567')).to.throw(ProtocolError);
  });

  it('formats', () => {
    expect(formatReply(250, 'ok').toString()).to.equal('250 ok\r\n');
    expect(formatReply('220', 'a\nb\n').toString()).to.equal('220-a\r\n220-b\r\n220 \r\n');
    for (const code of [99, 600, '2x0', '250 ', 250.5, -250])
      expect(() => formatReply(code, 'x'), `${code}`).to.throw(UsageError);
    for (const text of ['a\rb', 'a\r\nb', 'a\0b']) expect(() => formatReply(250, text)).to.throw(UsageError);
  });

  it('reads what it formats', () => {
    const code = fc.integer({ min: 100, max: 599 });
    const text = fc.string({ unit: 'binary' }).filter((it) => !/[\r\0]/.test(it));
    const lines = fc.array(fc.oneof(text, fc.constantFrom('250 x', '250', '-', ' ')), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(code, lines, fc.constantFrom<Inner>('coded', 'free'), (number, said, inner) => {
        const wire = formatReply(number, said.join('\n')).toString();
        const [reply, ...surplus] = parse(inner, ...wire.slice(0, -2).split('\r\n'));
        expect(surplus).to.deep.equal([]);
        expect(reply).to.deep.include({ code: `${number}`, text: said.join('\n') });
      }),
    );
  });

  it('survives every line, and is quick', () => {
    fc.assert(
      fc.property(fc.constantFrom<Inner>('coded', 'free', 'none'), fc.array(fc.string()), (inner, lines) => {
        const parser = new ReplyParser(inner);
        try {
          for (const line of lines) parser.push(line);
        } catch (error) {
          expect(error).to.be.instanceOf(ProtocolError);
        }
      }),
    );
    const start = performance.now();
    for (const line of [`220 ${'5.1.'.repeat(2_000)}`, `220-${' '.repeat(8_000)}`, '2'.repeat(8_000)])
      expect(() => new ReplyParser('free').push(line)).to.satisfy(() => true);
    expect(performance.now() - start).to.be.below(200);
  });
});
