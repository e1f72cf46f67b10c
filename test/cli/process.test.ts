import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { inFolder } from './folder.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const child = fileURLToPath(new URL('child.ts', import.meta.url));

const started: ChildProcessWithoutNullStreams[] = [];

function start(...words: string[]): ChildProcessWithoutNullStreams {
  const process = spawn(globalThis.process.execPath, ['--import', 'tsx', child, ...words], { cwd: root });
  started.push(process);
  return process;
}

/** How a process ended, and what it said. */
async function ended(
  process: ChildProcessWithoutNullStreams,
): Promise<{ code: number | null; out: string; err: string }> {
  let out = '';
  let err = '';
  process.stdout.on('data', (chunk) => {
    out += chunk;
  });
  process.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code] = (await once(process, 'close')) as [number | null];
  return { code, out, err };
}

describe('the process', () => {
  afterEach(() => {
    // one that should have ended and has not
    for (const process of started.splice(0)) process.kill('SIGKILL');
  });

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    it(`ends at ${signal} with ${expected}, and leaves no file behind`, () =>
      inFolder(async (folder) => {
        const process = start('fake', 'fetch', 'h/hang', '-v', '-o', join(folder, 'x'));
        const end = ended(process);
        await once(process.stderr, 'data');
        expect((await readdir(folder))[0]).to.match(/\.part$/);
        process.kill(signal);
        const { code, err } = await end;
        expect(code).to.equal(expected);
        expect(err).to.match(/netkit: interrupted\n$/);
        expect(await readdir(folder)).to.deep.equal([]);
      }));
  }

  it('ends at SIGINT while it waits for a password that nobody gives', async () => {
    const process = start('fake', 'check', 'h', '-u', 'joe', '--password-command', 'echo asked >&2; sleep 60');
    const end = ended(process);
    await once(process.stderr, 'data');
    process.kill('SIGINT');
    expect((await end).code).to.equal(130);
  });

  it('serves until SIGTERM, and ends with 0', async () => {
    const process = start('serve', 'fake', 'plain', '--json');
    const end = ended(process);
    let said = '';
    for await (const chunk of process.stdout.iterator({ destroyOnReturn: false })) {
      said += chunk;
      if (said.split('\n').length > 2) break;
    }
    process.kill('SIGTERM');
    expect(await end).to.include({ code: 0, err: '' });
    expect(JSON.parse(said.split('\n')[1] ?? '')).to.include({ protocol: 'plain' });
  });

  it('ends quietly when its reader goes', async () => {
    const process = start('fake', 'fetch', 'h/endless');
    let err = '';
    process.stderr.on('data', (chunk) => {
      err += chunk;
    });
    await once(process.stdout, 'data');
    process.stdout.destroy();
    const [code] = await once(process, 'close');
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
  });

  it('does not wait for standard input that it does not read', async () => {
    expect(await ended(start('fake', 'fetch', 'h/text'))).to.deep.equal({ code: 0, out: 'hello\r\nwörld\n', err: '' });
  });

  it('does not wait for more of standard input than the password', async () => {
    const process = start('fake', 'check', 'h', '-u', 'joe', '--password-stdin', '--json');
    const end = ended(process);
    process.stdin.write('hunter2\n');
    const { code, out } = await end;
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.include({ user: 'joe', loggedIn: true });
  });

  it('writes all of a long output before it ends', async () => {
    const { code, out } = await ended(start('completion', 'fish'));
    expect(code).to.equal(0);
    expect(out.length).to.be.greaterThan(5000);
    expect(out).to.match(/\n$/);
  });
});

describe('bin/netkit.js', () => {
  it('prepares the package in a fresh clone, on standard error, and runs the command', () =>
    inFolder(async (folder) => {
      await Promise.all(['bin', 'scripts'].map((name) => mkdir(join(folder, name))));
      await copyFile(join(root, 'bin', 'netkit.js'), join(folder, 'bin', 'netkit.js'));
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      await writeFile(
        join(folder, 'scripts', 'prepare.mjs'),
        `import { mkdirSync, writeFileSync } from 'node:fs';
         console.error('preparing in ' + process.cwd());
         mkdirSync('dist/cli', { recursive: true });
         writeFileSync('dist/cli/main.js', 'export const main = async (argv) => { console.log(argv.join()); return 7; }');`,
      );
      const run = async () =>
        ended(spawn(process.execPath, [join(folder, 'bin', 'netkit.js'), 'a', 'b'], { cwd: '/' }));
      const first = await run();
      expect(first).to.include({ code: 7, out: 'a,b\n' });
      expect(first.err).to.include('preparing in').and.to.include(folder);
      expect(await run()).to.deep.equal({ code: 7, out: 'a,b\n', err: '' });
    }));

  it('fails when the package cannot be prepared', () =>
    inFolder(async (folder) => {
      await Promise.all(['bin', 'scripts'].map((name) => mkdir(join(folder, name))));
      await copyFile(join(root, 'bin', 'netkit.js'), join(folder, 'bin', 'netkit.js'));
      await writeFile(join(folder, 'package.json'), '{"type":"module"}');
      await writeFile(join(folder, 'scripts', 'prepare.mjs'), 'process.exit(1)');
      expect(() => execFileSync(process.execPath, [join(folder, 'bin', 'netkit.js')], { stdio: 'pipe' })).to.throw();
    }));
});
