import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { OPTIONS } from '../../lib/telnet/names.ts';
import { formatStatus, parseStatus } from '../../lib/telnet/options/status.ts';
import { End, hears, octets, same, sub, wills } from './option-end.ts';

describe('The speed of the terminal (TSPEED, RFC 1079)', () => {
  it('is told when it is asked for', () => {
    const { said } = hears(() => End.client({ speed: 38400 }), wills('DO', 'TSPEED'), sub('TSPEED', 1));
    same(said, wills('WILL', 'TSPEED'), sub('TSPEED', 0, '38400,38400'));
  });

  it('is refused where there is none', () => {
    same(hears(() => End.client(), wills('DO', 'TSPEED'), sub('TSPEED', 1)).said, wills('WONT', 'TSPEED'));
  });

  for (const speed of [0, -1, 9600.5, Number.NaN, 1e15]) {
    it(`is not ${speed}`, () => {
      expect(() => End.client({ speed })).to.throw(UsageError, 'bits per second');
    });
  }

  const told = (...parts: readonly (number | string)[]) =>
    hears(() => End.server({ asks: ['TSPEED'], offers: [] }), wills('WILL', 'TSPEED'), sub('TSPEED', ...parts));

  it('is asked for by a server', () => {
    const { said, events } = told(0, '9600,19200');
    same(said, wills('DO', 'TSPEED'), sub('TSPEED', 1));
    expect(events).to.deep.equal([{ type: 'terminal-speed', transmit: 9600, receive: 19200 }]);
  });

  for (const text of ['', '9600', '9600,', ',9600', '9600, 9600', '-1,1', '1e3,1', '9600,9600,1', '1'.repeat(16)]) {
    it(`is not read from ${JSON.stringify(text)}`, () => {
      expect(told(0, text).events).to.deep.equal([]);
    });
  }
});

describe('Where the X display is (XDISPLOC, RFC 1096)', () => {
  it('is told when it is asked for', () => {
    const { said } = hears(() => End.client({ display: 'host:0.0' }), wills('DO', 'XDISPLOC'), sub('XDISPLOC', 1));
    same(said, wills('WILL', 'XDISPLOC'), sub('XDISPLOC', 0, 'host:0.0'));
  });

  it('is refused where there is none, and is never that of the process (telnet-s06)', () => {
    same(hears(() => End.client(), wills('DO', 'XDISPLOC'), sub('XDISPLOC', 1)).said, wills('WONT', 'XDISPLOC'));
  });

  for (const display of ['', 'a\r\nb', 'a\0', 'a\xff\xf0b', ' :0', 'x'.repeat(256)]) {
    it(`is not ${JSON.stringify(display.slice(0, 10))} (telnet-i03)`, () => {
      expect(() => End.client({ display })).to.throw(UsageError, 'X display');
    });
  }

  const told = (...parts: readonly (number | string)[]) =>
    hears(() => End.server({ asks: ['XDISPLOC'], offers: [] }), wills('WILL', 'XDISPLOC'), sub('XDISPLOC', ...parts));

  it('is asked for by a server', () => {
    const { said, events } = told(0, 'unix:0');
    same(said, wills('DO', 'XDISPLOC'), sub('XDISPLOC', 1));
    expect(events).to.deep.equal([{ type: 'display', location: 'unix:0' }]);
  });

  for (const parts of [[], [0], [0, 'a\x1b[2J'], [0, 'x'.repeat(256)], [3, 'x:0']]) {
    it(`is not read from ${JSON.stringify(parts).slice(0, 20)}`, () => {
      expect(told(...parts).events).to.deep.equal([]);
    });
  }
});

describe('Which options are in use (STATUS, RFC 859)', () => {
  const SEND = sub('STATUS', 1);

  it('is what this end believes, when the peer asks', () => {
    const { said } = hears(
      () => End.client({ status: true }),
      ...[wills('WILL', 'ECHO'), wills('DO', 'SGA'), wills('DO', 'STATUS'), SEND],
    );
    same(
      said,
      ...[wills('DO', 'ECHO'), wills('WILL', 'SGA'), wills('WILL', 'STATUS')],
      sub('STATUS', 0, 251, OPTIONS.SGA, 251, OPTIONS.STATUS, 253, OPTIONS.ECHO),
    );
  });

  it("is nobody's business, unless the settings say so (telnet-s15)", () => {
    same(hears(() => End.client(), wills('DO', 'STATUS'), SEND).said, wills('WONT', 'STATUS'));
  });

  it('is asked of a server', () => {
    const [client, silent] = [End.client({ status: true }), End.client({ status: true })];
    client.receive(wills('WILL', 'STATUS'));
    client.options.status.ask(client.machine);
    same(client.said(), wills('DO', 'STATUS'), SEND);
    silent.options.status.ask(silent.machine);
    same(silent.said());
  });

  it('is read from the other end: its WILL is our remote', () => {
    const is = sub('STATUS', 0, 251, OPTIONS.ECHO, 253, OPTIONS.NAWS, 251, OPTIONS.ECHO);
    const { events } = hears(() => End.client({ status: true }), wills('WILL', 'STATUS'), is);
    expect(events).to.deep.equal([
      {
        type: 'status',
        options: [
          { side: 'remote', option: OPTIONS.ECHO, name: 'ECHO' },
          { side: 'local', option: OPTIONS.NAWS, name: 'NAWS' },
        ],
      },
    ]);
  });

  it('has the octet of SE doubled', () => {
    const inUse = [240, 255, 1].map((option) => ({ side: 'local', option }) as const);
    const data = formatStatus(inUse);
    same(data, octets(0, 251, 240, 240, 251, 255, 251, 1));
    expect(parseStatus(data)).to.deep.equal(inUse.map(({ option }) => ({ side: 'remote', option })));
  });

  it('passes over subnegotiations in it', () => {
    const data = octets(0, 251, 24, 250, 24, 0, 'x', 240, 240, 251, 240, 253, 31, 250, 31, 240);
    expect(parseStatus(data)).to.deep.equal([
      { side: 'remote', option: 24 },
      { side: 'local', option: 31 },
    ]);
  });

  for (const data of [octets(0, 251), octets(0, 252, 1), octets(0, 'WILL ECHO'), octets(2, 251, 1), octets()]) {
    it(`is not read from ${data.toString('hex') || 'nothing'}`, () => {
      const { events } = hears(() => End.client({ status: true }), wills('WILL', 'STATUS'), sub('STATUS', data));
      expect(events).to.deep.equal([]);
    });
  }
});
