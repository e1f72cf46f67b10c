import { inspect } from 'node:util';
import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { Secret } from '../../lib/core/secret.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import type { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { Scan } from '../../lib/pop3/scan.ts';
import { all, rejection } from '../helpers.ts';
import { JOE } from './client-scripted.ts';
import { type Answers, type HostileServer, hostile, pour } from './hardening-server.ts';

describe('POP3 lists of hostile servers', () => {
  const servers: HostileServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const at = async <T>(answers: Answers, work: (client: Pop3Client) => Promise<T>): Promise<T> => {
    const server = await hostile(answers);
    servers.push(server);
    const client = await pop3.connect(server.url, { ...JOE, timeouts: { close: 100 } });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };

  it('end at their limits (pop3-s20, pop3-s21, pop3-s50)', async () => {
    const before = process.memoryUsage().rss;
    const endless: [string, Answers][] = [
      ['LIST', { LIST: (socket) => pour(socket, '1 120\r\n', '+OK\r\n') }],
      ['UIDL', { UIDL: (socket) => pour(socket, '1 same\r\n', '+OK\r\n') }],
      ['blank lines', { LIST: (socket) => pour(socket, '\r\n', '+OK\r\n') }],
      ['a line', { LIST: (socket) => pour(socket, '9', '+OK\r\n1 ') }],
      ['a line of 8 MiB', { LIST: `+OK\r\n1 ${'9'.repeat(8_388_608)}\r\n.\r\n` }],
    ];
    for (const [what, answers] of endless) {
      const error = await rejection(at(answers, (client) => all(client.list())));
      expect(error, what).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    }
    const capabilities = await rejection(at({ CAPA: (socket) => pour(socket, 'X\r\n', '+OK\r\n') }, async () => {}));
    expect(capabilities).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    expect(process.memoryUsage().rss - before).to.be.lessThan(256 * 1024 * 1024);
  });

  it('have numbers, or are nonsense (pop3-s22, pop3-s23)', async () => {
    for (const line of [
      '-1 5',
      '0x10 5',
      '1e3 5',
      '1.5 5',
      '99999999999999999999 1',
      '1 99999999999999999999',
      'x',
      '1',
      '0 5',
    ]) {
      const error = await rejection(at({ LIST: `+OK\r\n${line}\r\n.\r\n` }, (client) => all(client.list())));
      expect(error, line).to.be.instanceOf(ProtocolError).and.include({ reason: 'grammar', command: 'LIST' });
    }
  });

  it('have ids of printable ASCII, or are nonsense (pop3-s28)', async () => {
    for (const id of ['\x1b[31m', '\xe4', '\x7f', 'a\0b', '\x9b31m', 'a \x1b']) {
      const error = await rejection(at({ UIDL: `+OK\r\n1 ${id}\r\n.\r\n` }, (client) => all(client.list())));
      expect(error, inspect(id)).to.be.instanceOf(ProtocolError).with.property('reason', 'grammar');
    }
  });

  it('may have ids that are paths or names of JavaScript: they stay ids (pop3-s27, pop3-s29)', async () => {
    const uids = ['../../../../tmp/netkit-owned', '/etc/x', '__proto__', 'constructor', 'x'.repeat(70)];
    const lines = uids.map((uid, i) => `${i + 1} ${uid}\r\n`).join('');
    const sizes = uids.map((_, i) => `${i + 1} 10\r\n`).join('');
    await at({ UIDL: `+OK\r\n${lines}.\r\n`, LIST: `+OK\r\n${sizes}.\r\n` }, async (client) => {
      const entries = await all(client.list());
      expect(entries.map(({ meta }) => meta['uid'])).to.deep.equal(uids);
      expect(entries.map(({ path }) => path)).to.deep.equal(['/1', '/2', '/3', '/4', '/5']);
      expect([...(await client.uidl())].map(([, uid]) => uid)).to.deep.equal(uids);
      expect(await (await client.fetch('/;UIDL=__proto__')).text()).to.contain('Subject: one');
      expect(await rejection(client.fetch('/;UIDL=toString'))).to.include({ reason: 'missing' });
    });
    expect('polluted' in {}).to.equal(false);
  });

  it('may have ids that are none: the message has none then, or a digest, and the others theirs', async () => {
    for (const id of ['', 'a b', 'x'.repeat(513)]) {
      const answers = {
        UIDL: `+OK\r\n1 ${id}\r\n2 two\r\n.\r\n`,
        'LIST 1': '+OK 1 120\r\n',
        'UIDL 1': `+OK 1 ${id}\r\n`,
      };
      await at(answers, async (client) => {
        expect((await all(client.list())).map(({ meta }) => meta['uid'])).to.deep.equal([undefined, 'two']);
        expect((await client.info('/1')).meta).to.not.have.property('uid');
        const ids: string[] = [];
        for await (const { meta } of client.fetchAll()) ids.push(meta['uid'] ?? '');
        expect(ids).to.deep.equal([ids[0], 'two']);
        expect(ids[0]).to.match(/^sha256-/);
        expect((await client.fetch(`/;UIDL=${ids[0]}`)).path).to.contain(ids[0]);
      });
    }
    const long = 'x'.repeat(71);
    await at({ UIDL: `+OK\r\n1 one\r\n2 ${long}\r\n.\r\n` }, async (client) => {
      const [, entry] = await all(client.list());
      expect(entry?.meta['uid']).to.equal(long);
      expect((await client.fetch(entry?.url ?? '')).meta['number']).to.equal('2');
    });
  });

  it('may have numbers in any order, with holes, and far apart', async () => {
    const lists = {
      LIST: '+OK\r\n7 70\r\n2 20\r\n999999999999999 1\r\n.\r\n',
      UIDL: '+OK\r\n2 two\r\n7 seven\r\n.\r\n',
    };
    await at(lists, async (client) => {
      const entries = await all(client.list());
      expect(entries.map(({ path, size, meta }) => [path, size, meta['uid']])).to.deep.equal([
        ['/7', 70, 'seven'],
        ['/2', 20, 'two'],
        ['/999999999999999', 1, undefined],
      ]);
    });
  });

  it('may have headers of any kind: a search takes them as they are, and soon', async () => {
    const bombs = [
      `+OK\r\nSubject: ${'=?'.repeat(100_000)}\r\n\r\n.\r\n`,
      `+OK\r\nSubject: ${'=?a?q?'.repeat(50_000)}\r\n\r\n.\r\n`,
      `+OK\r\n${'X'.repeat(1_000_000)}\r\n\r\n.\r\n`,
      `+OK\r\n${'A: b\r\n'.repeat(200_000)}\r\n.\r\n`,
      `+OK\r\nDate: ${'('.repeat(100_000)}\r\nSubject: one\r\n\r\n.\r\n`,
      '+OK\r\n.\r\n',
    ];
    for (const TOP of bombs) {
      const began = performance.now();
      await at({ TOP }, (client) => all(client.search('/', 'from:"nobody" one')));
      await at({ TOP, 'LIST 1': '+OK 1 120\r\n', 'UIDL 1': '+OK 1 one\r\n' }, (client) => client.info('/1'));
      expect(performance.now() - began).to.be.lessThan(1_000);
    }
  });

  it('have at most a million messages', () => {
    const scan = new Scan<number>();
    for (let number = 1; number <= 1_000_000; number++) scan.add(number, 1);
    expect(() => scan.add(1_000_001, 1))
      .to.throw(ProtocolError)
      .that.includes({ reason: 'limit', phase: 'body' });
  });
});

