import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { OPTIONS } from '../../lib/telnet/names.ts';
import type { TelnetOption } from '../../lib/telnet/option.ts';
import { everyCut } from '../helpers.ts';
import { End, Known } from './machine-end.ts';
import { octets } from './octets.ts';

describe('One end of a Telnet connection', () => {
  it('agrees to what it knows, refuses the rest, and gives the text (telnet-g01)', () => {
    const asked = Buffer.from('fffd18fffd20fffd23fffd27fffd1ffffb03fffb01', 'hex');
    for (const chunks of everyCut(Buffer.concat([asked, Buffer.from('login: ')]))) {
      const end = new End([
        new Known(OPTIONS.TTYPE, 'local'),
        new Known(OPTIONS.SGA, 'remote'),
        new Known(1, 'remote'),
      ]);
      for (const chunk of chunks) end.hear(chunk);
      expect(end.said()).to.deep.equal([
        ...['WILL TTYPE', 'WONT TSPEED', 'WONT XDISPLOC', 'WONT NEW_ENVIRON', 'WONT NAWS', 'DO SGA', 'DO ECHO'],
      ]);
      expect(end.text).to.equal('login: ');
    }
  });

  it('says all that one arrival asks for in one piece', () => {
    const end = new End([new Known(OPTIONS.TTYPE, 'local')]);
    end.hear(octets('IAC', 'DO', 'TTYPE', '"a"', 'IAC', 'DO', 'TSPEED', 'IAC', 'WILL', 'SGA'));
    expect(end.written).to.have.length(1);
    end.hear(octets('"text"'));
    expect(end.written).to.have.length(1);
  });

  it('says what it has to say before text that is written meanwhile', () => {
    const written: string[] = [];
    const option: TelnetOption = {
      code: OPTIONS.BINARY,
      local: true,
      changed: () => void written.push(end.machine.encode(Buffer.from('\r')).toString('hex')),
    };
    const end: End = new End([option], { write: (octets) => void written.push(octets.toString('hex')) });
    end.hear(octets('IAC', 'DO', 'BINARY'));
    expect(written).to.deep.equal(['fffb00', '0d']);
  });

  it('asks for what its options ask for, in one piece, and not again', () => {
    const asks: TelnetOption[] = [
      { code: OPTIONS.TTYPE, remote: true, asks: 'remote' },
      { code: OPTIONS.SGA, local: true, remote: true, asks: 'both' },
      { code: OPTIONS.ECHO, local: true, asks: 'local' },
      { code: OPTIONS.NAWS, remote: true },
    ];
    const end = new End(asks);
    end.machine.begin();
    expect(end.written).to.have.length(1);
    expect(end.said()).to.deep.equal(['DO TTYPE', 'WILL SGA', 'DO SGA', 'WILL ECHO']);
    end.machine.begin();
    end.machine.request('remote', OPTIONS.TTYPE, true);
    end.hear(octets('IAC', 'WILL', 'TTYPE', 'IAC', 'DO', 'SGA', 'IAC', 'DONT', 'ECHO'));
    expect(end.said()).to.deep.equal([]);
    expect(end.machine.inUse()).to.deep.equal([
      { side: 'local', option: OPTIONS.SGA },
      { side: 'remote', option: OPTIONS.TTYPE },
    ]);
  });

  it('tells its options and whoever listens of what both ends agreed on', () => {
    const ttype = new Known(OPTIONS.TTYPE, 'local');
    const end = new End([ttype]);
    end.hear(
      octets('IAC', 'DO', 'TTYPE', 'IAC', 'DO', 'TTYPE', 'IAC', 'SB', 'TTYPE', 1, 'IAC', 'SE', 'IAC', 'DONT', 'TTYPE'),
    );
    expect(end.said()).to.deep.equal(['WILL TTYPE', 'WONT TTYPE']);
    expect(ttype.told).to.deep.equal(['local true', '\x01', 'local false']);
    expect(end.events).to.deep.equal([
      { type: 'option', side: 'local', option: 24, name: 'TTYPE', enabled: true },
      { type: 'option', side: 'local', option: 24, name: 'TTYPE', enabled: false },
    ]);
  });

  it('asks first whoever may say what is agreed to', () => {
    const asked: string[] = [];
    const accept = (side: string, option: number) => {
      asked.push(`${side} ${option}`);
      return option === 1 ? undefined : option === OPTIONS.LINEMODE;
    };
    const end = new End([new Known(OPTIONS.SGA, 'remote'), new Known(OPTIONS.ECHO, 'remote')], { accept });
    end.hear(octets('IAC', 'DO', 'LINEMODE', 'IAC', 'WILL', 'SGA', 'IAC', 'WILL', 'ECHO', 'IAC', 'DO', 'ECHO'));
    expect(end.said()).to.deep.equal(['WILL LINEMODE', 'DONT SGA', 'DO ECHO', 'WONT ECHO']);
    expect(asked).to.deep.equal(['local 34', 'remote 3', 'remote 1', 'local 1']);
  });

  it('drops subnegotiations of what is not in use, and tells of those that nobody does anything with', () => {
    const ttype = new Known(OPTIONS.TTYPE, 'local');
    const end = new End([ttype, { code: OPTIONS.MSSP, remote: true }], {
      accept: (_, option) => option === 90 || undefined,
    });
    end.hear(octets('IAC', 'SB', 'TTYPE', 1, 'IAC', 'SE', 'IAC', 'SB', 'MSP', '"x"', 'IAC', 'SE', '"a"'));
    expect(ttype.told).to.deep.equal([]);
    expect(end.events).to.deep.equal([]);
    end.hear(octets('IAC', 'WILL', 'MSP', 'IAC', 'WILL', 'MSSP', 'IAC', 'SB', 'MSP', '"x"', 'IAC', 'IAC', 'IAC', 'SE'));
    end.hear(octets('IAC', 'SB', 'MSSP', '"y"', 'IAC', 'SE', '"b"'));
    expect(end.events.slice(2)).to.deep.equal([
      { type: 'subnegotiation', option: 90, name: 'MSP', data: Buffer.from('x\xff', 'latin1') },
      { type: 'subnegotiation', option: 70, name: 'MSSP', data: Buffer.from('y') },
    ]);
    expect(end.text).to.equal('ab');
  });

  it('tells of commands, and sends them', () => {
    const end = new End();
    end.hear(octets('"prompt> "', 'IAC', 'GA', 'IAC', 7, 'IAC', 'EOR'));
    expect(end.events).to.deep.equal([
      { type: 'command', command: 249, name: 'GA' },
      { type: 'command', command: 7, name: '0x07' },
      { type: 'command', command: 239, name: 'EOR' },
    ]);
    end.machine.command(246);
    expect(end.said()).to.deep.equal(['AYT']);
    expect(() => end.machine.command(255)).to.throw(UsageError);
  });

  it('decodes and encodes in BINARY from the moment at which both have agreed (RFC 856, telnet-s33)', () => {
    const wire = octets('"a\r\0"', 'IAC', 'WILL', 'BINARY', '"b\r\0"', 'IAC', 'WONT', 'BINARY', '"c\r\0"');
    for (const chunks of everyCut(wire)) {
      const end = new End([new Known(OPTIONS.BINARY, 'local remote')]);
      for (const chunk of chunks) end.hear(chunk);
      expect(end.text).to.equal('a\rb\r\0c\r');
      expect(end.said()).to.deep.equal(['DO BINARY', 'DONT BINARY']);
    }
    const end = new End([new Known(OPTIONS.BINARY, 'local remote')]);
    const encoded = (): string => end.machine.encode(Buffer.from('\r\xff', 'latin1')).toString('hex');
    end.machine.request('local', OPTIONS.BINARY, true);
    expect(encoded()).to.equal('0d00ffff');
    end.hear(octets('IAC', 'DO', 'BINARY'));
    expect(encoded()).to.equal('0dffff');
    end.machine.request('local', OPTIONS.BINARY, false);
    expect(encoded()).to.equal('0d00ffff');
  });

  it('reads BINARY until the peer says that it has stopped', () => {
    const end = new End([new Known(OPTIONS.BINARY, 'remote')]);
    end.hear(octets('IAC', 'WILL', 'BINARY'));
    end.machine.request('remote', OPTIONS.BINARY, false);
    end.hear(octets('"\r\0"', 'IAC', 'WONT', 'BINARY', '"\r\0"'));
    expect(end.text).to.equal('\r\0\r');
  });

  it('leaves open what a CR is at the end of text that goes on', () => {
    const { machine } = new End();
    expect(machine.encodePart(Buffer.from('a\r')).toString()).to.equal('a\r');
    expect(machine.encodePart(Buffer.from('\nb\r')).toString()).to.equal('\nb\r');
    expect(machine.encode(Buffer.alloc(0)).toString()).to.equal('\0');
  });

  it('stops behind a subnegotiation with which an option says that what follows is compressed', () => {
    const option: TelnetOption = {
      code: OPTIONS.MCCP2,
      remote: true,
      subnegotiated: (_data, port) => port.emit({ type: 'compression', direction: 'in', active: true }),
    };
    const end = new End([option, new Known(OPTIONS.TTYPE, 'local')]);
    const begin = octets('IAC', 'SB', 'MCCP2', 'IAC', 'SE', '"x\x9c"', 'IAC', 'IAC');
    expect(end.hear(begin)).to.equal(begin.length);
    end.hear(octets('IAC', 'WILL', 'MCCP2', 'IAC', 'DO', 'TTYPE'));
    const wire = Buffer.concat([octets('"a"', 'IAC', 'SB', 'TTYPE', 1, 'IAC', 'SE'), begin]);
    expect(end.hear(wire)).to.equal(12);
    expect(end.hear(octets('IAC', 'SB', 'TTYPE', 1, 'IAC', 'SE', '"b"'))).to.equal(7);
    expect(end.text).to.equal('x\x9c\xffab');
  });

  it('has written what comes before compressed octets when it tells of them', () => {
    const order: string[] = [];
    const option: TelnetOption = {
      code: OPTIONS.MCCP2,
      local: true,
      changed(_side, active, port) {
        port.subnegotiate(OPTIONS.MCCP2, Buffer.alloc(0));
        port.emit({ type: 'compression', direction: 'out', active });
        port.subnegotiate(OPTIONS.MSSP, Buffer.of(1));
      },
    };
    const end = new End([option], {
      write: (octets) => void order.push(octets.toString('hex')),
      emit: ({ type }) => void order.push(type),
    });
    end.hear(octets('IAC', 'DO', 'MCCP2'));
    expect(order).to.deep.equal(['option', 'fffb56fffa56fff0', 'compression', 'fffa4601fff0']);
  });

  it('notes what is said, by its names', () => {
    const ttype = { code: OPTIONS.TTYPE, local: true, remote: true };
    const end = new End([ttype]);
    end.hear(octets('IAC', 'DO', 'TTYPE', 'IAC', 'SB', 'TTYPE', 1, 'IAC', 'SE', 'IAC', 'DO', 200, 'IAC', 'NOP'));
    end.machine.subnegotiate(OPTIONS.TTYPE, Buffer.from('\0xterm\x1b[2J', 'latin1'));
    end.machine.subnegotiate(OPTIONS.NEW_ENVIRON, Buffer.from('\0\0PASSWORD\x01hunter2', 'latin1'));
    end.machine.subnegotiate(OPTIONS.NAWS, Buffer.from([0, 80, 0, 24]));
    end.machine.subnegotiate(OPTIONS.MCCP2, Buffer.alloc(0));
    end.machine.command(246);
    end.machine.note('a window size of 3 octets');
    expect(end.notes).to.deep.equal([
      'remote DO TTYPE',
      'local WILL TTYPE',
      'remote SB TTYPE SEND',
      'remote DO 200',
      'local WONT 200',
      'remote NOP',
      'local SB TTYPE IS "xterm\\u001b[2J"',
      'local SB NEW_ENVIRON IS (17 octets)',
      'local SB NAWS (4 octets)',
      'local SB MCCP2',
      'local AYT',
      'remote a window size of 3 octets: ignored',
    ]);
  });
});

