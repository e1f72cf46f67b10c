import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HttpRoutes } from '../../lib/http/fixture.ts';
import { protocols } from '../../lib/index.ts';
import { inFolder } from './folder.ts';
import { served } from './http.ts';
import { netkit } from './run.ts';

const DATE = new Date('2026-01-31T12:00:00Z');

const ROUTES: HttpRoutes = {
  '/': 'hello\n',
  '/json': { json: { a: 1 } },
  '/to': { status: 302, headers: { Location: '/json' } },
  '/version': { content: 'versioned', etag: '"v1"', modified: DATE, type: 'text/plain' },
  '/headers': ({ headers }) => ({ json: [...headers].filter(([name]) => name.startsWith('X-')) }),
  '/query': ({ target }) => target,
  '/method': ({ method }) => method,
  '/cookie': ({ headers }) => ({ headers: { 'Set-Cookie': 'a=1; Path=/' }, body: headers.get('cookie') ?? 'none' }),
  '/image': { content: Buffer.from([0x89, 0x50]), type: 'image/png' },
  '/nul': { content: 'a\0b', type: 'application/x-thing' },
  '/evil': { headers: { 'X-Evil': 'a\tb', 'Content-Type': 'text/plain' }, body: 'evil\x1b[2J\n' },
};

describe('netkit http fetch', () => {
  it('gives the body as it came', () =>
    served(ROUTES, async ({ run, at }) => {
      for (const line of [
        'http fetch /',
        `fetch ${at('/')}`,
        at('/'),
        `${at('/')}#part`,
        `http fetch ${at('').slice(7)}`,
      ])
        expect(await run(line), line).to.deep.include({ code: 0, out: 'hello\n', err: '' });
    }));

  it('shows the status and the header in front of it with --include', () =>
    served(ROUTES, async ({ run }) => {
      const { out } = await run('http fetch /json -i');
      expect(out).to.match(/^HTTP\/1\.1 200 OK\nContent-Type: application\/json\n(?:.+\n)+\n\{"a":1\}\n$/);
    }));

  it('makes them harmless on a terminal', () =>
    served(ROUTES, async ({ run }) => {
      const { out } = await run('http fetch /evil -i', { tty: ['stdout'] });
      expect(out)
        .to.include('\nX-Evil: a\tb\n')
        .and.to.match(/\n\nevil\\x1b\[2J\n$/);
    }));

  it('shows no binary on a terminal, by its type and by what is in it, and everything elsewhere', () =>
    served(ROUTES, async ({ run }) => {
      for (const path of ['/image', '/nul']) {
        const { code, out, err } = await run(`http fetch ${path}`, { tty: ['stdout'] });
        expect([code, out]).to.deep.equal([2, '']);
        expect(err).to.include('this is not text: -o FILE');
        expect((await run(`http fetch ${path}`)).code).to.equal(0);
      }
    }));

  it('is a record of the exchange with --json', () =>
    served(ROUTES, async ({ run }) => {
      const [record] = (await run('http fetch /to --json')).records;
      expect(record).to.deep.include({
        ...{ path: '/to', url: 'http://h/json', type: 'application/json', complete: true },
        ...{ status: 200, reason: 'OK', version: '1.1', encoding: 'text', body: '{"a":1}\n' },
        redirects: [{ status: 302, url: 'http://h/to' }],
      });
      expect(record?.['headers']).to.deep.include(['Content-Type', 'application/json']);
      const [binary] = (await run('http fetch /image --json')).records;
      expect(binary).to.include({ encoding: 'base64', body: 'iVA=' });
    }));

  it('sends what the flags say', () =>
    served(ROUTES, async ({ run }) => {
      const headers = await run(['http', 'fetch', '/headers', '-H', 'X-A: 1', '--header', 'X-B:', '-H', 'X-A:2']);
      expect(JSON.parse(headers.out)).to.deep.equal([
        ['X-A', '1'],
        ['X-B', ''],
        ['X-A', '2'],
      ]);
      expect((await run('http fetch /query?a=b --query a=1 --query a=x/y')).out).to.equal('/query?a=b&a=1&a=x%2Fy');
      expect((await run('http fetch /method -X PURGE')).out).to.equal('PURGE');
    }));

  it('follows redirects, so many as it may, or none', () =>
    served(ROUTES, async ({ run }) => {
      expect((await run('http fetch /to')).out).to.equal('{"a":1}\n');
      expect((await run('http fetch /to --no-redirects -i')).out).to.match(/^HTTP\/1\.1 302 Found\nLocation: \/json\n/);
      expect((await run('http fetch /to --max-redirects 0')).code).to.equal(11);
      const both = await run('http fetch /to --max-redirects 0 --no-redirects');
      expect([both.code, both.err]).to.deep.equal([
        2,
        'netkit: http: --max-redirects and --no-redirects exclude each other (http://h/to)\n',
      ]);
    }));

  it('gives the part that is asked for', () =>
    served(ROUTES, async ({ run }) => {
      for (const [range, part] of [
        ['0-2', 'ver'],
        ['6-', 'ned'],
        ['=-3', 'ned'],
      ] as const) {
        const flag = range.startsWith('=') ? [`--range${range}`] : ['--range', range];
        expect((await run(['http', 'fetch', '/version', ...flag])).out, range).to.equal(part);
      }
    }));

  it('leaves a file as it is where nothing has changed', () =>
    served(ROUTES, async ({ run }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'file');
        writeFileSync(file, 'mine');
        utimesSync(file, DATE, DATE);
        for (const flags of [
          ['--if-none-match', '"v0"', '--if-none-match', '"v1"'],
          ['--if-modified-since', '2026-02-01'],
          ['--if-modified-since', `@${file}`],
        ]) {
          const { code, out, err } = await run(['http', 'fetch', '/version', '-o', file, ...flags]);
          expect([code, out, err]).to.deep.equal([0, '', 'netkit: it has not changed (http://h/version)\n']);
          expect(readFileSync(file, 'utf8')).to.equal('mine');
        }
        const flags = ['--if-none-match', '"v1"'];
        expect((await run(['http', 'fetch', '/version', ...flags, '-i'])).out).to.match(/^HTTP\/1\.1 304 /);
        const [record] = (await run(['http', 'fetch', '/version', ...flags, '--json'])).records;
        expect(record).to.include({ status: 304, notModified: true });
        await run(['http', 'fetch', '/version', '-o', file, '--if-none-match', '"v0"']);
        expect(readFileSync(file, 'utf8')).to.equal('versioned');
      }),
    ));

  it('keeps cookies in a file, from one run to the next', () =>
    served(ROUTES, async ({ run }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'cookies.txt');
        expect((await run(['http', 'fetch', '/cookie', '--cookies', file])).out).to.equal('none');
        expect(readFileSync(file, 'utf8')).to.match(/^# Netscape HTTP Cookie File\n[\s\S]*127\.0\.0\.1\t.*\ta\t1\n$/);
        expect((await run(['http', 'fetch', '/cookie', '--cookies', file])).out).to.equal('a=1');
        writeFileSync(file, 'nonsense');
        expect((await run(['http', 'fetch', '/cookie', '--cookies', file])).code).to.equal(2);
        expect(readFileSync(file, 'utf8')).to.equal('nonsense');
      }),
    ));

  it('has a bound where it is told one', () =>
    served(ROUTES, async ({ run }) => {
      expect((await run('http fetch /version --max-size 5')).code).to.equal(11);
    }));

  it('says it in HTTP/2 where that is asked for', () =>
    served(
      ROUTES,
      async ({ server, run }) =>
        inFolder(async (folder) => {
          const ca = join(folder, 'ca.pem');
          writeFileSync(ca, server.ca ?? '');
          const [two] = (await run(['http', 'fetch', '/json', '--http2', '--cacert', ca, '--json'])).records;
          expect(two).to.include({ status: 200, version: '2', body: '{"a":1}\n' });
          expect((await run(['http', 'check', '/', '--http2', '--cacert', ca])).out).to.include('version: 2\n');
          expect((await run('http fetch /json')).code).to.equal(5);
        }),
      { tls: 'implicit' },
    ));
});

