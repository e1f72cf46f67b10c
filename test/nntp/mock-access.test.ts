import { expect } from 'chai';
import { Secret } from '../../lib/core/secret.ts';
import { deflated } from '../../lib/net/deflate.ts';
import { connect } from '../../lib/net/index.ts';
import { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { authenticate, chooseMechanism } from '../../lib/wire/sasl.ts';
import { rejection } from '../helpers.ts';
import { FIXTURE, play, playWith } from './mock-helpers.ts';

const b64 = (text: string): string => Buffer.from(text).toString('base64');

describe('Logging in to a news server', () => {
  it('is by USER and PASS (RFC 4643 2.3)', () =>
    play(
      `
      C: GROUP misc.test
      S~ ^480
      C: AUTHINFO PASS password
      S~ ^482
      C: AUTHINFO USER user
      S~ ^381
      C: AUTHINFO PASS wrong
      S~ ^481
      C: AUTHINFO USER nobody
      S~ ^381
      C: AUTHINFO PASS password
      S~ ^481
      C: AUTHINFO
      S~ ^501
      C: AUTHINFO GENERIC x
      S~ ^501
      C: AUTHINFO USER
      S~ ^501
      C: authinfo user user
      S~ ^381
      C: authinfo pass password
      S~ ^281
      C: AUTHINFO USER user
      S~ ^502
      C: GROUP misc.test
      S~ ^211
    `,
      { auth: 'all' },
    ));

  it('is by SASL (RFC 4643 2.4)', () =>
    play(
      `
      C: AUTHINFO SASL PLAIN ${b64('\0user\0wrong')}
      S~ ^481
      C: AUTHINFO SASL NONSENSE
      S~ ^503
      C: AUTHINFO SASL
      S~ ^501
      C: AUTHINFO SASL PLAIN
      S: 383 =
      C: *
      S~ ^481
      C: AUTHINFO SASL PLAIN
      S: 383 =
      C: this is no base64
      S~ ^482
      C: AUTHINFO SASL PLAIN ${b64('nonsense')}
      S~ ^482
      C: AUTHINFO SASL PLAIN
      S: 383 =
      C: ${b64('\0user\0password')}
      S~ ^281
      C: GROUP misc.test
      S~ ^211
    `,
      { auth: 'all' },
    ));

  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'CRAM-MD5', 'PLAIN']) {
    it(`is by ${mechanism}, ${mechanism.startsWith('SCRAM') ? 'and the proof comes with 283' : 'and the end is 281'}`, async () => {
      await using server = await NntpMockServer.start(FIXTURE, { auth: 'all' });
      const connection = await connect({ host: '127.0.0.1', port: server.port });
      await connection.readLine();
      const credentials = { user: 'user', password: new Secret('password') };
      const [candidate] = chooseMechanism([mechanism], credentials, { secure: true, wanted: mechanism });
      let line = `AUTHINFO SASL ${mechanism}`;
      let code = '';
      const exchange = async (response: Secret | undefined): Promise<string | undefined> => {
        if (code === '283') return undefined;
        if (code !== '') line = response?.reveal() || '=';
        else if (response) line += ` ${response.reveal() || '='}`;
        await connection.writeText(`${line}\r\n`);
        const reply = await connection.readLine();
        code = reply.slice(0, 3);
        return code === '281' ? undefined : reply.slice(4);
      };
      if (candidate) await authenticate(candidate.start(), exchange);
      expect(code).to.equal(mechanism.startsWith('SCRAM') ? '283' : '281');
      await connection.close();
      expect(server.transcript.toString()).to.not.contain(b64('\0user\0password'));
    });
  }

  it('is shown in no transcript', async () => {
    await using server = await NntpMockServer.start(FIXTURE, { auth: 'all' });
    await playWith(
      server,
      `
      C: AUTHINFO USER user
      S~ ^381
      C: authinfo  pass  hunter2
      S~ ^481
      C: AUTHINFO PASS\u00a0hunter2
      S~ ^501
      C: ?AUTHINFO PASS hunter2
      S~ ^500
      C: AUTHINFO "PASS" hunter2
      S~ ^501
      C: AUTHINFO SASL hunter2=
      S~ ^503
      C: AUTHINFO SASL PLAIN ${b64('\0user\0hunter2')}
      S~ ^481
      C: AUTHINFO SASL PLAIN
      S~ ^383
      C: ${b64('\0user\0password')}
      S~ ^281
      `,
    );
    const transcript = server.transcript.toString();
    expect(transcript).to.contain('C: AUTHINFO USER user').and.contain('C: AUTHINFO SASL PLAIN ***\n');
    for (const secret of ['hunter2', b64('\0user\0hunter2'), b64('\0user\0password')])
      expect(transcript).to.not.contain(secret);
  });

  it('may be needed to post only, or for some groups, in the middle of a session', async () => {
    await play(
      `
      C: GROUP misc.test
      S~ ^211
      C: POST
      S~ ^480
      C: AUTHINFO USER user
      S~ ^381
      C: AUTHINFO PASS password
      S~ ^281
      C: POST
      S~ ^340
      C: .
      S~ ^441
    `,
      { auth: 'post' },
    );
    await play(
      `
      C: GROUP misc.test
      S~ ^211
      C: GROUP alt.test
      S~ ^480
      C: STAT <6@example.net>
      S~ ^223
      C: NEWNEWS alt.* 20240101 000000
      S~ ^230
      S: .
      C: AUTHINFO USER user
      S~ ^381
      C: AUTHINFO PASS password
      S~ ^281
      C: GROUP alt.test
      S~ ^211
    `,
      { auth: ['alt.*'] },
    );
  });

  it('is not possible where nobody has an account', () =>
    play(`
      C: AUTHINFO USER user
      S~ ^502
    `));

  it('is told by the server, with the accounts of the fixture', async () => {
    await using server = await NntpMockServer.start({ ...FIXTURE, users: { ada: 'lovelace' } });
    expect(server.login).to.deep.equal({ user: 'ada', password: 'lovelace' });
    await using other = await NntpMockServer.start(FIXTURE, { auth: 'all' });
    expect(other.login).to.deep.equal({ user: 'user', password: 'password' });
  });

  it('is by no mechanism that there is not', async () => {
    const error = await rejection(NntpMockServer.start(FIXTURE, { sasl: ['GSSAPI'] }));
    expect(error).to.have.property('code', 'NETKIT_USAGE');
  });
});

