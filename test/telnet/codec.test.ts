import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../lib/core/errors.ts';
import { encodeData, TelnetDecoder } from '../../lib/telnet/codec.ts';
import { everyCut } from '../helpers.ts';
import { Heard, heard, octets } from './octets.ts';

/** What is on the wire, and what it says outside BINARY. */
const ROWS: readonly (readonly [string, Buffer, readonly string[]])[] = [
  ['text is text', octets('"login: "'), ['"login: "']],
  [
    'IAC IAC is one IAC, CR NUL a CR, CR LF stays (telnet-g02)',
    octets('"a"', 'IAC', 'IAC', '"b\r\0c\r\nd"'),
    ['"aÿb\\rc\\r\\nd"'],
  ],
  [
    'a lone CR stays, and a NUL that is not behind it',
    octets('"a\rb\0c\0\r\0\0\r\r\0"'),
    ['"a\\rb\\u0000c\\u0000\\r\\u0000\\r\\r"'],
  ],
  ['IAC between CR and NUL is text between them', octets('"\r"', 'IAC', 'IAC', '"\0"'), ['"\\rÿ\\u0000"']],
  [
    'text in front of a command comes before it (telnet-s17)',
    octets('"a"', 'IAC', 'DO', 'TTYPE', '"b"'),
    ['"a"', 'DO TTYPE', '"b"'],
  ],
  [
    'the four verbs, with options of any number',
    octets('IAC', 'WILL', 1, 'IAC', 'WONT', 255, 'IAC', 'DO', 13, 'IAC', 'DONT', 0),
    ['WILL ECHO', 'WONT EXOPL', 'DO NAOFFD', 'DONT BINARY'],
  ],
  ['an option that looks like a CR is none', octets('IAC', 'DO', 13, 0), ['DO NAOFFD', '"\\u0000"']],
  [
    'commands that stand by themselves (telnet-s21)',
    octets('IAC', 'DM', 'IAC', 'EOF', 'IAC', 'SUSP', 'IAC', 'ABORT', '"done"'),
    ['DM', 'EOF', 'SUSP', 'ABORT', '"done"'],
  ],
  ['an SE without SB is a command too', octets('"a"', 'IAC', 'SE', '"b"'), ['"a"', 'SE', '"b"']],
  [
    'a subnegotiation, with its IAC undone',
    octets('"a"', 'IAC', 'SB', 'TTYPE', 0, '"x"', 'IAC', 'IAC', '"y"', 'IAC', 'SE', '"b"'),
    ['"a"', 'SB TTYPE 0078ff79', '"b"'],
  ],
  ['a CR and a NUL in it are octets', octets('IAC', 'SB', 31, 13, 0, 13, 10, 'IAC', 'SE'), ['SB NAWS 0d000d0a']],
  [
    'one of nothing but its option, and one of nothing at all (telnet-s13)',
    octets('IAC', 'SB', 'IAC', 'SE', 'IAC', 'SB', 24, 'IAC', 'SE', 'IAC', 'SB', 39, 'IAC', 'SE', '"done"'),
    ['SB TTYPE', 'SB NEW_ENVIRON', '"done"'],
  ],
  [
    'one with another command in it is dropped (telnet-s11)',
    octets('IAC', 'SB', 24, 1, 'IAC', '"AB"', 'IAC', 'SE', '"done"'),
    ['"done"'],
  ],
  [
    'one in another is dropped with it',
    octets('IAC', 'SB', 24, 1, 'IAC', 'SB', 39, 1, 'IAC', 'SE', '"done"'),
    ['"done"'],
  ],
  [
    'the one behind a dropped one is whole',
    octets('IAC', 'SB', 24, 'IAC', 'NOP', 1, 'IAC', 'SE', 'IAC', 'SB', 24, 1, 'IAC', 'SE'),
    ['SB TTYPE 01'],
  ],
  [
    'CR NUL and CR LF are what they are over commands in between (telnet-s33)',
    octets(
      '"a\r"',
      'IAC',
      'WILL',
      0,
      '"\nb\r"',
      'IAC',
      'WONT',
      0,
      '"\0c\r"',
      'IAC',
      'SB',
      24,
      13,
      'IAC',
      'SE',
      '"\0d"',
    ),
    ['"a\\r"', 'WILL BINARY', '"\\nb\\r"', 'WONT BINARY', '"c\\r"', 'SB TTYPE 0d', '"d"'],
  ],
  ['octets above 127 are left alone (telnet-s35)', octets('"\xe2\x82\xac"'), ['"â\x82¬"']],
  [
    'options amid text (telnet-s37)',
    octets('IAC', 'DO', 'TTYPE', '"abc"', 'IAC', 'SB', 'TTYPE', 1, 'IAC', 'SE', '"def"'),
    ['DO TTYPE', '"abc"', 'SB TTYPE 01', '"def"'],
  ],
  ['what ends amid a command is text up to there (telnet-s17)', octets('"text"', 'IAC'), ['"text"']],
  ['what ends amid a subnegotiation too', octets('"text"', 'IAC', 'SB', 24, '"xterm"'), ['"text"']],
];

