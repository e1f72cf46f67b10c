/** `netkit http`: against Apache, and as a server for curl, wget and Python. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { curl, inFolder, netkit, netkitServe, output, type Ran, records, run } from '../run.ts';
import { type Peer, start } from '../start.ts';
import { breaker } from './breaker.ts';
import { ALICE, manifestOf, type Seeded, sha256 } from './client.ts';

const MIB = 1024 * 1024;
const PASSWORD = ['-u', ALICE.user, '--password-command', `printf %s '${ALICE.password}'`];

describe('netkit http', () => {
  let server: Peer;
  let proxy: Peer;
  let manifest: Readonly<Record<string, Seeded>>;

  before(async () => {
    [server, proxy] = await Promise.all([start('apache2'), start('tinyproxy')]);
    manifest = await manifestOf(server);
  });

  after(async () => {
    await Promise.all([server, proxy].map((peer) => peer?.close()));
  });

  const WAYS: Readonly<Record<string, () => [url: string, ...flags: string[]]>> = {
    plainly: () => [`http://localhost:${server.port('http')}`],
    'with TLS': () => [`https://localhost:${server.port('https')}`, '--cacert', server.get('ca')],
    'by HTTP/2': () => [`https://localhost:${server.port('https')}`, '--cacert', server.get('ca'), '--http2'],
    'through a proxy': () => [
      `http://localhost:${server.port('http')}`,
      ...['--proxy', `http://alice:${proxy.get('password')}@127.0.0.1:${proxy.port('closed')}`],
    ],
  };

  for (const [way, where] of Object.entries(WAYS)) {
    describe(way, () => {
      let url: string;
      let flags: string[];

      before(() => {
        [url, ...flags] = where();
      });

      const http = (verb: string, path: string, ...more: readonly string[]): Promise<Ran> =>
        netkit(['http', verb, `${url}${path}`, ...flags, ...more]);

      it('fetches, and prints nothing else', async () => {
        const { status, stdout, stderr } = await http('fetch', '/text.txt');
        expect({ status, stdout: `${stdout}`, stderr }).to.deep.equal({
          status: 0,
          stdout: 'plain text\nsecond line\n',
          stderr: '',
        });
        expect(sha256(output(await http('fetch', '/all.bin')))).to.equal(manifest['/all.bin']?.sha256);
        expect(sha256(output(await http('fetch', '/long.txt')))).to.equal(manifest['/long.txt']?.sha256);
      });

      it('writes a large file, and goes on with what is left of it', async () => {
        await inFolder(async (folder) => {
          const file = join(folder, 'large.bin');
          const digest = manifest['/large.bin']?.sha256 ?? '';
          output(await http('fetch', '/large.bin', '-o', file, '--checksum', `sha256:${digest}`));
          expect(sha256(await readFile(file))).to.equal(digest);
          expect((await http('fetch', '/all.bin', '-o', file, '--checksum', `sha256:${digest}`)).status).not.to.equal(
            0,
          );
          expect(sha256(await readFile(file))).to.equal(digest);
        });
      });

      it('shows the header, a part, and what is said of a failure', async () => {
        const shown = output(await http('fetch', '/text.txt', '-i', '--range', '6-9')).toString();
        expect(shown)
          .to.match(/^HTTP\/\S+ 206/)
          .and.match(/content-range: bytes 6-9\/23/i);
        expect(shown.endsWith('text')).to.equal(true);
        const failed = await http('fetch', '/nobody');
        expect({ status: failed.status, stdout: `${failed.stdout}` }).to.deep.equal({ status: 8, stdout: '' });
        expect(failed.stderr).to.match(/404/);
        const body = await http('fetch', '/cgi-bin/status?503', '--fail-with-body');
        expect(body.status).not.to.equal(0);
        expect(`${body.stdout}`).to.equal('status 503\n');
      });

      it('tells what is known', async () => {
        const [entry] = records(await http('info', '/large.bin', '--json'));
        expect(entry).to.deep.include({ name: 'large.bin', size: 64 * MIB, modified: '2024-01-01T10:00:00.000Z' });
        const [report] = records(await http('check', '/', '--json'));
        expect(report).to.include({ status: 200, version: way === 'by HTTP/2' ? '2' : '1.1' });
      });

      it('sends forms, JSON and files, and removes', async () => {
        const form = JSON.parse(
          output(await http('send', '/cgi-bin/echo', '--form', 'name=ü &', '--form', 'a=1')).toString(),
        );
        expect(form).to.include({ method: 'POST', text: 'name=%C3%BC+%26&a=1' });
        const json = JSON.parse(output(await http('send', '/cgi-bin/echo', '--json-data', '{"a":1}')).toString());
        expect(json).to.include({ type: 'application/json', text: '{"a":1}' });
        await inFolder(async (folder) => {
          const file = join(folder, 'a file.bin');
          const octets = Buffer.alloc(MIB, 'x\r\n\0');
          await writeFile(file, octets);
          const name = way.replaceAll(/\W/g, '');
          output(await http('send', `/dav/${name}`, '-X', 'PUT', file));
          expect(sha256(output(await http('fetch', `/dav/${name}`)))).to.equal(sha256(octets));
          output(await http('remove', `/dav/${name}`));
          expect((await http('fetch', `/dav/${name}`)).status).to.equal(8);
        });
      });

      it('logs in by Digest, and not with a wrong password', async () => {
        expect(output(await http('fetch', '/digest/secret.txt', ...PASSWORD)).toString()).to.equal(
          'for who logs in by Digest\n',
        );
        const wrong = await http('fetch', '/digest/secret.txt', '-u', 'alice', '--password-command', 'echo guess');
        expect(wrong.status).to.equal(7);
        expect(wrong.stderr).not.to.include('guess');
      });

      it('shows the dialogue, without the password', async () => {
        const { stdout, stderr } = await http('fetch', '/digest/secret.txt', '-v', ...PASSWORD);
        expect(`${stdout}`).to.equal('for who logs in by Digest\n');
        expect(stderr).to.include('401').and.include('200').and.not.include('response="').and.not.include('alice-pw');
      });

      it('follows redirects, and not those that it is not to', async () => {
        if (url.startsWith('http:')) {
          expect(output(await http('fetch', '/away/307/text.txt')).toString()).to.include('second line');
          expect(output(await http('fetch', '/here/302/text.txt', '--no-redirects')).toString()).to.include(
            'has moved',
          );
        } else expect((await http('fetch', '/plainly/text.txt')).status).to.equal(2);
      });
    });
  }

  it('goes on with a download that broke off', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'large.bin');
      const breaking = await breaker(server.port('http'), 'fin', (count) => (count < 1 ? 20 * MIB : Infinity));
      try {
        const url = `http://127.0.0.1:${breaking.port}/large.bin?command`;
        expect((await netkit(['http', 'fetch', url, '-o', file, '-C'])).status).to.equal(12);
        expect((await stat(`${file}.part`)).size).to.be.greaterThan(19 * MIB);
        output(await netkit(['http', 'fetch', url, '-o', file, '-C']));
        expect(sha256(await readFile(file))).to.equal(manifest['/large.bin']?.sha256);
      } finally {
        await breaking.close();
      }
    });
  });

  it('keeps cookies in a file, which curl reads too', async () => {
    await inFolder(async (folder) => {
      const jar = join(folder, 'cookies.txt');
      const url = `http://localhost:${server.port('http')}/cgi-bin/cookies`;
      output(await netkit(['http', 'fetch', url, '--cookies', jar]));
      expect(output(await netkit(['http', 'fetch', url, '--cookies', jar])).toString()).to.equal(
        'theme=dark; id=abc123\n',
      );
      expect(output(await curl('-b', jar, url)).toString()).to.include('id=abc123');
    });
  });

  it('ends with 5 for whom nobody vouches for', async () => {
    const { status, stderr } = await netkit(['fetch', `https://localhost:${server.port('https')}/`]);
    expect(status).to.equal(5);
    expect(stderr).to.include('--cacert');
  });

  describe('serve', () => {
    it('serves a folder to curl, wget and Python, and ends when it is told to', async () => {
      await inFolder(async (folder) => {
        const octets = Buffer.from(Uint8Array.from({ length: 500_000 }, (_, i) => i * 7));
        await mkdir(join(folder, 'sub'));
        await writeFile(join(folder, 'a file ü.bin'), octets);
        await writeFile(join(folder, 'sub', 'index.html'), '<p>the page of a folder');
        const running = netkitServe(['http', 'serve', folder, '--json']);
        const { url } = JSON.parse(await running.firstLine);
        const path = new URL('a%20file%20%C3%BC.bin', url).href;
        expect(output(await curl(path)).equals(octets)).to.equal(true);
        expect(output(await curl('-r', '100-199', path)).equals(octets.subarray(100, 200))).to.equal(true);
        expect(output(await curl(url)).toString()).to.include('a file ü.bin');
        expect(output(await curl('-L', new URL('sub', url).href)).toString()).to.equal('<p>the page of a folder');
        expect(output(await run('wget', ['-q', '--no-config', '-O', '-', path])).equals(octets)).to.equal(true);
        const python = `import sys, urllib.request\nsys.stdout.buffer.write(urllib.request.urlopen("${path}").read())`;
        expect(output(await run('/usr/bin/python3', ['-I', '-c', python])).equals(octets)).to.equal(true);
        expect((await curl('--fail', '--path-as-is', `${url}/../../etc/passwd`)).status).to.equal(22);
        running.kill('SIGTERM');
        expect((await running.ended).status).to.equal(0);
      });
    });
  });
});
