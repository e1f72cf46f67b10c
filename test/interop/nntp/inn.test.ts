/** Our news client, as a reader, against INN. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { ReplyError, Transcript, UsageError } from '../../../lib/index.ts';
import type { NntpClient, NntpConnectOptions } from '../../../lib/nntp/client.ts';
import { nntp } from '../../../lib/nntp/index.ts';
import { all, rejection } from '../../helpers.ts';
import { type Peer, start } from '../start.ts';

interface Seeded {
  readonly id: string;
  readonly subject: string;
  readonly size: number;
  readonly lines: number;
  readonly sha256: string;
}

const ALICE = { user: 'alice', password: 'alice-pw1' } as const;
const BOB = { user: 'bob', password: 'bob pw 2' } as const;
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

let server: Peer;
let ca: string;
let manifest: Readonly<Record<string, readonly Seeded[]>>;

describe('INN', () => {
  before(async () => {
    server = await start('inn2');
    ca = await readFile(server.get('ca'), 'utf8');
    manifest = JSON.parse(await readFile(server.get('manifest'), 'utf8'));
  });

  after(async () => {
    await server?.close();
  });

  const plain = (): string => `nntp://localhost:${server.port('nntp')}`;
  const WAYS: Readonly<Record<string, () => [url: string, options: NntpConnectOptions]>> = {
    plainly: () => [plain(), {}],
    'with STARTTLS': () => [plain(), { starttls: 'required', tls: { ca } }],
    'with TLS from the start': () => [`nntps://localhost:${server.port('nntps')}`, { tls: { ca } }],
    compressed: () => [plain(), { compress: true }],
    'by MODE READER at a server for feeds': () => [`nntp://localhost:${server.port('feed')}`, {}],
  };

  for (const [way, where] of Object.entries(WAYS)) {
    describe(way, () => {
      let client: NntpClient;

      before(async () => {
        const [url, options] = where();
        client = await nntp.connect(url, options);
      });

      after(async () => {
        await client?.close();
      });

      it('says how it was reached, and what it can do', async () => {
        const report = await client.check();
        expect(report).to.include({ secure: way.includes('TLS'), canPost: false, implementation: 'INN 2.7.1' });
        expect(client.capabilities?.get('OVER')).to.deep.equal([]);
        expect(client.welcome).to.match(/^200 news\.example\.test /);
      });

      it('lists the groups', async () => {
        const entries = await all(client.list('/netkit.*'));
        expect(entries.map(({ name }) => name)).to.include.members([...OPEN, 'netkit.empty', 'netkit.größe']);
        const described = await all(client.list('/netkit.utf*', { descriptions: true }));
        expect(described.map(({ meta }) => meta['description'])).to.deep.equal(['Grüße und 日本語']);
      });

      it('lists the articles of a group', async () => {
        const entries = await all(client.list('/netkit.big'));
        expect(entries.map(({ meta }) => meta['id'])).to.deep.equal(idsOf('netkit.big'));
        expect(entries[100]?.meta).to.include({ subject: 'Re: Topic 3', references: '<big.3@seed.example.test>' });
        const some = await all(client.list('/netkit.big/5-7'));
        expect(some.map(({ path }) => path)).to.deep.equal(['/netkit.big/5', '/netkit.big/6', '/netkit.big/7']);
      });

      it('fetches every octet, by number and by message-id', async () => {
        // the socket that innd hands on takes 64 KiB each 40 ms, whoever reads
        const groups = [
          'netkit.utf8',
          'netkit.binaries',
          'netkit.größe',
          ...(way.endsWith('feeds') ? [] : ['netkit.kinds']),
        ];
        for (const group of groups) {
          const expected = (manifest[group] ?? []).map(({ size, sha256 }) => ({ size, sha256 }));
          const numbers = await client.listGroup(group);
          const digests: object[] = [];
          const missing = await client.each(numbers, (octets) => digests.push(digestOf(octets)), { part: 'body' });
          expect(missing).to.deep.equal([]);
          expect(digests).to.deep.equal(expected);
          const bodies = await Promise.all(idsOf(group).map((id) => client.bodyOf(id)));
          expect(bodies.map(digestOf)).to.deep.equal(expected);
        }
      });

      it('fetches whole articles, headers and bodies', async () => {
        const [whole, head, body] = [
          await (await client.fetch('/netkit.test/3')).text(),
          await (await client.fetch('/netkit.test/3', { head: true })).text(),
          await (await client.fetch('/test.2@seed.example.test', { body: true })).text(),
        ];
        expect(whole).to.equal(`${head}\r\n${body}`);
        expect(head).to.include('Message-ID: <test.2@seed.example.test>\r\n');
        expect(body).to.match(/^\.\r\n\.\.\r\n\.dot\r\n\.\r\n/);
      });

      it('goes on after what is not read to its end', async () => {
        const lines = await client.fetch('/kind.many-lines@seed.example.test');
        await lines.close();
        expect((await client.group('netkit.test')).count).to.equal(manifest['netkit.test']?.length);
      });
    });
  }

  describe('knows us', () => {
    for (const auth of ['USER', 'PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256']) {
      it(`by ${auth}`, async () => {
        const transcript = new Transcript();
        const url = `nntps://localhost:${server.port('nntps')}`;
        const client = await nntp.connect(url, { ...ALICE, auth, tls: { ca }, transcript });
        expect(client.canPost).to.equal(true);
        expect((await client.group('netkit.private')).count).to.equal(5);
        await client.close();
        expect(`${transcript}`).to.match(new RegExp(`^C: AUTHINFO (?:SASL )?${auth}\\b`, 'm'));
        expect(`${transcript}`).to.not.include(ALICE.password);
        const wrong = await rejection(nntp.connect(url, { ...ALICE, password: 'guess', auth, tls: { ca } }));
        expect(wrong).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
      });
    }

    it('by a password with spaces, and by a name and a password that are not ASCII', async () => {
      for (const login of [BOB, { user: 'jürgen', password: 'pässwörd' }]) {
        await using client = await nntp.connect(plain(), login);
        expect((await client.group('netkit.private')).count).to.equal(5);
      }
    });
  });

  it('asks strangers for a login when it matters, and says so', async () => {
    await using client = await nntp.connect(plain());
    const error = await rejection(client.group('netkit.private'));
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
    expect((error as ReplyError).reply.code).to.equal('480');
    expect((await client.group('netkit.test')).count).to.equal(40);
  });

  it('takes no password before TLS where it is strict', async () => {
    const url = `nntp://localhost:${server.port('strict')}`;
    await using open = await nntp.connect(url, { ...ALICE, starttls: 'off' });
    const error = await rejection(open.group('netkit.test'));
    expect(error).to.satisfy((each: unknown) => each instanceof ReplyError || each instanceof UsageError);

    await using client = await nntp.connect(url, { ...ALICE, starttls: 'required', tls: { ca } });
    expect((await client.group('netkit.test')).count).to.equal(40);
  });

  describe('answers', () => {
    let client: NntpClient;

    before(async () => {
      client = await nntp.connect(plain());
    });

    after(async () => {
      await client?.close();
    });

    it('all of LIST', async () => {
      const active = await client.listActive('netkit.*');
      expect(active.malformed).to.deep.equal([]);
      expect(active.items.find(({ name }) => name === 'netkit.moderated')).to.include({ status: 'm' });
      expect(active.items.find(({ name }) => name === 'netkit.sparse')).to.include({ low: 4_000_001 });
      expect((await client.counts('netkit.big')).items).to.have.length(1);
      expect((await client.counts('netkit.big')).items[0]).to.include({ name: 'netkit.big', count: 1500, high: 1500 });
      expect((await client.activeTimes()).items[0]).to.include({ creator: 'admin@example.test' });
      expect((await client.newsgroups()).items).to.have.length(5);
      expect(await client.description('netkit.größe')).to.equal('A name in UTF-8');
      expect((await client.distribPats()).items).to.have.length(1);
      expect((await client.distributions()).items).to.deep.equal([{ name: 'world', text: 'Everywhere' }]);
      expect((await client.moderators()).items).to.deep.equal([{ wildmat: '*', address: 'moderator@example.test' }]);
      expect((await client.headers()).items).to.deep.equal([':']);
      expect(await client.motd()).to.equal('Message of the day.\nSecond line: Grüße.');
      expect((await client.subscriptions()).items).to.deep.equal(['netkit.test', 'netkit.big']);
    });

    it('what is new', async () => {
      expect((await client.newGroups(LONG_AGO)).items.map(({ name }) => name)).to.include('netkit.test');
      const news = await client.newNews('netkit.te*,netkit.cross', LONG_AGO);
      expect(news.items).to.have.members(idsOf('netkit.test'));
    });

    it('with its clock and its help', async () => {
      expect(Math.abs((await client.date()).getTime() - Date.now())).to.be.below(60_000);
      expect(await client.help()).to.match(/ARTICLE/);
    });

    it('with a group that has holes', async () => {
      const status = await client.group('netkit.sparse');
      expect(status).to.include({ low: 4_000_001, high: 4_000_030 });
      const numbers = await client.listGroup('netkit.sparse');
      expect(numbers).to.have.length(24).and.not.include(4_000_001);
      const range = Array.from({ length: 30 }, (_, at) => 4_000_001 + at);
      let found = 0;
      const missing = await client.each(range, () => found++);
      expect({ found, missing: missing.length }).to.deep.equal({ found: 24, missing: 6 });
      expect(await all(client.list('/netkit.sparse'))).to.have.length(24);
      expect(await rejection(client.fetch('/netkit.sparse/4000001'))).to.include({ reason: 'missing' });
    });

    it('with one that is empty, and none that is not there', async () => {
      expect(await all(client.list('/netkit.empty'))).to.deep.equal([]);
      expect(await client.group('netkit.empty')).to.include({ empty: true });
      const error = await rejection(client.group('no.such.group'));
      expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'missing' });
      expect(await rejection(client.fetch('/no-such@article'))).to.include({ reason: 'missing' });
    });

    it('step by step', async () => {
      await client.group('netkit.test');
      expect(await client.stat()).to.include({ number: 1 });
      expect(await client.next()).to.include({ number: 2, messageId: '<test.1@seed.example.test>' });
      expect(await client.last()).to.include({ number: 1 });
      expect(await rejection(client.last())).to.include({ reason: 'missing' });
    });

    it('with overviews, their extra fields among them', async () => {
      await client.group('netkit.utf8');
      const rows = (await all(client.over({ low: 1 }))).flat();
      expect(rows.map(({ subject }) => subject)).to.deep.equal([
        ...['Grüße', 'Überschrift roh 日本語', 'tab in the middle', 'a'.repeat(900), 'Re: Re: odd  spaces'],
      ]);
      expect(rows[0]?.from).to.equal('Jürgen Müller <j@example.test>');
      expect(rows[0]?.toJSON().extras).to.include({ newsgroups: 'netkit.utf8' });
      // INN has no overview of a message-id, and does not say that it has
      expect(await rejection(all(client.over('<utf8.1@seed.example.test>')))).to.be.instanceOf(ReplyError);
      let count = 0;
      await client.group('netkit.big');
      await client.forEachOverview({ low: 1 }, (some) => {
        count += some.length;
      });
      expect(count).to.equal(1500);
    });

    it('with one header of many', async () => {
      await client.group('netkit.test');
      const subjects = await client.hdr('Subject', { low: 3, high: 5 });
      expect(subjects.items.map(({ value }) => value)).to.deep.equal(['Test 2', 'Test 3', 'Test 4']);
      expect((await client.hdr(':lines', 1)).items[0]?.value).to.equal('2');
      expect((await client.hdr('Message-ID', '<test.9@seed.example.test>')).items[0]?.value).to.match(/^<test\.9@/);
      expect((await client.xpat('Subject', { low: 1 }, 'Test 3*')).items).to.have.length(11);
      expect((await client.xpat('Subject', { low: 1 }, 'Test 1,Test 2')).items).to.have.length(0);
    });

    it('what is searched for', async () => {
      const found = await all(client.search('/netkit.big', 'subject:"Topic 42"'));
      const seeded = manifest['netkit.big']?.filter(({ subject }) => subject.endsWith('Topic 42'));
      expect(found.length).to.equal(seeded?.length);
      expect(await all(client.search('/netkit.utf8', 'grüße'))).to.have.length(1);
      expect(await all(client.search('/netkit.big/1-50', 'from:poster'))).to.have.length(50);
    });

    it('with a whole group in one pass', async () => {
      const ids: (string | undefined)[] = [];
      for await (const article of client.fetchAll('/netkit.test')) {
        if (ids.length % 2 === 0) expect(await article.text()).to.include('Newsgroups: netkit.test');
        ids.push(article.meta['uid']);
      }
      expect(ids).to.deep.equal(idsOf('netkit.test'));
    });

    it('with files in yEnc, which are proved', async () => {
      const parts: Buffer[] = [];
      for (const number of [1, 2, 3])
        parts.push(await (await client.fetch(`/netkit.binaries/${number}`, { yenc: true })).bytes());
      const octets = Buffer.from(Array.from({ length: 3 * 102_400 }, (_, at) => at % 256));
      expect(Buffer.concat(parts).equals(octets)).to.equal(true);
    });

    it('many that ask at the same time, in groups of their own', async () => {
      const asked = ['netkit.test', 'netkit.big', 'netkit.cross', 'netkit.utf8'].flatMap((group) =>
        [1, 2, 3].map(async (number) => (await client.info(`/${group}/${number}`)).meta['id']),
      );
      const expected = ['netkit.test', 'netkit.big', 'netkit.cross', 'netkit.utf8'].flatMap((group) =>
        idsOf(group).slice(0, 3),
      );
      expect(await Promise.all(asked)).to.deep.equal(expected);
    });
  });
});

/** Those that everybody may read. */
const OPEN = ['netkit.big', 'netkit.binaries', 'netkit.cross', 'netkit.kinds', 'netkit.moderated', 'netkit.test'];

function idsOf(group: string): string[] {
  return (manifest[group] ?? []).map(({ id }) => id);
}

function digestOf(octets: Buffer): object {
  return { size: octets.length, sha256: createHash('sha256').update(octets).digest('hex') };
}
