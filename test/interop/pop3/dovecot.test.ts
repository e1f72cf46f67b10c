/** Our POP3 client against dovecot. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { pop3, ReplyError, Transcript, UsageError } from '../../../lib/index.ts';
import type { Pop3Client, Pop3Options } from '../../../lib/pop3/client.ts';
import { all, rejection } from '../../helpers.ts';
import { type Peer, start } from '../start.ts';

interface Seeded {
  readonly kind: string;
  readonly subject: string | null;
  readonly id: string | null;
  readonly size: number;
  readonly sha256: string;
}

const ALICE = { user: 'alice', password: 'alice-pw 1' } as const;
const BOB = { user: 'bob', password: 'bob"pw\\2' } as const;
/** What a message without an end of its last line is given by dovecot. */
const UNENDED = 'no-final-newline';

let server: Peer;
let ca: string;
let manifest: readonly Seeded[];

describe('dovecot, by POP3', () => {
  before(async () => {
    server = await start('dovecot');
    ca = await readFile(server.get('ca'), 'utf8');
    manifest = JSON.parse(await readFile(server.get('manifest'), 'utf8'));
  });

  after(async () => {
    await server?.close();
  });

  const WAYS: Readonly<Record<string, () => [url: string, options: Pop3Options]>> = {
    plainly: () => [`pop3://localhost:${server.port('pop3')}`, {}],
    'with STLS': () => [`pop3://localhost:${server.port('pop3')}`, { starttls: 'required', tls: { ca } }],
    'with TLS from the start': () => [`pop3s://localhost:${server.port('pop3s')}`, { tls: { ca } }],
  };

  Object.entries(WAYS).forEach(([way, where], index) => {
    describe(way, () => {
      async function connect(options: Pop3Options): Promise<Pop3Client> {
        const [url, how] = where();
        return pop3.connect(url, { ...how, ...options });
      }

      it('says how it was reached, and what it can do', async () => {
        const client = await connect(ALICE);
        const report = await client.check();
        expect(report).to.include({ secure: index > 0, messages: manifest.length });
        expect(report['octets']).to.equal(manifest.reduce((sum, { size }) => sum + size, 0));
        expect([...client.capabilities.keys()]).to.include.members(['TOP', 'UIDL', 'PIPELINING', 'RESP-CODES']);
        expect(client.welcome).to.include('Dovecot interop ready.');
        await client.close();
      });

      it('lists every message with its size, and an id that stays', async () => {
        const client = await connect(ALICE);
        const entries = await all(client.list('/'));
        expect(entries.map(({ size }) => size)).to.deep.equal(manifest.map(({ size }) => size));
        const ids = entries.map(({ meta }) => meta['uid']);
        expect(new Set(ids).size).to.equal(manifest.length);
        await client.close();
        await using again = await connect(ALICE);
        expect([...(await again.uidl())].map(([, uid]) => uid)).to.deep.equal(ids);
      });

      for (const pipelining of [true, false]) {
        it(`fetches every octet, ${pipelining ? 'asking ahead' : 'one by one'}`, async () => {
          const client = await connect({ ...ALICE, pipelining });
          const found: object[] = [];
          for await (const message of client.fetchAll()) found.push(digestOf(await message.bytes()));
          expect(found).to.deep.equal(manifest.map(expected));
          await client.close();
        });
      }

      it('fetches by number and by id, whole, the header, and some lines', async () => {
        await using client = await connect(ALICE);
        const uid = await client.uidOf(3);
        for (const path of ['/3', `/;UIDL=${uid}`])
          expect(digestOf(await (await client.fetch(path)).bytes())).to.deep.equal(
            manifest[2] && expected(manifest[2]),
          );
        const head = await (await client.fetch('/3', { head: true })).text();
        expect(head)
          .to.include('Subject: The body is one dot\r\n')
          .and.match(/\r\n\r\n$/);
        expect(await (await client.fetch('/2', { lines: 2 })).text()).to.match(/\r\n\r\n\.\r\n\.\.\r\n$/);
        expect((await client.retr(3)).equals(await client.top(3, 99))).to.equal(true);
      });

      it('streams five megabytes, and leaves one that is not read to its end', async () => {
        await using client = await connect(ALICE);
        const number = manifest.findIndex(({ kind }) => kind === 'large') + 1;
        const hash = createHash('sha256');
        for await (const chunk of await client.retrieve(number)) hash.update(chunk);
        expect(hash.digest('hex')).to.equal(manifest[number - 1]?.sha256);
        const unread = await client.fetch('/8');
        await unread.close();
        expect(digestOf(await client.retr(1))).to.deep.equal(manifest[0] && expected(manifest[0]));
      });

      it('searches in headers', async () => {
        await using client = await connect(ALICE);
        const found = async (query: string): Promise<number> => (await all(client.search('/', query))).length;
        expect(await found('subject:"Topic 3"')).to.equal(
          manifest.filter(({ subject }) => subject?.endsWith('Topic 3')).length,
        );
        expect(await found('from:alice@example.test')).to.equal(manifest.filter(({ id }) => id !== null).length);
        expect(await found('subject:zusammen')).to.equal(1);
        expect(await found('Привет')).to.equal(1);
        expect(await found('nothing-like-this')).to.equal(0);
        const info = await client.info('/1');
        expect(info.size).to.equal(manifest[0]?.size);
        expect(info.meta).to.include({ subject: 'Plain text' });
      });

      it('deletes when the session ends well, and only then', async () => {
        const spare = { user: `spare${index}`, password: 'spare-pw' };
        const first = await connect(spare);
        const ids = [...(await first.uidl())].map(([, uid]) => uid);
        await first.remove('/2');
        await first.remove(`/;UIDL=${ids[4]}`);
        expect(await rejection(first.retr(2))).to.be.instanceOf(ReplyError);
        expect((await first.stat()).count).to.equal(8);
        await first.abandon();

        const second = await connect(spare);
        expect((await second.stat()).count).to.equal(10);
        await second.dele(1);
        await second.reset();
        await second.dele(2);
        await second.dele(5);
        await second.close();

        await using third = await connect(spare);
        const left = [...(await third.uidl())].map(([, uid]) => uid);
        expect(left).to.deep.equal(ids.filter((_, at) => at !== 1 && at !== 4));
      });

      it('refuses a wrong password, and one who has expired', async () => {
        for (const options of [
          { ...ALICE, password: 'guess' },
          { user: 'expired', password: 'expired-pw' },
        ]) {
          const error = await rejection(connect(options));
          expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
          expect(String(error)).to.not.include(options.password);
        }
      });

      it('knows a user and a password that are not ASCII', async () => {
        await using client = await connect({ user: 'jürgen', password: 'pässwörd' });
        expect((await client.stat()).count).to.equal(3);
      });

      it('has a maildrop with nothing in it', async () => {
        await using client = await connect({ user: 'empty', password: 'empty-pw' });
        expect(await all(client.list('/'))).to.have.length(0);
        expect(await all(client.fetchAll())).to.have.length(0);
        expect(await rejection(client.fetch('/1'))).to.be.instanceOf(ReplyError);
      });
    });
  });

  for (const auth of ['USER', 'APOP', 'PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-1', 'SCRAM-SHA-256']) {
    it(`knows us by ${auth}`, async () => {
      const transcript = new Transcript();
      const url = `pop3://localhost:${server.port('pop3')}`;
      const client = await pop3.connect(url, { ...BOB, auth, transcript });
      expect((await client.stat()).count).to.equal(10);
      expect(`${transcript}`)
        .to.match(new RegExp(`^C: (?:AUTH )?${auth}\\b`, 'm'))
        .and.not.include(BOB.password);
      await client.close();
      const wrong = await rejection(pop3.connect(url, { ...BOB, password: 'guess', auth }));
      expect(wrong).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
    });
  }

  for (const auth of ['XOAUTH2', 'OAUTHBEARER']) {
    it(`knows us by ${auth}`, async () => {
      const url = `pop3s://localhost:${server.port('pop3s')}`;
      const client = await pop3.connect(url, { user: 'alice', token: server.get('token'), auth, tls: { ca } });
      expect((await client.stat()).count).to.equal(manifest.length);
      await client.close();
      const wrong = await rejection(pop3.connect(url, { user: 'alice', token: 'no-token', auth, tls: { ca } }));
      expect(wrong).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
    });
  }

  it('knows us by EXTERNAL, with the certificate of a client', async () => {
    const [cert, key] = await Promise.all(['clientCert', 'clientKey'].map((name) => readFile(server.get(name))));
    const url = `pop3s://localhost:${server.port('pop3s')}`;
    await using client = await pop3.connect(url, { user: 'alice', auth: 'EXTERNAL', tls: { ca, cert, key } });
    expect((await client.stat()).count).to.equal(manifest.length);
  });

  it('takes no password before TLS where it is strict', async () => {
    const url = `pop3://${server.get('strict')}:${server.port('pop3Strict')}`;
    for (const auth of ['USER', 'PLAIN']) {
      const error = await rejection(pop3.connect(url, { ...BOB, auth, starttls: 'off' }));
      expect(error, auth).to.satisfy((each: unknown) => each instanceof ReplyError || each instanceof UsageError);
    }
    await using client = await pop3.connect(url, { ...BOB, starttls: 'required', tls: { ca } });
    expect((await client.stat()).count).to.equal(10);
  });
});

function expected({ kind, size, sha256 }: Seeded): object {
  return kind === UNENDED ? { ended: true } : { size, sha256 };
}

function digestOf(octets: Buffer): object {
  if (octets.toString('latin1').endsWith('has no end\r\n')) return { ended: true };
  return { size: octets.length, sha256: createHash('sha256').update(octets).digest('hex') };
}
