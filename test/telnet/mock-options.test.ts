import { connect } from 'node:net';
import { constants, createDeflate, createInflate } from 'node:zlib';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import type { TelnetEvent } from '../../lib/telnet/events.ts';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { who } from '../../lib/telnet/server/commands.ts';
import { rejection } from '../helpers.ts';
import { play } from './mock.ts';

const WHO = { commands: { who } };

describe('The options of a Telnet server', () => {
  it('are asked for and offered at the start, with the banner in one piece', async () => {
    const server = await TelnetMockServer.start({ banner: 'Hello.' });
    const socket = connect(server.port, '127.0.0.1');
    const [first] = await new Promise<[Buffer]>((resolve) => socket.once('data', (chunk: Buffer) => resolve([chunk])));
    socket.destroy();
    await server.close();
    const said = server.transcript.lines.filter(({ from }) => from === '*').map(({ text }) => text);
    expect(said.filter((text) => text.startsWith('sent DO')).join()).to.equal(
      ['TTYPE', 'NAWS', 'NEW_ENVIRON', 'TSPEED', 'XDISPLOC'].map((name) => `sent DO ${name}`).join(),
    );
    expect(said.filter((text) => text.startsWith('sent WILL')).sort()).to.deep.equal(
      ['CHARSET', 'ECHO', 'EOR', 'GMCP', 'MCCP2', 'MCCP3', 'MSSP', 'SGA', 'STATUS'].map((name) => `sent WILL ${name}`),
    );
    expect(first.toString('latin1')).to.match(/^\xff\xfd.*Hello\.\r\n\$ $/);
  });

  it('are those of its lists, and no others', async () => {
    await play({}, { asks: ['NAWS'] }, 'S| \\xff\\xfd\\x1f$ ');
    await play({}, { offers: ['SGA', 'BINARY'] }, 'S| \\xff\\xfb\\x03\\xff\\xfb\\x00$ ');
    await play({}, {}, 'S| $ \nC| \\xff\\xfd\\x01\nS| \\xff\\xfc\\x01');
    await play({}, { agrees: ['ECHO'] }, 'S| $ \nC| \\xff\\xfd\\x01\nS| \\xff\\xfb\\x01\nC| x\nS| x');
  });

  it('are offered without compression, or without messages of games, where it is told', async () => {
    const said = await play({}, { offers: undefined, gmcp: false, compress: false }, 'S| \\xff\\xfb');
    expect(`${said.transcript}`)
      .to.include('sent WILL MSSP')
      .and.not.match(/GMCP|MCCP/);
  });

  it('are refused, once each, where nobody does them: LINEMODE, LFLOW, AUTHENTICATION, ENCRYPT, START_TLS, COM-PORT', async () => {
    for (const option of ['\\x22', '\\x21', '\\x25', '\\x26', '\\x2e', '\\x2c']) {
      const both = `C| \\xff\\xfb${option}\\xff\\xfd${option}\nS| \\xff\\xfe${option}\\xff\\xfc${option}\n`;
      await play({}, { agrees: undefined }, `S| $ \n${both}C: x\nS: x: unknown command`);
    }
  });

  it('tell of the client: its terminal, its window, its variables, its speed and its display', async () => {
    const server = await play(
      WHO,
      { asks: ['TTYPE', 'NAWS', 'NEW_ENVIRON', 'TSPEED', 'XDISPLOC'] },
      `
      S| \\xff\\xfd\\x18\\xff\\xfd\\x1f\\xff\\xfd\\x27\\xff\\xfd\\x20\\xff\\xfd\\x23$ 
      C| \\xff\\xfb\\x18
      S| \\xff\\xfa\\x18\\x01\\xff\\xf0
      C| \\xff\\xfa\\x18\\x00xterm\\xff\\xf0
      S| \\xff\\xfa\\x18\\x01\\xff\\xf0
      C| \\xff\\xfa\\x18\\x00xterm\\xff\\xf0
      C| \\xff\\xfb\\x1f\\xff\\xfa\\x1f\\x00\\xff\\xff\\x00\\x18\\xff\\xf0
      C| \\xff\\xfb\\x27
      S| \\xff\\xfa\\x27\\x01\\xff\\xf0
      C| \\xff\\xfa\\x27\\x00\\x00USER\\x01ann\\x03LANG\\x01C\\xff\\xf0
      C| \\xff\\xfb\\x20
      S| \\xff\\xfa\\x20\\x01\\xff\\xf0
      C| \\xff\\xfa\\x20\\x009600,1200\\xff\\xf0
      C| \\xff\\xfb\\x23
      S| \\xff\\xfa\\x23\\x01\\xff\\xf0
      C| \\xff\\xfa\\x23\\x00host:0.0\\xff\\xf0
      C: who
      S~ ^from
      S: terminal   xterm
      S: window     255 x 24
      S: speed      9600, 1200
      S: display    host:0.0
      S: charset    UTF-8
      S: lines end  CR LF
      S~ ^options
      S: USER=      ann
      S: LANG=      C
      S| $ 
      C| \\xff\\xfa\\x1f\\x00\\x50\\x00\\x19\\xff\\xf0
      C: who
      S~ ^from
      S: terminal   xterm
      S: window     80 x 25`,
    );
    expect(`${server.transcript}`).to.include('*: window 255 x 24\n').and.to.include('*: environment USER, LANG\n');
    expect(server.sessions[0]?.client.environment.get('USER')).to.equal('ann');
  });

  it('hide what is typed while it is a secret, where the server does not echo else', async () => {
    await play(
      { users: { a: 'b' } },
      { agrees: ['ECHO'] },
      `
      S| login: 
      C: a
      S| \\xff\\xfb\\x01Password: 
      C| \\xff\\xfd\\x01b\\r\\n
      S| \\r\\n\\xff\\xfc\\x01$ `,
      `
      S| login: 
      C: a
      S| \\xff\\xfb\\x01Password: 
      C| \\xff\\xfe\\x01b\\r\\n
      S| $ `,
    );
  });

  it('hide it without a word, where the server echoes all the time', async () => {
    await play(
      { users: { a: 'b' } },
      { offers: ['ECHO'], agrees: undefined },
      `
      S| \\xff\\xfb\\x01login: 
      C| \\xff\\xfd\\x01a\\r\\n
      S| a\\r\\nPassword: 
      C| b\\r\\n
      S| \\r\\n$ `,
    );
  });

  it('mark the ends of prompts (EOR), say what is in use (STATUS), and answer a timing mark', async () => {
    await play(
      {},
      { offers: ['EOR'], agrees: ['STATUS', 'TM'] },
      `
      S| \\xff\\xfb\\x19$ 
      C| \\xff\\xfd\\x19x\\r\\n
      S| x: unknown command\\r\\n$ \\xff\\xef
      C| \\xff\\xfd\\x05
      S| \\xff\\xfb\\x05
      C| \\xff\\xfa\\x05\\x01\\xff\\xf0
      S| \\xff\\xfa\\x05\\x00\\xfb\\x19\\xfb\\x05\\xff\\xf0
      C| \\xff\\xfd\\x06\\xff\\xfd\\x06
      S| \\xff\\xfb\\x06\\xff\\xfb\\x06`,
    );
  });

  it('agree on a character set, in which both write then, and what it lacks is a question mark', async () => {
    await play(
      { commands: { say: () => 'é█日' }, unknown: (_, __, line) => (line === 'ü' ? 'yes' : `no: ${line}`) },
      { offers: ['CHARSET'], charsets: ['UTF-8', 'CP437'] },
      `
      S| \\xff\\xfb\\x2a$ 
      C: say
      S: é█日
      S| $ 
      C| \\xff\\xfd\\x2a
      S| \\xff\\xfa\\x2a\\x01;UTF-8;CP437\\xff\\xf0
      C| \\xff\\xfa\\x2a\\x02CP437\\xff\\xf0say\\r\\n
      S| \\x82\\xdb?\\r\\n$ 
      C| \\x81\\r\\n
      S| yes\\r\\n$ `,
    );
  });

  it('begin with another character set where it is told', async () => {
    await play(
      { banner: 'é' },
      { charset: 'latin1' },
      'S| \\xe9\\r\\n$ \nC| \\xe9\\r\\nS| \\xe9: unknown command\\r\\n',
    );
  });

  it('bring messages of games, in both directions', async () => {
    const events: TelnetEvent[] = [];
    const server = await play(
      {
        commands: {
          hp: (session) => session.gmcp('Char.Vitals', { hp: 10 }),
        },
      },
      { offers: ['GMCP', 'MSSP'], mssp: { NAME: 'A', PORT: [1, 2] }, onEvent: (event) => void events.push(event) },
      `
      S| \\xff\\xfb\\x46\\xff\\xfb\\xc9$ 
      C| \\xff\\xfd\\x46\\xff\\xfd\\xc9\\xff\\xfaiCore.Ping\\xff\\xf0
      S| \\xff\\xfa\\x46\\x01NAME\\x02A\\x01PORT\\x021\\x022\\xff\\xf0
      C| \\xff\\xfa\\xc9Core.Hello {"client":"x"}\\xff\\xf0hp\\r\\n
      S| \\xff\\xfa\\xc9Char.Vitals {"hp":10}\\xff\\xf0$ `,
    );
    expect(events).to.deep.include({ type: 'gmcp', package: 'Core.Hello', data: { client: 'x' } });
    expect(server.sessions[0]?.options).to.deep.include({ side: 'local', option: 201 });
  });

  it('compress what is said (MCCP2) and what is typed (MCCP3), to the end of the session', async () => {
    await using server = await TelnetMockServer.start(
      { unknown: (_, __, line) => `<${line}>` },
      { asks: [], offers: ['MCCP2', 'MCCP3'] },
    );
    const socket = connect(server.port, '127.0.0.1');
    const came: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => came.push(chunk));
    // what follows our subnegotiation is compressed
    socket.write(Buffer.of(255, 253, 86, 255, 253, 87, 255, 250, 87, 255, 240));
    const deflate = createDeflate({ finishFlush: constants.Z_SYNC_FLUSH });
    deflate.on('data', (chunk: Buffer) => socket.write(chunk));
    deflate.write('one\r\nexit\r\n', () => deflate.flush());
    await new Promise((resolve) => socket.once('end', resolve));
    socket.end();
    const all = Buffer.concat(came);
    const from = all.indexOf(Buffer.of(255, 250, 86, 255, 240)) + 5;
    expect(all.subarray(0, from).toString('latin1')).to.equal('\xff\xfbV\xff\xfbW$ \xff\xfaV\xff\xf0');
    const inflate = createInflate();
    inflate.end(all.subarray(from));
    const parts: Buffer[] = [];
    for await (const part of inflate) parts.push(part);
    expect(Buffer.concat(parts).toString()).to.equal('<one>\r\n$ logout\r\n');
  });

  it('end a session that asks for more answers than anybody needs', async () => {
    const server = await TelnetMockServer.start({});
    const socket = connect(server.port, '127.0.0.1');
    let count = 0;
    socket
      .on('error', () => {})
      .on('data', (chunk: Buffer) => {
        count += chunk.length;
      });
    const flood = Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.of(255, 253, 6)));
    socket.write(flood);
    await new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    expect(count).to.be.lessThan(8192);
  });

  it('that cannot be told to a client are found before there is one', async () => {
    expect(await rejection(TelnetMockServer.start({}, { mssp: { 'A\x01': 'x' } }))).to.be.instanceOf(UsageError);
  });
});
