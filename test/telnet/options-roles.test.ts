import { expect } from 'chai';
import type { TelnetEvent } from '../../lib/telnet/events.ts';
import { OPTIONS, type OptionName } from '../../lib/telnet/names.ts';
import { End, hears, octets, same, speak, sub, wills } from './option-end.ts';

const names = Object.keys(OPTIONS).filter((name): name is OptionName => name in OPTIONS);

/** What an end agrees to when the peer asks for everything (DO), or offers it (WILL). */
function agreed(make: () => End, verb: 'DO' | 'WILL'): OptionName[] {
  return names.filter((name) => {
    const end = make();
    end.receive(wills(verb, name));
    return end
      .said()
      .subarray(0, 3)
      .equals(wills(verb === 'DO' ? 'WILL' : 'DO', name));
  });
}

describe('What a client agrees to', () => {
  it('is little, unless the settings say more (telnet-s14, telnet-s15)', () => {
    expect(agreed(() => End.client(), 'DO')).to.deep.equal(['BINARY', 'SGA', 'TTYPE', 'CHARSET']);
    expect(agreed(() => End.client(), 'WILL')).to.deep.equal(['BINARY', 'ECHO', 'SGA', 'EOR', 'CHARSET', 'MSSP']);
  });

  it('is what the settings speak of', () => {
    const settings = {
      ...{ columns: 80, rows: 24, env: { LANG: 'C' }, speed: 9600, display: ':0' },
      ...{ status: true, compress: true, gmcp: true },
    };
    expect(agreed(() => End.client(settings), 'DO')).to.deep.equal([
      ...['BINARY', 'SGA', 'STATUS', 'TTYPE', 'NAWS', 'TSPEED', 'XDISPLOC', 'NEW_ENVIRON', 'CHARSET'],
    ]);
    expect(agreed(() => End.client(settings), 'WILL')).to.deep.equal([
      ...['BINARY', 'ECHO', 'SGA', 'STATUS', 'EOR', 'CHARSET', 'MSSP', 'MCCP2', 'MCCP3', 'GMCP'],
    ]);
  });

  it('is never LINEMODE, whose lists of characters made holes (telnet-s14)', () => {
    const slc = sub('LINEMODE', 3, ...Array(300).fill([1, 2, 3]).flat());
    same(
      hears(() => End.client(), wills('DO', 'LINEMODE'), slc.subarray(0, 60), sub('LINEMODE', 1, 1)).said.subarray(
        0,
        3,
      ),
      wills('WONT', 'LINEMODE'),
    );
  });

  it('is not asked for before the server has spoken', () => {
    const client = End.client({ columns: 80, env: { LANG: 'C' } });
    client.machine.begin();
    same(client.said());
  });
});

describe('Subnegotiations that are malformed', () => {
  const settings = {
    ...{ columns: 80, rows: 24, env: { LANG: 'C' }, speed: 9600, display: ':0' },
    ...{ status: true, gmcp: true },
  };
  const every = names.filter((name) => name !== 'MCCP2' && name !== 'MCCP3');

  it('are ignored: empty ones, and those of the option alone (telnet-s10, telnet-s11, telnet-s12, telnet-s13)', () => {
    const { text } = hears(
      () => {
        const client = End.client(settings);
        for (const name of every) client.receive(octets(wills('DO', name), wills('WILL', name)));
        client.said();
        client.events.length = 0;
        return client;
      },
      octets(0xff, 0xfa, 0xff, 0xf0),
      ...every.map((name) => sub(name)),
      octets(0xff, 0xfa, 24, 1, 0xff, 0x41, 0x42, 0xff, 0xf0),
      octets('done'),
    );
    expect(text.endsWith('done')).to.equal(true);
  });

  it('never make an option throw, whatever is in them', () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    for (const make of [() => End.client(settings), () => End.server({ mssp: { A: 'b' }, gmcp: true })]) {
      for (let i = 0; i < 300; i++) {
        const end = make();
        const [name] = every.slice(random(every.length));
        if (!name) continue;
        const data = Array.from({ length: random(40) }, () => (random(2) ? random(6) : random(256)));
        end.receive(octets(wills('DO', name), wills('WILL', name)));
        end.receive(octets(sub(name, ...data), 'x'));
        expect(end.text).to.equal('x');
      }
    }
  });
});