describe('what a user gives to POP3', () => {
  const evil = ['joe\r\nDELE 1', 'joe\nDELE 1', 'joe\0', 'joe\r'];
  let server: HostileServer;
  beforeEach(async () => {
    server = await hostile({});
  });
  afterEach(() => server.close());

  it('never becomes a second command: user, password (pop3-i01, pop3-i02, pop3-i03, pop3-i04)', async () => {
    for (const text of evil) {
      for (const login of [{ user: text }, { password: text }]) {
        const options: ConnectOptions = { ...JOE, ...login };
        expect(await rejection(pop3.connect(server.url, options)), inspect(text)).to.be.instanceOf(UsageError);
      }
    }
    expect(server.asked.filter((line) => !/^(?:CAPA|USER joe|QUIT)$/.test(line))).to.deep.equal([]);
    // in Latin-1 these would be CR LF
    for (const user of ['joe\u010d\u010aDELE 1', 'joe\u560d\u560aDELE 1'])
      await rejection(pop3.connect(server.url, { ...JOE, user }));
    expect(server.asked.filter((line) => line.startsWith('DELE'))).to.deep.equal([]);
  });

  it('never becomes a second command: numbers, lines, commands, paths (pop3-i05, pop3-i06, pop3-i07, pop3-i08)', async () => {
    await using client = await pop3.connect(server.url, JOE);
    const { length } = server.asked;
    const asString = '1\r\nDELE 2' as unknown as number;
    const calls = [
      ...[asString, 0, -1, 1.5, Number.NaN, 1e15, Number.POSITIVE_INFINITY].flatMap((number) => [
        () => client.retr(number),
        () => client.dele(number),
        () => client.top(number, 0),
        () => client.sizeOf(number),
        () => client.uidOf(number),
        () => client.retrieve(number),
        () => client.each([number], () => {}),
      ]),
      ...[asString, -1, 1.5, Number.NaN].flatMap((lines) => [
        () => client.top(1, lines),
        () => client.fetch('/1', { lines }),
        () => client.fetchAll('/', { lines }).next(),
      ]),
      ...evil.map((text) => () => client.command(text)),
      ...evil.map((text) => () => client.language(text)),
      ...['/1%0d%0aDELE%201', '/1\r\n', '/;UIDL=%00'].map((path) => () => client.fetch(path)),
    ];
    for (const call of calls) expect(await rejection(call), `${call}`).to.be.instanceOf(UsageError);
    expect(server.asked.slice(length)).to.deep.equal([]);
    expect((await client.stat()).count).to.equal(2);
  });

  it('is refused where it is no host (pop3-i09)', async () => {
    for (const url of ['pop3://127.0.0.1\r\n/', 'pop3://a%0d%0ab/', 'pop3://a b/']) {
      expect(await rejection(pop3.connect(url)), inspect(url)).to.be.instanceOf(UsageError);
    }
  });

  it('is shown nowhere where it is secret (pop3-i11)', async () => {
    const password = 's3cr3t-pw';
    const transcript = new Transcript();
    const client = await pop3.connect(server.url, { user: 'joe', password: new Secret(password), transcript });
    const shown = [
      inspect(client, { depth: 9, showHidden: true }),
      String(transcript),
      JSON.stringify(await client.check()),
    ];
    shown.push(String(await rejection(client.command('XPASS'))));
    await client.close();
    expect(shown.join('\n')).to.not.contain(password).and.not.contain(Buffer.from(password).toString('base64'));
    expect(String(transcript)).to.contain('C: PASS ***');
  });
});
