import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { YencDecoder, type YencPart } from '../../lib/message/yenc.ts';
import { encodeYenc, YencEncoder } from '../../lib/message/yenc-encoder.ts';
import { everyCut } from '../helpers.ts';

function decode(chunks: Iterable<Uint8Array>): { part: YencPart; octets: Buffer } {
  const decoder = new YencDecoder();
  const parts: Buffer[] = [];
  for (const chunk of chunks) decoder.push(chunk, (octets) => void parts.push(Buffer.from(octets)));
  return { part: decoder.finish(), octets: Buffer.concat(parts) };
}

const text = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');
const EVERY = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));

describe('yEnc', () => {
  // "abc", and what becomes NUL, LF, CR and =
  const OCTETS = Buffer.from([0x61, 0x62, 0x63, 0xd6, 0xe0, 0xe3, 0x13]);
  const BODY = '\x8b\x8c\x8d=\x40=J=M=}\r\n';
  const CRC = crc32(OCTETS).toString(16).padStart(8, '0');

  it('is written as lines of octets', () => {
    expect(encodeYenc(OCTETS, { name: 'a b.bin' }).toString('latin1')).to.equal(
      `=ybegin line=128 size=7 name=a b.bin\r\n${BODY}=yend size=7 crc32=${CRC}\r\n`,
    );
  });

  it('is read, however it comes, with text before and behind it', () => {
    const whole = text(
      `=yes\r\n=ybegin is how it begins\r\n =ybegin line=1 size=1 name=x\r\n\r\n=ybegin line=128 size=7 name= a b.bin \r\n${BODY}=yend size=7 crc32=${CRC.toUpperCase()}\r\nbye =y\r\n=ybegin line=1 size=1 name=second\r\n`,
    );
    for (const chunks of everyCut(whole)) {
      const { part, octets } = decode(chunks);
      expect(octets.equals(OCTETS)).to.equal(true);
      expect(part).to.deep.equal({
        ...{ name: 'a b.bin', size: 7, line: 128, begin: 1, end: 7 },
        ...{ crc32: crc32(OCTETS), fileCrc32: crc32(OCTETS) },
      });
    }
  });

  it('has bare line feeds, no checksum, and signs before checksums, from some', () => {
    const head = '=ybegin line=128 size=7 name=x\n';
    const body = BODY.replace('\r', '');
    for (const tail of ['=yend size=7\n', `=yend size=7 crc32=FFFFFFFF${CRC}\n`, `=yend crc32=${CRC} size=7 \n`])
      expect(decode([text(head + body + tail)]).octets.equals(OCTETS)).to.equal(true);
  });

  it('escapes what is lost at the edges of a line, and dots', () => {
    // 4 becomes a dot, 223 a TAB, 246 a space, 0 an asterisk
    const octets = Buffer.from([4, 4, 246, 223, 0, 246, 246, 223, 0, 4]);
    const encoded = encodeYenc(octets, { name: 'x', line: 3 }).toString('latin1');
    const lines = encoded.split('\r\n').slice(1, -2);
    expect(lines).to.deep.equal(['=n.', '=`=I', '* =`', '=I*', '=n']);
    expect(decode([text(encoded)]).octets.equals(octets)).to.equal(true);
  });

  it('has a file in parts, each with its place', () => {
    const file = Buffer.concat([EVERY, EVERY.subarray(0, 100)]);
    const parts = [file.subarray(0, 200), file.subarray(200)].map((octets, i) => {
      const begin = i * 200 + 1;
      const part = { number: i + 1, total: 2, begin, end: begin + octets.length - 1 };
      return encodeYenc(octets, { name: 'x', size: file.length, part, ...(i === 1 && { fileCrc32: crc32(file) }) });
    });
    expect(parts[1]?.toString('latin1')).to.match(
      /^=ybegin part=2 total=2 line=128 size=356 name=x\r\n=ypart begin=201 end=356\r\n/,
    );
    const assembled = Buffer.alloc(file.length);
    for (const each of parts) {
      const decoder = new YencDecoder();
      let at: number | undefined;
      decoder.push(each, (octets) => {
        at ??= (decoder.header?.begin ?? 0) - 1;
        at += octets.copy(assembled, at);
      });
      expect(decoder.finish()).to.include({ total: 2, size: 356 });
    }
    expect(assembled.equals(file)).to.equal(true);
    expect(decode([parts[1] ?? EVERY]).part.fileCrc32).to.equal(crc32(file));
  });

  it('is empty, of an empty file', () => {
    const encoded = encodeYenc(Buffer.alloc(0), { name: 'x' });
    expect(encoded.toString()).to.equal('=ybegin line=128 size=0 name=x\r\n=yend size=0 crc32=00000000\r\n');
    expect(decode([encoded]).octets.length).to.equal(0);
  });

  it('comes back as it was: any octets, any lines, any chunks', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
    const critical = fc.array(fc.constantFrom(214, 224, 227, 19, 4, 246, 223, 79), { maxLength: 40 });
    fc.assert(
      fc.property(
        chunks,
        critical,
        fc.integer({ min: 1, max: 260 }),
        fc.integer({ min: 1, max: 50 }),
        (all, odd, line, cut) => {
          const given = [...all, Uint8Array.from(odd)];
          const octets = Buffer.concat(given);
          const encoder = new YencEncoder({ name: 'x', size: octets.length, line });
          const wire = Buffer.concat([
            encoder.begin(),
            ...given.map((chunk) => encoder.encode(chunk)),
            encoder.finish(),
          ]);
          const lines = wire.toString('latin1').split('\r\n');
          expect(lines.every((each) => !/[\0\r\n]/.test(each) && !each.startsWith('.'))).to.equal(true);
          expect(lines.slice(1, -2).every((each) => each.length <= line + 1)).to.equal(true);
          const cuts: Uint8Array[] = [];
          for (let at = 0; at < wire.length; at += cut) cuts.push(wire.subarray(at, at + cut));
          expect(decode(cuts).octets.equals(octets)).to.equal(true);
        },
      ),
    );
  });
});

