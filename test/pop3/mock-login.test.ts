import { expect } from 'chai';
import { Secret } from '../../lib/core/secret.ts';
import { connect } from '../../lib/net/connect.ts';
import { type Pop3MockOptions, Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { authenticate, type Candidate, chooseMechanism, MECHANISM_NAMES } from '../../lib/wire/sasl.ts';
import { play, playAgainst } from './mock.ts';

const GREETED = 'S~ ^\\+OK\n';
const OAUTH = ['XOAUTH2', 'OAUTHBEARER'];

/** Logs in by a mechanism, and gives the last line that the server says. */
async function login(server: Pop3MockServer, name: string, secret: string, offered = MECHANISM_NAMES): Promise<string> {
  const connection = await connect(
    { host: server.host, port: server.port, tls: server.ca !== undefined },
    { tls: { ca: server.ca } },
  );
  await connection.readLine();
  const credentials = OAUTH.includes(name)
    ? { user: 'user', token: new Secret(secret) }
    : { user: 'user', password: new Secret(secret) };
  const [found] = chooseMechanism(offered, credentials, {
    secure: true,
    wanted: name,
    bindings: connection.bindings(),
  });
  let line = '';
  let first = true;
  try {
    await authenticate((found as Candidate).start(), async (response) => {
      const text = response?.reveal();
      if (first)
        await connection.writeText(text === undefined ? `AUTH ${name}\r\n` : `AUTH ${name} ${text || '='}\r\n`);
      else await connection.writeText(`${text}\r\n`);
      first = false;
      line = await connection.readLine();
      if (line.startsWith('+ ')) return line.slice(2);
      if (line.startsWith('+OK')) return undefined;
      throw new Error(line);
    }).catch(() => {});
  } finally {
    await connection.close();
  }
  return line;
}

describe('A POP3 server lets in', () => {
  const options: Pop3MockOptions = {
    profile: 'full',
    tls: 'implicit',
    sasl: { iterations: 1, anonymous: true, external: 'user' },
  };
  let server: Pop3MockServer;
  beforeEach(async () => {
    server = await Pop3MockServer.start({ messages: [], users: { anonymous: {} } }, options);
  });
  afterEach(async () => server.close());

  for (const name of MECHANISM_NAMES) {
    const proves = name !== 'ANONYMOUS' && name !== 'EXTERNAL';
    it(`by ${name}${proves ? ', and not with a wrong secret' : ''}`, async () => {
      expect(await login(server, name, OAUTH.includes(name) ? 'token' : 'password')).to.match(/^\+OK/);
      if (proves) expect(await login(server, name, 'wrong')).to.match(/^-ERR \[AUTH\]/);
    });
  }

  it('whom USER and PASS name, with spaces in the password', async () => {
    const login = { user: 'a b', password: ' two  words ' };
    await play({ messages: [] }, { login }, `${GREETED}C: USER a b\nS~ ^\\+OK\nC| PASS  two  words \\r\\n\nS~ ^\\+OK`);
  });

  it('a user with the token that Microsoft’s clients send on a line of its own', async () => {
    const token = Buffer.from('user=user\x01auth=Bearer token\x01\x01').toString('base64');
    await playAgainst(server, `${GREETED}C: AUTH XOAUTH2\nS| + \\r\\n\nC: ${token}\nS~ ^\\+OK`);
  });

  it('on behalf of another only whom it is told may be', async () => {
    const plain = Buffer.from('b\0a\0secret').toString('base64');
    const fixture = { users: { a: { password: 'secret' }, b: { messages: ['Subject: x\n\n'] } } };
    await play(fixture, {}, `${GREETED}C: AUTH PLAIN ${plain}\nS~ ^-ERR \\[AUTH\\]`);
    const sasl = { authorize: (user: string, authzid: string) => user === 'a' && authzid === 'b' };
    await play(fixture, { sasl }, `${GREETED}C: AUTH PLAIN ${plain}\nS: +OK b's maildrop has 1 message`);
  });
});

describe('A login at a POP3 server', () => {
  it('is refused, and may be tried again', async () => {
    const dialogue = `${GREETED}
      C: PASS password
      S: -ERR USER comes first
      C: USER
      S~ ^-ERR
      C: USER nobody
      S~ ^\\+OK
      C: PASS password
      S~ ^-ERR \\[AUTH\\]
      C: PASS password
      S: -ERR USER comes first
      C: APOP user 00000000000000000000000000000000
      S~ ^-ERR \\[AUTH\\]
      C: APOP nobody d41d8cd98f00b204e9800998ecf8427e
      S~ ^-ERR \\[AUTH\\]
      C: APOP user
      S~ ^-ERR APOP takes
      C: AUTH NOPE
      S: -ERR this mechanism is not offered
      C: AUTH SCRAM-SHA-256-PLUS
      S: -ERR this mechanism is not offered
      C: AUTH PLAIN a b
      S~ ^-ERR
      C: AUTH PLAIN no-base64
      S~ ^-ERR this is not PLAIN
      C: AUTH CRAM-MD5
      S~ ^\\+ [A-Za-z0-9+/]+=*$
      C: *
      S: -ERR the authentication has been cancelled
      C: AUTH LOGIN
      S: + VXNlcm5hbWU6
      C: dXNlcg==
      S: + UGFzc3dvcmQ6
      C: cGFzc3dvcmQ=
      S~ ^\\+OK
      C: USER user
      S: -ERR you have logged in already
    `;
    await play({ messages: [] }, { profile: 'full' }, dialogue);
  });

  it('knows its mechanisms without being told one', async () => {
    const dialogue = `${GREETED}C: AUTH\nS~ ^\\+OK\nS: PLAIN\nS: CRAM-MD5\nS: .\n`;
    await play({ messages: [] }, { capabilities: { SASL: 'PLAIN CRAM-MD5 X-OTHER' } }, dialogue);
  });

  it('offers no tokens where nobody has one', async () => {
    await play(
      { users: { a: { password: 'b' } } },
      { capabilities: { SASL: 'PLAIN XOAUTH2' } },
      `${GREETED}C: AUTH\nS~ ^\\+OK\nS: PLAIN\nS: .\n`,
    );
  });

  it('may be too early after the one before', async () => {
    const login = 'C: USER user\nS~ ^\\+OK\nC: PASS password\n';
    const options = { capabilities: { 'LOGIN-DELAY': '3600' } };
    await play(
      { messages: [] },
      options,
      `${GREETED}${login}S~ ^\\+OK\nC: QUIT\nS~ ^\\+OK\n*: close`,
      `${GREETED}${login}S~ ^-ERR \\[LOGIN-DELAY\\] 3600`,
    );
  });

  it('needs TLS where the server says so', async () => {
    const capabilities = {
      UIDL: false,
      'RESP-CODES': false,
      'AUTH-RESP-CODE': false,
      PIPELINING: false,
      SASL: 'PLAIN',
    };
    const dialogue = `${GREETED}
      C: CAPA
      S~ ^\\+OK
      S: TOP
      S: STLS
      S: .
      C: USER user
      S: -ERR TLS comes first: STLS
      C: APOP user 00000000000000000000000000000000
      S: -ERR TLS comes first: STLS
      C: AUTH PLAIN
      S: -ERR TLS comes first: STLS
      C: STLS
      S~ ^\\+OK
      *: tls
      C: CAPA
      S~ ^\\+OK
      S: TOP
      S: USER
      S: SASL PLAIN
      S: .
      C: USER user
      S~ ^\\+OK
      C: PASS password
      S~ ^\\+OK
      C: STLS
      S~ ^-ERR
    `;
    const options: Pop3MockOptions = {
      tls: 'upgrade',
      requireTls: true,
      capabilities: { ...capabilities, APOP: true },
    };
    await play({ messages: [] }, options, dialogue);
  });

  it('by SCRAM is not taken for a downgrade where there is no -PLUS', async () => {
    const options: Pop3MockOptions = {
      tls: 'implicit',
      capabilities: { SASL: 'SCRAM-SHA-256' },
      sasl: { iterations: 1 },
    };
    const server = await Pop3MockServer.start({ messages: [] }, options);
    expect(await login(server, 'SCRAM-SHA-256', 'password', ['SCRAM-SHA-256'])).to.match(/^\+OK/);
    await server.close();
  });
});

describe('STLS at a POP3 server', () => {
  it('forgets what was said before it', async () => {
    const dialogue = `${GREETED}C: USER user\nS~ ^\\+OK\nC: STLS\nS~ ^\\+OK\n*: tls\nC: PASS password\nS: -ERR USER comes first`;
    await play({ messages: [] }, { tls: 'upgrade' }, dialogue);
  });

  it('is refused without a certificate, and where there is TLS', async () => {
    await play({ messages: [] }, { capabilities: { STLS: true } }, `${GREETED}C: STLS\nS~ ^-ERR there is no TLS`);
    await play({ messages: [] }, { tls: 'implicit' }, `${GREETED}C: STLS\nS~ ^-ERR TLS is there`);
    await play(
      { messages: [] },
      { tls: 'upgrade', capabilities: { STLS: false } },
      `${GREETED}C: STLS\nS~ ^-ERR unknown`,
    );
  });

  it('takes nothing that was planted behind it', async () => {
    const server = await Pop3MockServer.start({ messages: [] }, { tls: 'upgrade' });
    const connection = await connect({ host: server.host, port: server.port });
    await connection.writeText('STLS\r\nUSER user\r\n');
    const parts: Buffer[] = [];
    await connection
      .readToEnd()
      .each((chunk) => parts.push(Buffer.from(chunk)))
      .catch(() => {});
    expect(Buffer.concat(parts).toString()).to.not.contain('PASS');
    await connection.close();
    await server.close();
  });
});
