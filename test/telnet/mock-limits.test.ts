import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { Input } from '../../lib/telnet/server/input.ts';
import { everyCut } from '../helpers.ts';
import { QUIET } from './mock.ts';

const MIB = 1024 * 1024;

/** A few turns in which octets can come and go. */
async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('What is typed, cut anywhere', () => {
  const keysOf = (chunks: readonly Uint8Array[], binary: boolean): string => {
    const input = new Input();
    for (const chunk of chunks) input.push(Buffer.from(chunk).toString('latin1'), binary);
    let keys = '';
    for (let key = input.shift(); key !== undefined; key = input.shift()) keys += key;
    return `${keys} ${input.lineEnd}`;
  };
  const rows: readonly (readonly [text: string, binary: boolean, keys: string])[] = [
    ['a\r\nb\r\n', false, 'a\nb\n CR LF'],
    ['a\nb\n', false, 'a\nb\n LF'],
    ['a\rb\r', false, 'a\nb\n CR NUL'],
    ['a\rb\r', true, 'a\nb\n CR'],
    ['a\r\0b\r\0', true, 'a\nb\n CR NUL'],
    ['a\r\r\n\n\r\0\0\n', true, 'a\n\n\n\n\n LF'],
    ['\n\r\n', false, '\n\n CR LF'],
    ['a\0b\x03\r\nc', false, 'ab\x03\nc CR LF'],
  ];
  for (const [text, binary, keys] of rows) {
    it(`${JSON.stringify(text)}${binary ? ' in BINARY' : ''} is ${JSON.stringify(keys)}`, () => {
      for (const chunks of everyCut(Buffer.from(text, 'latin1'))) expect(keysOf(chunks, binary)).to.equal(keys);
    });
  }
});

describe('A Telnet server keeps little in memory', () => {
  it('of what is typed while a command runs: the rest waits with the client', async () => {
    let stop = (): void => {};
    const wait = new Promise<void>((resolve) => {
      stop = resolve;
    });
    await using server = await TelnetMockServer.start(
      { commands: { wait: () => wait }, unknown: (_, [word]) => `${word?.length}` },
      QUIET,
    );
    const socket = connect(server.port, '127.0.0.1');
    socket.resume().write('wait\r\n');
    await server.waitFor('C: wait');
    const typed = Buffer.from(`${'x'.repeat(8000)}\r\n`);
    for (let i = 0; i < 4_000; i++) socket.write(typed);
    const [session] = server.sessions;
    while ((session?.connection.received ?? 0) < 64 * 1024) await turns(1);
    await turns(200);
    expect(session?.connection.received).to.be.lessThan(2 * MIB);
    stop();
    await server.waitFor('S: 8000');
    socket.destroy();
  });

  it('of what is said to a client that does not listen', async () => {
    let said = 0;
    const endless = async function* (): AsyncGenerator<string> {
      for (;;) {
        said += 64 * 1024;
        yield `${'x'.repeat(64 * 1024 - 1)}\n`;
      }
    };
    await using server = await TelnetMockServer.start({ commands: { endless } }, QUIET);
    const socket = connect(server.port, '127.0.0.1');
    socket.pause().write('endless\r\n');
    await server.waitFor('C: endless');
    await turns(500);
    const [session] = server.sessions;
    expect(session?.connection.stream.writableLength).to.be.lessThan(MIB);
    expect(said).to.be.lessThan(64 * MIB);
    socket.destroy();
  });

  it('of echo: a key that shows much waits until the client has taken it', async () => {
    await using server = await TelnetMockServer.start({}, { ...QUIET, offers: ['ECHO'] });
    const socket = connect(server.port, '127.0.0.1');
    socket.write(Buffer.from([255, 253, 1]));
    socket.write('x'.repeat(8_000));
    await once(socket, 'data');
    // each of these shows 8 000 characters
    socket.pause().write('\x12'.repeat(60_000));
    await turns(500);
    const [session] = server.sessions;
    expect(session?.connection.stream.writableLength).to.be.lessThan(MIB);
    socket.destroy();
  });
});