describe('yEnc that is damaged', () => {
  const HEAD = '=ybegin line=128 size=3 name=x\r\n';
  const PART = '=ybegin part=1 line=128 size=6 name=x\r\n=ypart begin=1 end=3\r\n';
  const rows: [what: string, wire: string, reason: string][] = [
    ['is not there', 'only text\r\n', 'integrity'],
    ['has no end', `${HEAD}\x8b\x8c\x8d\r\n`, 'integrity'],
    ['has half an end', `${HEAD}\x8b\x8c\x8d\r\n=yend size=3`, 'integrity'],
    ['has too few octets', `${HEAD}\x8b\x8c\r\n=yend size=3\r\n`, 'integrity'],
    ['has too many octets', `${HEAD}\x8b\x8c\x8d\x8e\r\n=yend size=3\r\n`, 'integrity'],
    ['has two sizes', `${HEAD}\x8b\x8c\x8d\r\n=yend size=4\r\n`, 'integrity'],
    ['has another checksum', `${HEAD}\x8b\x8c\x8d\r\n=yend size=3 crc32=00000000\r\n`, 'integrity'],
    ['has another checksum of its part', `${PART}\x8b\x8c\x8d\r\n=yend size=3 pcrc32=00000001\r\n`, 'integrity'],
    ['ends as another part', `${PART}\x8b\x8c\x8d\r\n=yend size=3 part=2\r\n`, 'integrity'],
    ['has a part of the wrong size', `${PART}\x8b\x8c\r\n=yend size=2\r\n`, 'integrity'],
    ['has no size', '=ybegin line=128 name=x\r\n', 'grammar'],
    ['has a size that is none', '=ybegin line=128 size=1e9 name=x\r\n', 'grammar'],
    ['has a huge size', '=ybegin line=128 size=9999999999999999 name=x\r\n', 'grammar'],
    ['has a part without a place', '=ybegin part=1 line=128 size=3 name=x\r\nabc\r\n', 'grammar'],
    ['has another line for =ypart', '=ybegin part=1 line=128 size=3 name=x\r\n=yend size=3\r\n', 'grammar'],
    ['has a part behind its end', '=ybegin part=1 line=128 size=3 name=x\r\n=ypart begin=2 end=4\r\n', 'grammar'],
    ['has a part from 0', '=ybegin part=1 line=128 size=3 name=x\r\n=ypart begin=0 end=3\r\n', 'grammar'],
    ['begins twice', `${HEAD}\x8b${HEAD}`.replace('\x8b', '\x8b\r\n'), 'grammar'],
    ['has an endless line', `${HEAD}=y${'x'.repeat(5000)}`, 'limit'],
    ['has a checksum that is none', `${HEAD}\x8b\x8c\x8d\r\n=yend size=3 crc32=xyz\r\n`, 'grammar'],
  ];
  for (const [what, wire, reason] of rows) {
    it(`${what}: an error, however it comes`, () => {
      const cuts = wire.length > 1000 ? [[text(wire)]] : everyCut(text(wire));
      for (const chunks of cuts)
        expect(() => decode(chunks))
          .to.throw(ProtocolError)
          .with.property('reason', reason);
    });
  }

  it('is an error wherever it is cut', () => {
    const whole = encodeYenc(EVERY, { name: 'x' });
    for (let end = 0; end < whole.length - 1; end++)
      expect(() => decode([whole.subarray(0, end)]), `${end}`).to.throw(ProtocolError);
  });

  it('is an error, or as it was, with any octet of it changed', () => {
    const whole = encodeYenc(EVERY, { name: 'x' });
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), fc.boolean(), (at, octet, removed) => {
        const changed = removed ? Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]) : Buffer.from(whole);
        if (!removed) changed[at] = octet;
        try {
          expect(decode([changed]).octets.equals(EVERY)).to.equal(true);
        } catch (error) {
          expect(error).to.be.instanceOf(ProtocolError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is passed over where it is text', () => {
    const long = `=y${'x'.repeat(10_000)}\r\n`;
    const { octets } = decode([text(long), encodeYenc(EVERY, { name: 'x' })]);
    expect(octets.equals(EVERY)).to.equal(true);
  });

  it('keeps its name as data', () => {
    const name = '../../etc/passwd';
    expect(decode([encodeYenc(EVERY, { name })]).part.name).to.equal(name);
    const header = (octets: string): string => {
      const decoder = new YencDecoder();
      decoder.push(text(`=ybegin line=128 size=3 name=${octets}\r\n`), () => {});
      return decoder.header?.name ?? '';
    };
    expect(header('gr\xc3\xbcn')).to.equal('grün');
    expect(header('gr\xfcn')).to.equal('grün');
    expect(header('a=b size=9 name=c')).to.equal('a=b size=9 name=c');
  });
});

describe('yEnc that cannot be written', () => {
  it('has a name, a line, or a part that is none', () => {
    for (const name of ['', ' x', 'x ', 'a\r\n=yend', 'a\0'])
      expect(() => encodeYenc(EVERY, { name }), JSON.stringify(name)).to.throw(UsageError);
    for (const line of [0, -1, 998, 1.5, Number.NaN])
      expect(() => encodeYenc(EVERY, { name: 'x', line }), `${line}`).to.throw(UsageError);
    for (const [number, begin, end] of [
      [0, 1, 256],
      [1, 0, 255],
      [1, 2, 257],
      [3, 1, 256],
    ] as const)
      expect(() => encodeYenc(EVERY, { name: 'x', part: { number, total: 2, begin, end } })).to.throw(UsageError);
    expect(() => encodeYenc(EVERY, { name: 'x', size: -1 })).to.throw(UsageError);
  });

  it('has another size than was announced', () => {
    expect(() => encodeYenc(EVERY, { name: 'x', size: 255 })).to.throw(UsageError, '256 octets were encoded');
  });
});
