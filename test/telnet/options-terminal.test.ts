import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { formatTerminal, parseTerminal } from '../../lib/telnet/options/terminal-type.ts';
import { End, eventsOf, hears, octets, same, speak, sub, wills } from './option-end.ts';

const SEND = sub('TTYPE', 1);
const is = (name: string): Buffer => sub('TTYPE', 0, name);

describe('What the terminal is (TTYPE, RFC 1091)', () => {
  it('is told when it is asked for, and the last one twice, then the first one again', () => {
    const { said } = hears(
      () => End.client({ terminal: ['xterm-256color', 'VT220'] }),
      wills('DO', 'TTYPE'),
      ...Array(5).fill(SEND),
    );
    const [first, last] = [is('xterm-256color'), is('VT220')];
    same(said, wills('WILL', 'TTYPE'), first, last, last, first, last);
  });

  it('is dumb, unless somebody says otherwise', () => {
    const { said } = hears(() => End.client(), wills('DO', 'TTYPE'), SEND, SEND, SEND);
    same(said, wills('WILL', 'TTYPE'), is('dumb'), is('dumb'), is('dumb'));
  });

  it('is told from the first name on when the option begins anew', () => {
    const again = [wills('DO', 'TTYPE'), SEND];
    const { said } = hears(() => End.client({ terminal: ['a', 'b'] }), ...again, wills('DONT', 'TTYPE'), ...again);
    const answer = [wills('WILL', 'TTYPE'), is('a')];
    same(said, ...answer, wills('WONT', 'TTYPE'), ...answer);
  });

  it('is three names for a game: who asks, which terminal, and what it can do (MTTS)', () => {
    const client = End.client({ terminal: ['NETKIT', 'XTERM', 'MTTS 269'] });
    const server = End.server({ asks: ['TTYPE'], offers: [] });
    server.machine.begin();
    speak(server, client);
    expect(eventsOf(server, 'terminal-type')).to.deep.equal([
      { type: 'terminal-type', types: ['NETKIT'], whole: false },
      { type: 'terminal-type', types: ['NETKIT', 'XTERM'], whole: false },
      { type: 'terminal-type', types: ['NETKIT', 'XTERM', 'MTTS 269'], whole: false },
      { type: 'terminal-type', types: ['NETKIT', 'XTERM', 'MTTS 269'], whole: true },
    ]);
  });

  it('is not told to who has not asked for the option', () => {
    same(hears(() => End.client(), SEND).said);
  });

  it('is told so often only: who asks without end is an error (telnet-s09)', () => {
    const client = End.client();
    const flood = octets(wills('DO', 'TTYPE'), ...Array(100_000).fill(SEND));
    expect(() => client.receive(flood)).to.throw(ProtocolError, 'limit');
    expect(client.said()).to.have.length.below(65536);
  });

  for (const name of ['', 'a'.repeat(41), 'a\xff\xf0b', 'a\r\nb', 'a\0', ' x', 'x ', 'xtérm', '"; ls']) {
    it(`is no ${JSON.stringify(name)} (telnet-i01)`, () => {
      expect(() => End.client({ terminal: name })).to.throw(UsageError, 'name of a terminal');
    });
  }

  it('has names of up to 40 characters', () => {
    same(formatTerminal('x'.repeat(40)), octets(0, 'x'.repeat(40)));
  });
});

describe('A server that asks for terminals', () => {
  const asked = (...names: string[]) =>
    hears(() => End.server({ asks: ['TTYPE'], offers: [] }), wills('WILL', 'TTYPE'), ...names.map(is));

  it('asks until a name comes again', () => {
    const { said, events } = asked('a', 'b', 'B');
    same(said, wills('DO', 'TTYPE'), SEND, SEND, SEND);
    expect(events.at(-1)).to.deep.equal({ type: 'terminal-type', types: ['a', 'b'], whole: true });
  });

  it('asks no more when a client goes in circles instead', () => {
    expect(asked('a', 'b', 'a').events.at(-1)).to.deep.include({ types: ['a', 'b'], whole: true });
  });

  it('asks 32 times at most', () => {
    const server = End.server({ asks: ['TTYPE'], offers: [] });
    server.receive(wills('WILL', 'TTYPE'));
    for (let i = 0; i < 100; i++) server.receive(is(`t${i}`));
    const told = eventsOf(server, 'terminal-type');
    expect(told).to.have.length(32);
    expect(told.at(-1)?.whole).to.equal(true);
    expect(server.said().toString('latin1').split(SEND.toString('latin1'))).to.have.length(33);
  });

  for (const [what, data] of [
    ['nothing', octets()],
    ['IS alone', octets(0)],
    ['too much', octets(0, 'a'.repeat(41))],
    ['a control character', octets(0, 'a\x1b[2J')],
    ['another verb', octets(7, 'a')],
    ['SEND with something behind it', octets(1, 'a')],
  ] as const) {
    it(`ignores ${what}`, () => {
      expect(parseTerminal(data)).to.equal(undefined);
      const { said, events } = hears(
        () => End.server({ asks: ['TTYPE'], offers: [] }),
        wills('WILL', 'TTYPE'),
        sub('TTYPE', data),
        is('after'),
      );
      same(said, wills('DO', 'TTYPE'), SEND, SEND);
      expect(events).to.deep.equal([{ type: 'terminal-type', types: ['after'], whole: false }]);
    });
  }

  it('does not take what it did not ask for', () => {
    expect(asked('a', 'a', 'b').events).to.have.length(2);
  });
});
