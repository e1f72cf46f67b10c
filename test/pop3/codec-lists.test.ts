import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../lib/core/errors.ts';
import { parseListing, parseScan, parseUid, parseUids } from '../../lib/pop3/codec.ts';

function sizes(...texts: readonly string[]): [number, number][] {
  const found: [number, number][] = [];
  for (const text of texts) parseListing(text, (number, size) => found.push([number, size]));
  return found;
}

function uids(...texts: readonly string[]): [number, string][] {
  const found: [number, string][] = [];
  for (const text of texts) parseUids(text, (number, uid) => found.push([number, uid]));
  return found;
}

/** All ways to give lines in two blocks, and one by one. */
function* everyBlock(text: string): Generator<string[]> {
  const lines = text.split(/(?<=\n)/);
  yield [text];
  for (let at = 1; at < lines.length; at++) yield [lines.slice(0, at).join(''), lines.slice(at).join('')];
  yield lines;
}

describe('A list of sizes', () => {
  it('is read in blocks of whole lines, whatever their ends', () => {
    const text = '1 120\r\n2 200\n\r\n10 999999999999999\r\n3  7 octets\r\n4 0';
    for (const blocks of everyBlock(text)) {
      expect(sizes(...blocks)).to.deep.equal([
        [1, 120],
        [2, 200],
        [10, 999_999_999_999_999],
        [3, 7],
        [4, 0],
      ]);
    }
    expect(sizes('')).to.deep.equal([]);
  });

  for (const line of [
    '-1 5',
    '0x10 5',
    '1e3 5',
    '1.5 5',
    '1 -5',
    '1',
    '1 ',
    ' 1 5',
    'a 5',
    '1 a',
    '0 5',
    '1 5x',
    '1\t5',
    '1 9999999999999999',
    '9999999999999999 1',
    '+1 5',
  ]) {
    it(`refuses what is no number: ${JSON.stringify(line)}`, () => {
      for (const text of [line, `${line}\r\n`, `1 1\r\n${line}\r\n2 2\r\n`])
        expect(() => sizes(text)).to.throw(ProtocolError, 'LIST');
    });
  }

  it('of 100,000 messages is read at once', () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `${i + 1} ${i * 7}\r\n`).join('');
    const began = performance.now();
    let total = 0;
    parseListing(text, (number, size) => {
      total += number + size;
    });
    expect(total).to.equal(100_000 * 100_001 * 0.5 + 7 * 100_000 * 99_999 * 0.5);
    expect(performance.now() - began).to.be.lessThan(500);
  });

  it('of one message is the answer to LIST with its number', () => {
    expect(parseScan('2 200')).to.deep.equal({ number: 2, size: 200 });
    expect(parseScan('2 200 octets')).to.deep.equal({ number: 2, size: 200 });
    for (const text of ['', 'two', '2']) expect(() => parseScan(text)).to.throw(ProtocolError, 'LIST');
  });
});

describe('A list of unique ids', () => {
  it('is read in blocks of whole lines', () => {
    const longest = '~'.repeat(70);
    const text = `1 whqtswO00WBw418f9t5JxYwZ\r\n2 QhdPYR:00WBw1Ph7x7\r\n3 same\n4 same\r\n5 __proto__\r\n6  ${longest} \r\n7 ../../x`;
    for (const blocks of everyBlock(text)) {
      expect(uids(...blocks)).to.deep.equal([
        [1, 'whqtswO00WBw418f9t5JxYwZ'],
        [2, 'QhdPYR:00WBw1Ph7x7'],
        [3, 'same'],
        [4, 'same'],
        [5, '__proto__'],
        [6, longest],
        [7, '../../x'],
      ]);
    }
  });

  for (const line of [
    'x',
    'x y',
    '0 a',
    '-1 a',
    '1 \x1b[31m',
    '1 a\x80',
    '1 \xe9',
    '1 a b\x1b',
    '1 a\0',
    '1a',
    ' 1 a',
    '1\ta',
    '1234567890123456 a',
    '1 a\x7f',
  ]) {
    it(`refuses what no id can be: ${JSON.stringify(line)}`, () => {
      for (const text of [line, `${line}\r\n`, `1 ok\r\n${line}\r\n`])
        expect(() => uids(text)).to.throw(ProtocolError, 'UIDL');
    });
  }

  it('of one message is the answer to UIDL with its number', () => {
    expect(parseUid('2 QhdPYR:00WBw1Ph7x7')).to.deep.equal('QhdPYR:00WBw1Ph7x7');
    for (const text of ['2', '2 ', '2 a b', `2 ${'x'.repeat(513)}`]) expect(parseUid(text)).to.equal(undefined);
    for (const text of ['', 'x', '2 \x1b']) expect(() => parseUid(text)).to.throw(ProtocolError, 'UIDL');
  });

  it('takes ids that are too long, and passes over messages whose ids are none', () => {
    const long = 'x'.repeat(512);
    for (const line of ['2', '2 ', '2   ', '2 a b', '2 a  b ', `2 ${long}x`])
      expect(uids(`1 one\r\n${line}\r\n3 ${long}\r\n`), line).to.deep.equal([
        [1, 'one'],
        [3, long],
      ]);
  });

  it('gives back every id that there can be', () => {
    const uid = fc.stringMatching(/^[\x21-\x7e]{1,512}$/);
    fc.assert(
      fc.property(fc.array(uid, { maxLength: 20 }), (ids) => {
        const text = ids.map((id, at) => `${at + 1} ${id}\r\n`).join('');
        expect(uids(text)).to.deep.equal(ids.map((id, at) => [at + 1, id]));
      }),
    );
  });
});
