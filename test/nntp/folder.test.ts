import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fixture as demo } from '../../lib/nntp/demo.ts';
import { folderFixture } from '../../lib/nntp/folder.ts';
import { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { rejection } from '../helpers.ts';
import { article, playWith } from './mock-helpers.ts';

describe('A folder that is served as news', () => {
  let root: string;
  let server: NntpMockServer | undefined;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'netkit-'));
    await mkdir(join(root, 'comp.test'));
    await mkdir(join(root, 'comp.empty'));
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    await rm(root, { recursive: true });
  });

  const start = async (): Promise<NntpMockServer> => {
    await server?.close();
    server = await NntpMockServer.start(await folderFixture(root));
    return server;
  };
  const put = (name: string, content: string): Promise<void> => writeFile(join(root, name), content);
  const post = (to: NntpMockServer, id: string, newsgroups: string, reply = '240'): Promise<void> =>
    playWith(
      to,
      `
      C: POST
      S~ ^340
      C: From: me@example.net
      C: Newsgroups: ${newsgroups}
      C: Subject: hello
      C: Message-ID: <${id}@x>
      C|\\r\\n
      C: From the body
      C: .
      S~ ^${reply}
      `,
    );
  const idsOf = (of: NntpMockServer, group: string): (string | number | undefined)[][] =>
    of.articles(group).map(({ messageId, numbers }) => [numbers.get(group), messageId]);

  it('has a group for each folder and for each mbox', async () => {
    await put('comp.test/7', article(7, { Newsgroups: 'comp.test' }));
    await put('comp.test/b.eml', article(2, { Newsgroups: 'comp.test' }));
    await put('comp.test/a.eml', article(1, { Newsgroups: 'comp.test' }));
    await put(
      'comp.box.mbox',
      `From a Mon Jan  1 00:00:00 2024\n${article(3, { Newsgroups: 'comp.box' })}>From here\n\n`,
    );
    await put('newsgroups', 'comp.test\tTests\ncomp.box  \tA box\n');
    await put('active', 'comp.empty 0 1 m\n');
    const served = await start();
    expect(idsOf(served, 'comp.test')).to.deep.equal([
      [1, '<1@example.net>'],
      [2, '<2@example.net>'],
      [7, '<7@example.net>'],
    ]);
    expect(idsOf(served, 'comp.box')).to.deep.equal([[1, '<3@example.net>']]);
    expect(served.article('<3@example.net>')?.body.toString()).to.equal('line 3\r\nFrom here\r\n');
    await playWith(
      served,
      `
      C: LIST
      S~ ^215
      S: comp.box 1 1 y
      S: comp.empty 0 1 m
      S: comp.test 7 1 y
      S: .
      C: LIST NEWSGROUPS
      S~ ^215
      S|comp.box\\tA box\\r\\n
      S|comp.test\\tTests\\r\\n
      S: .
      `,
    );
  });

  it('keeps what is posted, and has it again when it is started again', async () => {
    await put('comp.test/a.eml', article(1, { Newsgroups: 'comp.test' }));
    await put('comp.box.mbox', '');
    await post(await start(), 'new', 'comp.test,comp.box');
    expect((await readdir(join(root, 'comp.test'))).sort()).to.deep.equal(['2', 'a.eml']);
    expect(await readFile(join(root, 'comp.box.mbox'), 'utf8')).to.contain('\n>From the body\n');
    const again = await start();
    expect(idsOf(again, 'comp.test')).to.deep.equal([
      [1, '<1@example.net>'],
      [2, '<new@x>'],
    ]);
    expect(idsOf(again, 'comp.box')).to.deep.equal([[1, '<new@x>']]);
    expect(again.article('<new@x>')?.body.toString()).to.equal('From the body\r\n');
    expect(again.article('<new@x>')?.header('xref')).to.equal('news.localhost comp.box:1 comp.test:2');
    await post(again, 'new', 'comp.test', '441 .*here already');
  });

  it('refuses what it cannot write, and overwrites nothing', async () => {
    const served = await start();
    await put('comp.test/1', 'somebody else’s');
    await post(served, 'new', 'comp.test', '441 .*cannot be kept');
    expect(served.articles()).to.deep.equal([]);
    expect(await readFile(join(root, 'comp.test/1'), 'utf8')).to.equal('somebody else’s');
  });

  it('passes over links, pipes, and what begins with a dot', async () => {
    await put('outside', article(1));
    await symlink(join(root, 'outside'), join(root, 'comp.test', '1'));
    await symlink(join(root, 'comp.test'), join(root, 'comp.link'));
    await put('comp.test/.hidden', article(2));
    execFileSync('mkfifo', [join(root, 'comp.test', '3')]);
    await mkdir(join(root, '.hidden'));
    const served = await start();
    expect(served.articles()).to.deep.equal([]);
    await playWith(served, 'C: LIST\nS~ ^215\nS: comp.empty 0 1 y\nS: comp.test 0 1 y\nS: .');
  });

  it('is a folder, and has each group once', async () => {
    await put('file', '');
    expect(await rejection(folderFixture(join(root, 'file')))).to.have.property('code', 'NETKIT_USAGE');
    await put('comp.test.mbox', '');
    expect(await rejection(folderFixture(root))).to.have.property('code', 'NETKIT_USAGE');
  });
});

describe('The news server for demonstrations', () => {
  it('has a thread, an article in two groups, and a file', async () => {
    await using server = await NntpMockServer.start(demo);
    expect(server.articles('demo.talk')).to.have.length(3);
    expect(server.articles('demo.announce').map(({ messageId }) => messageId)).to.deep.equal([
      '<burrow.3@news.example>',
    ]);
    expect(server.articles('demo.binaries')[0]?.body.toString('latin1')).to.match(/^=ybegin .* name=pixel\.gif\r\n/);
  });
});
