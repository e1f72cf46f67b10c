/** Servers that mean harm, or have none: each row of the corpus that a client of text has to survive. */
import { expect } from 'chai';
import { ConnectionError, ProtocolError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { telnet } from '../../lib/telnet/index.ts';
import { rejection } from '../helpers.ts';
import { pour, talk, withSocket } from './talk.ts';

const MIB = 2 ** 20;

/** How much memory a piece of work needs at most beside what was there, in MiB. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return (Math.max(most, process.memoryUsage().rss) - before) / MIB;
}

describe('a Telnet client and hostile servers: floods', function () {
  this.timeout(60_000);

  it('ends a subnegotiation without an end (telnet-s07)', async () => {
    await withSocket(
      (socket) => {
        socket.write(Buffer.from('fffd18', 'hex'));
        socket.write(Buffer.from('fffa18', 'hex'));
        pour(socket, Buffer.alloc(64 * 1024, 'A'), 64 * MIB);
      },
      async (url) => {
        const grown = await growth(async () => {
          const error = await rejection(telnet.fetch(url).then((resource) => resource.bytes()));
          expect(error).to.be.an.instanceOf(ProtocolError).and.include({ reason: 'limit' });
        });
        expect(grown).to.be.lessThan(64);
      },
    );
  });

  it('finds a prompt behind 64 MiB of near matches, in a time that grows with them (telnet-s25)', async () => {
    await withSocket(
      (socket) => {
        const near = Buffer.from('login:\u00a0'.repeat(8192));
        pour(socket, near, 64 * MIB, () => socket.write('login: '));
        socket.once('data', () => socket.end());
      },
      async (url) => {
        for (const what of ['login: ', /login: $/]) {
          const began = performance.now();
          await using dialogue = await telnet.open(url, { maxSize: 80 * MIB });
          const { before } = await dialogue.waitFor(what);
          expect(before.length).to.be.greaterThan(50 * MIB);
          expect(performance.now() - began).to.be.lessThan(15_000);
        }
      },
    );
  });

  it('ends a wait over which too much passes (telnet-s27)', async () => {
    await withSocket(
      (socket) => pour(socket, Buffer.alloc(64 * 1024, 'spam\r\n'), 256 * MIB),
      async (url) => {
        const grown = await growth(async () => {
          await using dialogue = await telnet.open(url);
          const error = await rejection(dialogue.waitFor('login: '));
          expect(error).to.be.an.instanceOf(ProtocolError).and.include({ reason: 'limit' });
          const script = [{ expect: 'login: ' }];
          const late = await rejection((await telnet.fetch(url, { script })).forEachChunk(() => {}));
          expect(late).to.be.an.instanceOf(ProtocolError).and.include({ reason: 'limit' });
        });
        expect(grown).to.be.lessThan(96);
      },
    );
  });

  it('gives a pattern so little that no text makes it slow (telnet-s26)', async () => {
    await withSocket(
      (socket) => pour(socket, Buffer.alloc(64 * 1024, 'login:'), 2 * MIB, () => socket.end('login: x')),
      async (url) => {
        await using dialogue = await telnet.open(url);
        const began = performance.now();
        expect((await dialogue.waitFor(/login: (?:x+x+)?y|login: x$/)).match).to.equal('login: x');
        expect(performance.now() - began).to.be.lessThan(15_000);
      },
    );
  });

  it('ends a session that makes it answer without end (telnet-s36)', async () => {
    let answered = 0;
    await withSocket(
      (socket) => {
        socket.on('data', (chunk) => {
          answered += chunk.length;
        });
        pour(socket, Buffer.from('fffd06'.repeat(4096), 'hex'), 4 * MIB);
      },
      async (url) => {
        const accept = (): boolean => true;
        const error = await rejection(telnet.fetch(url, { accept }).then((resource) => resource.bytes()));
        expect(error).to.be.an.instanceOf(ProtocolError).and.include({ reason: 'limit' });
        expect(answered).to.be.at.most(8192);
      },
    );
  });

  it('fails when the server never reads what is sent (telnet-s31)', async () => {
    await withSocket(
      (socket) => {
        socket.pause();
        socket.write('go\r\n');
      },
      async (url) => {
        const piece = Buffer.alloc(MIB, 'x');
        async function* much(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < 64; i++) yield piece;
        }
        const began = performance.now();
        const error = await rejection(telnet.send(url, much(), { timeouts: { idle: 300, close: 100 }, idle: 100 }));
        expect(error).to.be.an.instanceOf(TimeoutError).and.include({ phase: 'write' });
        expect(performance.now() - began).to.be.lessThan(10_000);
      },
    );
  });
});

describe('a Telnet client and hostile servers: texts and ends', () => {
  it('gives what would control a terminal as it came, and answers none of it (telnet-s22, telnet-s23)', async () => {
    const evil = '\x05\x1b[6n\x1b]0;owned\x07\x1b[2J\x9b31m\x1bP$qm\x1b\\x';
    await withSocket(
      (socket) => {
        socket.write(Buffer.from(evil, 'latin1'));
        socket.on('data', (chunk) => socket.end(`heard ${chunk.toString('hex')}`));
        // what would be answered is answered before this
        setImmediate(() => setImmediate(() => socket.end()));
      },
      async (url) => {
        const text = await (await telnet.open(url, { charset: 'latin1' })).readToEnd();
        expect(text).to.equal(evil);
      },
    );
  });

  it('gives up on a prompt that never comes (telnet-s24)', async () => {
    await withSocket(
      (socket) => socket.write('Password'),
      async (url) => {
        await using dialogue = await telnet.open(url);
        const error = await rejection(dialogue.waitFor('Password: ', { timeout: 50 }));
        expect(error).to.be.an.instanceOf(TimeoutError).and.include({ before: 'Password' });
      },
    );
  });

  it('fails when the connection ends before the prompt, in good order or not (telnet-s28, telnet-s29)', async () => {
    for (const [end, reason] of [
      ['close', 'truncated'],
      ['reset', 'reset'],
    ] as const) {
      await talk(`S| log\n*: ${end}`, async (dialogue) => {
        const error = await rejection(dialogue.waitFor('login: '));
        expect(error).to.be.an.instanceOf(ConnectionError).and.include({ reason });
        // what came is delivered first
        expect(dialogue.available()).to.equal('log');
      });
    }
  });

  it('gives what came before a reset, and then the reset', async () => {
    await talk('S| all of this\n*: reset', async (dialogue) => {
      let text = '';
      const error = await rejection(async () => {
        for await (const piece of dialogue) text += piece;
      });
      expect(text).to.equal('all of this');
      expect(error).to.include({ reason: 'reset' });
    });
  });

  const TEXTS: readonly (readonly [string, string, string])[] = [
    ['the end behind IAC (telnet-s30)', '6162ff', 'ab'],
    ['commands cut in two (telnet-s17, telnet-s18)', '61fffd1862', 'ab'],
    ['commands that mean nothing here (telnet-s21)', 'fff2ffecffedffee646f6e65', 'done'],
    [
      'CR LF with options between, and a CR of BINARY with its NUL (telnet-s33)',
      '610dfffb000a620dfffc000063',
      'a\r\nb\r\0c',
    ],
    ['BINARY, in which CR NUL is two characters (telnet-s34)', 'fffb00610d00fffc00620d0063', 'a\r\0b\rc'],
    ['a character cut in three (telnet-s35)', 'e282ac', '€'],
    ['half of a character at the end', '61e282', 'a\ufffd'],
    ['options and text, one octet at a time (telnet-s37)', 'fffd18616263fffa1801fff0646566', 'abcdef'],
  ];
  for (const [title, octets, text] of TEXTS) {
    it(`understands ${title}, as text and as octets`, async () => {
      const said = Buffer.from(octets, 'hex');
      for (const pieces of [[said], Array.from(said, (octet) => Buffer.of(octet))]) {
        await withSocket(
          async (socket) => {
            socket.setNoDelay(true);
            for (const piece of pieces) await new Promise((resolve) => socket.write(piece, resolve));
            socket.end();
          },
          async (url) => {
            expect(await (await telnet.open(url)).readToEnd()).to.equal(text);
            expect(await (await telnet.fetch(url)).text()).to.equal(text);
          },
        );
      }
    });
  }

  it('lets no control character of a server into a line of its own in a transcript', async () => {
    const transcript = new Transcript();
    await talk(String.raw`S| one\x1b[2J\r\nC: forged\r\n`, (dialogue) => dialogue.readToEnd(), { transcript });
    expect(transcript.lines.filter(({ from }) => from === 'C')).to.deep.equal([]);
  });

  it('refuses line ends in what would be a line, a name or a value (telnet-i07, telnet-i09)', async () => {
    for (const settings of [
      { env: { A: 'b\r\nc' } },
      { env: { 'A\0': 'b' } },
      { terminal: 'xterm\r\nevil' },
      { display: 'host\n:0' },
      { columns: 70_000 },
      { speed: -1 },
    ]) {
      expect(await rejection(telnet.open('telnet://127.0.0.1:1', settings))).to.be.an.instanceOf(UsageError);
    }
  });
});
