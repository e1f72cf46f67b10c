import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HttpHandler, HttpRoutes } from '../../lib/http/fixture.ts';
import { inFolder } from './folder.ts';
import { served } from './http.ts';

const BASIC = `Basic ${Buffer.from('ann:sesame').toString('base64')}`;

const door: HttpHandler = ({ headers }) => {
  const said = headers.get('authorization');
  if (said === BASIC) return 'by password';
  if (said === 'Bearer sesame') return 'by token';
  return { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="here"' }, body: `not ${said}` };
};
const ROUTES: HttpRoutes = {
  '/private': door,
  '/open': 'open',
  '/keys': ({ headers }) => `${headers.get('x-key')} ${headers.get('x-other')}`,
};

describe('logins at a server of HTTP', () => {
  it('come from where the flags say', () =>
    served(ROUTES, async ({ run, at }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'password');
        writeFileSync(file, 'sesame\n', { mode: 0o600 });
        const url = new URL(at('/private'));
        url.username = 'ann';
        for (const [line, stdin] of [
          [['http', 'fetch', '/private', '-u', 'ann', '--password-file', file], undefined],
          [['http', 'fetch', url.href, '--password-stdin'], 'sesame\n'],
          [['http', 'fetch', '/private', '-u', 'ann', '--password-command', `cat ${file}`], undefined],
        ] as const) {
          expect(await run(line, stdin === undefined ? {} : { stdin })).to.deep.include({
            out: 'by password',
            err: '',
          });
        }
        const token = await run(['http', 'fetch', '/private', '--oauth2', '--password-file', file]);
        expect(token).to.deep.include({ out: 'by token', err: '' });
      }),
    ));

  it('come from netrc, and nobody is asked for a password that no server wants', () =>
    served(ROUTES, async ({ run }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'netrc');
        const entry = (text: string): void => writeFileSync(file, text, { mode: 0o600 });
        entry('machine 127.0.0.1 login ann password sesame\n');
        expect((await run(['http', 'fetch', '/private', '--netrc-file', file])).out).to.equal('by password');
        entry('machine 127.0.0.1 login ann\n');
        const open = await run(['http', 'fetch', '/open', '--netrc-file', file], { tty: ['stdin', 'stderr'] });
        expect(open).to.deep.include({ out: 'open', err: '' });
      }),
    ));

  it('fail with code 7, and show no password', () =>
    served(ROUTES, async ({ run }) => {
      const { code, out, err } = await run('http fetch /private -v -u ann --password-stdin', { stdin: 'hunter2\n' });
      expect([code, out]).to.deep.equal([7, '']);
      expect(err).to.include('401').and.to.not.include('hunter2');
      expect(err).to.not.include(Buffer.from('ann:hunter2').toString('base64'));
      expect((await run('http fetch /private')).err).to.include('--user NAME with --password-file FILE');
    }));
});

describe('header fields that are secret', () => {
  it('are read from a file, or from standard input', () =>
    served(ROUTES, async ({ run }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'headers');
        writeFileSync(file, 'X-Key: s3cret\r\n\r\nX-Other: one: two\r\n');
        const filed = await run(['http', 'fetch', '/keys', '-H', `@${file}`, '-v']);
        expect(filed.out).to.equal('s3cret one: two');
        expect(filed.err).to.include('X-Key: ***').and.to.not.include('s3cret');
        const typed = await run(['http', 'fetch', '/keys', '-H', '@-', '-H', 'X-Other: 2'], { stdin: 'X-Key: k\n' });
        expect(typed.out).to.equal('k 2');
      }),
    ));

  it('are warned of on the command line', () =>
    served(ROUTES, async ({ run }) => {
      const { out, err } = await run(['http', 'fetch', '/private', '-H', 'authorization: Bearer sesame', '-v']);
      expect(out).to.equal('by token');
      expect(err).to.match(/^netkit: warning: others can see authorization in the list of processes: -H @FILE/);
      expect(err).to.not.include('sesame');
      expect((await run(['http', 'fetch', '/keys', '-H', 'X-Key: open'])).err).to.equal('');
    }));

  it('are refused where they are none, or not there', () =>
    served(ROUTES, async ({ server, run }) => {
      for (const [flags, exit, complaint] of [
        [['-H', 'no colon'], 2, /--header: it is written 'Name: value', or @FILE/],
        [['-H', ': x'], 2, /--header: it is written/],
        [['-H', 'a b: x'], 2, /is a token/],
        [['-H', '@/nonexistent'], 13, /ENOENT/],
        [['-H', '@-'], 2, /it is written 'Name: value'/],
        [['-H', '@-', '--password-stdin'], 2, /standard input is read for one thing/],
      ] as const) {
        const { code, out, err } = await run(['http', 'fetch', '/keys', ...flags], { stdin: 'nonsense s3cret\n' });
        expect([code, out], flags.join(' ')).to.deep.equal([exit, '']);
        expect(err).to.match(complaint).and.to.not.include('s3cret');
      }
      const twice = await run('http fetch /keys -H @- -H @-', { stdin: 'X-Key: s3cret\n' });
      expect([twice.code, twice.out]).to.deep.equal([2, '']);
      expect(twice.err).to.include('standard input is read for one thing');
      expect(server.requests).to.deep.equal([]);
    }));

  it('do not go where a redirect leads', () =>
    served(ROUTES, async ({ at, run: _ }) =>
      served({ '/': { status: 302, headers: { Location: at('/keys') } } }, async ({ run }) => {
        const line = ['http', 'fetch', '/', '-H', '@-', '-H', 'X-Other: mine'];
        expect((await run(line, { stdin: 'X-Key: s3cret\n' })).out).to.equal('undefined undefined');
      }),
    ));
});
