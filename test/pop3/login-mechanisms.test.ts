import { expect } from 'chai';
import { ReplyError, UsageError } from '../../lib/core/errors.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { type Pop3MockOptions, Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { rejection } from '../helpers.ts';

const MECHANISMS = [
  'PLAIN',
  'LOGIN',
  'CRAM-MD5',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'XOAUTH2',
  'OAUTHBEARER',
  '+APOP',
  'USER',
];
const OTHERS = { EXTERNAL: { external: 'user' }, ANONYMOUS: { anonymous: true } } as const;
const NOBODY = { user: 'user', password: 'wrong', token: 'wrong' };

async function logsIn(auth: string, options: Pop3MockOptions, credentials?: object): Promise<readonly string[]> {
  await using server = await Pop3MockServer.start({ messages: ['x'] }, { profile: 'full', ...options });
  const login = { ...(credentials ?? server.login), tls: { ca: server.ca }, auth };
  await using client = await pop3.connect(server.url, {
    ...login,
    starttls: options.tls === 'upgrade' ? 'required' : 'off',
  });
  expect((await client.stat()).count).to.equal(1);
  return server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text);
}

describe('a POP3 client logs in', () => {
  for (const tls of ['none', 'upgrade', 'implicit'] as const) {
    for (const mechanism of MECHANISMS) {
      it(`by ${mechanism}, TLS: ${tls}; and not with another password`, async () => {
        const said = await logsIn(mechanism, { tls });
        const verb = mechanism === 'USER' ? 'USER' : mechanism === '+APOP' ? 'APOP' : `AUTH ${mechanism}`;
        expect(said.filter((line) => line.startsWith(verb))).to.have.length(1);
        const error = await rejection(logsIn(mechanism, { tls }, NOBODY));
        expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth', temporary: false, protocol: 'pop3' });
      });
    }
  }

  for (const [mechanism, sasl] of Object.entries(OTHERS)) {
    it(`by ${mechanism}, where it is asked for`, async () => {
      const fixture = { messages: ['x'], users: { anonymous: { messages: ['x'] } } };
      await using server = await Pop3MockServer.start(fixture, { profile: 'full', sasl });
      for (const login of [{ user: 'user' }, {}]) {
        await using client = await pop3.connect(server.url, { ...login, auth: mechanism });
        expect((await client.stat()).count).to.equal(1);
      }
      expect(String(server.transcript)).to.contain(`C: AUTH ${mechanism}`);
    });
  }

  it('with the best that there is where nothing is asked for', async () => {
    for (const [token, begins] of [
      [{ password: 'password' }, 'AUTH SCRAM-SHA-256'],
      [{ token: 'token' }, 'AUTH OAUTHBEARER'],
    ] as const) {
      const said = await logsIn('*', {}, { user: 'user', ...token });
      expect(said.some((line) => line.startsWith(begins))).to.equal(true);
    }
  });

  it('one at a time: who comes second is told to come again (IN-USE)', async () => {
    await using server = await Pop3MockServer.start({ messages: ['x'] });
    await using _ = await pop3.connect(server.url, { ...server.login });
    const error = await rejection(pop3.connect(server.url, { ...server.login }));
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'busy', temporary: true });
  });

  it('not without TLS where the server wants it', async () => {
    await using server = await Pop3MockServer.start({ messages: ['x'] }, { tls: 'upgrade', requireTls: true });
    const options = { ...server.login, tls: { ca: server.ca } };
    const error = await rejection(pop3.connect(server.url, options));
    expect(error).to.satisfy((each: unknown) => each instanceof ReplyError || each instanceof UsageError);
    await (await pop3.connect(server.url, { ...options, starttls: 'try' })).close();
  });
});
