/** The clients of others against our HTTP server: curl, wget, and what Python has. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type HttpMockOptions, HttpMockServer } from '../../../lib/testing.ts';
import { curl, inFolder, output, type Ran, run } from '../run.ts';
import { ALICE, sha256 } from './client.ts';
import { PYTHON_CLIENT } from './pythonlib.ts';
import { LARGE, site, TEXT } from './site.ts';

interface Way {
  readonly options: HttpMockOptions;
  readonly args: readonly string[];
  readonly version: string;
  readonly isOnce?: true;
}

const LOGIN = `${ALICE.user}:${ALICE.password}`;

describe('our HTTP server', () => {
  let folder: string;
  let ca: string;
  let server: HttpMockServer;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    ca = join(folder, 'ca.pem');
  });

  after(async () => {
    if (folder) await rm(folder, { recursive: true });
  });

  async function serve(options: HttpMockOptions = {}): Promise<string> {
    server = await HttpMockServer.start(site(), options);
    if (server.ca !== undefined) await writeFile(ca, server.ca);
    return server.url.replace('127.0.0.1', 'localhost').replace(/\/$/, '');
  }

  afterEach(async () => {
    await server?.close();
  });

  /** How curl is to speak, and what it then has spoken. What it begins without TLS and without asking it cannot use twice. */
  const WAYS: Readonly<Record<string, Way>> = {
    'by HTTP/1.0': { options: {}, args: ['-0'], version: '1.0' },
    plainly: { options: {}, args: ['--http1.1'], version: '1.1' },
    'with TLS': { options: { tls: 'implicit' }, args: ['--http1.1'], version: '1.1' },
    'by HTTP/2': { options: { tls: 'implicit' }, args: ['--http2'], version: '2' },
    'by HTTP/2 without TLS': { options: {}, args: ['--http2-prior-knowledge'], version: '2', isOnce: true },
    'with TLS where it has no HTTP/2': {
      options: { tls: 'implicit', http2: false },
      args: ['--http2'],
      version: '1.1',
    },
  };

  for (const [way, { options, args, version, isOnce }] of Object.entries(WAYS)) {
    describe(`speaks with curl ${way}`, () => {
      let url: string;

      beforeEach(async () => {
        url = await serve(options);
      });

      const ask = (...more: readonly string[]): Promise<Ran> =>
        curl(...args, ...(options.tls ? ['--cacert', ca] : []), ...more);
      const said = async (...more: readonly string[]): Promise<string> => output(await ask(...more)).toString();
      const echoed = async (...more: readonly string[]): Promise<Record<string, unknown>> =>
        JSON.parse(await said(...more)) as Record<string, unknown>;

      it('and gives every octet', async () => {
        expect(await said(`${url}/text.txt`)).to.equal(TEXT);
        expect(output(await ask(`${url}/large.bin`)).equals(LARGE)).to.equal(true);
        expect(await said(`${url}/chunked`)).to.equal('one\ntwo\nthree\n');
        expect(await said(`${url}/told`)).to.equal('a body\n');
        expect(await echoed(`${url}/echo?a=b%20c`)).to.include({ method: 'GET', target: '/echo?a=b%20c', version });
      });

      it('and tells of a file', async () => {
        const head = await said('-I', `${url}/large.bin`);
        expect(head).to.match(/^HTTP\/\S+ 200/);
        expect(head.toLowerCase()).to.include(`content-length: ${LARGE.length}\r\n`).and.include('etag: "v1"\r\n');
        expect(await said('-X', 'OPTIONS', '-D-', `${url}/text.txt`)).to.match(/^allow: .*GET/im);
      });

      it('and gives parts, and what is missing of a file', async () => {
        expect(output(await ask('-r', '4-7', `${url}/large.bin`))).to.deep.equal(LARGE.subarray(4, 8));
        expect(output(await ask('-r', '-5', `${url}/large.bin`))).to.deep.equal(LARGE.subarray(-5));
        const parts = await ask('-r', '0-3,8-11', '-D-', `${url}/large.bin`);
        expect(output(parts).toString('latin1')).to.match(/multipart\/byteranges; boundary=/);
        expect(output(parts).includes(`bytes 8-11/${LARGE.length}`)).to.equal(true);
        await inFolder(async (where) => {
          const file = join(where, 'large.bin');
          await writeFile(file, LARGE.subarray(0, 1_000_001));
          output(await ask('-C', '-', '-o', file, `${url}/large.bin`));
          expect(sha256(await readFile(file))).to.equal(sha256(LARGE));
          expect(server.requests.at(-1)?.headers.get('range')).to.equal('bytes=1000001-');
        });
      });

      it('and gives only what has changed', async () => {
        await inFolder(async (where) => {
          const [tag, file] = [join(where, 'tag'), join(where, 'file')];
          output(await ask('--etag-save', tag, '-o', file, `${url}/large.bin`));
          const status = ['-w', '%{http_code}', '-o', join(where, 'none')];
          expect(await said('--etag-compare', tag, ...status, `${url}/large.bin`)).to.equal('304');
          expect(await said('-z', '1 Jan 2025', ...status, `${url}/large.bin`)).to.equal('304');
          expect(await said('-z', '1 Jan 2020', ...status, `${url}/large.bin`)).to.equal('200');
        });
      });

      it('and takes forms, files, and what comes in chunks', async () => {
        const form = await echoed('-d', 'a=ü', '-d', 'b=2', `${url}/echo`);
        expect(form).to.include({ method: 'POST', text: 'a=ü&b=2', version });
        expect(form['headers']).to.include({ 'content-type': 'application/x-www-form-urlencoded' });
        await inFolder(async (where) => {
          const file = join(where, 'large.bin');
          await writeFile(file, LARGE);
          const expecting = ['-H', 'Expect: 100-continue', '-T', file];
          output(await ask(...expecting, `${url}/files/large`));
          expect(output(await ask(`${url}/files/large`)).equals(LARGE)).to.equal(true);
          const parts = await echoed('-F', `file=@${file};type=x/y`, '-F', 'name=ü', `${url}/echo`);
          expect(parts['size']).to.be.greaterThan(LARGE.length);
          if (version === '1.1') {
            const chunks = await echoed('-H', 'Transfer-Encoding: chunked', '-T', file, `${url}/echo`);
            expect(chunks).to.include({ method: 'PUT', size: LARGE.length, sha256: sha256(LARGE) });
            expect(chunks['headers']).to.include({ 'transfer-encoding': 'chunked' });
          }
        });
        expect(await said('-X', 'DELETE', '-w', '%{http_code}', `${url}/files/large`)).to.equal('204');
      });

      it('and lets it in by Basic and Digest, or not', async () => {
        expect(await said('-u', LOGIN, `${url}/basic/page`)).to.equal('let in by Basic\n');
        if (isOnce) return;
        for (const algorithm of ['MD5', 'SHA-256'])
          expect(await said('--digest', '-u', LOGIN, `${url}/digest/${algorithm}?a=b`)).to.equal(
            `let in by ${algorithm}\n`,
          );
        expect(await said('--anyauth', '-u', LOGIN, `${url}/basic/page`)).to.equal('let in by Basic\n');
        for (const path of ['/basic/page', '/digest/MD5']) {
          const refused = await said('--anyauth', '-u', 'alice:guess', '-w', '%{http_code}', `${url}${path}`);
          expect(refused).to.equal('who is there?\n401');
        }
      });

      it('and leads it on, with cookies', async () => {
        if (isOnce) return;
        for (const status of [301, 302, 303, 307, 308])
          expect(await said('-L', `${url}/to/${status}/text.txt`)).to.equal(TEXT);
        expect(await echoed('-L', '-d', 'a=b', `${url}/to/307/echo?c=d`)).to.include({ method: 'POST', text: 'a=b' });
        expect(
          (await ask('-L', '--max-redirs', '5', `${url}/to/302/to/302/to/302/to/302/to/302/to/302/text.txt`)).status,
        ).to.equal(47);
        await inFolder(async (where) => {
          const jar = join(where, 'jar');
          expect(await said('-c', jar, `${url}/cookies`)).to.equal('\n');
          const sent = (await said('-b', jar, `${url}/cookies`)).trim().split('; ').sort();
          expect(sent).to.deep.equal(['id=abc', 'theme=dark']);
        });
      });

      it('and fails as it says', async () => {
        expect(await said('-w', '%{http_code}', `${url}/status/503`)).to.equal('status 503\n503');
        expect((await ask('--fail', `${url}/nobody`)).status).to.equal(22);
      });

      it('and is asked many times over one connection', async () => {
        if (version === '1.0' || isOnce) return;
        const targets = Array.from({ length: 30 }, (_, i) => `${url}/echo?${i}`);
        const all = await said(...targets);
        expect(all.match(/"target"/g)).to.have.length(30);
        expect(new Set(server.requests.map(({ session }) => session)).size).to.equal(1);
        await said('-Z', ...targets);
      });
    });
  }

  it('is refused by curl where nobody vouches for it', async () => {
    const url = await serve({ tls: 'implicit' });
    expect((await curl(`${url}/text.txt`)).status).to.equal(60);
  });

  for (const [way, options] of Object.entries({ plainly: {}, 'with TLS': { tls: 'implicit' } as const })) {
    describe(`speaks with wget ${way}`, () => {
      let url: string;

      beforeEach(async () => {
        url = await serve(options);
      });

      const wget = async (...args: readonly string[]): Promise<Ran> =>
        run('wget', ['--no-config', '--tries=1', '--timeout=10', '--no-hsts', `--ca-certificate=${ca}`, ...args]);
      const said = async (...args: readonly string[]): Promise<string> =>
        output(await wget('-q', '-O', '-', ...args)).toString();

      it('and gives files, and what is missing of them', async () => {
        expect(await said(`${url}/text.txt`)).to.equal(TEXT);
        expect(await said(`${url}/chunked`)).to.equal('one\ntwo\nthree\n');
        await inFolder(async (where) => {
          const file = join(where, 'large.bin');
          await writeFile(file, LARGE.subarray(0, 777_777));
          output(await wget('-q', '-c', '-P', where, `${url}/large.bin`));
          expect(sha256(await readFile(file))).to.equal(sha256(LARGE));
          expect((await stat(file)).mtime.toISOString()).to.equal('2024-01-01T10:00:00.000Z');
          output(await wget('-q', '-N', '-P', where, `${url}/large.bin`));
          expect(server.requests.at(-1)?.headers.get('if-modified-since')).to.equal('Mon, 01 Jan 2024 10:00:00 GMT');
        });
      });

      it('and is looked at by its spider', async () => {
        expect((await wget('-q', '--spider', `${url}/large.bin`)).status).to.equal(0);
        expect((await wget('-q', '--spider', `${url}/nobody`)).status).to.equal(8);
        expect(server.requests.map(({ method }) => method)).to.include('HEAD');
      });

      it('and lets it in by Basic and Digest', async () => {
        const login = [`--user=${ALICE.user}`, `--password=${ALICE.password}`];
        expect(await said(...login, `${url}/basic/page`)).to.equal('let in by Basic\n');
        expect(await said(...login, `${url}/digest/MD5`)).to.equal('let in by MD5\n');
        expect((await wget('-q', '--user=alice', '--password=guess', `${url}/basic/page`)).status).to.equal(6);
      });

      it('and leads it on, takes what it posts, and sets cookies', async () => {
        for (const status of [301, 302, 303, 307, 308])
          expect(await said(`${url}/to/${status}/text.txt`)).to.equal(TEXT);
        expect(JSON.parse(await said('--post-data=a=b', `${url}/echo`))).to.include({ method: 'POST', text: 'a=b' });
        await inFolder(async (where) => {
          const file = join(where, 'jar');
          await said(`--save-cookies=${file}`, '--keep-session-cookies', `${url}/cookies`);
          const sent = (await said(`--load-cookies=${file}`, `${url}/cookies`)).trim().split('; ').sort();
          expect(sent).to.deep.equal(['id=abc', 'theme=dark']);
        });
      });
    });

    it(`speaks with http.client and urllib.request ${way}`, async () => {
      const url = await serve(options);
      const args = ['-I', '-c', PYTHON_CLIENT, url, 'tls' in options ? ca : '', ALICE.user, ALICE.password];
      const found = JSON.parse(output(await run('/usr/bin/python3', args)).toString());
      const { sent, form, ...rest } = found;
      expect(sent).to.include({ method: 'POST', target: '/echo?a=b', version: '1.1', size: 300_000 });
      expect(sent.headers).to.include({ 'transfer-encoding': 'chunked' });
      expect(form).to.include({ method: 'POST', text: 'a=%C3%BC+%26&b=1' });
      expect(rest).to.deep.equal({
        text: [200, 'OK', TEXT, 'text/plain; charset=utf-8'],
        head: [200, `${LARGE.length}`, '"v1"', 0],
        chunked: [true, 'one\ntwo\nthree\n'],
        put: '',
        got: true,
        deleted: [204, 0],
        allow: 'GET, HEAD, OPTIONS',
        kept: true,
        old: [null, 'one\ntwo\nthree\n', true],
        basic: [200, '/basic/page', 'let in by Basic\n'],
        digest: [200, '/digest/MD5?a=b', 'let in by MD5\n'],
        redirects: Object.fromEntries([301, 302, 303, 307, 308].map((status) => [status, [200, '/text.txt']])),
        posted: { 301: 200, 302: 200, 303: 200, 307: 307, 308: 308 }, // it repeats no POST
        range: [206, LARGE.toString('latin1', 4, 8)],
        unchanged: 304,
        failed: [503, null, 'status 503\n'],
        missing: 404,
        cookies: ['\n', rest.cookies[1], ['id', 'theme']],
        large: sha256(LARGE),
      });
      expect(rest.cookies[1].trim().split('; ').sort()).to.deep.equal(['id=abc', 'theme=dark']);
    });
  }
});
