/** AUTHINFO, STARTTLS and COMPRESS, as a client says them, and what may go wrong. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { ScriptedServer } from '../../lib/mock/script.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import type { NntpConnectOptions } from '../../lib/nntp/client.ts';
import { nntp } from '../../lib/nntp/index.ts';
import type { NntpMockOptions } from '../../lib/nntp/mock-server.ts';
import { all, rejection } from '../helpers.ts';
import { against, CAPABILITIES, ruled } from './client-rules.ts';

const ARTICLE = 'From: a@example.org\nSubject: one\nMessage-ID: <1@x>\n\nOne\n';
const FIXTURE = {
  groups: [
    { name: 'misc.test', articles: [ARTICLE] },
    { name: 'private.staff', articles: [ARTICLE.replaceAll('1@x', '2@x')] },
  ],
  users: { joe: 'hunter2' },
};
const JOE = { user: 'joe', password: 'hunter2' };

/** Plays a dialogue with a client that connects, and does something more. */
async function play<T>(
  dialogue: string,
  options: ConnectOptions,
  work: (client: Awaited<ReturnType<typeof nntp.connect>>) => Promise<T>,
): Promise<T> {
  const server = await ScriptedServer.start(dialogue);
  try {
    const tls = { ca: server.ca };
    const client = await nntp.connect(`nntp://127.0.0.1:${server.port}`, { tls, timeouts: { close: 500 }, ...options });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
  }
}

/** Does something with a client of the mock server. */
async function withMock<T>(
  mock: NntpMockOptions,
  options: NntpConnectOptions,
  work: (client: Awaited<ReturnType<typeof nntp.connect>>) => Promise<T>,
): Promise<{ readonly value: T; readonly said: string[] }> {
  await using server = await nntp.mock(FIXTURE, mock);
  const client = await nntp.connect(server.url, { tls: { ca: server.ca }, ...options });
  try {
    const value = await work(client);
    return { value, said: server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text) };
  } finally {
    await client.close();
  }
}

const LOGIN_OFFERED = `
  S: 101 Capability list:
  S: VERSION 2
  S: READER
  S: AUTHINFO USER
  S: .`;
const AFTER_LOGIN = `
  S: 101 Capability list:
  S: VERSION 2
  S: READER
  S: POST
  S: .`;