describe('Telnet octets say, however they are cut, that', () => {
  for (const [title, wire, words] of ROWS) {
    it(title, () => {
      for (const chunks of everyCut(wire)) {
        expect(heard(chunks)).to.deep.equal(words);
        expect(heard([Buffer.from('head'), Buffer.from([255, 241]), ...chunks]).slice(2)).to.deep.equal(words);
      }
    });
  }

  it('every command that is none of the protocol is one by itself (telnet-s19)', () => {
    const codes = Array.from({ length: 250 }, (_, code) => code);
    const wire = octets(...codes.flatMap((code) => ['IAC', code]), '"done"');
    for (const chunks of [[wire], Array.from(wire, (octet) => Uint8Array.of(octet))]) {
      const words = heard(chunks);
      expect(words).to.have.length(251);
      expect(words.slice(0, 2)).to.deep.equal(['0x00', '0x01']);
      expect(words.at(-1)).to.equal('"done"');
    }
  });

  it('in BINARY only IAC means something', () => {
    const wire = octets('"a\r\0b"', 'IAC', 'IAC', '"\r\n\0"', 'IAC', 'NOP', 0);
    for (const chunks of everyCut(wire)) {
      expect(heard(chunks, true)).to.deep.equal(['"a\\r\\u0000bÿ\\r\\n\\u0000"', 'NOP', '"\\u0000"']);
    }
  });

  it('the CR decides, where BINARY begins or ends between it and a NUL (telnet-s33)', () => {
    const wire = octets('"a\r"', 'IAC', 'WILL', 0, '"\0b\r"', 'IAC', 'WONT', 0, '"\0c\r\0"');
    for (const chunks of everyCut(wire)) {
      const decoder = new TelnetDecoder();
      const sink = new Heard();
      const tell = sink.negotiation.bind(sink);
      sink.negotiation = (verb, option) => {
        decoder.binary = verb === 'WILL';
        tell(verb, option);
      };
      for (const chunk of chunks) decoder.decode(Buffer.from(chunk), sink);
      expect(sink.all()).to.deep.equal(['"a\\r"', 'WILL BINARY', '"b\\r"', 'WONT BINARY', '"\\u0000c\\r"']);
    }
  });
});

