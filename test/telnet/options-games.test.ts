import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { OPTIONS } from '../../lib/telnet/names.ts';
import { formatGmcp, parseGmcp } from '../../lib/telnet/options/gmcp.ts';
import { formatMssp, parseMssp } from '../../lib/telnet/options/mssp.ts';
import { End, eventsOf, hears, octets, same, speak, sub, wills } from './option-end.ts';

const gmcp = (text: string): Buffer => sub('GMCP', text);

describe('Messages of a game (GMCP)', () => {
  it('begin with who the client is and what it wants', () => {
    const hello = { client: 'netkit', version: '1.0', supports: ['Char 1', 'Room 1'] };
    same(
      hears(() => End.client({ gmcp: hello }), wills('WILL', 'GMCP')).said,
      wills('DO', 'GMCP'),
      gmcp('Core.Hello {"client":"netkit","version":"1.0"}'),
      gmcp('Core.Supports.Set ["Char 1","Room 1"]'),
    );
    same(hears(() => End.client({ gmcp: true }), wills('WILL', 'GMCP')).said, wills('DO', 'GMCP'));
  });

  it('are refused, unless the settings say otherwise', () => {
    same(hears(() => End.client(), wills('WILL', 'GMCP'), gmcp('Core.Ping')).said, wills('DONT', 'GMCP'));
  });

  const rows: readonly (readonly [text: string, name: string, data: unknown])[] = [
    ['Core.Ping', 'Core.Ping', undefined],
    ['Core.Ping ', 'Core.Ping', undefined],
    ['Char.Vitals {"hp": 10, "name": "Zoë"}', 'Char.Vitals', { hp: 10, name: 'Zoë' }],
    ['Char.Name "a"', 'Char.Name', 'a'],
    ['Room.Num 7', 'Room.Num', 7],
    ['Char.Vitals {"hp": 10', 'Char.Vitals', '{"hp": 10'],
    ['Char.Say \x1b[2Jhi', 'Char.Say', '\ufffd[2Jhi'],
    ['X [1,]', 'X', '[1,]'],
  ];
  for (const [text, name, data] of rows) {
    it(`are read: ${JSON.stringify(text)}`, () => {
      const { events } = hears(() => End.client({ gmcp: true }), wills('WILL', 'GMCP'), gmcp(text));
      expect(events).to.deep.equal([{ type: 'gmcp', package: name, data }]);
    });
  }

  for (const text of ['', ' {}', '{"a": 1}', 'a\nb 1', `${'x'.repeat(129)} 1`]) {
    it(`are not what has no package: ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(parseGmcp(Buffer.from(text))).to.equal(undefined);
    });
  }

  it('change no prototype', () => {
    const message = parseGmcp(Buffer.from('X {"__proto__": {"polluted": true}}'));
    expect(Object.getPrototypeOf(message?.data)).to.equal(Object.prototype);
    expect(Object.hasOwn(Object.prototype, 'polluted')).to.equal(false);
  });

  it('may be deep', () => {
    const { events } = hears(() => {
      const client = End.client({ gmcp: true });
      client.receive(octets(wills('WILL', 'GMCP'), gmcp(`X ${'['.repeat(500)}${']'.repeat(500)}`)));
      return client;
    }, gmcp('Y 1'));
    expect(events).to.have.length(2);
  });

  it('go both ways', () => {
    const [client, server] = [End.client({ gmcp: true }), End.server({ asks: [], gmcp: true })];
    server.machine.begin();
    speak(client, server);
    client.options.gmcp.send(client.machine, 'Core.Ping');
    server.options.gmcp.send(server.machine, 'Char.Vitals', { hp: 1, note: '\u00ff€' });
    speak(client, server);
    expect(eventsOf(server, 'gmcp')).to.deep.equal([{ type: 'gmcp', package: 'Core.Ping', data: undefined }]);
    expect(eventsOf(client, 'gmcp')[0]?.data).to.deep.equal({ hp: 1, note: '\u00ff€' });
  });

  it('are sent only where both take part', () => {
    const client = End.client({ gmcp: true });
    expect(() => client.options.gmcp.send(client.machine, 'Core.Ping')).to.throw(UsageError, 'take part');
  });

  it('are not sent when they cannot be said', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    for (const name of ['', 'a b', 'a\r\nb', 'a\xff\xf0']) expect(() => formatGmcp(name)).to.throw(UsageError);
    for (const data of [circle, 10n, () => 1]) expect(() => formatGmcp('X', data)).to.throw(UsageError, 'JSON');
  });
});

const [VAR, VAL] = [1, 2];

describe('What a game says of itself (MSSP)', () => {
  const mssp = { NAME: 'Netland', PLAYERS: 52, PORT: [23, 4000], 'CRAWL DELAY': '-1' };

  it('is told to whoever asks', () => {
    const { said } = hears(() => End.server({ asks: [], mssp }), wills('DO', 'MSSP'));
    same(
      said,
      wills('WILL', 'MSSP'),
      sub(
        'MSSP',
        VAR,
        'NAME',
        VAL,
        'Netland',
        VAR,
        'PLAYERS',
        VAL,
        '52',
        VAR,
        'PORT',
        VAL,
        '23',
        VAL,
        '4000',
        VAR,
        'CRAWL DELAY',
        VAL,
        '-1',
      ),
    );
  });

  it('is asked for by a client, and read', () => {
    const [client, server] = [End.client(), End.server({ asks: [], mssp })];
    server.machine.begin();
    speak(client, server);
    const [found] = eventsOf(client, 'mssp');
    expect(found?.variables).to.deep.equal(
      new Map([
        ['NAME', ['Netland']],
        ['PLAYERS', ['52']],
        ['PORT', ['23', '4000']],
        ['CRAWL DELAY', ['-1']],
      ]),
    );
  });

  const rows: readonly (readonly [what: string, data: Buffer, found: [string, string[]][] | undefined])[] = [
    ['nothing', octets(), []],
    ['a name without a value', octets(VAR, 'A'), [['A', []]]],
    ['an empty value', octets(VAR, 'A', VAL), [['A', ['']]]],
    [
      'a name that comes again',
      octets(VAR, 'A', VAL, '1', VAR, 'B', VAR, 'A', VAL, '2'),
      [
        ['A', ['1', '2']],
        ['B', []],
      ],
    ],
    ['values of no name', octets(VAR, VAL, 'x', VAR, 'A', VAL, 'y'), [['A', ['y']]]],
    ['a value that is too long', octets(VAR, 'A', VAL, 'x'.repeat(1025), VAL, 'y'), [['A', ['y']]]],
    ['control characters', octets(VAR, '__proto__', VAL, '\x1b[2Jx'), [['__proto__', ['\ufffd[2Jx']]]],
    ['a value at the beginning', octets(VAL, 'x'), undefined],
    ['something else', octets('NAME'), undefined],
  ];
  for (const [what, data, found] of rows) {
    it(`may be ${what}`, () => {
      expect(parseMssp(data)).to.deep.equal(found && new Map(found));
    });
  }

  it('is 256 names at most, and a bounded number of values', () => {
    expect(parseMssp(octets(...Array.from({ length: 900 }, (_, i) => octets(VAR, `v${i}`))))?.size).to.equal(256);
    expect(parseMssp(octets(VAR, 'A', ...Array(4000).fill(VAL)))?.get('A')).to.have.length.below(1025);
  });

  it('comes back as it was', () => {
    const values = { A: ['x', 'ÿ€'], B: '' };
    expect(parseMssp(formatMssp({ ...values, A: ['x', '€'] }))).to.deep.equal(
      new Map([
        ['A', ['x', '€']],
        ['B', ['']],
      ]),
    );
  });

  for (const variables of [
    { 'A\x01': 'x' },
    { A: 'a\x02' },
    { A: '\0' },
    { A: 'x\xff\xf0' },
    { A: 'x'.repeat(1025) },
  ]) {
    it(`is not ${JSON.stringify(variables).slice(0, 24)}`, () => {
      expect(() => End.server({ mssp: variables })).to.throw(UsageError, 'MSSP');
    });
  }
});

describe('The moment at which compression begins (MCCP2, MCCP3)', () => {
  const begun = (direction: 'in' | 'out', active = true) => ({ type: 'compression', direction, active }) as const;

  it('is refused, unless the settings say otherwise (telnet-s15)', () => {
    const { said } = hears(() => End.client(), wills('WILL', 'MCCP1'), wills('WILL', 'MCCP2'), wills('WILL', 'MCCP3'));
    same(said, wills('DONT', 'MCCP1'), wills('DONT', 'MCCP2'), wills('DONT', 'MCCP3'));
  });

  it('is behind the subnegotiation of the server (MCCP2)', () => {
    const client = End.client({ compress: true });
    const compressed = octets('x\x9c');
    const wire = octets(wills('WILL', 'MCCP2'), sub('MCCP2'), compressed);
    expect(client.receive(wire)).to.equal(wire.length - compressed.length);
    expect(client.events).to.deep.equal([begun('in')]);
    same(client.said(), wills('DO', 'MCCP2'));
  });

  it('is behind the subnegotiation of the client, which stands right behind its DO (MCCP3)', () => {
    const { said, events } = hears(() => End.client({ compress: true }), wills('WILL', 'MCCP3'));
    same(said, wills('DO', 'MCCP3'), sub('MCCP3'));
    expect(events).to.deep.equal([begun('out')]);
  });

  it('has everything before it sent already', () => {
    for (const [end, ask, before] of [
      [End.client({ compress: true }), wills('WILL', 'MCCP3'), octets(wills('DO', 'MCCP3'), sub('MCCP3'))],
      [End.server({ compress: true }), wills('DO', 'MCCP2'), octets(wills('WILL', 'MCCP2'), sub('MCCP2'))],
    ] as const) {
      const seen: string[] = [];
      const emit = end.events.push.bind(end.events);
      end.events.push = (...events) => {
        seen.push(end.said().toString('hex'));
        return emit(...events);
      };
      end.receive(ask);
      expect(seen).to.deep.equal([before.toString('hex')]);
    }
  });

  it('ends when the other no longer wants it', () => {
    const { events } = hears(
      () => End.client({ compress: true }),
      ...[wills('WILL', 'MCCP3'), wills('WONT', 'MCCP3'), wills('WONT', 'MCCP3'), wills('WILL', 'MCCP3')],
    );
    expect(events).to.deep.equal([begun('out'), begun('out', false), begun('out')]);
    const server = hears(() => End.server({ compress: true }), wills('DO', 'MCCP2'), wills('DONT', 'MCCP2'));
    expect(server.events).to.deep.equal([begun('out'), begun('out', false)]);
  });

  it('is the same for a server, the other way round', () => {
    const server = End.server({ asks: [], offers: ['MCCP2', 'MCCP3'] });
    server.machine.begin();
    same(server.said(), wills('WILL', 'MCCP2'), wills('WILL', 'MCCP3'));
    const wire = octets(wills('DO', 'MCCP2'), wills('DO', 'MCCP3'), sub('MCCP3'), 'x');
    expect(server.receive(wire)).to.equal(wire.length - 1);
    same(server.said(), sub('MCCP2'));
    expect(server.events).to.deep.equal([begun('out'), begun('in')]);
  });

  it('never comes where the option is not in use', () => {
    const client = End.client({ compress: true });
    const wire = octets(sub('MCCP2'), sub('MCCP3'), 'text');
    expect(client.receive(wire)).to.equal(wire.length);
    expect(client.events).to.deep.equal([]);
    expect(client.machine.enabled('remote', OPTIONS.MCCP2)).to.equal(false);
  });
});