describe('URLs without a server', () => {
  it('are read by the command', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'a b.txt');
      writeFileSync(file, 'from a file\n');
      const url = `file://${folder}/a%20b.txt`;
      for (const [line, out] of [
        [['data:text/plain,caf%C3%A9'], 'café'],
        [['DATA:;base64,aGk='], 'hi'],
        [['http', 'fetch', 'data:,x'], 'x'],
        [['fetch', url], 'from a file\n'],
        [[`data:,${'x'.repeat(200)}`], 'x'.repeat(200)],
      ] as const) {
        expect(await netkit(line, { protocols }), line.join(' ')).to.deep.include({ code: 0, out, err: '' });
      }
      const [record] = (await netkit(['data:text/csv,a', '--json'], { protocols })).records;
      expect(record).to.include({ type: 'text/csv', body: 'a' });
      const out = join(folder, 'out');
      mkdirSync(out);
      await netkit([url, '-O', '--output-dir', out], { protocols });
      expect(readFileSync(join(out, 'a b.txt'), 'utf8')).to.equal('from a file\n');
      expect((await netkit(['url', 'data:,x'], { protocols })).out).to.equal(
        'protocol: http\nscheme: data\npath: data:,x\n',
      );
    }));

  it('are only fetched, and where they are wrong that is said', async () => {
    for (const [line, complaint] of [
      [['http', 'send', 'data:,x', '-d', 'y'], /starts with data: is only fetched/],
      [['check', 'file:///etc/hostname'], /starts with file: is only fetched/],
      [['data:nothing'], /a data: URL is like/],
      [['file://other/etc/hostname'], /on another machine/],
    ] as const) {
      const { code, out, err } = await netkit(line, { protocols });
      expect([code, out], line.join(' ')).to.deep.equal([2, '']);
      expect(err).to.match(complaint);
    }
  });

  it('are not where a redirect may lead', () =>
    served({ '/': { status: 302, headers: { Location: 'file:///etc/hostname' } } }, async ({ run }) => {
      const { code, out, err } = await run('http fetch /');
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.include('only http and https are followed');
    }));
});