describe('A Telnet decoder', () => {
  it('stops behind a subnegotiation when it is told to, and leaves the rest as it was', () => {
    const tail = octets('"x"', 'IAC', 'IAC', '"\r\0"');
    const wire = Buffer.concat([octets('"ab"', 'IAC', 'IAC', 'IAC', 'SB', 'MCCP2', 'IAC', 'SE'), tail]);
    const decoder = new TelnetDecoder();
    const sink = new Heard(86);
    const taken = decoder.decode(wire, sink);
    expect(wire.subarray(taken)).to.deep.equal(tail);
    expect(sink.all()).to.deep.equal(['"abÿ"', 'SB MCCP2']);
    expect(decoder.decode(wire.subarray(taken), sink)).to.equal(tail.length);
    expect(sink.all().at(-1)).to.equal('"xÿ\\r"');
  });

  it('gives text in views of what came, in one piece where nothing is left out and where much is', () => {
    const plain = Buffer.alloc(300_000, 'text\r\n');
    const views: Buffer[] = [];
    const sink = new Heard();
    sink.data = (text) => void views.push(text);
    new TelnetDecoder().decode(plain, sink);
    expect(views).to.have.length(1);
    expect(views[0]?.buffer).to.equal(plain.buffer);
    const dense = Buffer.alloc(300_000, octets('"abcd"', 'IAC', 'IAC', '"\r\0"'));
    new TelnetDecoder().decode(dense, sink);
    expect(views).to.have.length(2);
    expect(views[1]).to.have.length(225_000);
  });

  it('takes subnegotiations of 4096 octets, and no longer ones (telnet-s07)', () => {
    for (const max of [undefined, 10]) {
      const most = max ?? 4096;
      const fits = octets(
        'IAC',
        'SB',
        24,
        ...Array.from({ length: most }, () => 255).flatMap(() => ['IAC', 'IAC']),
        'IAC',
        'SE',
      );
      const decoder = new TelnetDecoder(max ? (): number => max : undefined);
      const sink = new Heard();
      decoder.decode(Buffer.from(fits), sink);
      expect(sink.all()).to.deep.equal([`SB TTYPE ${'ff'.repeat(most)}`]);
      const endless = Buffer.concat([octets('IAC', 'SB', 24), Buffer.alloc(most + 1, 'A')]);
      expect(() => new TelnetDecoder(max ? (): number => max : undefined).decode(endless, sink)).to.throw(
        ProtocolError,
        `${most}`,
      );
    }
  });

  it('finds that one which is being dropped never ends', () => {
    const decoder = new TelnetDecoder();
    const sink = new Heard();
    const endless = octets('IAC', 'SB', 24, ...Array.from({ length: 2047 }, () => ['IAC', 'NOP']).flat());
    decoder.decode(endless, sink);
    expect(() => decoder.decode(Buffer.alloc(10_000, octets('IAC', 'NOP')), sink)).to.throw(ProtocolError);
  });

  for (const [title, unit] of [
    ['IAC IAC', octets('"abcd"', 'IAC', 'IAC')],
    ['nothing but IAC', octets('IAC', 'IAC')],
    ['commands', octets('"abcd"', 'IAC', 'NOP')],
    ['negotiations', octets('IAC', 'DO', 40)],
    ['subnegotiations', octets('IAC', 'SB', 24, 1, 'IAC', 'SE')],
    ['NUL', octets('"\0"')],
    ['CR NUL', octets('"abc\r\0"')],
    ['IAC, with a NUL at the far end', octets('IAC', 'NOP')],
  ] as const) {
    it(`is not slow where there are many of them: ${title}`, () => {
      const wire = Buffer.alloc(1 << 20, unit);
      wire[wire.length - 1] = 0;
      const sink = { data: nothing, command: nothing, negotiation: nothing, subnegotiation: () => false };
      const began = performance.now();
      new TelnetDecoder().decode(wire, sink);
      // 40 MiB/s and more here; what is quadratic would take half a minute
      expect(performance.now() - began).to.be.lessThan(1500);
    });
  }

  it('says the same of any octets, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(piece(), { maxLength: 30 }),
        fc.array(fc.nat(200), { maxLength: 10 }),
        fc.boolean(),
        (pieces, cuts, binary) => {
          const wire = Buffer.concat(pieces);
          const places = [0, ...cuts.map((cut) => Math.min(cut, wire.length)).sort((a, b) => a - b), wire.length];
          const chunks = places.slice(1).map((stop, i) => wire.subarray(places[i], stop));
          expect(heard(chunks, binary)).to.deep.equal(heard([wire], binary));
          expect(
            heard(
              Array.from(wire, (octet) => Buffer.of(octet)),
              binary,
            ),
          ).to.deep.equal(heard([wire], binary));
        },
      ),
      { seed: 854, numRuns: 500 },
    );
  });

  it('gives back any octets that an encoder wrote', () => {
    fc.assert(
      fc.property(fc.array(piece(), { maxLength: 30 }), fc.boolean(), (pieces, binary) => {
        const text = Buffer.concat(pieces);
        const words = text.length === 0 ? [] : [JSON.stringify(text.toString('latin1'))];
        expect(heard([encodeData(text, binary)], binary)).to.deep.equal(words);
      }),
      { seed: 854, numRuns: 500 },
    );
  });
});

/** Octets such as matter: commands, and CR, LF and NUL among text. */
function piece(): fc.Arbitrary<Uint8Array> {
  const special = fc.constantFrom(255, 255, 250, 240, 251, 252, 253, 254, 13, 10, 0, 24, 65);
  return fc.oneof(
    fc.array(special, { maxLength: 8 }).map((codes) => Uint8Array.from(codes)),
    fc.uint8Array({ maxLength: 40 }),
  );
}

function nothing(): void {}