describe('A timing mark (RFC 860)', () => {
  const mark = { type: 'timing-mark' };

  it('is put where it was asked for, each time', () => {
    const end = new End([new Known(OPTIONS.TM, 'local remote')]);
    for (let i = 0; i < 3; i++) end.hear(octets('IAC', 'DO', 'TM'));
    end.hear(octets('IAC', 'DONT', 'TM'));
    expect(end.said()).to.deep.equal(['WILL TM', 'WILL TM', 'WILL TM']);
    expect(end.machine.inUse()).to.deep.equal([]);
  });

  it('that nobody puts is refused each time: that is an answer too', () => {
    const end = new End();
    end.hear(octets('IAC', 'DO', 'TM', 'IAC', 'DO', 'TM'));
    expect(end.said()).to.deep.equal(['WONT TM', 'WONT TM']);
  });

  it('of ours is told of when its answer comes, yes or no; what nobody asked for is none', () => {
    const end = new End();
    end.hear(octets('IAC', 'WILL', 'TM', 'IAC', 'WONT', 'TM'));
    expect(end.events).to.deep.equal([]);
    end.machine.request('remote', OPTIONS.TM, true);
    end.machine.request('remote', OPTIONS.TM, true);
    expect(end.said()).to.deep.equal(['DO TM', 'DO TM']);
    end.hear(octets('IAC', 'WILL', 'TM'));
    expect(end.events).to.deep.equal([mark]);
    end.hear(octets('IAC', 'WONT', 'TM', 'IAC', 'WILL', 'TM'));
    expect(end.events).to.deep.equal([mark, mark]);
    expect(end.said()).to.deep.equal([]);
  });

  it('has nothing to be taken back, and is not put unasked', () => {
    const end = new End();
    end.machine.request('remote', OPTIONS.TM, false);
    end.machine.request('local', OPTIONS.TM, true);
    expect(end.written).to.deep.equal([]);
  });
});
