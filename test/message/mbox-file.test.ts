import { chmod, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { DotLock } from '../../lib/message/dot-lock.ts';
import { readMbox } from '../../lib/message/mbox.ts';
import { MboxSink } from '../../lib/message/mbox-file.ts';
import { inFolder } from '../cli/folder.ts';
import { all, rejection } from '../helpers.ts';
import { failing } from './failing.ts';

const ENVELOPE = { sender: 'ann@example.org', date: new Date('1996-01-03T01:05:34Z') };
const FROM = 'From ann@example.org Wed Jan  3 01:05:34 1996\n';
const LARGE = Buffer.from(`A: 1\r\n\r\n${`${'x'.repeat(70)}\r\n`.repeat(45_000)}`);

async function append(path: string, ...pieces: readonly (string | Uint8Array)[]): Promise<void> {
  const sink = new MboxSink(path, ENVELOPE);
  try {
    for (const piece of pieces) await sink.write(piece);
    await sink.commit();
  } finally {
    await sink.discard();
  }
}

describe('message/mbox-file', () => {
  it('appends whole messages, and leaves nothing else', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      await append(path, 'A: 1\r\n\r\nFrom x', Buffer.from('\r\n'));
      await append(path, 'A: 2\r\n');
      expect(await readFile(path, 'utf8')).to.equal(`${FROM}A: 1\n\n>From x\n\n${FROM}A: 2\n\n`);
      expect(await readdir(folder)).to.deep.equal(['box']);
      expect((await stat(path)).mode & 0o777).to.equal(0o600);
    }));

  it('appends a message of megabytes, and shows nothing of it before', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      await append(path, 'A: 0\r\n');
      const sink = new MboxSink(path, ENVELOPE);
      for (let at = 0; at < LARGE.length; at += 100_000) {
        await sink.write(LARGE.subarray(at, at + 100_000));
        expect(await readdir(folder)).to.deep.equal(['box']);
      }
      expect((await stat(path)).size).to.equal(FROM.length + 6);
      await sink.commit();
      const messages = await all(readMbox([await readFile(path)]));
      expect(messages.map(String)).to.deep.equal(['A: 0\n', LARGE.toString().replaceAll('\r\n', '\n')]);
    }));

  for (const [before, gap] of [
    ['', ''],
    ['From a b\nA: 1\n\n', ''],
    ['From a b\nA: 1\n', '\n'],
    ['From a b\nA: 1', '\n\n'],
    ['From a b\r\nA: 1\r\n\r\n', ''],
    ['From a b\r\nA: 1\r\n', '\n'],
    ['From \n', '\n'],
  ] as const)
    it(`begins behind an empty line in a mailbox that ends with ${JSON.stringify(before.slice(-8))}`, () =>
      inFolder(async (folder) => {
        const path = join(folder, 'box');
        await writeFile(path, before, { mode: 0o640 });
        await append(path, 'B: 2\r\n');
        expect(await readFile(path, 'utf8')).to.equal(`${before}${gap}${FROM}B: 2\n\n`);
        expect((await stat(path)).mode & 0o777).to.equal(0o640);
      }));

  for (const method of ['appendFile', 'sync'] as const)
    for (const before of [undefined, 'From a b\nA: 1\n\n'])
      it(`leaves ${before ? 'a' : 'no'} mailbox as it was when ${method} fails half-way`, () =>
        inFolder(async (folder) => {
          const path = join(folder, 'box');
          if (before) await writeFile(path, before);
          for (const message of ['B: 2\r\n', LARGE]) {
            await failing(method, async () => {
              const error = await rejection(() => append(path, message));
              expect(error).to.be.an('error').with.property('message', 'no space left on device');
            });
            expect(await readdir(folder)).to.deep.equal(before ? ['box'] : []);
            if (before) expect(await readFile(path, 'utf8')).to.equal(before);
          }
          await append(path, 'B: 2\r\n');
          expect(await readFile(path, 'utf8')).to.equal(`${before ?? ''}${FROM}B: 2\n\n`);
        }));

  it('does nothing when it is discarded, nor after that, nor twice', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      for (const message of ['A: 1\r\n', LARGE]) {
        const sink = new MboxSink(path);
        await sink.write(message);
        await sink.discard();
        await sink.write(message);
        await sink.commit();
        await sink.discard();
        expect(await readdir(folder)).to.deep.equal([]);
      }
      const sink = new MboxSink(path, ENVELOPE);
      await sink.commit();
      await sink.commit();
      await sink.discard();
      expect(await readFile(path, 'utf8')).to.equal(`${FROM}\n`);
    }));

  it('refuses what is no mailbox, and leaves it alone', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'text'), 'some text\n');
      await writeFile(join(folder, 'short'), 'From');
      await symlink('text', join(folder, 'link'));
      await mkdir(join(folder, 'folder'));
      for (const name of ['text', 'short', 'link'])
        expect(await rejection(() => append(join(folder, name), 'A: 1\r\n')), name).to.be.an.instanceof(UsageError);
      for (const name of ['folder', 'missing/box']) await rejection(() => append(join(folder, name), 'A: 1\r\n'));
      expect(await readFile(join(folder, 'text'), 'utf8')).to.equal('some text\n');
      expect((await readdir(folder)).sort()).to.deep.equal(['folder', 'link', 'short', 'text']);
      if (process.getuid?.() !== 0) {
        await writeFile(join(folder, 'short'), '');
        await chmod(join(folder, 'short'), 0o400);
        await rejection(() => append(join(folder, 'short'), 'A: 1\r\n'));
      }
    }));

  it('keeps messages apart that are appended at once', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      const numbers = Array.from({ length: 20 }, (_, i) => i);
      await Promise.all(numbers.map((number) => append(path, `A: ${number}\r\n`, '\r\nbody\r\n')));
      const messages = (await all(readMbox([await readFile(path)]))).map(String);
      expect(messages.sort()).to.deep.equal(numbers.map((number) => `A: ${number}\n\nbody\n`).sort());
      expect(await readdir(folder)).to.deep.equal(['box']);
    }));
});

