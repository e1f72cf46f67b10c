import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { telnet } from '../../lib/telnet/index.ts';
import { OPTIONS } from '../../lib/telnet/names.ts';
import { rejection } from '../helpers.ts';
import { talk, withServer, withSocket } from './talk.ts';

describe('a Telnet dialogue: writing', () => {
  it('writes line ends as CR LF, a lone CR as CR NUL, and IAC twice', async () => {
    await talk(
      String.raw`
      C| a\r\nb\r\nc\r\0d\r\0
      C| \r\nline\r\n\xff\xff\r\0\n\xff\xff`,
      async (dialogue) => {
        await dialogue.write('a\nb\r\nc\rd\r');
        await dialogue.write('\n');
        await dialogue.writeLine('line');
        await dialogue.writeBytes(Buffer.from('ff0d', 'hex'));
        await dialogue.writeBytes(Buffer.from('0aff', 'hex'));
      },
    );
  });

  it('writes in BINARY what it is given', async () => {
    await talk(
      String.raw`
      S| \xff\xfd\x00?
      C| \xff\xfb\x00a\nb\rc\xff\xff`,
      async (dialogue) => {
        await dialogue.waitFor('?');
        await dialogue.write('a\nb\rcÿ');
      },
      { charset: 'latin1' },
    );
  });

  it('refuses what the character set does not have, before anything is sent (telnet-i10)', async () => {
    for (const [charset, text] of [
      ['latin1', 'x\u01ff\u010dy'],
      ['us-ascii', 'é'],
      ['cp437', 'a€'],
      ['utf-8', 'half \ud83d'],
    ] as const) {
      await talk(
        'C: fine',
        async (dialogue) => {
          for (const write of [dialogue.write(text), dialogue.write(new Secret(text)), dialogue.writeLine(text)]) {
            const error = await rejection(write);
            expect(error, charset).to.be.an.instanceOf(UsageError).and.include({ outcome: 'none' });
            expect(String(error)).to.not.include(text);
          }
          await dialogue.writeLine('fine');
        },
        { charset },
      );
    }
  });

  it('refuses CR, LF and NUL in a line', async () => {
    await talk('C: fine', async (dialogue) => {
      for (const evil of ['a\rb', 'a\nb', 'a\0b', 'a\r\n']) {
        expect(await rejection(dialogue.writeLine(evil))).to.be.an.instanceOf(UsageError);
        expect(await rejection(dialogue.writeLine(new Secret(evil)))).to.be.an.instanceOf(UsageError);
      }
      await dialogue.writeLine('fine');
    });
  });

  it('writes and reads in the character set it is told, a character at a time', async () => {
    await talk(
      String.raw`
      C| \x81\x82\r\n
      S| \xb3\xdb`,
      async (dialogue) => {
        expect(dialogue.charset).to.equal('cp437');
        await dialogue.writeLine('üé');
        expect(await dialogue.readToEnd()).to.equal('│█');
      },
      { charset: 'cp437' },
    );
    // it is found before there is a connection
    expect(await rejection(telnet.open('telnet://127.0.0.1:1', { charset: 'no-such' }))).to.be.an.instanceOf(
      UsageError,
    );
  });

  it('changes to the character set that the peer agrees to, from the next octet on (RFC 2066)', async () => {
    const heard = await talk(
      String.raw`
      S| \xff\xfd\x2a
      S| caf\xc3\xa9 
      C| \xff\xfb\x2a\xff\xfa\x2a\x01;UTF-8\xff\xf0
      S| \xff\xfa\x2a\x03\xff\xf0\xff\xfb\x2a\xff\xfa\x2a\x01;KOI8-R\xff\xf0\xd4\xc5\xd3\xd4?
      C| \xff\xfd\x2a\xff\xfa\x2a\x02KOI8-R\xff\xf0\xc4\xc1\r\n`,
      async (dialogue) => {
        const { text } = await dialogue.waitFor('?');
        await dialogue.writeLine('да');
        expect(dialogue.charset).to.equal('KOI8-R');
        return text;
      },
    );
    expect(heard).to.equal('café тест?');
  });

  it('sends commands, options and windows, and nothing that is none', async () => {
    await talk(
      String.raw`
      C| \xff\xf6\xff\xf3\xff\xfd\x01
      S| \xff\xfd\x1f.
      C| \xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0
      C| \xff\xfa\x1f\x01\x00\x00\x32\xff\xf0`,
      async (dialogue) => {
        await dialogue.command('AYT');
        await dialogue.commands.get('brk')?.send();
        dialogue.request('remote', OPTIONS.ECHO, true);
        await dialogue.waitFor('.');
        dialogue.resize(256, 50);
        expect(() => dialogue.resize(-1, 0)).to.throw(UsageError);
        expect(() => dialogue.gmcp('Core.Ping')).to.throw(UsageError, 'GMCP');
        expect(dialogue.options).to.deep.equal([{ side: 'local', option: OPTIONS.NAWS, name: 'NAWS' }]);
        expect(dialogue.status()).to.include('here: NAWS').and.include('there: nothing');
      },
      { columns: 80, rows: 24 },
    );
  });

  it('waits until the peer has dealt with everything (RFC 860), and keeps the text before', async () => {
    await talk(
      String.raw`
      C| work\r\n\xff\xfd\x06
      S| done\xff\xfb\x06
      C| \xff\xfd\x06
      S| \xff\xfc\x06more`,
      async (dialogue) => {
        await dialogue.writeLine('work');
        await dialogue.timingMark();
        expect(dialogue.available()).to.equal('done');
        await dialogue.timingMark();
        expect(await dialogue.readToEnd()).to.equal('more');
        expect(await rejection(dialogue.timingMark())).to.be.an.instanceOf(ConnectionError);
      },
    );
  });

  it('ends a write with the reason of its signal, and takes its listeners off', async () => {
    await withSocket(
      (socket) => void socket.pause(),
      async (url) => {
        await using dialogue = await telnet.open(url, { timeouts: { close: 50 } });
        const reason = new Error('enough');
        expect(await rejection(dialogue.write('x', { signal: AbortSignal.abort(reason) }))).to.equal(reason);
        const controller = new AbortController();
        const { signal } = controller;
        await dialogue.writeLine('x', { signal });
        const writing = rejection(dialogue.writeBytes(Buffer.alloc(32 * 2 ** 20), { signal }));
        controller.abort(reason);
        expect(await writing).to.equal(reason);
        expect(getEventListeners(signal, 'abort')).to.have.length(0);
      },
    );
  });

  it('ends what it writes, and reads on', async () => {
    await talk(
      `
      C: last
      S: bye`,
      async (dialogue) => {
        await dialogue.writeLine('last');
        await dialogue.end();
        expect(await rejection(dialogue.write('more'))).to.be.an.instanceOf(UsageError);
        expect(await dialogue.readToEnd()).to.equal('bye\r\n');
      },
    );
  });

  it('is a stream of octets, if that is wanted', async () => {
    await talk(
      String.raw`
      S| \xff\xfb\x01ab
      C| \xff\xfd\x01x\xff\xff\r
      C| \ny\r\0z
      S| c\xff\xffd\r\0`,
      async (dialogue) => {
        await dialogue.waitFor('a');
        const stream = dialogue.duplex();
        expect(await rejection(dialogue.read())).to.be.an.instanceOf(UsageError);
        stream.write(Buffer.from('x\xff\r', 'latin1'));
        stream.write('\ny\rz');
        const parts: Buffer[] = [];
        for await (const part of stream) parts.push(part);
        expect(Buffer.concat(parts).toString('hex')).to.equal('6263ff640d');
      },
    );
  });

  it('shows in transcripts neither a Secret, nor what is typed while the peer echoes or has asked for a password', async () => {
    const transcript = new Transcript();
    await talk(
      String.raw`
      S| login: 
      C: joe
      S| Password: 
      C: hunter2
      S: you said hunter2
      C: open
      S| \xff\xfb\x01\r\n$ 
      C| \xff\xfd\x01hidden\r\n
      S| bye`,
      async (dialogue) => {
        await dialogue.waitFor('login: ');
        await dialogue.writeLine('joe');
        await dialogue.waitFor('Password: ');
        expect(dialogue.terminal.password).to.equal(true);
        await dialogue.writeLine(new Secret('hunter2'));
        await dialogue.readLine();
        await dialogue.writeLine('open');
        await dialogue.waitFor('$ ');
        await dialogue.writeLine('hidden');
        await dialogue.readToEnd();
      },
      { transcript },
    );
    expect(
      String(transcript)
        .split('\n')
        .filter((line) => !line.startsWith('*')),
    ).to.deep.equal([
      ...['S: login: ', 'C: joe', 'S: Password: ', 'C: ***', 'S: you said ***', 'C: open', 'S: ', 'S: $ ', 'C: ***'],
      'S: bye',
    ]);
  });

  it('tells the terminal what the peer expects, before the text behind it is read (telnet-s32)', async () => {
    await talk(
      String.raw`
      S| \xff\xfb\x01\xff\xfb\x03shell$ 
      C| \xff\xfd\x01\xff\xfd\x03su\r\n
      S| \xff\xfc\x01Password: 
      C| \xff\xfe\x01secret\r\n
      S| ok`,
      async (dialogue) => {
        const told: unknown[] = [];
        dialogue.onTerminal = ({ echo, characters, password }) => told.push([echo, characters, password]);
        await dialogue.waitFor('$ ');
        expect(dialogue.terminal).to.deep.equal({ echo: true, characters: true, password: false });
        await dialogue.writeLine('su');
        await dialogue.waitFor('Password:');
        expect(dialogue.terminal).to.deep.equal({ echo: false, characters: true, password: true });
        await dialogue.writeLine('secret');
        expect(told).to.deep.equal([
          [true, false, false],
          [true, true, false],
          [false, true, false],
          [false, true, true],
          [false, true, false],
        ]);
      },
    );
  });

  it('is closed with its client', async () => {
    await withServer('S: hello', async (client) => {
      const dialogue = await client.open();
      await client.close();
      expect(await rejection(dialogue.read())).to.be.an.instanceOf(ConnectionError);
      await dialogue.close();
    });
  });
});
