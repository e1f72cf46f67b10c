import type { Socket } from 'node:net';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { expect } from 'chai';
import { ProtocolError } from '../../lib/core/errors.ts';
import { shown } from '../../lib/mock/dialogue.ts';
import type { TelnetEvent } from '../../lib/telnet/events.ts';
import { telnet } from '../../lib/telnet/index.ts';
import { all, everyCut, rejection } from '../helpers.ts';
import { pour, talk, withServer, withSocket } from './talk.ts';

const OFFER = String.raw`\xff\xfb\x56`;
const BEGIN = String.raw`\xff\xfa\x56\xff\xf0`;
const BEGIN_OCTETS = Buffer.from('fffa56fff0', 'hex');

/** As it would be written in a dialogue. */
const packed = (text: string): string => shown(deflateSync(Buffer.from(text, 'latin1')));

describe('a Telnet client: compression', () => {
  it('inflates what comes behind the mark, in the same segment, with options in it (MCCP2)', async () => {
    const events: TelnetEvent[] = [];
    const text = await talk(
      String.raw`
      S| ${OFFER}plain 
      C| \xff\xfd\x56
      S| more ${BEGIN}${packed('packed \xff\xfd\x18and \xff\xff')}
      C| \xff\xfb\x18`,
      (dialogue) => dialogue.readToEnd(),
      { compress: true, charset: 'latin1', onEvent: (event) => events.push(event) },
    );
    expect(text).to.equal('plain more packed and ÿ');
    expect(events.filter(({ type }) => type === 'compression')).to.deep.include({
      ...{ type: 'compression', direction: 'in', active: true },
    });
  });

  it('goes on in the clear behind the end of the compressed data, and may begin again', async () => {
    const said = `${BEGIN}${packed('one ')}two ${BEGIN}${packed('three ')}four`;
    for (const read of ['text', 'octets']) {
      await withServer(
        String.raw`
        S| ${OFFER}
        C| \xff\xfd\x56
        S| ${said}`,
        async (client) => {
          if (read === 'octets') expect(await (await client.fetch('/')).text()).to.equal('one two three four');
          else expect((await all(await client.open())).join('')).to.equal('one two three four');
        },
        { compress: true },
      );
    }
  });

  it('comes to the same wherever the octets are cut', async () => {
    const octets = Buffer.concat([
      Buffer.from('a'),
      BEGIN_OCTETS,
      deflateSync(Buffer.from('b\xff\xffc\r\0d', 'latin1')),
      Buffer.from('e'),
    ]);
    const seen = new Set<string>();
    for (const pieces of everyCut(octets)) {
      seen.add(
        await withSocket(
          (socket) => {
            socket.setNoDelay(true);
            socket.write(Buffer.from('fffb56', 'hex'));
            // behind the agreement each piece when the one before has been written
            socket.once('data', async () => {
              for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
              socket.end();
            });
          },
          async (url) => {
            const resource = await telnet.fetch(url, { compress: true });
            return (await resource.bytes()).toString('latin1');
          },
        ),
      );
    }
    expect([...seen]).to.deep.equal(['ab\xffc\rde']);
  });

  it('reads, writes and waits over a server that compresses in both directions (MCCP2, MCCP3)', async () => {
    await using server = await telnet.mock({ commands: { echo: (_, words) => words.join(' ') } }, { compress: true });
    await using dialogue = await telnet.open(server.url, { compress: true });
    await dialogue.waitFor('$ ');
    for (let i = 0; i < 20; i++) {
      await dialogue.writeLine(`echo ${i} of many`);
      expect((await dialogue.waitFor('$ ')).before).to.include(`\r\n${i} of many\r\n`);
    }
    await dialogue.timingMark();
    expect(dialogue.options.map(({ name }) => name)).to.include.members(['MCCP2', 'MCCP3']);
    await dialogue.end();
    await dialogue.readToEnd();
  });

  it('deflates what it writes behind the mark, and flushes each write (MCCP3)', async () => {
    const octets: Buffer[] = [];
    await withSocket(
      (socket) => {
        socket.write(Buffer.from('fffb57', 'hex'));
        socket.on('data', (chunk) => {
          octets.push(chunk);
          const all = Buffer.concat(octets);
          const at = all.indexOf(Buffer.from('fffa57fff0', 'hex'));
          if (at < 0) return;
          const said = inflateSync(all.subarray(at + 5), { finishFlush: constants.Z_SYNC_FLUSH });
          if (said.includes('end\r\n')) socket.end('heard');
        });
      },
      async (url) => {
        await using dialogue = await telnet.open(url, { compress: true });
        const heard = dialogue.waitFor('heard');
        while (dialogue.options.length === 0) await dialogue.connection.write(Buffer.from('fff1', 'hex')).then(tick);
        await dialogue.writeLine('go');
        await dialogue.writeLine('end');
        expect((await heard).text).to.equal('heard');
      },
    );
    expect(Buffer.concat(octets).subarray(0, 3).toString('hex')).to.match(/^fff/);
  });

  it('ends what it deflates when the server no longer takes it, and goes on in the clear', async () => {
    const parts: Buffer[] = [];
    const end = await withSocket(
      (socket) => {
        socket.write(Buffer.from('fffb57', 'hex'));
        let refused = false;
        socket.on('data', (chunk) => {
          parts.push(chunk);
          if (Buffer.concat(parts).subarray(-5).toString('latin1') === 'two\r\n') socket.end('heard');
          else if (parts.length > 1 && !refused) {
            refused = true;
            socket.write(Buffer.from('fffc57676f', 'hex'));
          }
        });
      },
      async (url) => {
        await using dialogue = await telnet.open(url, { compress: true });
        await rejection(dialogue.waitFor('nothing', { timeout: 30 }));
        await dialogue.writeLine('one');
        await dialogue.waitFor('go');
        expect(dialogue.options).to.deep.equal([]);
        await dialogue.writeLine('two');
        return (await dialogue.waitFor('heard')).text;
      },
    );
    expect(end).to.equal('heard');
    const said = Buffer.concat(parts);
    expect(said.subarray(0, 8).toString('hex')).to.equal('fffd57fffa57fff0');
    const inflated = inflateSync(said.subarray(8, -5));
    expect(inflated.toString('latin1')).to.equal('one\r\n\xff\xfe\x57');
  });

  it('refuses compression that nobody asked for', async () => {
    await talk(
      String.raw`
      S| ${OFFER}\xff\xfb\x57\xff\xfb\x55.
      C| \xff\xfe\x56\xff\xfe\x57\xff\xfe\x55
      S| ${BEGIN}plain`,
      async (dialogue) => expect(await dialogue.readToEnd()).to.equal('.plain'),
    );
  });

  it('fails for what is no zlib stream, for and for compression in compression', async () => {
    const nested = deflateSync(Buffer.concat([BEGIN_OCTETS, Buffer.from('x')]));
    for (const [octets, reason] of [
      [Buffer.from('this is no zlib stream'), 'decode'],
      [nested, 'grammar'],
    ] as const) {
      const error = await rejection(
        withSocket(
          (socket) => {
            socket.write(Buffer.from('fffb56', 'hex'));
            socket.once('data', () => socket.end(Buffer.concat([BEGIN_OCTETS, octets])));
          },
          async (url) => (await telnet.fetch(url, { compress: true })).bytes(),
        ),
      );
      expect(error).to.be.an.instanceOf(ProtocolError).and.include({ reason });
    }
  });

  it('bounds what compressed octets become', async () => {
    const bomb = deflateSync(Buffer.alloc(64 * 2 ** 20));
    const serve = (size: number) => (socket: Socket) => {
      socket.write(Buffer.from('fffb56', 'hex'));
      socket.once('data', () => {
        socket.write(BEGIN_OCTETS);
        pour(socket, bomb.subarray(0, size), 1, () => socket.end());
      });
    };
    const limited = await rejection(
      withSocket(serve(bomb.length), async (url) => {
        await using dialogue = await telnet.open(url, { compress: true });
        await dialogue.waitFor('login: ');
      }),
    );
    expect(limited).to.be.an.instanceOf(ProtocolError).and.include({ reason: 'limit' });
  });
});

async function tick(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
