import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, constants } from 'node:http2';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { folderFixture } from '../../lib/http/folder.ts';
import { HttpMockServer } from '../../lib/http/mock-server.ts';
import { rejection } from '../helpers.ts';
import { bodyOf, request, say } from './wire.ts';

describe('a folder over HTTP', () => {
  let folder: string;
  let server: HttpMockServer;
  const get = (path: string, ...fields: readonly string[]): Promise<string> =>
    say(server.port, request(`GET ${path}`, ...fields));

  before(async () => {
    const top = realpathSync(mkdtempSync(join(tmpdir(), 'netkit-')));
    folder = join(top, 'www');
    for (const name of ['', 'site', 'sub', '.git', '<b>&"']) mkdirSync(join(folder, name));
    writeFileSync(join(top, 'secret.txt'), 'secret');
    writeFileSync(join(folder, 'a b%.txt'), 'Grüße\n');
    writeFileSync(join(folder, 'data.json'), '{}');
    writeFileSync(join(folder, 'large.bin'), Buffer.alloc(1024 * 1024, 'x'));
    writeFileSync(join(folder, 'empty'), '');
    writeFileSync(join(folder, '.env'), 'secret');
    writeFileSync(join(folder, '.git', 'config'), 'secret');
    writeFileSync(join(folder, 'site', 'index.html'), '<p>the page');
    writeFileSync(join(folder, 'sub', 'x:y.txt'), 'x');
    symlinkSync(join(top, 'secret.txt'), join(folder, 'outside.txt'));
    symlinkSync(top, join(folder, 'outside'));
    symlinkSync('.env', join(folder, 'shown.txt'));
    symlinkSync('data.json', join(folder, 'inside.json'));
    server = await HttpMockServer.start(await folderFixture(folder));
  });
  after(async () => {
    await server.close();
    rmSync(join(folder, '..'), { recursive: true });
  });

  it('serves files with their type, their version and their date', async () => {
    const said = await get('/a%20b%25.txt?query');
    expect(said).to.match(/^HTTP\/1\.1 200 [\s\S]*\r\nContent-Type: text\/plain; charset=utf-8\r\n/);
    expect(said)
      .to.match(/\r\nETag: "[^"]+"\r\n/)
      .and.match(/\r\nLast-Modified: .* GMT\r\n/);
    expect(Buffer.from(bodyOf(said), 'latin1').toString()).to.equal('Grüße\n');
    expect(bodyOf(await get('/inside.json'))).to.equal('{}');
    expect(await get('/empty')).to.match(/\r\nContent-Length: 0\r\n/);
    expect(bodyOf(await get('/large.bin'))).to.have.length(1024 * 1024);
  });

  it('knows what the client has, and sends parts', async () => {
    const [, etag = ''] = /\r\nETag: (.*)\r\n/.exec(await get('/data.json')) ?? [];
    expect(await get('/data.json', `If-None-Match: ${etag}`)).to.match(/^HTTP\/1\.1 304 /);
    const part = await get('/large.bin', 'Range: bytes=-5');
    expect([part.slice(9, 12), bodyOf(part)]).to.deep.equal(['206', 'xxxxx']);
  });

  it('has the page of a folder, and a list where there is none', async () => {
    expect(bodyOf(await get('/site/'))).to.equal('<p>the page');
    expect(await get('/site?a=b')).to.match(/^HTTP\/1\.1 301 [\s\S]*\r\nLocation: \/site\/\?a=b\r\n/);
    const list = bodyOf(await get('/'));
    expect([...list.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)).to.deep.equal([
      './%3Cb%3E%26%22/',
      './site/',
      './sub/',
      './a%20b%25.txt',
      './data.json',
      './empty',
      './inside.json',
      './large.bin',
    ]);
    expect(list).to.include('&lt;b&gt;&amp;&quot;/').and.to.not.include('<b>');
    expect(bodyOf(await get('/sub/')))
      .to.include('href="../"')
      .and.to.include('href="./x%3Ay.txt"');
  });

  for (const [what, change] of [
    ['written anew', (file: string) => writeFileSync(file, Buffer.alloc(1024 * 1024, 'b'))],
    ['cut', (file: string) => truncateSync(file, 10)],
  ] as const) {
    it(`breaks off a file that is ${what} while it is sent, and that answer alone`, async () => {
      const file = join(folder, 'changing');
      writeFileSync(file, Buffer.alloc(1024 * 1024, 'a'));
      const session = connect(server.url);
      try {
        const stream = session.request({ ':path': '/changing' }).on('error', () => {});
        const closed = new Promise((resolve) => stream.once('close', resolve));
        await once(stream, 'response');
        change(file);
        stream.resume();
        await closed;
        expect(stream.rstCode).to.equal(constants.NGHTTP2_INTERNAL_ERROR);
        const [headers] = await once(session.request({ ':path': '/data.json' }).resume(), 'response');
        expect(headers[':status']).to.equal(200);
      } finally {
        session.destroy();
        rmSync(file);
      }
    });
  }

  it('says of a file that it may not read that it cannot', async function () {
    if (process.getuid?.() === 0) this.skip();
    writeFileSync(join(folder, 'locked'), 'secret', { mode: 0 });
    expect(await get('/locked')).to.match(/^HTTP\/1\.1 403 /);
  });

  it('says of a list that it is not whole', async () => {
    const many = mkdtempSync(join(folder, 'many-'));
    for (let i = 0; i < 10_003; i++) writeFileSync(join(many, `${i}`), '');
    try {
      const said = await get(`/${basename(many)}/`);
      expect(said).to.include('<p>3 more are not listed.');
      expect(said.match(/<li><a href="\.\/\d/g)).to.have.length(10_000);
    } finally {
      rmSync(many, { recursive: true });
    }
  }).timeout(20_000);

  it('is only read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PROPFIND'])
      expect(await say(server.port, request(`${method} /data.json`))).to.match(
        /^HTTP\/1\.1 405 [\s\S]*\r\nAllow: GET, HEAD, OPTIONS\r\n/,
      );
    const head = await say(server.port, request('HEAD /large.bin'));
    expect(head)
      .to.match(/\r\nContent-Length: 1048576\r\n/)
      .and.to.match(/\r\n\r\n$/);
  });

  const HIDDEN = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%252e%252e/secret.txt',
    '/sub/../../secret.txt',
    '/..%5csecret.txt',
    '/sub/..%00/secret.txt',
    '//secret.txt',
    '//example.org/sub',
    '/outside.txt',
    '/outside/secret.txt',
    '/outside/',
    '/.env',
    '/shown.txt',
    '/.git/config',
    '/.git/',
    '/%2egit/config',
    '/data.json/',
    '/data.json/x',
    '/%ff',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    '*',
    'http://example.org/../secret.txt',
  ];
  for (const path of HIDDEN) {
    it(`says nothing of ${path}`, async () => {
      const said = await get(path);
      expect(said).to.match(/^HTTP\/1\.1 40[04] /);
      expect(said).to.not.match(/secret\b(?!\.txt)|Location/);
    });
  }

  it('is a folder', async () => {
    expect(await rejection(folderFixture(join(folder, 'empty')))).to.be.an.instanceOf(UsageError);
  });
});
