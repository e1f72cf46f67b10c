/** Our news client, as an author and as another server, against INN. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { ReplyError, Transcript, UsageError } from '../../../lib/index.ts';
import type { NntpClient, NntpConnectOptions } from '../../../lib/nntp/client.ts';
import { nntp } from '../../../lib/nntp/index.ts';
import { all, rejection } from '../../helpers.ts';
import { type Peer, start } from '../start.ts';

const ALICE = { user: 'alice', password: 'alice-pw1' } as const;
const BOB = { user: 'bob', password: 'bob pw 2' } as const;
const TEXT = '.\r\n..\r\n.dot\r\nGrüße, 日本語\r\n\r\nthe end\r\n.\r\n';
const GROUP = 'netkit.posts';
const FEED: NntpConnectOptions = { mode: 'feed' };

let server: Peer;
let ca: string;
let count = 0;

describe('INN, for authors', () => {
  before(async () => {
    server = await start('inn2');
    ca = await readFile(server.get('ca'), 'utf8');
  });

  after(async () => {
    await server?.close();
  });

  const plain = (): string => `nntp://localhost:${server.port('nntp')}`;

  function post(more: Partial<{ newsgroups: string; headers: Record<string, string> }> = {}): {
    from: string;
    newsgroups: string;
    subject: string;
    body: string;
    headers?: Record<string, string>;
  } {
    return { from: 'Jürgen <j@example.test>', newsgroups: GROUP, subject: `Grüße ${++count}`, body: TEXT, ...more };
  }

  const WAYS: Readonly<Record<string, () => [url: string, options: NntpConnectOptions]>> = {
    plainly: () => [plain(), {}],
    'with STARTTLS': () => [plain(), { starttls: 'required', tls: { ca } }],
    'with TLS from the start': () => [`nntps://localhost:${server.port('nntps')}`, { tls: { ca } }],
    compressed: () => [plain(), { compress: true }],
  };

  for (const [way, where] of Object.entries(WAYS)) {
    describe(way, () => {
      let client: NntpClient;

      before(async () => {
        const [url, options] = where();
        client = await nntp.connect(url, { ...options, ...BOB });
      });

      after(async () => {
        await client?.close();
      });

      it('takes what is posted, and gives it back as it was', async () => {
        const { messageId } = await client.post(post());
        const body = await arrived(client, messageId);
        expect(body.toString()).to.equal(TEXT);
        const head = await (await client.head(messageId)).text();
        expect(head)
          .to.match(/^Subject: =\?utf-8\?/im)
          .and.include(`Newsgroups: ${GROUP}\r\n`);
        const info = await client.info(`/${messageId.slice(1, -1)}`);
        expect(info.meta['subject']).to.equal(`Grüße ${count}`);
      });

      it('takes a large text, and one with long lines', async () => {
        const lines = `${'a line\r\n'.repeat(100_000)}.\r\n${'x'.repeat(998)}\r\n`;
        const { messageId } = await client.post({ ...post(), body: lines });
        expect((await arrived(client, messageId)).toString().length).to.be.at.least(lines.length);
      });

      it('takes the same only once', async () => {
        const headers = { 'Message-ID': `<once.${++count}@netkit.example.test>` };
        await client.post(post({ headers }));
        const error = await rejection(client.post(post({ headers })));
        expect(error).to.be.instanceOf(ReplyError);
        expect((error as ReplyError).reply.code).to.equal('441');
        expect((await client.group(GROUP)).count).to.be.above(0);
      });

      it('says why it refuses', async () => {
        for (const newsgroups of ['netkit.readonly', 'no.such.group']) {
          const error = await rejection(client.post(post({ newsgroups })));
          expect(error, newsgroups).to.be.instanceOf(ReplyError).and.include({ outcome: 'none' });
          expect((error as ReplyError).reply).to.include({ code: '441' });
        }
        expect((await client.group('netkit.test')).count).to.equal(40);
      });
    });
  }

  it('asks for a login when somebody posts', async () => {
    await using stranger = await nntp.connect(plain());
    const error = await rejection(stranger.post(post()));
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth' });
    await stranger.login(BOB);
    const { messageId } = await stranger.post(post());
    expect((await arrived(stranger, messageId)).toString()).to.equal(TEXT);
  });

  it('gives what is for a moderated group to its moderator', async () => {
    await using author = await nntp.connect(plain(), BOB);
    const before = await author.group('netkit.moderated');
    await author.post(post({ newsgroups: 'netkit.moderated' }));
    expect((await author.group('netkit.moderated')).high).to.equal(before.high);
    const approved = post({ newsgroups: 'netkit.moderated', headers: { Approved: 'bob@example.test' } });
    expect(await rejection(author.post(approved))).to.be.instanceOf(UsageError);
    expect(await rejection(author.post(approved, { allow: ['Approved'] }))).to.be.instanceOf(ReplyError);
    await using moderator = await nntp.connect(plain(), ALICE);
    const { messageId } = await moderator.post(approved, { allow: ['Approved'] });
    expect((await arrived(moderator, messageId)).toString()).to.equal(TEXT);
  });

  it('takes what is sent to the path of a group', async () => {
    await using client = await nntp.connect(plain(), BOB);
    const { path } = await client.send(`/${GROUP}`, TEXT, { subject: 'sent', from: 'bob@example.test' });
    expect((await arrived(client, `<${decodeURIComponent(path?.slice(1) ?? '')}>`)).toString()).to.equal(TEXT);
  });

  describe('from another server', () => {
    let feeder: NntpClient;
    let reader: NntpClient;

    before(async () => {
      feeder = await nntp.connect(`nntp://localhost:${server.port('feed')}`, FEED);
      reader = await nntp.connect(plain());
    });

    after(async () => {
      await Promise.all([feeder?.close(), reader?.close()]);
    });

    it('takes an article once (IHAVE)', async () => {
      const id = `<ihave.${++count}@netkit.example.test>`;
      expect(await feeder.ihave(id, relayed(id))).to.include({ messageId: id, outcome: 'accepted' });
      expect((await arrived(reader, id)).toString()).to.equal(TEXT);
      expect((await feeder.ihave(id, relayed(id))).outcome).to.equal('unwanted');
    });

    for (const check of [true, false]) {
      it(`takes a stream of them (${check ? 'CHECK and ' : ''}TAKETHIS)`, async () => {
        const ids = Array.from({ length: 300 }, () => `<stream.${++count}@netkit.example.test>`);
        const fed = await all(feeder.feed(ids.map(relayed), { check }));
        expect(fed.map(({ outcome }) => outcome)).to.deep.equal(ids.map(() => 'accepted'));
        expect(fed.map(({ messageId }) => messageId)).to.have.members(ids);
        await arrived(reader, ids.at(-1) ?? '');
        let found = 0;
        const missing = await reader.each(
          ids,
          (octets) => {
            if (octets.toString() === TEXT) found++;
          },
          { part: 'body' },
        );
        expect({ found, missing }).to.deep.equal({ found: 300, missing: [] });
        const again = await all(feeder.feed(ids.slice(0, 10).map(relayed), { check }));
        expect(again.map(({ outcome }) => outcome)).to.not.include('accepted');
      });
    }

    it('refuses what is no article', async () => {
      const id = `<bad.${++count}@netkit.example.test>`;
      const bad = relayed(id).replace(/^Date: .*$/m, 'Date: yesterday');
      expect((await feeder.ihave(id, bad)).outcome).to.not.equal('accepted');
    });

    it('becomes a server for readers, when it is told to', async () => {
      const transcript = new Transcript();
      const url = `nntp://localhost:${server.port('feed')}`;
      await using client = await nntp.connect(url, { ...FEED, transcript });
      expect(client.capabilities?.has('MODE-READER')).to.equal(true);
      await client.modeReader();
      expect((await client.group('netkit.test')).count).to.equal(40);
      expect(`${transcript}`).to.include('C: MODE READER');
    });
  });
});

/** An article as servers hand it on. */
function relayed(id: string): string {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  return (
    `Path: netkit.example.test!not-for-mail\r\nFrom: feeder@example.test\r\nNewsgroups: ${GROUP}\r\n` +
    `Subject: relayed\r\nDate: ${date}\r\nMessage-ID: ${id}\r\n\r\n${TEXT}`
  );
}

/** The body of an article that was accepted: INN says yes before readers can see it. */
async function arrived(client: NntpClient, id: string): Promise<Buffer> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await client.bodyOf(id);
    } catch (error) {
      if (!(error instanceof ReplyError) || error.reason !== 'missing' || attempt > 100) throw error;
    }
  }
}
