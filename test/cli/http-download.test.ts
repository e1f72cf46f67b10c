import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HttpRoutes } from '../../lib/http/fixture.ts';
import { inFolder } from './folder.ts';
import { served } from './http.ts';

const BODY = Buffer.alloc(200_000, 'abcdefghij');
const WHOLE = { content: BODY, etag: '"v1"', type: 'application/x-disk' };
/** What breaks off: a header that promises all, and half of it. */
const HALF = {
  raw: Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: ${BODY.length}\r\n\r\n`),
    BODY.subarray(0, 100_000),
  ]),
};

function disposition(filename: string): HttpRoutes[string] {
  return { headers: { 'Content-Disposition': `attachment; filename="${filename}"` }, body: 'named\n' };
}

describe('netkit http fetch to a file', () => {
  it('leaves nothing of what broke off, and says that it is not whole', () =>
    served({ '/disk.img': HALF }, async ({ run }) =>
      inFolder(async (folder) => {
        expect((await run(['http', 'fetch', '/disk.img', '-O', '--output-dir', folder])).code).to.equal(12);
        expect(readdirSync(folder)).to.deep.equal([]);
      }),
    ));

  it('goes on with --continue where it broke off', () => {
    let first = true;
    const routes: HttpRoutes = {
      '/disk.img': () => {
        const isFirst = first;
        first = false;
        return isFirst ? HALF : WHOLE;
      },
    };
    return served(routes, async ({ server, run }) =>
      inFolder(async (folder) => {
        const line = ['http', 'fetch', '/disk.img', '-O', '-C', '--output-dir', folder];
        const broken = await run(line);
        expect([broken.code, broken.out]).to.deep.equal([12, '']);
        expect(existsSync(join(folder, 'disk.img'))).to.equal(false);
        const whole = await run([...line, '--json']);
        expect(whole.code).to.equal(0);
        expect(whole.records).to.deep.equal([
          {
            ...{ path: '/disk.img', url: 'http://h/disk.img', output: join(folder, 'disk.img') },
            ...{ size: 200_000, resumedFrom: 100_000, complete: true },
          },
        ]);
        expect(readFileSync(join(folder, 'disk.img')).equals(BODY)).to.equal(true);
        expect(server.requests.map(({ headers }) => headers.get('range'))).to.deep.equal([undefined, 'bytes=100000-']);
        expect(readdirSync(folder)).to.deep.equal(['disk.img']);
      }),
    );
  });

  it('begins anew with --continue where it has changed', () => {
    let first = true;
    const routes: HttpRoutes = {
      '/disk.img': () => {
        const isFirst = first;
        first = false;
        return isFirst ? HALF : { ...WHOLE, content: 'another', etag: '"v2"' };
      },
    };
    return served(routes, async ({ run }) =>
      inFolder(async (folder) => {
        const line = ['http', 'fetch', '/disk.img', '-o', 'disk', '--continue', '--output-dir', folder];
        expect((await run(line)).code).to.equal(12);
        expect((await run(line)).code).to.equal(0);
        expect(readFileSync(join(folder, 'disk'), 'utf8')).to.equal('another');
      }),
    );
  });

  it('goes on at once where repetitions are asked for', () => {
    let count = 0;
    const routes: HttpRoutes = { '/disk.img': () => (count++ === 0 ? HALF : WHOLE) };
    return served(routes, async ({ run }) =>
      inFolder(async (folder) => {
        const line = ['http', 'fetch', '/disk.img', '-O', '-C', '--retries', '2', '--output-dir', folder];
        expect((await run(line)).code).to.equal(0);
        expect(readFileSync(join(folder, 'disk.img')).equals(BODY)).to.equal(true);
      }),
    );
  });

  it('keeps nothing that is not what it should be', () =>
    served({ '/disk.img': WHOLE }, async ({ run }) =>
      inFolder(async (folder) => {
        const digest = createHash('sha256').update(BODY).digest('hex');
        const line = ['http', 'fetch', '/disk.img', '-O', '--output-dir', folder, '--checksum'];
        expect((await run([...line, `sha256:${'0'.repeat(64)}`])).code).to.equal(12);
        expect(existsSync(join(folder, 'disk.img'))).to.equal(false);
        expect((await run([...line, `SHA256:${digest.toUpperCase()}`])).code).to.equal(0);
        expect(readFileSync(join(folder, 'disk.img')).equals(BODY)).to.equal(true);
      }),
    ));

  it('takes the name that the server gives with -J, and no other, and replaces nothing', () =>
    served({ '/a': disposition('re port.txt'), '/b': disposition('../evil'), '/c': 'plain' }, async ({ run }) =>
      inFolder(async (folder) => {
        const inside = join(folder, 'in');
        mkdirSync(inside);
        const line = (path: string): string[] => ['http', 'fetch', path, '-OJ', '--output-dir', inside];
        const named = await run(line('/a'));
        expect([named.code, named.err]).to.deep.equal([0, `netkit: written to ${join(inside, 're port.txt')}\n`]);
        expect((await run(line('/a'))).code).to.equal(2);
        const unsafe = await run(line('/b'));
        expect([unsafe.code, unsafe.out]).to.deep.equal([2, '']);
        expect(unsafe.err).to.include('this name is a path');
        expect((await run([...line('/c'), '--json'])).records[0]).to.include({ output: join(inside, 'c') });
        expect(readdirSync(folder)).to.deep.equal(['in']);
        expect(readdirSync(inside).sort()).to.deep.equal(['c', 're port.txt']);
      }),
    ));

  it('refuses what is no file, and what is no download', () =>
    served({ '/': 'x' }, async ({ server, run }) => {
      for (const [flags, complaint] of [
        [['-C'], /--continue is about a file: -o or -O names it/],
        [['-C', '-o', '-'], /--continue is about a file/],
        [['-J'], /--remote-header-name is about a file/],
        [['-J', '-o', 'x'], /--remote-header-name goes with -O/],
        [['--checksum', 'sha256:00'], /--checksum is about a file/],
        [['--checksum', '00', '-o', 'x'], /--checksum is written NAME:DIGEST/],
        [['--checksum', 'nonsense:00', '-o', 'x'], /a checksum is an algorithm/],
        [['-C', '-o', 'x', '-i'], /for a whole file, fetched as usual: leave out --include/],
        [['-C', '-o', 'x', '--range', '0-1'], /leave out --range/],
        [['-OJ', '-X', 'POST'], /leave out --method/],
      ] as const) {
        const { code, err } = await run(['http', 'fetch', '/', ...flags]);
        expect(code, flags.join(' ')).to.equal(2);
        expect(err).to.match(complaint);
      }
      expect(server.requests).to.deep.equal([]);
    }));

  it('fails with the code of the status, and leaves nothing', () =>
    served({}, async ({ run }) =>
      inFolder(async (folder) => {
        expect((await run(['http', 'fetch', '/none', '-O', '-C', '--output-dir', folder])).code).to.equal(8);
        expect(readdirSync(folder)).to.deep.equal([]);
      }),
    ));
});

describe('netkit http fetch --events', () => {
  const routes: HttpRoutes = {
    '/events': {
      headers: { 'Content-Type': 'text/event-stream' },
      body: 'event: tick\nid: 1\ndata: one\n\ndata: two\ndata: \x1b[2Jlines\n\n',
    },
    '/page': 'no events',
  };

  it('prints what they say, as it comes', () =>
    served(routes, async ({ run }) => {
      expect((await run('http fetch /events --events')).out).to.equal('one\ntwo\n\x1b[2Jlines\n');
      const { out } = await run('http fetch /events --events', { tty: ['stdout'] });
      expect(out).to.equal('one\ntwo\n\\x1b[2Jlines\n');
    }));

  it('gives an object for each with --json', () =>
    served(routes, async ({ run }) => {
      expect((await run('http fetch /events --events --json')).records).to.deep.equal([
        { type: 'tick', data: 'one', id: '1' },
        { type: 'message', data: 'two\n\x1b[2Jlines', id: '1' },
      ]);
    }));

  it('refuses what is no stream of events', () =>
    served(routes, async ({ run }) => {
      const { code, out, err } = await run('http fetch /page --events');
      expect([code, out]).to.deep.equal([11, '']);
      expect(err).to.include('this is no stream of events');
    }));

  it('ends when it is interrupted', () => {
    const stop = new AbortController();
    const forever = async function* (): AsyncGenerator<string> {
      yield 'data: one\n\n';
      stop.abort();
      await new Promise(() => {});
    };
    const endless = { headers: { 'Content-Type': 'text/event-stream' }, body: forever() };
    return served({ '/': endless }, async ({ run }) => {
      const { code, out } = await run('http fetch / --events', { signal: stop.signal });
      expect(code).to.equal(130);
      expect(out).to.be.oneOf(['', 'one\n']);
    });
  });
});
