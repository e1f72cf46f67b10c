import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { deliver, MaildirSink, readMaildir } from '../../lib/message/maildir.ts';
import { inFolder } from '../cli/folder.ts';
import { all, everyCut, rejection } from '../helpers.ts';
import { failing } from './failing.ts';

/** What is in a Maildir, by folder. */
async function contents(folder: string): Promise<string[]> {
  const parts = await Promise.all(
    ['cur', 'new', 'tmp'].map(async (part) => (await readdir(join(folder, part))).map((name) => `${part}/${name}`)),
  );
  return parts.flat();
}

async function readAll(folder: string): Promise<Record<string, string>> {
  const messages = await all(readMaildir(folder));
  return Object.fromEntries(
    await Promise.all(messages.map(async ({ name, read }) => [name, (await read()).toString('latin1')])),
  );
}

describe('message/maildir', () => {
  it('delivers a message, whole and for its owner alone, into a folder that it makes', () =>
    inFolder(async (folder) => {
      const box = join(folder, 'a', 'box');
      const name = await deliver(box, [Buffer.from('A: 1\r\n\r\nFrom x\r'), Buffer.from('\n\xff\r', 'latin1')]);
      expect(name).to.match(/^\d{10,}\.M\d{1,6}P\d+Q\d+R[0-9a-f]{8}\.[A-Za-z0-9.\\-]+$/);
      expect(await contents(box)).to.deep.equal([`new/${name}`]);
      expect(await readFile(join(box, 'new', name), 'latin1')).to.equal('A: 1\n\nFrom x\n\xff\r');
      expect((await stat(join(box, 'new', name))).mode & 0o777).to.equal(0o600);
      for (const part of ['', 'cur', 'new', 'tmp']) expect((await stat(join(box, part))).mode & 0o777).to.equal(0o700);
    }));

  it('is indifferent to where a message is cut', () =>
    inFolder(async (folder) => {
      for (const chunks of everyCut(Buffer.from('A: 1\r\n\r\n\r\nx\r\r\n'))) {
        const name = await deliver(folder, chunks);
        expect(await readFile(join(folder, 'new', name), 'utf8')).to.equal('A: 1\n\n\nx\r\n');
      }
    }));

  it('shows a message only when it is committed', () =>
    inFolder(async (folder) => {
      const sink = await MaildirSink.create(folder);
      expect(sink.path).to.equal(join(folder, 'new', sink.name));
      await sink.write('A: 1\r\n');
      await sink.write(Buffer.alloc(3_000_000, 'x'));
      expect(await all(readMaildir(folder))).to.deep.equal([]);
      expect(await contents(folder)).to.deep.equal([`tmp/${sink.name}`]);
      await sink.commit();
      expect(await contents(folder)).to.deep.equal([`new/${sink.name}`]);
      await sink.write('more');
      await sink.discard();
      await sink.commit();
      expect((await stat(sink.path)).size).to.equal(3_000_005);
    }));

  it('leaves nothing when it is discarded, nor when the source fails', () =>
    inFolder(async (folder) => {
      const sink = await MaildirSink.create(folder);
      await sink.write('A: 1\r\n');
      await sink.discard();
      await sink.write('more');
      await sink.commit();
      const lost = new Error('lost');
      async function* source(): AsyncGenerator<Buffer> {
        yield Buffer.alloc(2_000_000);
        throw lost;
      }
      expect(await rejection(deliver(folder, source()))).to.equal(lost);
      expect(await contents(folder)).to.deep.equal([]);
    }));

  for (const method of ['appendFile', 'sync'] as const)
    it(`leaves nothing when ${method} fails half-way`, () =>
      inFolder(async (folder) => {
        for (const size of [10, 3_000_000]) {
          await failing(method, async () => {
            const error = await rejection(deliver(folder, [Buffer.alloc(size)]));
            expect(error).to.be.an('error').with.property('message', 'no space left on device');
          });
          expect(await contents(folder)).to.deep.equal([]);
        }
      }));

  it('leaves nothing when it cannot be moved', () =>
    inFolder(async (folder) => {
      const sink = await MaildirSink.create(folder);
      await rm(join(folder, 'new'), { recursive: true });
      await rejection(sink.commit());
      expect(await readdir(join(folder, 'tmp'))).to.deep.equal([]);
    }));

  it('gives every message a name of its own', () =>
    inFolder(async (folder) => {
      const names = await Promise.all(Array.from({ length: 50 }, () => deliver(folder, [])));
      expect(new Set(names).size).to.equal(50);
      expect(Object.keys(await readAll(folder)).sort()).to.deep.equal(names.sort());
    }));

  it('reads new messages and others in the order of their names, without their flags', () =>
    inFolder(async (folder) => {
      for (const part of ['cur', 'new', 'tmp']) await mkdir(join(folder, part));
      for (const [path, text] of [
        ['cur/2.b.host:2,S', 'second\r\n'],
        ['new/3.c.host', 'third\n'],
        ['cur/1.a.host', 'first\n'],
        ['cur/4.d.host:2,', 'fourth\n'],
        ['tmp/0.e.host', 'not yet\n'],
      ] as const)
        await writeFile(join(folder, path), text);
      expect(Object.entries(await readAll(folder))).to.deep.equal([
        ['1.a.host', 'first\n'],
        ['2.b.host', 'second\r\n'],
        ['3.c.host', 'third\n'],
        ['4.d.host', 'fourth\n'],
      ]);
    }));

  it('finds a message again that was seen meanwhile, and says when it is gone', () =>
    inFolder(async (folder) => {
      const name = await deliver(folder, [Buffer.from('A: 1\n')]);
      const [message] = await all(readMaildir(folder));
      await rename(join(folder, 'new', name), join(folder, 'cur', `${name}:2,S`));
      expect(String(await message?.read())).to.equal('A: 1\n');
      await rm(join(folder, 'cur', `${name}:2,S`));
      expect(await rejection(message?.read() ?? Promise.resolve())).to.have.property('code', 'ENOENT');
    }));

  it('passes over what is no message: links, folders, and names that no reply could hold', () =>
    inFolder(async (folder) => {
      for (const part of ['cur', 'new', 'tmp', 'cur/folder']) await mkdir(join(folder, part));
      await writeFile(join(folder, 'secret'), 'secret');
      await symlink('../secret', join(folder, 'cur', 'link'));
      for (const name of ['.hidden', 'a b', 'a\nb', 'a\tb', 'a\x7f', 'a\u202eb', 'a\u0085', ':2,S', 'fine:2,'])
        await writeFile(join(folder, 'cur', name), '');
      await writeFile(Buffer.concat([Buffer.from(`${folder}/cur/`), Buffer.of(0x61, 0xff)]), '');
      expect(Object.keys(await readAll(folder))).to.deep.equal(['fine']);
    }));

  it('refuses what is no Maildir', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'new'));
      await writeFile(join(folder, 'file'), '');
      for (const name of ['', 'missing', 'file'])
        expect(await rejection(all(readMaildir(join(folder, name)))), name).to.be.an.instanceof(UsageError);
      if (process.getuid?.() !== 0) {
        await chmod(join(folder, 'new'), 0);
        expect(await rejection(all(readMaildir(folder)))).to.have.property('code', 'EACCES');
        await chmod(join(folder, 'new'), 0o700);
      }
    }));
});
