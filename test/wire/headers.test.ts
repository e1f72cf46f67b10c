import { expect } from 'chai';
import * as fc from 'fast-check';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { findBody, HeaderBlock } from '../../lib/wire/headers.ts';

describe('wire/headers', () => {
  for (const [what, block, fields, defects] of [
    ['nothing', '', [], []],
    [
      'a block',
      'A: 1\r\nB: 2\r\n\r\nC: body',
      [
        ['A', '1'],
        ['B', '2'],
      ],
      [],
    ],
    [
      'LF',
      'A: 1\nB: 2\n\nC: body',
      [
        ['A', '1'],
        ['B', '2'],
      ],
      [],
    ],
    [
      'CRLF and LF, mixed',
      'A: 1\nB: 2\r\n\nC: body',
      [
        ['A', '1'],
        ['B', '2'],
      ],
      [],
    ],
    ['no line end', 'A: 1', [['A', '1']], []],
    ['no end', 'A: 1\r\n', [['A', '1']], []],
    ['an empty block', '\r\nA: body', [], []],
    [
      'no space, many spaces, a tab',
      'A:1\r\nB:   2 \t\r\nC:\t3',
      [
        ['A', '1'],
        ['B', '2'],
        ['C', '3'],
      ],
      [],
    ],
    [
      'empty values',
      'A:\r\nB: \r\n',
      [
        ['A', ''],
        ['B', ''],
      ],
      [],
    ],
    ['colons in a value', 'A: b: c:d', [['A', 'b: c:d']], []],
    [
      'a folded value',
      'A: 1\r\n 2\r\n\t3\r\nB: 4',
      [
        ['A', '1 2\t3'],
        ['B', '4'],
      ],
      [],
    ],
    ['a folded colon', 'A: 1\r\n B: 2\r\n', [['A', '1 B: 2']], []],
    ['a value that starts on the next line', 'A:\r\n 1\r\n', [['A', '1']], []],
    ['a fold of white space', 'A: 1\r\n \r\n 2\r\n', [['A', '1  2']], []],
    [
      'the same name twice',
      'A: 1\r\na: 2\r\n',
      [
        ['A', '1'],
        ['a', '2'],
      ],
      [],
    ],
    [
      'the names of objects',
      '__proto__: 1\r\nconstructor: 2\r\n',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
      [],
    ],
    ['a bare CR, as data', 'A: 1\rB: 2\r\n', [['A', '1\rB: 2']], []],
    ['other line ends, as data', 'A: 1\u2028B\u0085C\r\n', [['A', '1\u2028B\u0085C']], []],
    ['a name that is no token, but a name in mail', 'a(b)@: 1\r\n', [['a(b)@', '1']], []],
    [
      'a line without colon',
      'A: 1\r\njunk\r\nB: 2\r\n',
      [
        ['A', '1'],
        ['B', '2'],
      ],
      ['junk'],
    ],
    ['a folded defect', 'junk\r\n more\r\nB: 2\r\n', [['B', '2']], ['junk', ' more']],
    ['a first line that is folded', ' A: 1\r\nB: 2\r\n', [['B', '2']], [' A: 1']],
    ['a space before the colon', 'A : 1\r\n', [], ['A : 1']],
    ['no name', ': 1\r\n', [], [': 1']],
    ['a name that is not ASCII', 'Á: 1\r\n', [], ['Á: 1']],
    ['an mbox line', 'From ann Mon Jan 01\r\nA: 1\r\n', [['A', '1']], ['From ann Mon Jan 01']],
  ] as const)
    for (const input of [block, Buffer.from(block)])
      it(`parses ${what} in ${typeof input === 'string' ? 'text' : 'bytes'}`, () => {
        const headers = HeaderBlock.parse(input);
        expect([...headers]).to.deep.equal(fields);
        expect(headers.defects).to.deep.equal(defects);
      });

  it('reads bytes as UTF-8, or else as Latin-1', () => {
    expect(HeaderBlock.parse(Buffer.from('A: ü€')).get('a')).to.equal('ü€');
    expect(HeaderBlock.parse(Buffer.from('A: \xfc', 'latin1')).get('a')).to.equal('ü');
    // the body does not count
    expect(HeaderBlock.parse(Buffer.concat([Buffer.from('A: ü\n\n'), Buffer.from([0xff])])).get('a')).to.equal('ü');
  });

  it('looks up without case', () => {
    const headers = HeaderBlock.parse('Received: 1\r\nSubject: s\r\nRECEIVED: 2\r\n');
    expect(headers.get('received')).to.equal('1');
    expect(headers.getAll('Received')).to.deep.equal(['1', '2']);
    expect([headers.has('SUBJECT'), headers.has('to'), headers.get('to')]).to.deep.equal([true, false, undefined]);
    expect(headers.getAll('to')).to.deep.equal([]);
    expect(headers.get('__proto__')).to.equal(undefined);
    expect(headers.size).to.equal(3);
  });

  it('sets in place, deletes all', () => {
    const headers = new HeaderBlock([
      ['A', '1'],
      ['B', '2'],
      ['a', '3'],
      ['C', '4'],
    ]);
    headers.set('a', 'x').set('D', '5');
    expect([...headers].join(' ')).to.equal('a,x B,2 C,4 D,5');
    expect([headers.delete('b'), headers.delete('b')]).to.deep.equal([true, false]);
    expect([...headers].join(' ')).to.equal('a,x C,4 D,5');
  });

  for (const [name, value] of [
    ['', 'x'],
    ['A B', 'x'],
    ['A:', 'x'],
    ['A\r\nB', 'x'],
    ['Á', 'x'],
    ['A(', 'x'],
    ['Subject', 'x\r\nControl: cancel <a@b>'],
    ['Subject', 'x\nBcc: y'],
    ['Subject', 'x\ry'],
    ['Subject', 'x\0y'],
    ['Subject', 'x\r\n folded'],
  ] as const)
    it(`refuses to say ${JSON.stringify(`${name}: ${value}`)}`, () => {
      expect(() => new HeaderBlock([[name, value]])).to.throw(UsageError);
      expect(() => new HeaderBlock().append(name, value)).to.throw(UsageError);
      expect(() => new HeaderBlock().set(name, value)).to.throw(UsageError);
    });

  it('refuses to send on what it only tolerates', () => {
    for (const block of ['a@b: 1', 'A: 1\rB: 2', 'A: \0'])
      expect(() => HeaderBlock.parse(block).format(), block).to.throw(UsageError);
  });

  it('never makes a line end of another character', () => {
    const bytes = new HeaderBlock([['A', '\u010d\u010aB: \u560d\u560a']]).format();
    expect(bytes.filter((byte) => byte === 10 || byte === 13)).to.have.length(2);
  });

  it('formats, and folds only when asked', () => {
    const long = `${'word '.repeat(30)}end`;
    const headers = new HeaderBlock([
      ['Subject', long],
      ['Empty', ''],
    ]);
    expect(headers.format().toString()).to.equal(`Subject: ${long}\r\nEmpty:\r\n`);
    const lines = headers.format(78).toString().split('\r\n');
    expect(lines).to.have.length(5);
    expect(Math.max(...lines.map((line) => line.length))).to.be.within(70, 78);
    expect(new HeaderBlock([['A', `${'x'.repeat(100)} y`]]).format(78).toString()).to.equal(
      `A: ${'x'.repeat(100)}\r\n y\r\n`,
    );
  });

  it('reads what it formats, folded or not', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/);
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(' ', '\t', 'a', ':') }));
    const fields = fc.array(
      fc.tuple(
        name,
        value.filter((it) => !/[\r\n\0]/.test(it)),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(fields, fc.constantFrom(10, 78, Number.POSITIVE_INFINITY), (given, width) => {
        const headers = new HeaderBlock(given);
        const bytes = headers.format(width);
        const again = HeaderBlock.parse(bytes);
        expect([...again]).to.deep.equal([...headers]);
        expect(again.defects).to.deep.equal([]);
        for (const line of bytes.toString().split('\r\n').slice(0, -1)) expect(line).to.match(/[^ \t]/);
      }),
    );
  });

  for (const [block, at] of [
    ['', undefined],
    ['\n', 1],
    ['\r\n', 2],
    ['\r', undefined],
    ['A: 1\r\n', undefined],
    ['A: 1\r\n\r', undefined],
    ['A: 1\r\n\r\nbody\r\n\r\n', 8],
    ['A: 1\n\nbody', 6],
    ['A: 1\n\r\nbody', 7],
    ['A: 1\r\n\nbody', 7],
    ['A: 1\r\r\nB: 2\r\n\r\n', 15],
  ] as const)
    it(`finds the body of ${JSON.stringify(block)}, whole and byte by byte`, () => {
      const bytes = Buffer.from(block);
      expect(findBody(bytes)).to.equal(at);
      let found: number | undefined;
      for (let came = 1; came <= bytes.length && found === undefined; came++)
        found = findBody(bytes.subarray(0, came), bytes.lastIndexOf(10, came - 2) + 1);
      if (bytes[0] !== 10) expect(found).to.equal(at);
    });

  for (const [what, block] of [
    ['a header block', `A: ${'x'.repeat(262_144)}`],
    ['a header block', `A: 1\r\n${' x\r\n'.repeat(70_000)}`],
    ['header lines', 'A: 1\n'.repeat(10_001)],
  ] as const)
    it(`refuses ${what} of ${block.length} bytes`, () => {
      for (const input of [block, Buffer.from(block)])
        expect(() => HeaderBlock.parse(input))
          .to.throw(ProtocolError, what)
          .with.property('reason', 'limit');
    });

  it('takes what is within its limits, however long the body, and is quick', () => {
    const start = performance.now();
    expect(HeaderBlock.parse('A: 1\n'.repeat(10_000)).size).to.equal(10_000);
    expect(HeaderBlock.parse(Buffer.concat([Buffer.from('A: 1\r\n\r\n'), Buffer.alloc(4_000_000)])).size).to.equal(1);
    for (const piece of [' ', '\t', ':', '\r', 'A:', 'a', ' :'])
      HeaderBlock.parse(`A:${piece.repeat(Math.floor(262_000 / piece.length))}`);
    expect(HeaderBlock.parse(`A: 1\n${' x\n'.repeat(9_999)}`).get('a')).to.have.length(19_999);
    expect(performance.now() - start).to.be.below(1000);
  });

  it('is copied into a block of its own, with more behind it', () => {
    const block = new HeaderBlock([['A', '1']]);
    const copy = block.copy(['b', '2']).append('C', '3');
    expect([...block]).to.deep.equal([['A', '1']]);
    expect([...copy]).to.deep.equal([
      ['A', '1'],
      ['b', '2'],
      ['C', '3'],
    ]);
  });
});
