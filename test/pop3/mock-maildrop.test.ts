import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { connect } from '../../lib/net/connect.ts';
import type { Connection } from '../../lib/net/connection.ts';
import { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { rejection } from '../helpers.ts';
import { IN, play, playAgainst } from './mock.ts';

const TWO = { messages: ['Subject: one\n\nfirst\n', 'Subject: two\n\nsecond\n'] };
const OUT = 'C: QUIT\nS~ ^\\+OK\n*: close\n';

/** A session that has logged in and stays. */
async function enter(server: Pop3MockServer): Promise<Connection> {
  const connection = await connect({ host: server.host, port: server.port });
  await connection.writeText('USER user\r\nPASS password\r\n');
  for (let i = 0; i < 2; i++) await connection.readLine();
  expect(await connection.readLine()).to.match(/^\+OK/);
  return connection;
}

describe('The maildrop of a POP3 server', () => {
  let server: Pop3MockServer;
  beforeEach(async () => {
    server = await Pop3MockServer.start(TWO);
  });
  afterEach(async () => server.close());

  it('belongs to one session at a time, until that ends', async () => {
    const refused = IN.replace(/S~ \^\\\+OK\n$/, 'S~ ^-ERR \\[IN-USE\\]\n');
    const first = await enter(server);
    await playAgainst(server, refused);
    await first.writeText('QUIT\r\n');
    expect(await first.readLine()).to.match(/^\+OK/);
    await playAgainst(server, IN + OUT);
    await first.close();
  });

  it('is free again when a session was lost, and nothing is deleted then', async () => {
    const lost = await enter(server);
    await lost.writeText('DELE 1\r\nSTAT\r\n');
    await lost.readLine();
    expect(await lost.readLine()).to.match(/^\+OK 1 /);
    lost.destroy(new Error('lost'));
    await playAgainst(server, `${IN}C: STAT\nS~ ^\\+OK 2 \n${OUT}`);
    expect(server.messages()).to.have.length(2);
  });

  it('loses at QUIT what was deleted, and keeps the ids of the others', async () => {
    const [, second] = server.messages();
    await playAgainst(server, `${IN}C: DELE 1\nS~ ^\\+OK\n${OUT}`);
    expect(server.messages()).to.deep.equal([second]);
    await playAgainst(server, `${IN}C: UIDL\nS~ ^\\+OK\nS: 1 ${second?.uid}\nS: .\n${OUT}`);
  });

  it('loses nothing when QUIT is not reached', async () => {
    server.faults.add({ verb: 'QUIT', hangUp: true });
    await playAgainst(server, `${IN}C: DELE 1\nS~ ^\\+OK\nC: QUIT\n*: close`);
    expect(server.messages()).to.have.length(2);
  });

  it('takes new messages, which the next session finds', async () => {
    const session = await enter(server);
    server.deliver('Subject: three\n\n');
    await session.writeText('STAT\r\nQUIT\r\n');
    expect(await session.readLine()).to.match(/^\+OK 2 /);
    expect(await session.readLine()).to.match(/^\+OK/);
    await playAgainst(server, `${IN}C: STAT\nS~ ^\\+OK 3 \n${OUT}`);
    await session.close();
    expect(() => server.deliver('x', 'nobody')).to.throw(UsageError, 'nobody');
    expect(() => server.deliver({ uid: 'a b', content: '' })).to.throw(UsageError, 'unique id');
  });

  it('has an id for each message, also where two are the same', async () => {
    const same = await Pop3MockServer.start({ messages: ['a', 'a', { content: 'a' }, { uid: 'mine', content: 'a' }] });
    const ids = same.messages().map(({ uid }) => uid);
    expect(new Set(ids).size).to.equal(4);
    expect(ids[3]).to.equal('mine');
    await same.close();
    const again = await Pop3MockServer.start({ messages: ['a', 'a'] });
    expect(again.messages().map(({ uid }) => uid)).to.deep.equal(ids.slice(0, 2));
    await again.close();
  });

  it('is another for each user', async () => {
    const users = { a: { password: '1', messages: ['Subject: a\n\n'] }, b: { password: '2', messages: [] } };
    const many = await Pop3MockServer.start({ ...TWO, users });
    expect(many.login).to.deep.equal({ user: 'user', password: 'password', token: 'token' });
    const first = await enter(many);
    await playAgainst(many, `S~ ^\\+OK\nC: USER a\nS~ ^\\+OK\nC: PASS 1\nS: +OK a's maildrop has 1 message`);
    await playAgainst(
      many,
      `S~ ^\\+OK\nC: USER b\nS~ ^\\+OK\nC: PASS 2\nS: +OK b's maildrop has 0 messages\nC: LIST\nS~ ^\\+OK\nS: .\n`,
    );
    await first.close();
    await many.close();
    const alone = await Pop3MockServer.start({ users });
    expect(alone.login).to.deep.equal({ user: 'a', password: '1' });
    await alone.close();
  });

  it('is left as it is where nothing can be removed', async () => {
    const spool = {
      open: async () => [{ uid: '1', content: () => Buffer.from('Subject: x\n\n') }],
      remove: async () => {
        throw new Error('read only');
      },
    };
    const dialogue = `${IN}C: DELE 1\nS~ ^\\+OK\nC: QUIT\nS: -ERR [SYS/TEMP] some deleted messages not removed\n*: close`;
    await play({ messages: spool }, {}, dialogue, dialogue);
  });

  it('that cannot be read is no crash', async () => {
    const gone = (): never => {
      throw Object.assign(new Error('gone'), { code: 'ENOENT', syscall: 'open' });
    };
    const refused = 'S~ ^-ERR \\[SYS/TEMP\\]\n';
    const content = async (): Promise<Uint8Array> => gone();
    const file = { open: async () => [{ uid: '1', content }], remove: async () => {} };
    await play({ messages: file }, {}, `${IN}C: RETR 1\n${refused}C: LIST\n${refused}C: STAT\n${refused}${OUT}`);
    const folder = { open: async () => gone(), remove: async () => {} };
    const dialogue = `${IN.replace(/S~ \^\\\+OK\n$/, refused)}C: STAT\nS: -ERR log in first\n`;
    await play({ messages: folder }, {}, dialogue, dialogue);
  });
});

describe('A POP3 server', () => {
  it('knows no commands of the other state, and none that it does not know', async () => {
    const before = ['STAT', 'LIST', 'UIDL', 'TOP 1 0', 'RETR 1', 'DELE 1', 'RSET', 'NOOP'];
    const dialogue = before.map((line) => `C: ${line}\nS: -ERR log in first\n`).join('');
    await play(
      TWO,
      {},
      `S~ ^\\+OK\n${dialogue}C: LAST\nS: -ERR unknown command\nC:\nS: -ERR unknown command\nC: stat\nS: -ERR log in first\n${OUT}`,
    );
    const after = ['USER x', 'PASS x', 'AUTH PLAIN'].map((line) => `C: ${line}\nS: -ERR you have logged in already\n`);
    await play(TWO, {}, `${IN}${after.join('')}C: retr 2\nS~ ^\\+OK\nS: Subject: two\nS:\nS: second\nS: .\n${OUT}`);
  });

  it('takes no numbers but numbers', async () => {
    const lines = [
      'RETR',
      'RETR 0',
      'RETR 3',
      'RETR -1',
      'RETR x',
      'RETR 1 2',
      'RETR 99999999999999999999',
      'DELE',
      'LIST 0',
      'LIST a',
      'UIDL 1 2',
      'TOP 1',
      'TOP 1 x',
      'TOP 1 -1',
      'TOP 1 2 3',
    ];
    await play(TWO, {}, `${IN}${lines.map((line) => `C: ${line}\nS~ ^-ERR\n`).join('')}C: STAT\nS~ ^\\+OK 2 \n`);
  });

  it('that is minimal has only what RFC 1939 demands', async () => {
    const lines = ['CAPA', 'AUTH', 'APOP a b', 'UTF8', 'LANG', 'STLS'].map(
      (line) => `C: ${line}\nS: -ERR unknown command\n`,
    );
    await play(
      TWO,
      { profile: 'minimal' },
      `S~ ^\\+OK\n${lines.join('')}`,
      `${IN}C: UIDL\nS~ ^-ERR u\nC: TOP 1 0\nS~ ^-ERR u\nC: LIST 1\nS~ ^\\+OK 1 \n${OUT}`,
    );
  });

  it('has the capabilities that it is told to have', async () => {
    const capabilities = {
      PIPELINING: false,
      'x-mine': 'a b',
      IMPLEMENTATION: 'Else',
      SASL: false,
      'RESP-CODES': false,
      'AUTH-RESP-CODE': false,
    };
    const list = ['TOP', 'UIDL', 'USER', 'X-MINE a b', 'IMPLEMENTATION Else'].map((line) => `S: ${line}\n`).join('');
    await play(TWO, { capabilities }, `S~ ^\\+OK\nC: CAPA\nS~ ^\\+OK\n${list}S: .\nC: AUTH\nS~ ^-ERR unknown\n`);
    const wrong = await rejection(Pop3MockServer.start(TWO, { capabilities: { IMPLEMENTATION: 'a\r\nb' } }));
    expect(wrong).to.be.instanceOf(UsageError);
  });

  it('sends every octet as it is, but with CRLF, and dots doubled', async () => {
    const long = 'y'.repeat(20_000);
    const message = Buffer.concat([
      Buffer.from(`Subject: x\n\n.\n..\n.x\r\n${long}\n`),
      Buffer.of(0xff, 0, 0x80),
      Buffer.from('\nend'),
    ]);
    const dialogue = `${IN}
      C: LIST 1
      S: +OK 1 ${message.length + 8}
      C: RETR 1
      S: +OK ${message.length + 8} octets
      S: Subject: x
      S:
      S: ..
      S: ...
      S: ..x
      S: ${long}
      S| \\xff\\0\\x80\\r\\n
      S: end
      S: .
      C: TOP 1 2
      S~ ^\\+OK
      S: Subject: x
      S:
      S: ..
      S: ...
      S: .
    `;
    await play({ messages: [message] }, {}, dialogue);
  });

  it('has messages without a body, without a header, without anything', async () => {
    const dialogue = `${IN}
      C: LIST
      S: +OK 3 messages (20 octets)
      S: 1 12
      S: 2 8
      S: 3 0
      S: .
      C: TOP 1 9
      S~ ^\\+OK
      S: Subject: x
      S: .
      C: TOP 2 0
      S~ ^\\+OK
      S:
      S: .
      C: RETR 3
      S: +OK 0 octets
      S: .
    `;
    await play({ messages: ['Subject: x', '\nbody', ''] }, {}, dialogue);
  });

  it('lists many messages without showing each of them', async () => {
    const server = await Pop3MockServer.start({ messages: Array.from({ length: 1_000 }, (_, i) => `${i}`) });
    const connection = await enter(server);
    await connection.writeText('UIDL\r\n');
    await connection.readLine();
    const parts: Buffer[] = [];
    await connection.readDotBlock().each((chunk) => parts.push(Buffer.from(chunk)));
    expect(Buffer.concat(parts).toString().trim().split('\r\n')).to.have.length(1_000);
    await connection.close();
    await server.close();
    expect(server.transcript.lines.length).to.be.lessThan(20);
  });
});