describe('message/dot-lock', () => {
  it('is a file with the number of the process, and is had by one at a time', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      const lock = await DotLock.acquire(path);
      expect(await readFile(`${path}.lock`, 'utf8')).to.equal(`${process.pid}:${hostname()}\n`);
      const next = DotLock.acquire(path);
      await lock.release();
      await (await next).release();
      await lock.release();
      expect(await readdir(folder)).to.deep.equal([]);
    }));

  it('waits so long and no longer, and never breaks the lock of another', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      await writeFile(`${path}.lock`, '');
      const error = await rejection(DotLock.acquire(path, { lockTimeout: 30 }));
      expect(error).to.be.an.instanceof(UsageError);
      expect(String(error)).to.contain(`${path}.lock`);
      const sink = new MboxSink(path, { lockTimeout: 0 });
      await sink.write(LARGE);
      expect(await rejection(sink.commit())).to.be.an.instanceof(UsageError);
      await sink.discard();
      expect(await readdir(folder)).to.deep.equal(['box.lock']);
    }));

  it('stops waiting with the signal', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      await writeFile(`${path}.lock`, '');
      const reason = new Error('enough');
      const controller = new AbortController();
      const waiting = rejection(DotLock.acquire(path, { signal: controller.signal }));
      controller.abort(reason);
      expect(await waiting).to.equal(reason);
      expect(await rejection(DotLock.acquire(path, { signal: controller.signal }))).to.equal(reason);
    }));

  it('leaves the lock of whoever broke it', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'box');
      const lock = await DotLock.acquire(path);
      await writeFile(join(folder, 'theirs'), '');
      await rename(join(folder, 'theirs'), `${path}.lock`);
      await lock.release();
      expect(await readdir(folder)).to.deep.equal(['box.lock']);
    }));
});
