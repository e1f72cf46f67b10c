import { expect } from 'chai';
import { ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { all, listed, rejection } from '../helpers.ts';
import { BYE, HELLO, IN, inWith, JOE, scripted, serving } from './client-scripted.ts';

describe('the POP3 client', () => {
  it('speaks as the example session of RFC 1939 10', async () => {
    const session = `
      S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
      C: CAPA
      S: -ERR unknown command
      C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
      S: +OK mrose's maildrop has 2 messages (320 octets)
      C: STAT
      S: +OK 2 320
      C: LIST
      S: +OK 2 messages (320 octets)
      S: 1 120
      S: 2 200
      S: .
      C: RETR 1
      S: +OK 120 octets
      S: <the POP3 server sends message 1>
      S: .
      C: DELE 1
      S: +OK message 1 deleted
      C: RETR 2
      S: +OK 200 octets
      S: <the POP3 server sends message 2>
      S: .
      C: DELE 2
      S: +OK message 2 deleted
      C: QUIT
      S: +OK dewey POP3 server signing off (maildrop empty)
    `;
    const login = { user: 'mrose', password: 'tanstaaf', auth: '+APOP' };
    await scripted(
      session,
      async (client) => {
        expect(client.welcome).to.equal('POP3 server ready <1896.697170952@dbc.mtview.ca.us>');
        expect(await client.stat()).to.deep.equal({ count: 2, size: 320 });
        expect([...(await client.listing())]).to.deep.equal([
          [1, 120],
          [2, 200],
        ]);
        for (const number of [1, 2]) {
          expect(String(await client.retr(number))).to.equal(`<the POP3 server sends message ${number}>\r\n`);
          await client.dele(number);
        }
        expect([...client.deleted]).to.deep.equal([1, 2]);
      },
      login,
    );
  });

  it('has a method for every command', async () => {
    const session = `${IN}
      C: NOOP
      S: +OK
      C: LIST 2
      S: +OK 2 200
      C: UIDL 2
      S: +OK 2 QhdPYR:00WBw1Ph7x7
      C: UIDL
      S: +OK
      S: 1 whqtswO00WBw418f9t5JxYwZ
      S: 2 QhdPYR:00WBw1Ph7x7
      S: .
      C: TOP 1 10
      S: +OK
      S: Subject: x
      S:
      S: ..a line
      S: .
      C: DELE 2
      S: +OK
      C: RSET
      S: +OK maildrop has 2 messages (320 octets)
      C: LANG
      S: +OK Language listing follows:
      S: en English
      S: .
      C: LANG de
      S: +OK de Sprache geändert
      C: XTND XMIT
      S: +OK
      C: XLST
      S: +OK
      S: a
      S: .
      ${BYE}`;
    await scripted(session, async (client) => {
      await client.noop();
      expect(await client.sizeOf(2)).to.equal(200);
      expect(await client.uidOf(2)).to.equal('QhdPYR:00WBw1Ph7x7');
      const uids = await client.uidl();
      expect([uids.length, uids.get(1), uids.get(2), uids.get(3)]).to.deep.equal([
        2,
        'whqtswO00WBw418f9t5JxYwZ',
        'QhdPYR:00WBw1Ph7x7',
        undefined,
      ]);
      expect(String(await client.top(1, 10))).to.equal('Subject: x\r\n\r\n.a line\r\n');
      await client.dele(2);
      expect((await client.reset()).text).to.equal('maildrop has 2 messages (320 octets)');
      expect(client.deleted.size).to.equal(0);
      expect(await client.language()).to.deep.equal(['en English']);
      expect((await client.language('de')).text).to.equal('de Sprache geändert');
      expect((await client.command('XTND XMIT')).reply.ok).to.equal(true);
      expect(String((await client.command('XLST', { multiline: true })).octets)).to.equal('a\r\n');
    });
  });

  it('tells what the server can do, in capitals, duplicates together', async () => {
    const session = `${inWith('top', 'UIDL', 'SASL', 'EXPIRE 60', 'expire USER', 'IMPLEMENTATION a b')}${BYE}`;
    await scripted(session, async (client) => {
      expect(Object.fromEntries(client.capabilities)).to.deep.equal({
        ...{ TOP: [], UIDL: [], SASL: [] },
        EXPIRE: ['60', 'USER'],
        IMPLEMENTATION: ['a', 'b'],
      });
    });
  });

  it('reports who is there, before a login too', async () => {
    await scripted(
      `${HELLO}${BYE}`,
      async (client) => {
        expect(await client.check()).to.deep.include({
          secure: false,
          greeting: 'POP3 server ready',
          capabilities: [],
        });
        expect(client.isLoggedIn).to.equal(false);
        expect(await rejection(all(client.list()))).to.be.instanceOf(UsageError);
        expect(await rejection(client.retr(1))).to.be.instanceOf(UsageError);
      },
      {},
    );
    await scripted(`${IN}\nC: STAT\nS: +OK 2 320\n${BYE}`, async (client) => {
      expect(await client.check()).to.include({ messages: 2, octets: 320 });
    });
  });

  it('lists by LIST and UIDL, one after the other where the server has no PIPELINING', async () => {
    const session = `${IN}
      C: LIST
      S: +OK
      S: 1 120
      S: 3 200
      S: .
      C: UIDL
      S: +OK
      S: 1 one
      S: 3 three
      S: .
      ${BYE}`;
    const { entries, complete } = await scripted(session, (client) => listed(client.list()));
    expect(complete).to.equal(true);
    expect(
      entries.map(({ name, path, kind, size, meta }) => ({ name, path, kind, size, meta: { ...meta } })),
    ).to.deep.equal([
      { name: '1', path: '/1', kind: 'item', size: 120, meta: { number: '1', uid: 'one' } },
      { name: '3', path: '/3', kind: 'item', size: 200, meta: { number: '3', uid: 'three' } },
    ]);
  });

  it('says both at once where the server has PIPELINING', async () => {
    const session = `${inWith('UIDL', 'PIPELINING', 'USER')}
      C: LIST
      C: UIDL
      S: +OK
      S: 1 120
      S: .
      S: +OK
      S: 1 one
      S: .
      ${BYE}`;
    expect(await scripted(session, (client) => all(client.list()))).to.have.length(1);
  });

  it('lists without ids where the server has no UIDL', async () => {
    const refused = `${IN}\nC: LIST\nS: +OK\nS: 1 120\nS: .\nC: UIDL\nS: -ERR what?\n${BYE}`;
    const unknown = `${inWith('TOP', 'USER')}\nC: LIST\nS: +OK\nS: 1 120\nS: .\n${BYE}`;
    for (const session of [refused, unknown]) {
      const [entry] = await scripted(session, (client) => all(client.list()));
      expect({ ...entry?.meta }).to.deep.equal({ number: '1' });
    }
  });

  it('fetches by number and by id, asks for the ids once, and knows the size', async () => {
    const session = `${IN}
      C: UIDL
      S: +OK
      S: 1 a/b
      S: 2 two
      S: .
      C: RETR 1
      S: +OK 8 octets
      S: ..line
      S: .
      C: TOP 2 0
      S: +OK
      S: Subject: x
      S:
      S: .
      C: TOP 2 3
      S: +OK
      S: Subject: x
      S:
      S: .
      ${BYE}`;
    await scripted(session, async (client) => {
      const resource = await client.fetch('/;UIDL=a%2Fb');
      expect(resource).to.include({ type: 'message/rfc822', size: 8, complete: false });
      expect(await resource.text()).to.equal('.line\r\n');
      expect(resource.complete).to.equal(true);
      const head = await client.fetch('/;uidl=two', { head: true });
      expect(head.size).to.equal(undefined);
      expect(await head.text()).to.equal('Subject: x\r\n\r\n');
      await (await client.retrieve(2, { lines: 3 })).close();
      const error = await rejection(client.fetch('/;UIDL=three'));
      expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'missing', protocol: 'pop3', outcome: 'none' });
    });
  });

  it('takes what a server says of a message that is not there for missing, and all else for a refusal', async () => {
    const session = `${IN}\nC: RETR 9\nS: -ERR no such message\nC: RETR 2\nS: -ERR [SYS/TEMP] disk\nC: DELE 3\nS: -ERR why\n${BYE}`;
    await scripted(session, async (client) => {
      expect(await rejection(client.fetch('/9'))).to.include({
        reason: 'missing',
        command: 'RETR 9',
        temporary: false,
      });
      expect(await rejection(client.retr(2))).to.include({ reason: 'busy', temporary: true });
      const error = await rejection(client.remove('/3'));
      expect(error).to.include({ reason: 'refused', message: 'the server refused DELE 3: "why"', host: '127.0.0.1' });
      expect(client.deleted.size).to.equal(0);
    });
  });

  it('refuses what is no path here, and what is of another server', async () => {
    await scripted(`${IN}${BYE}`, async (client) => {
      for (const path of ['/0', '/x', '/1/2', '/;UIDL=', `/;UIDL=${'x'.repeat(513)}`, '/;UIDL=a%20b', '']) {
        expect(await rejection(client.fetch(path)), path).to.be.instanceOf(UsageError);
      }
      expect(await rejection(client.fetch('pop3://elsewhere.example/1'))).to.include({ reason: 'policy' });
      expect(await rejection(all(client.list('/1')))).to.be.instanceOf(UsageError);
    });
  });

  it('takes a pop: URL for a maildrop and never for a message (RFC 2384)', async () => {
    const session = `${IN}\nC: STAT\nS: +OK 0 0\n${BYE}`;
    await serving([session, `${IN}${BYE}`], async ({ port }) => {
      expect(await pop3.info(`pop://127.0.0.1:${port}`, JOE)).to.deep.include({
        kind: 'container',
        meta: { messages: '0' },
      });
      expect(await rejection(pop3.fetch(`pop://127.0.0.1:${port}/1`, JOE))).to.be.instanceOf(UsageError);
    });
  });

  it('is a ProtocolError for what is no number or id of a message', async () => {
    const lists: [string, RegExp][] = [
      ['-1 5', /LIST/],
      ['0x10 5', /LIST/],
      ['1e3 5', /LIST/],
      ['1.5 5', /LIST/],
      ['99999999999999999999 1', /LIST/],
    ];
    for (const [line, pattern] of lists) {
      const error = await rejection(
        serving(`${IN}\nC: LIST\nS: +OK\nS: ${line}\nS: .`, async ({ port }) =>
          pop3.list(`pop3://127.0.0.1:${port}`, JOE).next(),
        ),
      );
      expect(error, line).to.be.instanceOf(ProtocolError).with.property('message').that.matches(pattern);
    }
  });
});
