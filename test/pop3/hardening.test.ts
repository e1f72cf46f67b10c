import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import type { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { all, rejection } from '../helpers.ts';
import { JOE } from './client-scripted.ts';
import { type Answers, type HostileServer, hostile, pour } from './hardening-server.ts';

/** In octets, beyond what there was before. */
const SOME_MEMORY = 96 * 1024 * 1024;

describe('POP3 against hostile servers', () => {
  const servers: HostileServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  /** Does something with a client of such a server. */
  const at = async <T>(
    answers: Answers,
    work: (client: Pop3Client) => Promise<T>,
    options: ConnectOptions = {},
  ): Promise<T> => {
    const server = await hostile(answers);
    servers.push(server);
    const client = await pop3.connect(server.url, { ...JOE, timeouts: { close: 100 }, ...options });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
  const failure = (answers: Answers, work: (client: Pop3Client) => Promise<unknown>): Promise<unknown> =>
    rejection(at(answers, work));
  const connecting = (greeting: Answers['greeting'] & string): Promise<unknown> =>
    failure({ greeting }, async () => {});

  it('is what it should be where nothing is wrong (pop3-g01)', async () => {
    await at({}, async (client) => {
      expect(await client.stat()).to.deep.equal({ count: 2, size: 320 });
      expect((await all(client.list())).map(({ size, meta }) => [size, meta['uid']])).to.deep.equal([
        [120, 'uid-A'],
        [200, 'uid-B'],
      ]);
      const lines = await all((await client.fetch('/1')).lines());
      expect(lines.slice(-4)).to.deep.equal(['line 1', '.stuffed', '..', 'end']);
    });
  });

  describe('a greeting', () => {
    it('that says no is a reply, temporary where it says so (pop3-s01)', async () => {
      for (const [code, temporary] of [
        ['[SYS/TEMP] ', true],
        ['[IN-USE] ', true],
        ['[LOGIN-DELAY] ', true],
        ['[SYS/PERM] ', false],
        ['', false],
      ] as const) {
        const error = await connecting(`-ERR ${code}later\r\n`);
        expect(error).to.be.instanceOf(ReplyError).and.include({ phase: 'greeting', temporary, protocol: 'pop3' });
      }
    });

    it('of another protocol is nonsense (pop3-s02)', async () => {
      for (const greeting of [
        'HTTP/1.1 400 Bad Request\r\n',
        '220 smtp\r\n',
        '* OK IMAP\r\n',
        'SSH-2.0-x\r\n',
        '\x15\x03\x01\0\x02\r\n',
      ]) {
        expect(await connecting(greeting), greeting)
          .to.be.instanceOf(ProtocolError)
          .with.property('reason', 'grammar');
      }
    });

    it('without an end has one (pop3-s03)', async () => {
      const error = await failure({ greeting: (socket) => pour(socket, 'A', '+OK ') }, async () => {});
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    });

    it('with terminal codes in it is harmless in errors (pop3-s08)', async () => {
      const error = await connecting('-ERR \x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\n');
      expect((error as Error).message).to.match(/^[\x20-\x7e\xa0-\uffff]*$/);
    });

    it('behind which the connection is reset is a loss (pop3-s07)', async () => {
      const error = await failure({ CAPA: (socket) => socket.resetAndDestroy() }, async () => {});
      expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'reset');
    });
  });

  describe('a reply', () => {
    it('is +OK or -ERR exactly (pop3-s44, pop3-s45)', async () => {
      for (const reply of ['*OK 1 1', '+OKAY 1 1', '+ok 1 1', '-ERROR', '+OK\t1 1', ' +OK 1 1', '', '+']) {
        const error = await failure({ STAT: `${reply}\r\n` }, (client) => client.stat());
        expect(error, reply).to.be.instanceOf(ProtocolError);
        expect(error).to.include({ reason: 'grammar', protocol: 'pop3', command: 'STAT', host: '127.0.0.1' });
      }
    });

    it('that comes before it was asked for is none (pop3-s15, pop3-s16)', async () => {
      const unasked = [
        { USER: '+OK\r\n+OK injected\r\n' },
        { greeting: '+OK\r\n-ERR\r\n+OK\r\n+OK\r\n+OK 99 99\r\n' },
        { PASS: '+OK\r\n+OK 99 99\r\n' },
      ];
      for (const answers of unasked) {
        const error = await failure(answers, (client) => client.stat());
        expect(error)
          .to.be.instanceOf(ProtocolError)
          .with.property('message')
          .that.matches(/before it was asked/);
      }
    });

    it('to STAT has two numbers (pop3-s25)', async () => {
      for (const text of ['maildrop has mail', '1', '-1 5', '0x1 2', '1e3 1', '9999999999999999 1', '']) {
        const error = await failure({ STAT: `+OK ${text}\r\n` }, (client) => client.stat());
        expect(error, text).to.be.instanceOf(ProtocolError).and.include({ protocol: 'pop3', command: 'STAT' });
      }
    });

    it('may announce what it likes: nothing is made for it (pop3-s24)', async () => {
      const before = process.memoryUsage().rss;
      await at(
        { STAT: '+OK 999999999999999 1\r\n', RETR: '+OK 999999999999999 octets\r\nx\r\n.\r\n' },
        async (client) => {
          expect(await client.stat()).to.deep.equal({ count: 999_999_999_999_999, size: 1 });
          expect(String(await client.retr(1))).to.equal('x\r\n');
          expect(await (await client.fetch('/1')).text()).to.equal('x\r\n');
        },
      );
      expect(process.memoryUsage().rss - before).to.be.lessThan(SOME_MEMORY);
    });
  });

  describe('a message', () => {
    const body = (text: string): Promise<string> =>
      at({ RETR: `+OK\r\n${text}.\r\n` }, async (client) => {
        const whole = String(await client.retr(1));
        expect(await (await client.fetch('/1')).text()).to.equal(whole);
        expect((await client.stat()).count).to.equal(2);
        return whole;
      });

    it('ends with CRLF . CRLF and nothing else (pop3-s09, pop3-s10)', async () => {
      const forged = 'Subject: x\r\n\r\nbefore\n.\n+OK 0 forged reply\r\nafter\r\n';
      expect(await body(forged)).to.equal(forged);
      for (const inner of ['a\r.\rb\r\n', 'a\r\n.\nb\r\n', 'a\n.\r\nb\r\n']) {
        expect(await body(inner), inner).to.equal(inner.replace(/(^|\r\n)\.(?=[^\r])/g, '$1'));
      }
    });

    it('loses one dot of each line that begins with one (pop3-g02)', async () => {
      expect(await body('\r\n..\r\n...\r\n..x\r\n.y\r\n \r\n')).to.equal('\r\n.\r\n..\r\n.x\r\ny\r\n \r\n');
    });

    it('that is cut is no message (pop3-s11, pop3-s12, pop3-s13)', async () => {
      for (const text of ['Subject: x\r\n\r\npartial\r\n', 'x\r\n.', 'x\r\n.\r', '']) {
        const cut: Answers = { RETR: (socket) => socket.end(`+OK\r\n${text}`) };
        for (const work of [
          (client: Pop3Client) => client.retr(1),
          async (client: Pop3Client) => (await client.fetch('/1')).text(),
          (client: Pop3Client) => client.each([1], () => {}),
          async (client: Pop3Client) => {
            for await (const resource of client.fetchAll()) await resource.text();
          },
        ]) {
          expect(await failure(cut, work), text)
            .to.be.instanceOf(ConnectionError)
            .with.property('reason', 'truncated');
        }
      }
      const reset: Answers = {
        RETR: (socket) => socket.write('+OK\r\n\r\nx\r\n', () => setTimeout(() => socket.resetAndDestroy(), 20)),
      };
      expect(await failure(reset, (client) => client.retr(1))).to.include({ reason: 'reset' });
    });

    it('without an end is not gathered without end (pop3-s17)', async () => {
      const before = process.memoryUsage().rss;
      const endless: Answers = { RETR: (socket) => pour(socket, 'A', '+OK\r\n') };
      for (const work of [
        (client: Pop3Client) => client.retr(1, { max: 1_000_000 }),
        async (client: Pop3Client) => (await client.fetch('/1')).bytes(1_000_000),
        (client: Pop3Client) => client.each([1], () => {}, { max: 1_000_000 }),
      ]) {
        expect(await failure(endless, work))
          .to.be.instanceOf(ProtocolError)
          .with.property('reason', 'limit');
      }
      expect(process.memoryUsage().rss - before).to.be.lessThan(SOME_MEMORY);
    });

    it('is not taken faster than it is read (pop3-s19)', async () => {
      let socket: Socket | undefined;
      const endless: Answers = {
        RETR: (its) => {
          socket = its;
          pour(its, `${'x'.repeat(70)}\r\n`, '+OK\r\n');
        },
      };
      await at(endless, async (client) => {
        const chunks = (await client.fetch('/1'))[Symbol.asyncIterator]();
        await chunks.next();
        // it says no more than the system takes for somebody who does not read
        for (let before = -1; before !== socket?.bytesWritten; await pause(50)) before = socket?.bytesWritten ?? 0;
        expect(socket?.bytesWritten).to.be.lessThan(32 * 1024 * 1024);
        await client.abandon();
      });
    });

    it('that nobody wants is passed over, but not for ever', async () => {
      const endless: Answers = { RETR: (socket) => pour(socket, 'A', '+OK\r\n') };
      await at(endless, async (client) => {
        for await (const _ of await client.fetch('/1')) break;
        expect(await rejection(client.noop()))
          .to.be.instanceOf(ProtocolError)
          .with.property('reason', 'limit');
      });
      await at(endless, async (client) => {
        for await (const _ of client.fetchAll()) break;
        expect(await rejection(client.noop()))
          .to.be.instanceOf(ProtocolError)
          .with.property('reason', 'limit');
      });
    });
  });
});
