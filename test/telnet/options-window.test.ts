import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../lib/core/errors.ts';
import { OPTIONS } from '../../lib/telnet/names.ts';
import { formatSize, parseSize } from '../../lib/telnet/options/window-size.ts';
import { End, hears, octets, same, speak, sub, wills } from './option-end.ts';

describe('The size of the window (NAWS, RFC 1073)', () => {
  it('is told as soon as the server asks for the option', () => {
    const { said } = hears(() => End.client({ columns: 80, rows: 24 }), wills('DO', 'NAWS'));
    expect(said.toString('hex')).to.equal('fffb1f' + 'fffa1f00500018fff0');
  });

  it('has 255 doubled on the wire', () => {
    const { said } = hears(() => End.client({ columns: 255, rows: 65535 }), wills('DO', 'NAWS'));
    expect(said.toString('hex')).to.equal('fffb1f' + 'fffa1f' + '00ffff' + 'ffffffff' + 'fff0');
  });

  it('is refused where there is none', () => {
    same(hears(() => End.client(), wills('DO', 'NAWS')).said, wills('WONT', 'NAWS'));
  });

  it('leaves open what is not given', () => {
    const { said } = hears(() => End.client({ columns: 132 }), wills('DO', 'NAWS'));
    same(said, wills('WILL', 'NAWS'), sub('NAWS', 0, 132, 0, 0));
  });

  it('is told again when it changes, if the server wants to know', () => {
    const client = End.client({ columns: 80, rows: 24 });
    client.options.windowSize.resize(client.machine, 81, 25);
    same(client.said());
    client.receive(wills('DO', 'NAWS'));
    client.options.windowSize.resize(client.machine, 100, 40);
    same(client.said(), wills('WILL', 'NAWS'), sub('NAWS', 0, 81, 0, 25), sub('NAWS', 0, 100, 0, 40));
    client.receive(wills('DONT', 'NAWS'));
    client.options.windowSize.resize(client.machine, 1, 1);
    same(client.said(), wills('WONT', 'NAWS'));
  });

  it('can come later than the connection: then the client offers it', () => {
    const client = End.client();
    const server = End.server({ asks: [], offers: [] });
    client.options.windowSize.resize(client.machine, 120, 50);
    client.machine.request('local', OPTIONS.NAWS, true);
    speak(client, server);
    expect(server.events).to.deep.equal([{ type: 'window-size', columns: 120, rows: 50 }]);
  });

  for (const [columns, rows] of [
    [-1, 24],
    [80, 65536],
    [80.5, 24],
    [Number.NaN, 24],
  ] as const) {
    it(`is not ${columns} by ${rows}`, () => {
      expect(() => End.client({ columns, rows })).to.throw(UsageError, 'from 0 to 65535');
      const client = End.client();
      expect(() => client.options.windowSize.resize(client.machine, columns, rows)).to.throw(UsageError);
    });
  }

  it('comes back as it was', () => {
    const side = fc.integer({ min: 0, max: 65535 });
    fc.assert(
      fc.property(side, side, (columns, rows) => {
        expect(parseSize(formatSize({ columns, rows }))).to.deep.equal({ columns, rows });
      }),
    );
  });
});

describe('A server that asks for the size of windows', () => {
  const server = () => End.server({ asks: ['NAWS'], offers: [] });

  it('is told, and again', () => {
    const { said, events } = hears(server, wills('WILL', 'NAWS'), sub('NAWS', 0, 80, 0, 24), sub('NAWS', 1, 255, 0, 0));
    same(said, wills('DO', 'NAWS'));
    expect(events).to.deep.equal([
      { type: 'window-size', columns: 80, rows: 24 },
      { type: 'window-size', columns: 511, rows: 0 },
    ]);
  });

  for (const data of [octets(), octets(0, 80, 0), octets(0, 80, 0, 24, 0)]) {
    it(`ignores ${data.length} octets`, () => {
      expect(hears(server, wills('WILL', 'NAWS'), sub('NAWS', data)).events).to.deep.equal([]);
    });
  }

  it('is told nothing by who did not agree to it', () => {
    expect(hears(server, sub('NAWS', 0, 80, 0, 24)).events).to.deep.equal([]);
  });
});
