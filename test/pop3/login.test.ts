import { expect } from 'chai';
import { ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { all, rejection } from '../helpers.ts';
import { BYE, capa, HELLO, inWith, JOE, scripted, serving } from './client-scripted.ts';

/** What a server says to one who asks it for SASL, and how a client goes on. */
function offering(mechanisms: string, ...steps: readonly string[]): string {
  return `S: +OK ready\n${capa(`SASL ${mechanisms}`, 'USER')}\n${steps.join('\n')}`;
}

const REST = `${capa('USER')}${BYE}`;
const PLAIN = 'AGpvZQBodW50ZXIy';

/** What becomes of a login. */
async function attempt(dialogue: string, options: ConnectOptions = JOE): Promise<unknown> {
  return rejection(serving(dialogue, async ({ port }) => pop3.connect(`pop3://127.0.0.1:${port}`, options)));
}

describe('a POP3 login', () => {
  it('is by the best mechanism that both have, in one line where it can be', async () => {
    const session = offering('PLAIN', `C: AUTH PLAIN ${PLAIN}`, 'S: +OK in', REST);
    await scripted(session, async (client) => expect(client.isLoggedIn).to.equal(true));
  });

  it('is CRAM-MD5 as RFC 2195 2 has it', async () => {
    const session = offering(
      'CRAM-MD5 PLAIN LOGIN',
      'C: AUTH CRAM-MD5',
      'S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+',
      'C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw',
      'S: +OK CRAM authentication successful',
      REST,
    );
    await scripted(session, async () => {}, { user: 'tim', password: 'tanstaaftanstaaf' });
  });

  it('goes on with the next mechanism where one is refused, and with USER and PASS at last', async () => {
    const session = offering(
      'CRAM-MD5',
      'C: AUTH CRAM-MD5',
      'S: -ERR only a digest of your password is kept here',
      'C: USER joe',
      'S: +OK',
      'C: PASS hunter2',
      'S: +OK',
      REST,
    );
    await scripted(session, async () => {});
    const two = offering(
      'CRAM-MD5 PLAIN',
      'C: AUTH CRAM-MD5',
      'S: -ERR not here',
      `C: AUTH PLAIN ${PLAIN}`,
      'S: +OK',
      REST,
    );
    await scripted(two, async () => {});
  });

  it('does not go on where the password is wrong, or the maildrop is somebody else’s', async () => {
    const codes: [string, object][] = [
      ['[AUTH] wrong', { reason: 'auth', temporary: false }],
      ['[IN-USE] locked', { reason: 'busy', temporary: true }],
      ['[LOGIN-DELAY] 60 seconds', { reason: 'busy', temporary: true }],
      ['[SYS/TEMP] try later', { reason: 'busy', temporary: true }],
    ];
    for (const [text, expected] of codes) {
      const error = await attempt(offering('CRAM-MD5 PLAIN', 'C: AUTH CRAM-MD5', `S: -ERR ${text}`));
      expect(error, text)
        .to.be.instanceOf(ReplyError)
        .and.include({ protocol: 'pop3', ...expected });
    }
    // what has shown the password is the last attempt
    const error = await attempt(offering('PLAIN LOGIN', `C: AUTH PLAIN ${PLAIN}`, 'S: -ERR no'));
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth', phase: 'auth', command: 'AUTH PLAIN' });
  });

  it('is by the mechanism that the URL or the options want, and by no other', async () => {
    const session = offering('CRAM-MD5 PLAIN', `C: AUTH PLAIN ${PLAIN}`, 'S: +OK', REST);
    await scripted(session, async () => {}, { ...JOE, auth: 'plain' });
    await serving(session, async ({ port }) => {
      await (await pop3.connect(`pop://joe;AUTH=PLAIN@127.0.0.1:${port}`, { password: 'hunter2' })).close();
    });
    const error = await attempt(offering('CRAM-MD5'), { ...JOE, auth: 'SCRAM-SHA-256' });
    expect(error).to.be.instanceOf(UsageError).with.property('reason', 'unsupported');
    const user = offering('PLAIN', 'C: USER joe', 'S: +OK', 'C: PASS hunter2', 'S: +OK', REST);
    for (const auth of ['USER', '+LOGIN']) await scripted(user, async () => {}, { ...JOE, auth });
  });

  it('understands a server that does not understand an initial response', async () => {
    const session = offering(
      'PLAIN',
      `C: AUTH PLAIN ${PLAIN}`,
      'S: -ERR syntax error',
      'C: AUTH PLAIN',
      'S: +',
      `C: ${PLAIN}`,
      'S: +OK',
      REST,
    );
    await scripted(session, async () => {});
  });

  it('sends what is too long for one line in two (RFC 5034 4), as Microsoft wants tokens', async () => {
    const token = 'x'.repeat(300);
    const response = Buffer.from(`user=joe\x01auth=Bearer ${token}\x01\x01`).toString('base64');
    const session = offering('XOAUTH2', 'C: AUTH XOAUTH2', 'S: + ', `C: ${response}`, 'S: +OK', REST);
    await scripted(session, async () => {}, { user: 'joe', token });
    const short = Buffer.from('user=joe\x01auth=Bearer t\x01\x01').toString('base64');
    const one = offering('XOAUTH2 PLAIN', `C: AUTH XOAUTH2 ${short}`, 'S: +OK', REST);
    await scripted(one, async () => {}, { user: 'joe', token: 't' });
  });

  it('tells what a server says of a token', async () => {
    const short = Buffer.from('user=joe\x01auth=Bearer t0ken\x01\x01').toString('base64');
    const reason = Buffer.from('{"status":"401","schemes":"bearer","scope":"mail t0ken"}').toString('base64');
    const session = offering('XOAUTH2', `C: AUTH XOAUTH2 ${short}`, `S: + ${reason}`, 'C:', 'S: -ERR no');
    const error = await attempt(session, { user: 'joe', token: 't0ken' });
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
    expect((error as ReplyError).reply.code).to.equal('401');
    expect((error as ReplyError).reply.text).to.not.contain('t0ken');
  });

  it('cancels what asks on for ever (pop3-s42)', async () => {
    const session = offering('PLAIN', `C: AUTH PLAIN ${PLAIN}`, 'S: +', 'C: *', 'S: -ERR cancelled');
    expect(await attempt(session)).to.be.instanceOf(ProtocolError);
    const flood = offering(
      'CRAM-MD5',
      'C: AUTH CRAM-MD5',
      'S: + PGFAYj4=',
      'C~ .',
      'S: + PGFAYj4=',
      'C: *',
      'S: + PGFAYj4=',
    );
    expect(await attempt(flood)).to.be.instanceOf(ProtocolError);
  });

  it('can be later than the connection', async () => {
    const later = `${HELLO}\nC: USER joe\nS: +OK\nC: PASS hunter2\nS: +OK\n`;
    await scripted(
      `${later}C: STAT\nS: +OK 0 0\n${BYE}`,
      async (client) => {
        await client.login(JOE);
        expect(await client.stat()).to.deep.equal({ count: 0, size: 0 });
        expect(await rejection(client.login(JOE))).to.be.instanceOf(UsageError);
      },
      {},
    );
    await scripted(
      `${later}${BYE}`,
      async (client) => {
        await client.user('joe');
        await client.pass('hunter2');
        expect(client.isLoggedIn).to.equal(true);
      },
      {},
    );
    await scripted(
      offering('PLAIN', `C: AUTH PLAIN ${PLAIN}`, 'S: +OK', REST),
      (client) => client.auth('PLAIN', JOE),
      {},
    );
  });

  it('needs a password before anything is dialed', async () => {
    for (const options of [{ user: 'joe' }, { password: 'x' }]) {
      expect(await rejection(pop3.connect('pop3://127.0.0.1:1', options))).to.be.instanceOf(UsageError);
    }
  });

  it('shows no secret that a server repeats, in no form (pop3-s43)', async () => {
    const repeats = `${HELLO}\nC: USER joe\nS: +OK\nC: PASS hunter2\nS: -ERR bad password 'hunter2'`;
    const error = await attempt(repeats);
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth', command: 'PASS ***' });
    expect(`${JSON.stringify(error)} ${error} ${(error as ReplyError).reply.text}`).to.not.contain('hunter2');
    const encoded = await attempt(offering('PLAIN', `C: AUTH PLAIN ${PLAIN}`, `S: -ERR bad ${PLAIN}`));
    expect((encoded as ReplyError).reply.text).to.not.contain('aHVudGVyM');
    expect((encoded as ReplyError).message).to.not.contain(PLAIN);
    const decoded = await attempt(offering('PLAIN', `C: AUTH PLAIN ${PLAIN}`, 'S: -ERR not joe with hunter2'));
    expect((decoded as ReplyError).reply.text).to.equal('not joe with ***');
    expect((decoded as ReplyError).message).to.not.contain('hunter2');
    const token = Buffer.from('user=joe\x01auth=Bearer t0ken\x01\x01').toString('base64');
    const session = offering('XOAUTH2', `C: AUTH XOAUTH2 ${token}`, 'S: -ERR Bearer t0ken has expired');
    const expired = await attempt(session, { user: 'joe', token: 't0ken' });
    expect((expired as ReplyError).reply.text).to.equal('Bearer *** has expired');
  });

  it('shows none to whoever fetches afterwards, either', async () => {
    const refused = `${inWith('USER', 'UIDL')}\nC: LIST\nS: +OK\nS: 1 9\nS: .\nC: UIDL\nS: +OK\nS: 1 a\nS: .\nC: RETR 1\nS: -ERR hunter2?\n${BYE}`;
    await scripted(refused, async (client) => {
      const error = await rejection(all(client.fetchAll()));
      expect(error).to.be.instanceOf(ReplyError).and.include({ message: 'the server refused RETR 1: "***?"' });
      expect((error as ReplyError).reply.text).to.equal('***?');
    });
  });
});

describe('APOP', () => {
  const greeting = (stamp: string): string => `S: +OK ready ${stamp}\nC: CAPA\nS: -ERR`;

  it('is not said unless it is asked for', async () => {
    const session = `${greeting('<1896.697170952@dbc.mtview.ca.us>')}\nC: USER joe\nS: +OK\nC: PASS hunter2\nS: +OK\n${BYE}`;
    await scripted(session, async () => {});
  });

  it('is not said to a stamp that is none (pop3-s40), nor are they looked for for ever (pop3-s41)', async () => {
    for (const stamp of ['', '<nochallenge\xff>', '<a@\xff>', '<@b>', 'a@b', `${'<'.repeat(7000)}`]) {
      const began = performance.now();
      const error = await attempt(greeting(stamp), { ...JOE, auth: '+APOP' });
      expect(error, stamp).to.be.instanceOf(UsageError).with.property('reason', 'unsupported');
      expect(performance.now() - began).to.be.lessThan(500);
    }
  });

  it('is refused where somebody could listen, as USER is', async () => {
    const options = { ...JOE, starttls: 'off', auth: 'APOP' } as const;
    await serving([greeting('<a@b>'), greeting('<a@b>')], async ({ port }) => {
      const resolve = { 'mail.example.org': '127.0.0.1' };
      for (const auth of ['APOP', 'USER']) {
        const error = await rejection(pop3.connect(`pop3://mail.example.org:${port}`, { ...options, auth, resolve }));
        expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
      }
    });
  });
});

describe('a login that is not ASCII', () => {
  const login = { user: 'jürgen', password: 'geheim' };

  it('takes UTF8 where the server has it for users (RFC 6856 2.2)', async () => {
    const session = `S: +OK\n${capa('UTF8 USER')}\nC: UTF8\nS: +OK\nC: USER jürgen\nS: +OK\nC: PASS geheim\nS: +OK\n${capa()}${BYE}`;
    await scripted(session, async () => {}, login);
  });

  it('is refused where the server has it not', async () => {
    for (const capability of ['UTF8', 'USER']) {
      const error = await attempt(`S: +OK\n${capa(capability)}`, login);
      expect(error).to.be.instanceOf(UsageError).with.property('reason', 'unsupported');
    }
  });

  it('is no trouble for a mechanism', async () => {
    const response = Buffer.from('\0jürgen\0geheim').toString('base64');
    await scripted(offering('PLAIN', `C: AUTH PLAIN ${response}`, 'S: +OK', REST), async () => {}, login);
  });

  it('may ask for UTF-8 mode anyway', async () => {
    const session = `S: +OK\n${capa('UTF8')}\nC: UTF8\nS: +OK\nC: USER joe\nS: +OK\nC: PASS hunter2\nS: +OK\n${capa()}${BYE}`;
    const endpoint = { scheme: 'pop3', host: '127.0.0.1', tls: 'none' } as const;
    await serving([session, `S: +OK\n${capa()}`], async ({ port }) => {
      await (await Pop3Client.connect({ ...endpoint, port }, { ...JOE, utf8: true })).close();
      const error = await rejection(Pop3Client.connect({ ...endpoint, port }, { ...JOE, utf8: true }));
      expect(error).to.be.instanceOf(UsageError).with.property('reason', 'unsupported');
    });
  });
});
