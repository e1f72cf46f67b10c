import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import {
  encodeData,
  formatCommand,
  formatNegotiation,
  formatSubnegotiation,
  TelnetEncoder,
} from '../../lib/telnet/codec.ts';
import { everyCut } from '../helpers.ts';
import { heard } from './octets.ts';

/** Text, and what is written of it outside BINARY and in it. */
const ROWS: readonly (readonly [string, string, string, string])[] = [
  ['plain text', 'help\r\n', 'help\r\n', 'help\r\n'],
  ['nothing', '', '', ''],
  ['IAC is doubled', 'a\xffb\xff\xff', 'a\xff\xffb\xff\xff\xff\xff', 'a\xff\xffb\xff\xff\xff\xff'],
  [
    'octets of commands are text behind it',
    '\xff\xf0\xff\xfb\x01',
    '\xff\xff\xf0\xff\xff\xfb\x01',
    '\xff\xff\xf0\xff\xff\xfb\x01',
  ],
  ['a CR that is not before LF gets a NUL', 'a\rb\r\r\nc', 'a\r\0b\r\0\r\nc', 'a\rb\r\r\nc'],
  ['a CR at the end too', 'a\r', 'a\r\0', 'a\r'],
  ['a CR before a NUL, and before IAC', '\r\0\r\xff', '\r\0\0\r\0\xff\xff', '\r\0\r\xff\xff'],
  ['a bare LF is left alone', 'a\nb', 'a\nb', 'a\nb'],
];

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

describe('Text as Telnet octets', () => {
  for (const [title, text, nvt, binary] of ROWS) {
    it(`${title}: ${JSON.stringify(text)}`, () => {
      expect(encodeData(latin1(text), false).toString('latin1')).to.equal(nvt);
      expect(encodeData(latin1(text), true).toString('latin1')).to.equal(binary);
    });

    it(`${title}: in parts it is the same, but for a NUL that is not known of yet`, () => {
      for (const parts of everyCut(latin1(text))) {
        const encoder = new TelnetEncoder();
        const written = Buffer.concat([
          ...parts.map((part) => encoder.encodePart(part)),
          encoder.encode(Buffer.alloc(0)),
        ]);
        expect(written.toString('latin1')).to.equal(nvt);
      }
    });
  }

  it('is not copied where nothing changes', () => {
    const text = Buffer.alloc(100_000, 'text\r\n');
    expect(encodeData(text, false).buffer).to.equal(text.buffer);
    expect(new TelnetEncoder().encode(text).buffer).to.equal(text.buffer);
    expect(encodeData(new Uint8Array(text.buffer, text.byteOffset + 1, 3), false).toString()).to.equal('ext');
  });

  it('that is whole owes nothing', () => {
    const encoder = new TelnetEncoder();
    expect(encoder.encode(latin1('a\r')).toString('latin1')).to.equal('a\r\0');
    expect(encoder.encode(latin1('\n')).toString('latin1')).to.equal('\n');
  });

  it('that goes on leaves open what a CR at its end is', () => {
    const encoder = new TelnetEncoder();
    expect(encoder.encodePart(latin1('a\r')).toString('latin1')).to.equal('a\r');
    expect(encoder.encodePart(latin1('')).toString('latin1')).to.equal('');
    expect(encoder.encodePart(latin1('\nb\r')).toString('latin1')).to.equal('\nb\r');
    expect(encoder.encode(latin1('c')).toString('latin1')).to.equal('\0c');
  });

  it('pays its NUL even when BINARY has begun in between', () => {
    const encoder = new TelnetEncoder();
    encoder.encodePart(latin1('\r'));
    encoder.binary = true;
    expect(encoder.encodePart(latin1('\r')).toString('latin1')).to.equal('\0\r');
    encoder.binary = false;
    expect(encoder.encode(latin1('x')).toString('latin1')).to.equal('x');
  });

  it('of many IAC and CR is made at once', () => {
    for (const unit of ['\xff', '\r', 'ab\xff\r\n']) {
      const began = performance.now();
      encodeData(Buffer.alloc(1 << 20, unit, 'latin1'), false);
      expect(performance.now() - began).to.be.lessThan(1500);
    }
  });
});

describe('What is said beside text', () => {
  it('is a command', () => {
    expect(formatCommand(246)).to.deep.equal(Buffer.from('fff6', 'hex'));
    for (const code of [240, 250, 251, 252, 253, 254, 255, 256, -1, 1.5, Number.NaN]) {
      expect(() => formatCommand(code), `${code}`).to.throw(UsageError);
    }
  });

  it('is a negotiation', () => {
    expect(formatNegotiation('WILL', 24)).to.deep.equal(Buffer.from('fffb18', 'hex'));
    expect(formatNegotiation('WONT', 37)).to.deep.equal(Buffer.from('fffc25', 'hex'));
    expect(formatNegotiation('DO', 0)).to.deep.equal(Buffer.from('fffd00', 'hex'));
    expect(formatNegotiation('DONT', 255)).to.deep.equal(Buffer.from('fffeff', 'hex'));
    for (const option of [-1, 256, 0.5]) expect(() => formatNegotiation('DO', option)).to.throw(UsageError);
  });

  it('is a subnegotiation, whose IAC is doubled: nothing in it ends it', () => {
    const data = Buffer.from('00fff0ff', 'hex');
    expect(formatSubnegotiation(24, data)).to.deep.equal(Buffer.from('fffa1800fffff0fffffff0', 'hex'));
    expect(formatSubnegotiation(31, Buffer.from('00ff0018', 'hex'))).to.deep.equal(
      Buffer.from('fffa1f00ffff0018fff0', 'hex'),
    );
    expect(() => formatSubnegotiation(256, data)).to.throw(UsageError);
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.uint8Array({ maxLength: 60 }), (option, data) => {
        const wire = formatSubnegotiation(option, data);
        const [word, ...rest] = heard(Array.from(wire, (octet) => Buffer.of(octet)));
        expect(rest).to.deep.equal([]);
        expect(heard([wire])).to.deep.equal([word]);
        expect(word?.endsWith(Buffer.from(data).toString('hex'))).to.equal(true);
      }),
      { seed: 855, numRuns: 300 },
    );
  });
});