describe('What a server asks for and offers', () => {
  const begun = (...settings: Parameters<typeof End.server>): Buffer => {
    const server = End.server(...settings);
    server.machine.begin();
    return server.said();
  };
  /** In the order of what is said. */
  const parts = (said: Buffer): string[] => {
    const all = said.toString('hex').match(/.{6}/g) ?? [];
    return all.sort();
  };
  const expected = (asks: readonly OptionName[], offers: readonly OptionName[]): string[] =>
    [...asks.map((name) => wills('DO', name)), ...offers.map((name) => wills('WILL', name))]
      .map((each) => each.toString('hex'))
      .sort();

  it('is what can be known of a client, unless it is told otherwise', () => {
    const asks = ['TTYPE', 'NAWS', 'NEW_ENVIRON', 'TSPEED', 'XDISPLOC'] as const;
    expect(parts(begun())).to.deep.equal(expected(asks, ['SGA', 'CHARSET']));
    expect(parts(begun({ mssp: { NAME: 'x' }, gmcp: true, compress: true }))).to.deep.equal(
      expected(asks, ['SGA', 'CHARSET', 'MSSP', 'GMCP', 'MCCP2', 'MCCP3']),
    );
  });

  it('is a script of anything, even of what nobody here does', () => {
    const asks = ['TTYPE', 'LFLOW', 'LINEMODE', 'BINARY', 'ENCRYPT'] as const;
    const offers = ['ECHO', 'SGA', 'STATUS', 'BINARY', 'AUTHENTICATION'] as const;
    expect(parts(begun({ asks, offers }))).to.deep.equal(expected(asks, offers));
    expect(begun({ asks: [], offers: [] })).to.have.length(0);
  });

  it('is heard of as it comes, where it has no meaning here', () => {
    const { events } = hears(
      () => End.server({ asks: ['LINEMODE'], offers: [] }),
      wills('WILL', 'LINEMODE'),
      sub('LINEMODE', 1, 2),
    );
    const event: TelnetEvent = { type: 'subnegotiation', option: 34, name: 'LINEMODE', data: octets(1, 2) };
    expect(events).to.deep.equal([event]);
  });

  it('is not all that it agrees to, when a client begins', () => {
    const quiet = () => End.server({ asks: [], offers: [] });
    expect(agreed(quiet, 'DO')).to.deep.equal(['BINARY', 'ECHO', 'SGA', 'STATUS', 'TM', 'EOR', 'CHARSET']);
    expect(agreed(quiet, 'WILL')).to.deep.equal([
      ...['BINARY', 'SGA', 'STATUS', 'TTYPE', 'NAWS', 'TSPEED', 'XDISPLOC', 'NEW_ENVIRON', 'CHARSET'],
    ]);
    const game = () => End.server({ asks: [], offers: [], mssp: { NAME: 'x' }, gmcp: true, compress: true });
    expect(agreed(game, 'DO')).to.include.members(['MSSP', 'GMCP', 'MCCP2', 'MCCP3']);
    const curt = () => End.server({ asks: [], offers: [], agrees: ['TTYPE', 'ECHO'] });
    expect(agreed(curt, 'DO')).to.deep.equal(['ECHO']);
    expect(agreed(curt, 'WILL')).to.deep.equal(['TTYPE']);
  });

  it('is agreed upon with a client of ours in a few words', () => {
    const client = End.client({ columns: 80, rows: 24, terminal: 'xterm', env: { LANG: 'C' } });
    const server = End.server({ offers: ['ECHO', 'SGA', 'CHARSET', 'STATUS'] });
    server.machine.begin();
    speak(client, server);
    expect(server.events.map(({ type }) => type)).to.have.members([
      ...['charset', 'environment', 'terminal-type', 'terminal-type', 'window-size'],
    ]);
    expect(server.machine.enabled('local', OPTIONS.ECHO)).to.equal(true);
    expect(server.machine.enabled('local', OPTIONS.STATUS)).to.equal(false);
  });
});
