import { expect } from 'chai';
import { ConnectionError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { certificate } from '../../lib/mock/certificate.ts';
import type { ScriptedServer } from '../../lib/mock/script.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { rejection } from '../helpers.ts';
import { BYE, capa, JOE, serving } from './client-scripted.ts';

const OFFERS = `S: +OK\n${capa('STLS', 'USER')}`;
const SECRETS = /USER|PASS|AUTH|APOP|hunter2/;

/** What becomes of a login by STLS, and all that was said in the clear or not. */
async function attempt(
  dialogue: string,
  options: ConnectOptions = {},
  scheme = 'pop3+starttls',
): Promise<{ error: unknown; said: string }> {
  const transcript = new Transcript();
  const connect = async ({ port, ca }: ScriptedServer): Promise<unknown> => {
    const tls = { ca };
    return rejection(pop3.connect(`${scheme}://localhost:${port}`, { ...JOE, tls, transcript, ...options }));
  };
  // what the client does not stay for is no failure here
  let error: unknown;
  await serving(dialogue, async (server) => {
    error = await connect(server);
  }).catch(() => {});
  return { error, said: String(transcript) };
}

describe('STLS', () => {
  it('comes before the login, and what the server can do is asked again behind it', async () => {
    const session = `${OFFERS}\nC: STLS\nS: +OK begin\n*: tls\n${capa('USER', 'PIPELINING')}
      C: USER joe\nS: +OK\nC: PASS hunter2\nS: +OK\n${capa('TOP')}${BYE}`;
    await serving(session, async ({ port, ca }) => {
      const client = await pop3.connect(`pop3+starttls://localhost:${port}`, { ...JOE, tls: { ca } });
      expect([...client.capabilities.keys()]).to.deep.equal(['TOP']);
      expect(client.endpoint.scheme).to.equal('pop3+starttls');
      await client.close();
    });
  });

  it('is required where it is asked for, and on the way to another machine', async () => {
    await serving([`S: +OK\n${capa('USER')}`, `S: +OK\n${capa('USER')}`], async ({ port }) => {
      const resolve = { 'mail.example.org': '127.0.0.1' };
      for (const url of [`pop3+starttls://127.0.0.1:${port}`, `pop3://mail.example.org:${port}`]) {
        const error = await rejection(pop3.connect(url, { ...JOE, resolve }));
        expect(error).to.be.instanceOf(ConnectionError).and.include({ reason: 'tls-required', protocol: 'pop3' });
      }
    });
  });

  it('that is missing, refused, or answered with nonsense ends it before any secret (pop3-s30, s31, s32)', async () => {
    const dialogues: [string, string][] = [
      [`S: +OK\nC: CAPA\nS: -ERR`, 'tls-required'],
      [`S: +OK\n${capa('USER')}`, 'tls-required'],
      [`${OFFERS}\nC: STLS\nS: -ERR no`, 'tls-required'],
      [`${OFFERS}\nC: STLS\nS: 250 ok`, 'grammar'],
    ];
    for (const [dialogue, reason] of dialogues) {
      const { error, said } = await attempt(dialogue);
      expect(error, dialogue).to.include({ reason });
      expect(said).to.not.match(SECRETS);
    }
  });

  it('is done where it is offered when it is only tried, and goes without where it is not', async () => {
    const without = `S: +OK\n${capa()}\nC: USER joe\nS: +OK\nC: PASS hunter2\nS: +OK\n${capa()}${BYE}`;
    const refused = without.replace(capa(), `${capa('STLS')}\nC: STLS\nS: -ERR not now`);
    const done = `${OFFERS}\nC: STLS\nS: +OK\n*: tls\n${without.replace('S: +OK\n', '')}`;
    await serving([without, refused, done], async ({ port, ca }) => {
      const secure: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        const client = await pop3.connect(`pop3://127.0.0.1:${port}`, { ...JOE, starttls: 'try', tls: { ca } });
        secure.push(client.isLoggedIn);
        await client.close();
      }
      expect(secure).to.deep.equal([true, true, true]);
    });
  });

  it('does not take a password where it was only tried, and somebody can listen', async () => {
    await serving(`S: +OK\n${capa('USER')}`, async ({ port }) => {
      const options = { ...JOE, starttls: 'try', resolve: { 'mail.example.org': '127.0.0.1' } } as const;
      const error = await rejection(pop3.connect(`pop3://mail.example.org:${port}`, options));
      expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
    });
    const session = `S: +OK\n${capa('USER')}\nC: USER joe\nS: +OK\nC: PASS hunter2\nS: +OK\n${capa('USER')}${BYE}`;
    await serving(session, async ({ port }) => {
      const resolve = { 'mail.example.org': '127.0.0.1' };
      const options = { ...JOE, starttls: 'off', insecureLogin: true, resolve } as const;
      await (await pop3.connect(`pop3://mail.example.org:${port}`, options)).close();
    });
  });

  it('refuses what was planted behind the server’s yes (pop3-s33)', async () => {
    const planted = `${OFFERS}\nC: STLS\nS| +OK go\\r\\n+OK\\r\\n+OK logged in\\r\\n\n*: tls`;
    const { error, said } = await attempt(planted);
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'tls-injection');
    expect(said).to.not.match(SECRETS);
  });

  it('has a limit for a handshake that never comes (pop3-s35)', async () => {
    await using server = await Pop3MockServer.start({}, { tls: 'upgrade' });
    server.faults.add({ verb: 'STLS', reply: '+OK go', stall: true });
    const timeouts = { tls: 200 };
    const began = performance.now();
    const error = await rejection(
      pop3.connect(server.url, { ...server.login, starttls: 'required', timeouts, tls: { ca: server.ca } }),
    );
    expect(error).to.be.instanceOf(TimeoutError).with.property('phase', 'tls');
    expect(performance.now() - began).to.be.within(190, 700);
  });

  it('takes no certificate of another host, an old one, or one that nobody vouches for (pop3-s37, pop3-s38)', async () => {
    const transcript = new Transcript();
    for (const options of [{ hosts: ['other.invalid'] }, { expired: true }, { selfSigned: true }]) {
      const shown = certificate(options);
      await using server = await Pop3MockServer.start({}, { tls: 'upgrade', certificate: shown });
      const tls = 'selfSigned' in options ? {} : { ca: shown.ca };
      const login = { ...server.login, starttls: 'required', transcript, tls } as const;
      const error = await rejection(pop3.connect(server.url, login));
      expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'tls');
    }
    expect(String(transcript)).to.not.match(/(?:PASS|AUTH) /);
  });
});

describe('POP3 over TLS from the first octet', () => {
  it('logs in without STLS, and tells what TLS it is', async () => {
    await using server = await Pop3MockServer.start({ messages: ['x'] }, { tls: 'implicit' });
    await using client = await pop3.connect(server.url, { ...server.login, tls: { ca: server.ca } });
    expect(server.url).to.match(/^pop3s:/);
    const report = await client.check();
    expect(report).to.include({ secure: true, messages: 1 });
    expect(report['tls']).to.include({ verified: true });
  });

  it('is cut short where TLS ends without saying so (pop3-s39)', async () => {
    await using server = await Pop3MockServer.start({ messages: ['Subject: x\n\nbody\n'] }, { tls: 'implicit' });
    await using client = await pop3.connect(server.url, { ...server.login, tls: { ca: server.ca } });
    server.faults.add({ verb: 'RETR', reply: '+OK\r\n\r\npartial\r\n', reset: true });
    const error = await rejection(client.retr(1));
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason').that.is.oneOf(['truncated', 'reset']);
  });
});
