import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ReplyError } from '../../lib/core/errors.ts';
import { isAttributed } from '../../lib/gopher/fixture.ts';
import { folderFixture } from '../../lib/gopher/folder.ts';
import { gopher } from '../../lib/gopher/index.ts';
import { GopherMockServer } from '../../lib/gopher/mock-server.ts';
import { all, rejection } from '../helpers.ts';

describe('A folder that is served by Gopher', () => {
  let base: string;
  let root: string;
  let server: GopherMockServer;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'netkit-'));
    root = join(base, 'root');
    await mkdir(join(root, 'sub'), { recursive: true });
    await writeFile(join(base, 'outside.txt'), 'iSECRET\n0SECRET\t/x\n');
    await writeFile(join(root, 'sub', 'a.txt'), 'a\n');
    server = await GopherMockServer.start(await folderFixture(root));
  });
  afterEach(async () => {
    await server.close();
    await rm(base, { recursive: true });
  });
  const names = async (path: string): Promise<string[]> =>
    (await all(gopher.list(server.url + path, { info: true, timeouts: { total: 5_000 } }))).map(({ name }) => name);
  const text = async (path: string): Promise<string> => (await gopher.fetch(server.url + path)).text();

  it('serves its files and folders, and gophermaps as menus', async () => {
    await writeFile(join(root, 'gophermap'), '!Title\n# no\nText\n1Sub\tsub\n*\n');
    expect(await names('/')).to.deep.equal(['Title', 'Text', 'Sub', 'sub']);
    expect(await names('/1/sub')).to.deep.equal(['a.txt']);
    expect(await text('/0/sub/a.txt')).to.equal('a\r\n');
  });

  it('has no gophermap that is a link to a file outside', async () => {
    await symlink(join(base, 'outside.txt'), join(root, 'sub', 'gophermap'));
    expect(await names('/1/sub')).to.deep.equal(['a.txt']);
  });

  it('does not wait for a gophermap that is no file', async () => {
    execFileSync('mkfifo', [join(root, 'sub', 'gophermap')]);
    expect(await names('/1/sub')).to.deep.equal(['a.txt']);
  });

  it('has no gophermap larger than 1 MiB', async () => {
    await writeFile(join(root, 'sub', 'gophermap'), 'x\n'.repeat(512 * 1024 + 1));
    expect(await rejection(names('/1/sub'))).to.be.instanceOf(ReplyError);
  });

  it('has no names with a dot, through a link neither, and does not list what it refuses', async () => {
    await mkdir(join(root, '.git'));
    await writeFile(join(root, '.git', 'config'), 'SECRET');
    await symlink('.git', join(root, 'git'));
    await symlink('.git/config', join(root, 'config.txt'));
    await symlink(join(base, 'outside.txt'), join(root, 'outside.txt'));
    await writeFile(join(root, 'back\\slash.txt'), 'x');
    for (const path of ['/0/git/config', '/0/config.txt', '/0/outside.txt', '/0/.git/config', '/0/../outside.txt']) {
      expect(await rejection(text(path)), path).to.be.instanceOf(ReplyError);
    }
    expect(await names('/')).to.deep.equal(['sub']);
  });

  it('serves what it looked at: a link that takes the place of a file is not followed', async () => {
    const fixture = await folderFixture(root);
    const answer = typeof fixture === 'function' ? await fixture('/sub/a.txt') : undefined;
    await rename(join(root, 'sub', 'a.txt'), join(root, 'sub', 'b.txt'));
    await symlink(join(base, 'outside.txt'), join(root, 'sub', 'a.txt'));
    if (!answer || !isAttributed(answer)) throw new Error('no answer');
    const { content } = answer;
    expect(await rejection(async () => content())).to.have.property('code', 'ELOOP');
  });

  it('survives a gophermap with control characters', async () => {
    await writeFile(join(root, 'sub', 'gophermap'), 'one\rtwo\n0A\rB\ta\r.txt\n');
    expect(await names('/1/sub')).to.deep.equal(['onetwo', 'AB']);
  });

  it('streams a large file to its end', async () => {
    await writeFile(join(root, 'large.bin'), Buffer.alloc(5 << 20, 'x'));
    const resource = await gopher.fetch(`${server.url}/9/large.bin`);
    expect((await resource.bytes()).length).to.equal(5 << 20);
  });
});
