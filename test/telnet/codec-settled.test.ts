import { expect } from 'chai';
import fc from 'fast-check';
import { TelnetDecoder } from '../../lib/telnet/codec.ts';
import { OPTIONS } from '../../lib/telnet/names.ts';
import { everyCut } from '../helpers.ts';
import { End, Known } from './machine-end.ts';
import { Heard, octets } from './octets.ts';

/** Is told of negotiations, but need not be told of refusals. */
class Settled extends Heard {
  isSettled(verb: string): boolean {
    return verb === 'WONT' || verb === 'DONT';
  }
}

function hear<T extends Heard>(sink: T, chunks: readonly Uint8Array[]): T {
  const decoder = new TelnetDecoder();
  for (const chunk of chunks) decoder.decode(Buffer.from(chunk), sink);
  return sink;
}

/** All text, and whatever else is told but refusals. */
function said(sink: Heard): string {
  const words = sink.all().filter((word) => !/^(WONT|DONT)/.test(word));
  return words.join(' ').replaceAll('" "', '');
}

describe('A negotiation that says what both ends know', () => {
  it('does not cut the text that it stands in', () => {
    const wire = octets(
      '"ab"',
      'IAC',
      'WONT',
      5,
      '"c"',
      'IAC',
      'IAC',
      'IAC',
      'DONT',
      5,
      'IAC',
      'WONT',
      13,
      '"\0d\r\0"',
    );
    const sink = hear(new Settled(), [wire]);
    expect(sink.calls).to.equal(1);
    expect(sink.all()).to.deep.equal(['"abcÿ\\u0000d\\r"']);
  });

  for (const [title, wire, text] of [
    ['a CR and its NUL', octets('"a\r"', 'IAC', 'WONT', 5, '"\0b"'), '"a\\rb"'],
    ['a CR, and another, and its NUL', octets('"a\r"', 'IAC', 'WONT', 5, 'IAC', 'DONT', 0, '"\0b"'), '"a\\rb"'],
    ['text and a NUL, with an option that looks like a CR', octets('"a"', 'IAC', 'WONT', 13, '"\0b"'), '"a\\u0000b"'],
    ['text and one that is to be told', octets('"a"', 'IAC', 'WONT', 5, 'IAC', 'DO', 5, '"b"'), '"a" DO STATUS "b"'],
  ] as const) {
    it(`may stand between ${title}`, () => {
      for (const chunks of everyCut(wire)) expect(said(hear(new Settled(), chunks))).to.equal(text);
    });
  }

  it('changes nothing of what comes, however it is cut', () => {
    const word = fc.constantFrom<string | number>(
      '"a"',
      '"\r"',
      '"\0"',
      '"\n"',
      'IAC',
      'WONT',
      'DONT',
      'DO',
      'SB',
      'SE',
      5,
      13,
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), fc.array(fc.nat(60), { maxLength: 4 }), (words, cuts) => {
        const wire = octets(...words);
        const places = [0, ...cuts.map((cut) => Math.min(cut, wire.length)).sort((a, b) => a - b), wire.length];
        const chunks = places.slice(1).map((stop, i) => wire.subarray(places[i], stop));
        expect(said(hear(new Settled(), chunks))).to.equal(said(hear(new Heard(), [wire])));
      }),
      { numRuns: 1000 },
    );
  });

  it('is passed over by a machine to which it is no news, unless somebody takes notes', () => {
    const wire = octets('"a"', 'IAC', 'WILL', 'ECHO', '"b"', 'IAC', 'WONT', 'STATUS', '"c"');
    for (const [note, pieces] of [[undefined, 1] as const, [(): void => {}, 3] as const]) {
      const { machine } = new End([new Known(OPTIONS.ECHO, 'remote')], { note });
      const texts: string[] = [];
      machine.receive(octets('IAC', 'WILL', 'ECHO'), () => {});
      machine.receive(Buffer.from(wire), (chunk) => void texts.push(chunk.toString('latin1')));
      expect(texts.join('')).to.equal('abc');
      expect(texts).to.have.length(pieces);
      expect(machine.enabled('remote', OPTIONS.ECHO)).to.equal(true);
    }
  });

  it('is none where the machine has to answer: each timing mark is answered', () => {
    const end = new End([new Known(OPTIONS.TM, 'local')], { note: undefined });
    end.hear(octets('"a"', 'IAC', 'DO', 'TM', '"b"', 'IAC', 'DO', 'TM', '"c"', 'IAC', 'DO', 'LINEMODE', '"d"'));
    expect(end.said()).to.deep.equal(['WILL TM', 'WILL TM', 'WONT LINEMODE']);
    expect(end.text).to.equal('abcd');
  });
});
