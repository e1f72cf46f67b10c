import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HttpRoutes } from '../../lib/http/fixture.ts';
import { inFolder } from './folder.ts';
import { served } from './http.ts';

const ROUTES: HttpRoutes = {
  '/status/:code': ({ params }) => ({ status: Number(params.get('code')), body: 'why\n' }),
  '/json': { status: 404, json: { error: 'no such thing' } },
  '/html': { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<p>no' },
  '/empty': { status: 404 },
  '/long': { status: 404, body: `\x1b[2J\n${'line\n'.repeat(20)}` },
  '/echo': ({ headers }) => ({ status: 403, body: `you said ${headers.get('x-key')}` }),
  '/token': { status: 403, headers: { 'X-Of': 'sesame-1' }, body: 'sesame-1 of Bearer, and a cookie: open-2' },
};

describe('a status that says no', () => {
  const codes: readonly (readonly [status: number, exit: number])[] = [
    [400, 9],
    [401, 7],
    [403, 9],
    [404, 8],
    [405, 9],
    [408, 10],
    [409, 9],
    [410, 8],
    [418, 9],
    [429, 10],
    [451, 9],
    [500, 10],
    [501, 9],
    [502, 10],
    [503, 10],
    [504, 10],
  ];
  it('has the exit code of its kind', () =>
    served(ROUTES, async ({ run }) => {
      for (const [status, exit] of codes) {
        const { code, out, err } = await run(`http fetch /status/${status}`);
        expect([status, code, out]).to.deep.equal([status, exit, '']);
        expect(err).to.match(new RegExp(`^netkit: http: GET http://h/status/${status}: ${status} .*\\nwhy\\n$`));
      }
    }));

  const told: readonly (readonly [path: string, lines: RegExp])[] = [
    ['/json', /404 Not Found\n\{"error":"no such thing"\}\n$/],
    ['/html', /404 Not Found\nthe answer is text\/html, 5 octets: --fail-with-body gives all of it\n$/],
    ['/empty', /404 Not Found\n$/],
    ['/long', /404 Not Found\n\\x1b\[2J\n(?:line\n){7}\.\.\. --fail-with-body gives all of it\n$/],
  ];
  for (const [path, lines] of told) {
    it(`is told with the first lines of a text: ${path}`, () =>
      served(ROUTES, async ({ run }) => {
        const { out, err } = await run(`http fetch ${path}`);
        expect(out).to.equal('');
        expect(err).to.match(lines);
        expect((await run(`http fetch ${path} -q`)).err).to.equal('');
      }));
  }

  it('has its body on standard output with --fail-with-body and --include', () =>
    served(ROUTES, async ({ run }) => {
      const body = await run('http fetch /long --fail-with-body');
      expect([body.code, body.out]).to.deep.equal([8, `\x1b[2J\n${'line\n'.repeat(20)}`]);
      expect(body.err).to.equal('netkit: http: GET http://h/long: 404 Not Found\n');
      const whole = await run('http fetch /json -i');
      expect(whole.out).to.match(/^HTTP\/1\.1 404 Not Found\n(?:.+\n)+\n\{"error":"no such thing"\}\n$/);
      expect(whole.code).to.equal(8);
    }));

  it('leaves no file behind, unless its body is asked for', () =>
    served(ROUTES, async ({ run }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'file');
        expect((await run(['http', 'fetch', '/json', '-o', file])).code).to.equal(8);
        expect(existsSync(file)).to.equal(false);
        expect((await run(['http', 'send', '/json', '-d', 'x', '-o', file, '--fail-with-body'])).code).to.equal(8);
        expect(readFileSync(file, 'utf8')).to.equal('{"error":"no such thing"}\n');
      }),
    ));

  it('is a record with the whole answer', () =>
    served(ROUTES, async ({ run }) => {
      for (const line of ['http fetch /json', 'http info /json', 'http remove /json', 'http send /json -d x']) {
        const { records, code } = await run(`${line} --json`);
        const { error } = records[0] as { error: { response: Record<string, unknown> } };
        expect([code, records.length]).to.deep.equal([8, 1]);
        expect(error).to.include({ code: 'NETKIT_REPLY', reason: 'missing', exit: 8 });
        expect(error.response).to.deep.include({ status: 404, type: 'application/json', encoding: 'text' });
        if (!line.includes('info')) expect(error.response).to.include({ body: '{"error":"no such thing"}\n' });
        expect(error.response['headers']).to.deep.include(['Content-Type', 'application/json']);
      }
    }));

  it('does not repeat a part of a field that is secret by itself', () =>
    served(ROUTES, async ({ run }) => {
      const stdin = 'Authorization: Bearer sesame-1\nCookie: a=open-2; b=1\n';
      for (const flag of ['-v', '--json']) {
        const { out, err } = await run(`http fetch /token -H @- ${flag}`, { stdin });
        expect(out + err)
          .to.include('*** of Bearer, and a cookie: ***')
          .and.to.not.match(/sesame-1|open-2/);
      }
    }));

  it('does not repeat what was secret', () =>
    served(ROUTES, async ({ run }) => {
      for (const flag of ['', '--json']) {
        const { out, err } = await run(`http fetch /echo -H @- ${flag}`.trim(), { stdin: 'X-Key: s3cret\n' });
        expect(out + err)
          .to.include('you said ***')
          .and.to.not.include('s3cret');
      }
    }));

  it('is repeated, so often as is asked for', () => {
    let count = 0;
    const busy: HttpRoutes = {
      '/': () => (count++ % 3 < 2 ? { status: 503, headers: { 'Retry-After': '0' } } : 'now'),
    };
    return served(busy, async ({ run }) => {
      expect((await run('http fetch /')).code).to.equal(10);
      count = 0;
      expect((await run('http fetch / --retries 2')).out).to.equal('now');
    });
  });
});