describe('an NNTP login', () => {
  it('is by user and password, and what the server can do is asked again (RFC 4643 2.3)', async () => {
    const canPost = await play(
      `S: 200 ready
       C: CAPABILITIES${LOGIN_OFFERED}
       C: AUTHINFO USER joe
       S: 381 Enter passphrase
       C: AUTHINFO PASS hunter2
       S: 281 Authentication accepted
       C: CAPABILITIES${AFTER_LOGIN}
       C: QUIT
       S: 205 bye`,
      JOE,
      async (client) => client.canPost,
    );
    expect(canPost).to.equal(true);
  });

  it('may need no password (281 to the user)', async () => {
    await play(
      `S: 200 ready
       C: CAPABILITIES${LOGIN_OFFERED}
       C: AUTHINFO USER joe
       S: 281 in
       C: CAPABILITIES${AFTER_LOGIN}
       C: QUIT
       S: 205 bye`,
      { user: 'joe' },
      async () => {},
    );
  });

  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'CRAM-MD5', 'PLAIN', 'LOGIN']) {
    it(`is by ${mechanism}`, async () => {
      const mock = { auth: 'all', sasl: [mechanism] } as const;
      const { value, said } = await withMock(mock, { ...JOE, auth: mechanism }, (client) => client.date());
      expect(value).to.be.instanceOf(Date);
      expect(said.filter((line) => line.startsWith(`AUTHINFO SASL ${mechanism}`))).to.have.length(1);
    });
  }

  it('begins with the mechanism that does not show the password', async () => {
    const { said } = await withMock({ auth: 'all' }, JOE, (client) => client.date());
    expect(said.filter((line) => line.startsWith('AUTHINFO'))).to.deep.equal(['AUTHINFO SASL SCRAM-SHA-256 ***']);
  });

  it('says data that comes with the good news to the mechanism (283), and an empty response as = (RFC 4643 2.4)', async () => {
    await play(
      `S: 200 ready
       C: CAPABILITIES
       S: 101 list
       S: VERSION 2
       S: READER
       S: AUTHINFO SASL
       S: SASL EXTERNAL
       S: .
       C: AUTHINFO SASL EXTERNAL =
       S: 281 in
       C: CAPABILITIES${AFTER_LOGIN}
       C: QUIT
       S: 205 bye`,
      { auth: 'EXTERNAL', user: '' },
      async () => {},
    );
  });

  it('is tried once more with the password shown, where a mechanism is refused', async () => {
    const { asked } = await against(
      {
        CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nAUTHINFO USER SASL\r\nSASL CRAM-MD5 SCRAM-SHA-256'),
        'AUTHINFO SASL': '481 no\r\n',
        'AUTHINFO USER': '381 go on\r\n',
        'AUTHINFO PASS': '281 in\r\n',
      },
      async () => {},
      JOE,
    );
    const logins = asked.filter((line) => line.startsWith('AUTHINFO')).map((line) => line.split(' ').slice(0, 3));
    expect(logins).to.deep.equal([
      ['AUTHINFO', 'SASL', 'SCRAM-SHA-256'],
      ['AUTHINFO', 'USER', 'joe'],
      ['AUTHINFO', 'PASS', 'hunter2'],
    ]);
  });

  it('that is refused is a ReplyError, and is not tried again (481)', async () => {
    const { said } = await withMock({ auth: 'all', sasl: [] }, {}, async (client) => {
      const wrong = client.login({ user: 'joe', password: 'wrong' });
      expect(await rejection(wrong))
        .to.be.instanceOf(ReplyError)
        .and.include({ reason: 'auth', phase: 'auth' });
      expect(await rejection(client.date())).to.include({ reason: 'auth' });
    });
    expect(said.filter((line) => line.startsWith('AUTHINFO PASS'))).to.have.length(1);
  });

  it('goes to no server in the clear but on this machine, unless one says so', async () => {
    const server = await ruled({ CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nAUTHINFO USER') });
    const resolve = { 'news.example': '127.0.0.1' };
    const url = `nntp://news.example:${server.port}`;
    expect(await rejection(nntp.connect(url, { ...JOE, resolve }))).to.include({ reason: 'tls-required' });
    const off = nntp.connect(url, { ...JOE, resolve, starttls: 'off' });
    expect(await rejection(off))
      .to.be.instanceOf(UsageError)
      .and.include({ reason: 'policy' });
    expect(server.asked.filter((line) => line.startsWith('AUTHINFO'))).to.deep.equal([]);
    await server.close();
  });

  it('of a server that asks for a password without end is broken off (N10, nntp-s45)', async () => {
    const loop = against(
      {
        CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nAUTHINFO USER'),
        'AUTHINFO USER': '381 more\r\n',
        'AUTHINFO PASS': '381 more\r\n',
      },
      async () => {},
      JOE,
    );
    expect(await rejection(loop)).to.be.instanceOf(ProtocolError);
  });

  it('of a server without CAPABILITIES is tried, and its MODE READER is', async () => {
    const { asked } = await against(
      { CAPABILITIES: '500 what\r\n', 'AUTHINFO USER': '381 go on\r\n', 'AUTHINFO PASS': '281 in\r\n' },
      async () => {},
      JOE,
    );
    expect(asked).to.deep.equal([
      ...['CAPABILITIES', 'MODE READER', 'AUTHINFO USER joe', 'AUTHINFO PASS hunter2', 'CAPABILITIES', 'QUIT'],
    ]);
  });

  it('is shown nowhere, also where the server repeats it (A17, nntp-s44)', async () => {
    const transcript = new Transcript();
    const error = await rejection(
      against(
        {
          CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nAUTHINFO USER'),
          'AUTHINFO USER': '381 go on\r\n',
          'AUTHINFO PASS': "481 bad password 'hunter2', aHVudGVyMg==\r\n",
        },
        async () => {},
        { ...JOE, transcript },
      ),
    );
    const shown = `${inspect(error, { depth: 9 })}${JSON.stringify(error)}${transcript}`;
    expect(error).to.be.instanceOf(ReplyError);
    for (const secret of ['hunter2', 'aHVudGVyMg']) expect(shown).to.not.include(secret);
  });

  it('is shown nowhere, also where the server takes it out of a mechanism and repeats it', async () => {
    const transcript = new Transcript();
    const error = await rejection(
      against(
        {
          CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nAUTHINFO SASL\r\nSASL PLAIN'),
          'AUTHINFO SASL': '481 not joe with hunter2\r\n',
        },
        async () => {},
        { ...JOE, transcript },
      ),
    );
    expect(error).to.be.instanceOf(ReplyError).with.nested.property('reply.text', 'not joe with ***');
    expect(`${inspect(error, { depth: 9 })}${transcript}`).to.not.include('hunter2');
  });
});