describe('TLS at a news server', () => {
  it('begins with STARTTLS, and all that was said before is forgotten (RFC 4642)', () =>
    play(
      `
      C: GROUP misc.test
      S~ ^211
      C: STARTTLS
      S~ ^382
      *: tls
      C: STAT
      S~ ^412
      C: STARTTLS
      S~ ^502
      C: AUTHINFO USER user
      S~ ^381
      C: AUTHINFO PASS password
      S~ ^281
    `,
      { tls: 'upgrade', auth: 'post', tlsFor: 'login' },
    ));

  it('is not begun after a login, nor without a certificate', async () => {
    await play(
      `
      C: AUTHINFO USER user
      S~ ^381
      C: AUTHINFO PASS password
      S~ ^281
      C: STARTTLS
      S~ ^502
    `,
      { tls: 'upgrade', auth: 'post' },
    );
    await play(`
      C: STARTTLS
      S~ ^580
      C: STARTTLS now
      S~ ^501
    `);
  });

  it('may be needed before a login, or for everything: 483', async () => {
    await play(
      `
      C: CAPABILITIES
      S~ ^101
      S~ ^VERSION
      S~ ^IMPL
      S: READER
      S: POST
      S: NEWNEWS
      S: HDR
      S~ ^OVER
      S~ ^LIST
      S: STARTTLS
      S: AUTHINFO
      S: .
      C: AUTHINFO USER user
      S~ ^483
      C: AUTHINFO SASL PLAIN AAAA
      S~ ^483
    `,
      { tls: 'upgrade', auth: 'post', tlsFor: 'login', profile: 'typical', without: ['COMPRESS'] },
    );
    await play(
      `
      C: GROUP misc.test
      S~ ^483
      C: STARTTLS
      S~ ^382
      *: tls
      C: GROUP misc.test
      S~ ^211
    `,
      { tls: 'upgrade', tlsFor: 'all' },
    );
  });

  it('does not take what was said in the clear for said in secret', async () => {
    await using server = await NntpMockServer.start(FIXTURE, { tls: 'upgrade' });
    const connection = await connect({ host: '127.0.0.1', port: server.port }, { tls: { ca: server.ca } });
    await connection.readLine();
    await connection.writeText('STARTTLS\r\nGROUP misc.test\r\n');
    expect(await connection.readLine()).to.match(/^382/);
    expect(await rejection(connection.upgradeToTls())).to.be.instanceOf(Error);
    await connection.close();
    expect(server.transcript.toString()).to.not.contain('211');
  });
});

describe('Compression at a news server', () => {
  it('begins with COMPRESS DEFLATE (RFC 8054)', async () => {
    await using server = await NntpMockServer.start(FIXTURE, { auth: 'post', tls: 'upgrade' });
    const connection = await connect({ host: '127.0.0.1', port: server.port });
    const ask = async (line: string): Promise<string> => {
      await connection.writeText(`${line}\r\n`);
      return connection.readLine();
    };
    await connection.readLine();
    expect(await ask('COMPRESS')).to.match(/^501/);
    expect(await ask('COMPRESS LZW')).to.match(/^503/);
    expect(await ask('compress deflate')).to.match(/^206/);
    await connection.upgrade(async (stream) => deflated(stream));
    expect(await ask('GROUP misc.test')).to.equal('211 3 3 6 misc.test');
    expect(await ask('ARTICLE 5')).to.match(/^220 5/);
    const chunks: Buffer[] = [];
    await connection.readDotBlock().each((chunk) => chunks.push(Buffer.from(chunk)));
    expect(Buffer.concat(chunks).toString()).to.contain('\r\n\r\n.one dot\r\n..two dots\r\n');
    expect(await ask('COMPRESS DEFLATE')).to.match(/^502/);
    expect(await ask('STARTTLS')).to.match(/^502/);
    expect(await ask('AUTHINFO USER user')).to.match(/^502/);
    await connection.writeText('STAT 3\r\nSTAT 5\r\nSTAT 6\r\n');
    for (const number of [3, 5, 6])
      expect(await connection.readLine()).to.equal(`223 ${number} <${number}@example.net>`);
    expect(await ask('QUIT')).to.equal('205 Bye');
    expect(await connection.read()).to.equal(undefined);
    await connection.close();
  });

  it('ends a session with whoever sends what is not compressed', async () => {
    await using server = await NntpMockServer.start(FIXTURE);
    const connection = await connect({ host: '127.0.0.1', port: server.port });
    await connection.readLine();
    await connection.writeText('COMPRESS DEFLATE\r\n');
    await connection.readLine();
    await connection.writeText('GROUP misc.test\r\n');
    expect(await connection.read().catch(() => undefined)).to.equal(undefined);
    await connection.close();
  });
});
