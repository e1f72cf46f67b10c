/** The clients of others against our POP3 server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Pop3MockOptions, Pop3MockServer } from '../../../lib/pop3/mock-server.ts';
import { curl, output, run } from '../run.ts';
import { type Account, type Client, fetchmail, getmail, mpop, mutt, snail } from './clients.ts';
import { POPLIB } from './poplib.ts';

const HEADER = 'From: alice@example.test\r\nTo: bob@example.test\r\nDate: Mon, 01 Jan 2024 10:00:00 +0000\r\n';
const MESSAGES = [
  `${HEADER}Subject: Dots\r\nMessage-ID: <1@x>\r\n\r\n.\r\n..\r\n.leading\r\n...\r\nthe end\r\n`,
  `${HEADER}Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <2@x>\r\nMIME-Version: 1.0\r\n` +
    'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße, 日本語\r\n',
  `${HEADER}Subject: Long\r\nMessage-ID: <3@x>\r\n\r\n${'x'.repeat(900)}\r\n${'a line\r\n'.repeat(40_000)}`,
];
const USER = 'alice';
/** The most that all clients can be told in their own ways. */
const PASSWORD = 'alice-pw 1';
const TOKEN = 'a-token';

describe('our POP3 server', () => {
  let folder: string;
  let ca: string;
  let server: Pop3MockServer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    ca = join(folder, 'ca.pem');
  });

  after(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  async function serve(options: Pop3MockOptions): Promise<void> {
    const login = { user: USER, password: PASSWORD, token: TOKEN };
    server = await Pop3MockServer.start({ messages: MESSAGES }, { login, ...options });
    if (server.ca !== undefined) await writeFile(ca, server.ca);
  }

  afterEach(async () => {
    await server?.close();
  });

  function account(more: Partial<Account> = {}): Account {
    return { port: server.port, user: USER, password: PASSWORD, ...more };
  }

  /** What the clients said, without lines that differ from one to the next. */
  function said(): string[] {
    return server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text);
  }

  const WAYS: Readonly<Record<string, 'none' | 'upgrade' | 'implicit'>> = {
    plainly: 'none',
    'with STLS': 'upgrade',
    'with TLS from the start': 'implicit',
  };

  /** Those that put down each message; what they write before it. getmail does not know STLS. */
  const EACH: Readonly<Record<string, { client: Client; before?: string; upgrades?: false }>> = {
    fetchmail: { client: fetchmail },
    mpop: { client: mpop },
    getmail: { client: getmail, before: 'Return-Path: <unknown>\n', upgrades: false },
  };

  for (const [way, kind] of Object.entries(WAYS)) {
    const tls = (): Account['tls'] => (kind === 'none' ? undefined : { kind, ca });

    for (const [name, { client, before = '', upgrades = true }] of Object.entries(EACH)) {
      if (kind === 'upgrade' && !upgrades) continue;

      it(`gives ${name} every octet, ${way}`, async () => {
        await serve({ tls: kind });
        const messages = await client(account({ tls: tls() }));
        expect(messages.map(String)).to.have.members(MESSAGES.map((message) => before + local(message)));
        expect(said()).to.include('QUIT').and.not.include('DELE 1');
        expect(said().includes('STLS')).to.equal(kind === 'upgrade');
        expect(server.messages()).to.have.length(3);
      });

      it(`lets ${name} delete what it has fetched, ${way}`, async () => {
        await serve({ tls: kind });
        const messages = await client(account({ tls: tls(), remove: true }));
        expect(messages).to.have.length(3);
        expect(said()).to.include.members(['DELE 1', 'DELE 2', 'DELE 3', 'QUIT']);
        expect(server.messages()).to.have.length(0);
      });
    }

    for (const [name, client] of Object.entries({ mutt, 's-nail': snail })) {
      it(`gives ${name} every message, and deletes the first, ${way}`, async () => {
        await serve({ tls: kind });
        const mailbox = (await client(account({ tls: tls(), remove: true }))).toString();
        for (const message of MESSAGES) expect(mailbox).to.include(local(message.slice(message.indexOf('\r\n\r\n'))));
        expect(said()).to.include.members(['STAT', 'TOP 1 0', 'RETR 3', 'DELE 1', 'QUIT']);
        expect(server.messages()).to.have.length(2);
      });
    }

    it(`gives curl lists and every octet, ${way}`, async () => {
      await serve({ tls: kind });
      const url = server.url.replace('127.0.0.1', 'localhost');
      const login = ['-u', `${USER}:${PASSWORD}`, '--cacert', ca, ...(kind === 'upgrade' ? ['--ssl-reqd'] : [])];
      const list = MESSAGES.map((message, at) => `${at + 1} ${Buffer.byteLength(message)}\r\n`).join('');
      expect(output(await curl(...login, `${url}/`)).toString()).to.equal(list);
      for (const [at, message] of MESSAGES.entries())
        expect(output(await curl(...login, `${url}/${at + 1}`)).toString()).to.equal(message);
      const uids = server.messages().map(({ uid }, at) => `${at + 1} ${uid}\r\n`);
      expect(output(await curl(...login, '-X', 'UIDL', `${url}/`)).toString()).to.equal(uids.join(''));
      const top = output(await curl(...login, '-X', 'TOP 1 1', `${url}/`)).toString();
      expect(top).to.equal(MESSAGES[0]?.split('\r\n').slice(0, 7).join('\r\n').concat('\r\n'));
      expect(said().filter((line) => line === 'QUIT')).to.have.length(6);
    });

    it(`answers all of poplib, ${way}`, async () => {
      await serve({ tls: kind });
      const args = ['-I', '-c', POPLIB, kind, `${server.port}`, ca, USER, PASSWORD];
      const told: unknown = JSON.parse(output(await run('/usr/bin/python3', args)).toString());
      const sizes = MESSAGES.map((message) => Buffer.byteLength(message));
      expect(told).to.deep.equal({
        stat: [3, sizes.reduce((sum, size) => sum + size)],
        list: sizes.map((size, at) => `${at + 1} ${size}`),
        one: `+OK 2 ${sizes[1]}`,
        uidl: server.messages().map(({ uid }, at) => `${at + 1} ${uid}`),
        messages: MESSAGES,
        top: MESSAGES[2]?.split('\r\n').slice(0, 7),
        capabilities: ['PIPELINING', 'SASL', 'TOP', 'UIDL', 'USER'],
        missing: '-ERR',
        left: 3,
      });
    });
  }

  const MECHANISMS: Readonly<Record<string, readonly string[]>> = {
    curl: ['PLAIN', 'LOGIN', 'CRAM-MD5', '+APOP', 'XOAUTH2', 'OAUTHBEARER'],
    mpop: ['user', 'apop', 'plain', 'login', 'cram-md5', 'scram-sha-1', 'scram-sha-256'],
    fetchmail: ['password', 'cram-md5'],
  };

  for (const mechanism of MECHANISMS['curl'] ?? []) {
    it(`knows curl by ${mechanism}`, async () => {
      await serve({ profile: 'full', ...(mechanism !== '+APOP' && { capabilities: { SASL: mechanism } }) });
      const proof = /OAUTH/.test(mechanism)
        ? ['-u', `${USER}:`, '--oauth2-bearer', TOKEN]
        : ['-u', `${USER}:${PASSWORD}`];
      const args = [...proof, '--login-options', `AUTH=${mechanism}`, `${server.url}/1`];
      expect(output(await curl(...args)).toString()).to.equal(MESSAGES[0]);
      expect(said().join('\n')).to.include(mechanism === '+APOP' ? 'APOP alice ***' : `AUTH ${mechanism}`);
    });
  }

  for (const [name, client] of Object.entries({ mpop, fetchmail })) {
    for (const auth of MECHANISMS[name] ?? []) {
      it(`knows ${name} by ${auth}`, async () => {
        await serve({ profile: 'full' });
        expect(await client(account({ auth }))).to.have.length(3);
        const command = { user: 'USER', password: 'USER', apop: 'APOP' }[auth] ?? `AUTH ${auth.toUpperCase()}`;
        expect(said().join('\n')).to.match(new RegExp(`^${command}\\b`, 'm'));
      });
    }
  }

  it('serves the simplest clients when it can do nothing but RFC 1939', async () => {
    await serve({ profile: 'minimal' });
    for (const client of [fetchmail, mpop]) expect(await client(account())).to.have.length(3);
    const list = output(await curl('-u', `${USER}:${PASSWORD}`, `${server.url}/`)).toString();
    expect(list.split('\r\n')).to.have.length(4);
  });

  it('refuses a wrong password, and a certificate that nobody vouches for', async () => {
    await serve({ tls: 'implicit' });
    const { status } = await curl('-u', `${USER}:guess`, '--cacert', ca, `${server.url}/`);
    expect(status).to.equal(67); // login denied
    expect((await curl('-u', `${USER}:${PASSWORD}`, `${server.url}/`)).status).to.equal(60);
    for (const client of [fetchmail, mpop, getmail]) {
      const tls = { kind: 'implicit', ca } as const;
      const error: unknown = await client(account({ password: 'guess', tls })).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(Error);
    }
    expect(server.messages()).to.have.length(3);
  });
});

/** With the line ends of this system. */
function local(message: string): string {
  return message.replaceAll('\r\n', '\n');
}