describe('an NNTP server that asks for a login in the middle (480)', () => {
  const late = { auth: ['private.*'], sasl: [] as string[] } as const;
  const hidden = { CAPABILITIES };

  it('gets it, once, and then the command again (nntp-s37)', async () => {
    let locked = true;
    const { value, asked } = await against(
      {
        ...hidden,
        DATE: (socket) => socket.write(locked ? '480 first log in\r\n' : '111 20240101000000\r\n'),
        'AUTHINFO USER': '381 go on\r\n',
        'AUTHINFO PASS': (socket) => {
          locked = false;
          socket.write('281 in\r\n');
        },
      },
      (client) => Promise.all([client.date(), client.date(), client.date()]),
      JOE,
    );
    expect(value).to.have.length(3);
    expect(asked.filter((line) => line.startsWith('AUTHINFO'))).to.have.length(2);
  });

  it('gets it in the middle of a run, and no article is lost', async () => {
    let locked = true;
    const { value } = await against(
      {
        ...hidden,
        ARTICLE: (socket, line) => {
          const id = line.slice(8);
          const isLocked = locked && Number(id.slice(1, -3)) > 2;
          socket.write(isLocked ? '480 first log in\r\n' : `220 0 ${id}\r\nSubject: x\r\n\r\nbody\r\n.\r\n`);
        },
        'AUTHINFO USER': () => {
          locked = false;
        },
        'AUTHINFO USER joe': (socket) => {
          locked = false;
          socket.write('281 in\r\n');
        },
      },
      async (client) => {
        const ids: string[] = [];
        const missing = await client.each(
          Array.from({ length: 5 }, (_, i) => `<${i}@x>`),
          (octets, _, id) => ids.push(`${id} ${octets.length}`),
        );
        return { ids: ids.sort(), missing };
      },
      JOE,
    );
    expect(value).to.deep.equal({ ids: Array.from({ length: 5 }, (_, i) => `<${i}@x> 20`), missing: [] });
  });

  it('gets it for a group, a list of it, and an article in it', async () => {
    const offered = await withMock(late, JOE, async (client) => {
      const listed = await all(client.list('/private.staff'));
      return [listed.length, await (await client.fetch('/private.staff/1')).text()];
    });
    expect(offered.value[0]).to.equal(1);
  });

  it('is an error for who has no login, which says what to do', async () => {
    const { value } = await withMock(late, {}, (client) => rejection(client.group('private.staff')));
    expect(value).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
    expect(`${value}`).to.include('log in');
  });

  it('says what to do about 483, too', async () => {
    const { value } = await against({ GROUP: '483 secure\r\n' }, (client) => rejection(client.group('misc.test')));
    expect(`${value}`).to.include('STARTTLS');
    expect(value).to.include({ reason: 'auth' });
  });
});

