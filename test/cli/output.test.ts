import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { main } from '../../lib/cli/main.ts';
import { FileSink } from '../../lib/cli/output.ts';
import { BODIES, protocols } from './fake.ts';
import { inFolder } from './folder.ts';
import { netkit } from './run.ts';

describe('-o, -O and --output-dir', () => {
  it('write a body to a file, byte for byte, and nothing to standard output', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'x.bin');
      const { code, out } = await netkit(['fake', 'fetch', 'h/binary', '-o', file]);
      expect(code).to.equal(0);
      expect(out).to.equal('');
      expect(await readFile(file)).to.deep.equal(BODIES['/binary']);
      expect(await readdir(folder)).to.deep.equal(['x.bin']);
    }));

  it('say with --json where it has gone', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'x');
      const [record] = (await netkit(['fake', 'fetch', 'h/text', '-o', file, '--json'])).records;
      expect(record).to.include({ output: file, bytes: 14, complete: true }).and.to.not.have.property('body');
    }));

  it('take lists, too', () =>
    inFolder(async (folder) => {
      const { out } = await netkit(['fake', 'list', 'h', '--json', '-o', 'list', '--output-dir', folder]);
      expect(out).to.equal('');
      expect((await readFile(join(folder, 'list'), 'utf8')).split('\n')).to.have.length(4);
    }));

  it('- is standard output', async () => {
    expect((await netkit('fake fetch h/text h/text -o -')).out).to.equal('hello\r\nwörld\n'.repeat(2));
  });

  it('-O takes the end of the path, decoded, and not its query', () =>
    inFolder(async (folder) => {
      await netkit(['fake', 'fetch', 'h/a%20b.txt', '-O', '--output-dir', folder]);
      expect(await readdir(folder)).to.deep.equal(['a b.txt']);
    }));

  for (const path of [
    '/',
    '/..',
    '/x/..%2f..%2fetc%2fpasswd',
    '/.bashrc',
    '/-rf',
    '/a%00b',
    '/CON',
    '/a%5cb',
    '/%ff',
  ]) {
    it(`-O refuses ${path}`, () =>
      inFolder(async (folder) => {
        const { code, records } = await netkit(['fake', 'fetch', `h${path}`, '-O', '--output-dir', folder, '--json']);
        expect(code).to.equal(2);
        expect(records[0]).to.have.nested.property('error.code', 'NETKIT_USAGE');
        expect(await readdir(folder)).to.deep.equal([]);
      }));
  }

  it('-O refuses a name that another target of the run has, and not one that was there before', () =>
    inFolder(async (folder) => {
      const flags = ['-O', '--output-dir', folder];
      const { code, err } = await netkit(['fake', 'fetch', 'ann@h/text', 'bob@h/text', ...flags]);
      expect(code).to.equal(2);
      expect(err).to.match(/another target of this run/);
      expect((await netkit(['fake', 'fetch', 'h/fail/text', 'h/text', ...flags])).code).to.equal(8);
    }));

  it('-O refuses a name that differs in case only from one that is there', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'TEXT'), 'mine');
      const { code } = await netkit(['fake', 'fetch', 'h/text', '-O', '--output-dir', folder]);
      expect(code).to.equal(2);
      expect(await readdir(folder)).to.deep.equal(['TEXT']);
    }));

  for (const path of ['/half', '/fail/missing', '/fail/tls', '/endless']) {
    it(`leave no file behind when ${path} fails, and the old one as it was`, () =>
      inFolder(async (folder) => {
        const old = join(folder, 'old');
        await writeFile(old, 'old');
        for (const file of [old, join(folder, 'new')]) {
          const { code } = await netkit(['fake', 'fetch', `h${path}`, '-o', file, '--max-size', '1M']);
          expect(code).to.be.greaterThan(0);
        }
        expect(await readdir(folder)).to.deep.equal(['old']);
        expect(await readFile(old, 'utf8')).to.equal('old');
      }));
  }

  it('leave no file behind when they are interrupted', () =>
    inFolder(async (folder) => {
      const interrupt = new AbortController();
      const running = netkit(['fake', 'fetch', 'h/hang', '-o', join(folder, 'x')], { signal: interrupt.signal });
      while ((await readdir(folder)).length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect((await readdir(folder))[0]).to.match(/^\.x\.[0-9a-f]{16}\.part$/);
      expect((await stat(join(folder, (await readdir(folder))[0] ?? ''))).mode & 0o777).to.equal(0o600);
      interrupt.abort();
      expect((await running).code).to.equal(130);
      expect(await readdir(folder)).to.deep.equal([]);
    }));

  it('replace a file, and keep its mode', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'x');
      await writeFile(file, 'something much longer than the new text', { mode: 0o640 });
      await netkit(['fake', 'fetch', 'h/text', '-o', file]);
      expect(await readFile(file, 'utf8')).to.equal('hello\r\nwörld\n');
      expect((await stat(file)).mode & 0o777).to.equal(0o640);
    }));

  it('refuse a symbolic link, whether its target is there or not', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'target'), 'mine');
      for (const target of ['target', 'nowhere']) {
        await symlink(join(folder, target), join(folder, `to-${target}`));
        const { code, err } = await netkit(['fake', 'fetch', 'h/text', '-o', join(folder, `to-${target}`)]);
        expect(err).to.match(/symbolic link/);
        expect(code).to.equal(2);
      }
      expect(await readFile(join(folder, 'target'), 'utf8')).to.equal('mine');
      expect((await readdir(folder)).sort()).to.deep.equal(['target', 'to-nowhere', 'to-target']);
    }));

  it('refuse a folder, and one that is not there', () =>
    inFolder(async (folder) => {
      expect((await netkit(['fake', 'fetch', 'h/text', '-o', folder])).code).to.equal(2);
      expect((await netkit(['fake', 'fetch', 'h/text', '-o', join(folder, 'no', 'x')])).code).to.equal(13);
    }));

  it('write to a device as it is, and to no named pipe', () =>
    inFolder(async (folder) => {
      expect((await netkit('fake fetch h/text -o /dev/null')).code).to.equal(0);
      expect((await stat('/dev/null')).isCharacterDevice()).to.equal(true);
      const pipe = join(folder, 'pipe');
      execFileSync('mkfifo', [pipe]);
      // whoever opens it without a reader waits for ever
      expect((await netkit(['fake', 'fetch', 'h/text', '-o', pipe])).code).to.equal(2);
    }));

  it('after the end neither commit nor discard does anything', () =>
    inFolder(async (folder) => {
      const sink = await FileSink.create(join(folder, 'x'));
      await sink.write('text');
      await sink.commit();
      await sink.commit();
      await sink.discard();
      expect(await readFile(join(folder, 'x'), 'utf8')).to.equal('text');
    }));
});

describe('standard output', () => {
  const world = { stdin: Readable.from([]), stderr: new Writable({ write: (_c, _e, done) => done() }), env: {} };

  it('ends quietly when its reader has gone', async () => {
    for (const line of ['fake fetch h/endless', 'fake list h/endless/', 'fake list h/endless/ --json', 'help']) {
      let said = '';
      const stderr = new Writable({
        write: (chunk, _e, done) => {
          said += chunk;
          done();
        },
      });
      const stdout = new Writable({
        write: (_c, _e, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
      });
      expect(await main(line.split(' '), { ...world, stdout, stderr }, protocols), line).to.equal(0);
      expect(said).to.equal('');
    }
  });

  it('is waited for: a slow reader slows the transfer down', async () => {
    let waiting = 0;
    let most = 0;
    let chunks = 0;
    const stdout = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        waiting++;
        most = Math.max(most, waiting + stdout.writableLength / 65536);
        setImmediate(() => {
          waiting--;
          done(++chunks > 50 ? Object.assign(new Error('enough'), { code: 'EPIPE' }) : null);
        });
      },
    });
    await main(['fake', 'fetch', 'h/endless'], { ...world, stdout }, protocols);
    expect(most).to.be.lessThan(3);
  });
});
