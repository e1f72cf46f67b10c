/** `netkit nntp`, as people use it: against INN, and served to the clients of others. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { netkit, netkitServe, output, type Ran, type Running, records } from '../run.ts';
import { type Peer, start } from '../start.ts';
import { fetchnews, type News, rpost, slrn, slrnpull, suck, tin } from './clients.ts';

interface Seeded {
  readonly id: string;
  readonly subject: string;
  readonly sha256: string;
}

describe('netkit nntp', () => {
  let server: Peer;
  let folder: string;
  let url: string;
  let login: readonly string[];
  let manifest: Readonly<Record<string, readonly Seeded[]>>;

  before(async () => {
    server = await start('inn2');
    manifest = JSON.parse(await readFile(server.get('manifest'), 'utf8'));
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    await writeFile(join(folder, 'password'), 'bob pw 2\n', { mode: 0o600 });
    url = `nntps://localhost:${server.port('nntps')}`;
    login = ['--user', 'bob', '--password-file', join(folder, 'password')];
  });

  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  async function nntp(verb: string, target: string, ...more: readonly string[]): Promise<Ran> {
    return netkit(['nntp', verb, target, ...more, '--cacert', server.get('ca')]);
  }

  const seeded = (group: string): readonly Seeded[] => manifest[group] ?? [];

  it('lists groups, and articles', async () => {
    const groups = records(await nntp('list', `${url}/netkit.*`, '--json'));
    expect(groups.map((each) => Object(each).name)).to.include.members(['netkit.test', 'netkit.größe']);
    const articles = records(await nntp('list', `${url}/netkit.test`, '--json'));
    expect(articles.map((each) => Object(each).meta.id)).to.deep.equal(seeded('netkit.test').map(({ id }) => id));
  });

  it('fetches a body, by number and by message-id, every octet', async () => {
    for (const [at, { id, sha256 }] of seeded('netkit.kinds').slice(0, 6).entries()) {
      const path = at % 2 === 0 ? `/netkit.kinds/${at + 1}` : `/${id.slice(1, -1)}`;
      const body = output(await nntp('fetch', `${url}${path}`, '--body', '--raw'));
      expect(createHash('sha256').update(body).digest('hex'), id).to.equal(sha256);
    }
  });

  it('fetches the file that is in yEnc', async () => {
    const file = output(await nntp('fetch', `${url}/netkit.binaries/2`, '--yenc', '--raw'));
    expect(file.equals(Buffer.from(Array.from({ length: 102_400 }, (_, at) => at % 256)))).to.equal(true);
  });

  it('fetches a whole group into a mailbox', async () => {
    const mailbox = join(folder, 'mbox');
    output(await nntp('fetch', `${url}/netkit.test`, '--all', '--mbox', mailbox));
    expect((await readFile(mailbox, 'latin1')).match(/^From /gm)).to.have.length(seeded('netkit.test').length);
  });

  it('finds the server of a news: URL in NNTPSERVER', async () => {
    const env = { NNTPSERVER: `localhost:${server.port('nntp')}` };
    const article = output(await netkit(['fetch', 'news:test.1@seed.example.test'], { env })).toString();
    expect(article).to.include('Subject: Test 1\r\n');
  });

  it('searches, and informs', async () => {
    const found = records(await nntp('search', `${url}/netkit.big`, 'subject:"Topic 7"', '--json'));
    expect(found).to.have.length(seeded('netkit.big').filter(({ subject }) => subject.includes('Topic 7')).length);
    const [info] = records(await nntp('info', `${url}/netkit.sparse`, '--json'));
    expect(Object(info).meta).to.include({ low: '4000001', high: '4000030' });
    const [report] = records(await nntp('check', url, '--json'));
    expect(report).to.include({ secure: true, canPost: false });
  });

  it('posts a text, which can be read', async () => {
    const text = join(folder, 'text');
    await writeFile(text, '.\n..\n.dot\nGrüße\n');
    const flags = ['--from', 'bob@example.test', '--subject', 'Grüße', '--json'];
    const [receipt] = records(await nntp('send', `${url}/netkit.posts`, text, ...flags, ...login));
    const path: string = Object(receipt).path;
    let body = await nntp('fetch', `${url}${path}`, '--body');
    // INN says yes before readers can see it
    for (let attempt = 0; body.status === 8 && attempt < 10; attempt++)
      body = await nntp('fetch', `${url}${path}`, '--body');
    expect(output(body).toString()).to.equal('.\r\n..\r\n.dot\r\nGrüße\r\n');
  });

  it('ends with 7 where one has to log in, with 8 for what is not there, with 5 for whom nobody vouches for', async () => {
    expect(await nntp('list', `${url}/netkit.private`)).to.include({ status: 7 });
    expect(await nntp('list', `${url}/netkit.private`, ...login)).to.include({ status: 0 });
    expect(await nntp('fetch', `${url}/no-such@article`)).to.include({ status: 8 });
    expect(await netkit(['nntp', 'list', url])).to.include({ status: 5 });
  });

  describe('serve', () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString().replace('GMT', '+0000');
    const articles = ['.\n..\nfirst\n', 'Grüße\n', 'third\n'].map(
      (body, at) =>
        `Path: x!y\nMessage-ID: <${at}@folder>\nFrom: a@example.test\nNewsgroups: local.test\nSubject: ${at}\nDate: ${date}\n\n${body}`,
    );
    let serving: Running;
    let news: News;
    let group: string;

    before(async () => {
      const root = await mkdtemp(join(folder, 'news-'));
      group = join(root, 'local.test');
      await mkdir(group);
      for (const [at, article] of articles.entries()) await writeFile(join(group, `${at + 1}`), article);
      serving = netkitServe(['nntp', 'serve', root, '--json']);
      const { url: there } = JSON.parse(await serving.firstLine);
      news = { port: Number(new URL(there).port), group: 'local.test' };
    });

    after(async () => {
      serving?.kill('SIGTERM');
      expect((await serving.ended).status).to.equal(0);
    });

    for (const [name, client] of Object.entries({ slrnpull, suck, slrn, fetchnews })) {
      it(`serves a folder to ${name}`, async () => {
        const got = await client(news);
        expect(got.map((each) => each.toString().replace(/^Xref: .*\n/m, ''))).to.have.members(articles);
      });
    }

    it('serves it to tin, and writes what rpost posts', async () => {
      expect(await tin(news)).to.equal(true);
      await rpost(news, 'From: a@example.test\r\nNewsgroups: local.test\r\nSubject: new\r\n\r\n.dot\r\n');
      expect(await readdir(group)).to.include('4');
      expect(await readFile(join(group, '4'), 'utf8')).to.match(/\r?\n\r?\n\.dot\r?\n$/);
    });
  });
});