describe('STARTTLS of NNTP', () => {
  it('is asked for by the scheme, and everything is asked again behind it (RFC 4642, nntp-s43)', async () => {
    const server = await ScriptedServer.start(
      `S: 200 ready
       C: CAPABILITIES
       S: 101 list
       S: VERSION 2
       S: READER
       S: STARTTLS
       S: AUTHINFO
       S: XOLD
       S: .
       C: STARTTLS
       S: 382 go ahead
       *: tls
       C: CAPABILITIES${LOGIN_OFFERED}
       C: AUTHINFO USER joe
       S: 281 in
       C: CAPABILITIES${AFTER_LOGIN}
       C: QUIT
       S: 205 bye`,
    );
    const client = await nntp.connect(`nntp+starttls://127.0.0.1:${server.port}`, { tls: { ca: server.ca }, ...JOE });
    expect(client.capabilities?.has('XOLD')).to.equal(false);
    await client.close();
    await server.close();
  });

  it('is the default where somebody logs in, but not on this machine, and not for news that all may read', async () => {
    const mock = { tls: 'upgrade', auth: 'all' } as const;
    await using server = await nntp.mock(FIXTURE, mock);
    const at = { resolve: { 'news.example': '127.0.0.1' }, tls: { ca: server.ca, servername: '127.0.0.1' } };
    const url = server.url.replace('127.0.0.1', 'news.example');
    const secure = async (url: string, options: ConnectOptions): Promise<unknown> => {
      const client = await nntp.connect(url, { ...at, ...options });
      try {
        return (await client.check().catch(() => ({ secure: 'refused' }))) as unknown;
      } finally {
        await client.close();
      }
    };
    expect(await secure(url, JOE)).to.include({ secure: true });
    expect(await secure(server.url, { ...JOE, resolve: undefined })).to.include({ secure: false });
    expect(await secure(url, {})).to.include({ secure: 'refused' });
  });

  it('that is not offered, or refused, ends it where it is required (A5, nntp-s38 to nntp-s40)', async () => {
    for (const [capabilities, answer] of [
      [CAPABILITIES, '382 go\r\n'],
      [CAPABILITIES.replace('READER', 'READER\r\nSTARTTLS'), '502 no\r\n'],
      [CAPABILITIES.replace('READER', 'READER\r\nSTARTTLS'), '580 no\r\n'],
      ['500 what\r\n', '500 what\r\n'],
    ] as const) {
      const server = await ruled({ CAPABILITIES: capabilities, STARTTLS: answer });
      const error = await rejection(nntp.connect(server.url, { ...JOE, starttls: 'required' }));
      expect(error).to.be.instanceOf(ConnectionError).and.include({ reason: 'tls-required' });
      expect(server.asked.filter((line) => !/^(?:CAPABILITIES|STARTTLS)$/.test(line))).to.deep.equal([]);
      await server.close();
    }
    const wrong = await ruled({ CAPABILITIES: CAPABILITIES.replace('READER', 'STARTTLS'), STARTTLS: '250 ok\r\n' });
    expect(await rejection(nntp.connect(wrong.url, { starttls: 'required' }))).to.be.instanceOf(ProtocolError);
    await wrong.close();
  });

  it('that is not offered is done without where it is tried only', async () => {
    const { asked } = await against({}, (client) => client.date(), { starttls: 'try' });
    expect(asked).to.deep.equal(['CAPABILITIES', 'DATE', 'QUIT']);
  });

  it('with something planted behind its reply is not made (A4, nntp-s41)', async () => {
    const server = await ruled({
      CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nSTARTTLS'),
      STARTTLS: '382 go\r\n101 list\r\nVERSION 2\r\nAUTHINFO USER\r\n.\r\n281 in\r\n',
    });
    const error = await rejection(nntp.connect(server.url, { ...JOE, starttls: 'required' }));
    expect(error).to.be.instanceOf(ConnectionError).and.include({ reason: 'tls-injection' });
    expect(server.asked.join(' ')).to.not.include('AUTHINFO');
    await server.close();
  });

  it('whose handshake hangs has its own deadline (A7, nntp-s42)', async () => {
    const server = await ruled({ CAPABILITIES: CAPABILITIES.replace('READER', 'STARTTLS'), STARTTLS: '382 go\r\n' });
    const late = nntp.connect(server.url, { starttls: 'required', timeouts: { tls: 150 } });
    expect(await rejection(late))
      .to.be.instanceOf(TimeoutError)
      .and.include({ phase: 'tls' });
    await server.close();
  });

  it('and nntps verify who is there (A8)', async () => {
    for (const tls of ['upgrade', 'implicit'] as const) {
      await using server = await nntp.mock(FIXTURE, { tls });
      const error = await rejection(nntp.connect(server.url, { ...JOE, starttls: 'required' }));
      expect(error).to.be.instanceOf(ConnectionError).and.include({ reason: 'tls' });
      expect(String(server.transcript)).to.not.include('C: AUTHINFO');
    }
  });
});

describe('COMPRESS of NNTP', () => {
  it('is asked for, and everything works behind it (RFC 8054)', async () => {
    const { value, said } = await withMock({ auth: 'all' }, { ...JOE, compress: true }, async (client) => {
      const listed = await all(client.list('/misc.test'));
      return [listed.length, (await (await client.fetch('/misc.test/1')).text()).includes('One')];
    });
    expect(value).to.deep.equal([1, true]);
    expect(said).to.include('COMPRESS DEFLATE');
  });

  it('that the server does not have is done without, or refused to who says so', async () => {
    const { value } = await against({}, (client) => rejection(client.compress()), { compress: true });
    expect(value).to.be.instanceOf(ReplyError);
  });

  it('that becomes too much is left (N11, nntp-s47)', async () => {
    const { deflateRawSync } = await import('node:zlib');
    const bomb = deflateRawSync(Buffer.concat([Buffer.from('101 list\r\n'), Buffer.alloc(64 * 1024 * 1024, 'X\r\n')]));
    const server = await ruled({
      CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nCOMPRESS DEFLATE'),
      COMPRESS: (socket) => void socket.write('206 go\r\n', () => setImmediate(() => socket.write(bomb))),
    });
    const error = await rejection(nntp.connect(server.url, { compress: true, timeouts: { idle: 2_000 } }));
    expect(error).to.have.property('code').that.is.oneOf(['NETKIT_PROTOCOL', 'NETKIT_CONNECTION']);
    await server.close();
  });
});
