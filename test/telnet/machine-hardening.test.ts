import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../lib/core/errors.ts';
import { OPTIONS } from '../../lib/telnet/names.ts';
import type { TelnetOption } from '../../lib/telnet/option.ts';
import { End, Known } from './machine-end.ts';
import { octets } from './octets.ts';

const ANSWERS = 4096;

/** Hears octets again and again, until it has had enough. What it threw, if it did. */
function hearOften(end: End, unit: Buffer, times: number): unknown {
  const chunk = Buffer.alloc(unit.length * 1000, unit);
  try {
    for (let i = 0; i < times; i += 1000) end.hear(chunk);
  } catch (error) {
    return error;
  }
  return undefined;
}

function writtenBy(end: End): number {
  return end.written.reduce((sum, { length }) => sum + length, 0);
}

function expectLimit(error: unknown): void {
  expect(error).to.be.instanceOf(ProtocolError);
  expect(error).to.include({ reason: 'limit', protocol: 'telnet' });
}

describe('Against a hostile peer, one end of a Telnet connection', () => {
  it('answers a flood of the same negotiations once (telnet-s01)', () => {
    const end = new End([new Known(OPTIONS.TTYPE, 'local')]);
    expect(hearOften(end, octets('IAC', 'DO', 'TTYPE', 'IAC', 'WILL', 'CHARSET'), 200_000)).to.equal(undefined);
    end.hear(octets('"done\r\n"'));
    expect(end.said()).to.deep.equal(['WILL TTYPE', 'DONT CHARSET']);
    expect(end.text).to.equal('done\r\n');
  });

  it('refuses every option of both sides once', () => {
    const end = new End();
    const all = octets(...Array.from({ length: 256 }, (_, code) => ['IAC', 'DO', code, 'IAC', 'WILL', code]).flat());
    end.hear(all);
    expect(writtenBy(end)).to.equal((256 + 255) * 3); // a WILL TM answers nothing
    for (let i = 0; i < 100; i++) end.hear(all);
    // timing marks are answered each time
    expect(writtenBy(end)).to.equal((256 + 255) * 3 + 100 * 3);
  });

  it('has its answer to WILL and WONT in turn bounded (telnet-s03)', () => {
    const unit = octets('IAC', 'WILL', 'ECHO', 'IAC', 'WONT', 'ECHO');
    const slow = new End([new Known(OPTIONS.ECHO, 'remote')]);
    for (let i = 0; i < 300; i++, slow.time += 3) slow.hear(unit);
    expect(slow.said()).to.have.length(600);
    for (const options of [[new Known(OPTIONS.ECHO, 'remote')], []]) {
      const end = new End(options);
      expectLimit(hearOften(end, unit, 1_000_000));
      expect(writtenBy(end)).to.be.within(ANSWERS - 3, ANSWERS);
    }
  });

  it('has its answers to timing marks bounded, and may answer again when time has passed', () => {
    const end = new End([new Known(OPTIONS.TM, 'local')]);
    const second = Buffer.alloc(3 * 1300, octets('IAC', 'DO', 'TM'));
    for (let i = 0; i < 10; i++, end.time += 1000) end.hear(second);
    expect(writtenBy(end)).to.equal(10 * 3 * 1300);
    end.hear(second);
    expect(() => end.hear(second)).to.throw(ProtocolError, '4096');
  });

  it('has its answers to subnegotiations bounded (telnet-s09)', () => {
    const ttype: TelnetOption = {
      code: OPTIONS.TTYPE,
      local: true,
      subnegotiated: (_data, port) => port.subnegotiate(OPTIONS.TTYPE, Buffer.from('\0xterm')),
    };
    const end = new End([ttype]);
    end.hear(octets('IAC', 'DO', 'TTYPE'));
    expectLimit(hearOften(end, octets('IAC', 'SB', 'TTYPE', 1, 'IAC', 'SE'), 100_000));
    expect(writtenBy(end)).to.be.within(ANSWERS - 20, ANSWERS);
  });

  it('may give a long answer now and then: how long it is, its own settings decide', () => {
    const env: TelnetOption = {
      code: OPTIONS.NEW_ENVIRON,
      local: true,
      subnegotiated: (_data, port) => port.subnegotiate(OPTIONS.NEW_ENVIRON, Buffer.alloc(20_000, 'x')),
    };
    const end = new End([env]);
    const send = octets('IAC', 'SB', 'NEW_ENVIRON', 1, 'IAC', 'SE');
    end.hear(octets('IAC', 'DO', 'NEW_ENVIRON'));
    for (let i = 0; i < 3; i++) end.hear(send);
    expectLimit(hearOften(end, send, 1000));
  });

  it('is not limited in what it says of its own accord', () => {
    const end = new End();
    for (let i = 0; i < 10_000; i++) end.machine.command(241);
    for (let i = 0; i < 5000; i++) end.machine.request('remote', OPTIONS.TM, true);
    expect(writtenBy(end)).to.equal(35_000);
  });

  it('keeps 4 KiB of a subnegotiation, and no more (telnet-s07)', () => {
    const end = new End([new Known(OPTIONS.TTYPE, 'local')]);
    end.hear(octets('IAC', 'SB', 'TTYPE'));
    expectLimit(hearOften(end, Buffer.from('A'), 64 << 20));
  });

  it('does nothing with subnegotiations that are empty, or of nothing but an option (telnet-s13)', () => {
    const end = new End();
    end.hear(Buffer.concat([Buffer.from('fffafff0fffa18fff0fffa27fff0fffa22fff0', 'hex'), Buffer.from('done')]));
    expect(end.text).to.equal('done');
    expect(end.events).to.deep.equal([]);
    expect(end.written).to.deep.equal([]);
  });

  it('refuses logins, encryption, TLS, compression and status that nobody asked for (telnet-s15)', () => {
    const end = new End();
    end.hear(Buffer.from('fffd25fffd26fffd2efffb56fffb55fffd05', 'hex'));
    expect(Buffer.concat(end.written).toString('hex')).to.equal('fffc25fffc26fffc2efffe56fffe55fffc05');
  });

  it('forgets no text for commands that it does not know (telnet-s19, telnet-s21)', () => {
    const end = new End();
    for (let code = 0; code < 250; code++) end.hear(octets('"."', 'IAC', code));
    expect(end.text).to.equal('.'.repeat(250));
    expect(end.events).to.have.length(250);
    expect(end.written).to.deep.equal([]);
  });

  it('says no more than it is asked, whatever comes and however it is cut', () => {
    const biased = fc.oneof(
      fc.constantFrom(...[255, 255, 255, 250, 240, 251, 252, 253, 254, 24, 1, 0, 6, 13]),
      fc.nat(255),
    );
    fc.assert(
      fc.property(fc.array(biased, { maxLength: 400 }), fc.nat(400), (codes, at) => {
        const known = (): TelnetOption[] => [
          new Known(24, 'local'),
          new Known(1, 'remote'),
          new Known(0, 'local remote'),
        ];
        const wire = Buffer.from(codes);
        const whole = new End(known());
        whole.hear(wire);
        const cut = new End(known());
        cut.hear(wire.subarray(0, at));
        cut.hear(wire.subarray(at));
        const bytewise = new End(known());
        for (const octet of wire) bytewise.hear(Buffer.of(octet));
        for (const other of [cut, bytewise]) {
          expect(other.text).to.equal(whole.text);
          expect(other.events).to.deep.equal(whole.events);
          expect(other.notes).to.deep.equal(whole.notes);
          expect(Buffer.concat(other.written)).to.deep.equal(Buffer.concat(whole.written));
        }
        const asked = whole.notes.filter((note) => /^remote (?:WILL|WONT|DO|DONT) /.test(note)).length;
        expect(writtenBy(whole)).to.be.at.most(asked * 3);
        expect(whole.text.length).to.be.at.most(wire.length);
      }),
      { seed: 854, numRuns: 1000 },
    );
  });
});
