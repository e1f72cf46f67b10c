import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HttpHandler, HttpRoutes } from '../../lib/http/fixture.ts';
import { inFolder } from './folder.ts';
import { served } from './http.ts';

const echo: HttpHandler = async (request) => {
  const { method, headers } = request;
  return {
    json: {
      method,
      type: headers.get('content-type') ?? '',
      length: headers.get('content-length') ?? '',
      body: await request.text(),
    },
  };
};

const ROUTES: HttpRoutes = {
  '/echo': echo,
  '/made': { status: 201, headers: { Location: '/items/1' } },
  '/octets': { content: Buffer.from([0, 255]) },
  '/moved': { status: 307, headers: { Location: '/echo' } },
  '/gone': ({ method }) => ({ status: method === 'DELETE' ? 204 : 410 }),
};

describe('netkit http send', () => {
  const rows: readonly (readonly [flags: readonly string[], expected: Readonly<Record<string, string>>])[] = [
    [['-d', 'a b'], { method: 'POST', type: '', body: 'a b', length: '3' }],
    [['--data='], { method: 'POST', body: '', length: '0' }],
    [['-d', 'x', '--type', 'text/plain', '-X', 'PUT'], { method: 'PUT', type: 'text/plain; charset=utf-8', body: 'x' }],
    [['--form', 'a=b c', '--form', 'a=&'], { type: 'application/x-www-form-urlencoded', body: 'a=b+c&a=%26' }],
    [['--json-data', '{"x":[1,"é"]}'], { type: 'application/json', body: '{"x":[1,"é"]}' }],
    [['--json-data', 'null'], { type: 'application/json', body: 'null' }],
  ];
  for (const [flags, expected] of rows) {
    it(`sends ${flags.join(' ')}`, () =>
      served(ROUTES, async ({ run }) => {
        const { code, out, err } = await run(['http', 'send', '/echo', ...flags]);
        expect([code, err]).to.deep.equal([0, '']);
        expect(JSON.parse(out)).to.deep.include(expected);
      }));
  }

  it('sends a file, with its length and the type of its name, again where it must', () =>
    served(ROUTES, async ({ run }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'a.json');
        writeFileSync(file, '{}\n');
        const expected = { method: 'POST', type: 'application/json', length: '3', body: '{}\n' };
        for (const words of [
          ['/echo', file],
          ['/echo', '--file', file],
          ['/moved', file],
        ]) {
          expect(JSON.parse((await run(['http', 'send', ...words])).out), words[0]).to.deep.equal(expected);
        }
        const typed = await run(['http', 'send', '/echo', file, '--type', 'text/x']);
        expect(JSON.parse(typed.out)).to.include({ type: 'text/x' });
        expect((await run(['http', 'send', '/echo', join(folder, 'none')])).code).to.equal(13);
      }),
    ));

  it('sends standard input as it comes, once', () =>
    served(ROUTES, async ({ run }) => {
      const { out } = await run('http send /echo -', { stdin: 'typed' });
      expect(JSON.parse(out)).to.deep.equal({ method: 'POST', type: '', length: '', body: 'typed' });
      const moved = await run('http send /moved -', { stdin: 'typed' });
      expect([moved.code, moved.out]).to.deep.equal([2, '']);
      expect(moved.err).to.include('a stream cannot be sent twice');
    }));

  it('sends forms with files', () =>
    served(ROUTES, async ({ run }) =>
      inFolder(async (folder) => {
        const file = join(folder, 'a.csv');
        writeFileSync(file, '1,2\n');
        const flags = ['-F', 'name=Ann', '-F', `list=@${file}`, '--multipart', `other=@${file};type=text/x`];
        const { type, body } = JSON.parse((await run(['http', 'send', '/echo', ...flags])).out);
        expect(type).to.match(/^multipart\/form-data; boundary=/);
        for (const line of [
          'name="name"\r\n\r\nAnn\r\n',
          'name="list"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n1,2\n\r\n',
          'name="other"; filename="a.csv"\r\nContent-Type: text/x\r\n\r\n1,2\n\r\n',
        ]) {
          expect(body).to.include(line);
        }
      }),
    ));

  it('gives what is answered as fetch does', () =>
    served(ROUTES, async ({ run }) => {
      expect((await run('http send /octets -d x')).bytes).to.deep.equal(Buffer.from([0, 255]));
      expect((await run('http send /made -d x -i')).out).to.match(/^HTTP\/1\.1 201 Created\nLocation: \/items\/1\n/);
      const [record] = (await run('http send /made -d x --json')).records;
      expect(record).to.include({ status: 201, url: 'http://h/made' });
    }));

  it('tells a person what was said where there is nothing to print', () =>
    served(ROUTES, async ({ run }) => {
      expect((await run('http send /made -d x', { tty: ['stderr'] })).err).to.equal('netkit: HTTP/1.1 201 Created\n');
      expect((await run('http send /made -d x')).err).to.equal('');
      expect((await run('http send /made -d x -q', { tty: ['stderr'] })).err).to.equal('');
    }));

  it('sends nothing that contradicts itself', () =>
    served(ROUTES, async ({ server, run }) => {
      for (const [flags, complaint] of [
        [[], /a file, or - for standard input; or one of --form, --multipart, --json-data, --data/],
        [['a', '-d', 'x'], /one target, and one file, or one flag/],
        [['--form', 'a=b', '--json-data', '1'], /one target, and one file, or one flag/],
        [['--form', 'a=b', '--type', 'text/plain'], /forms have their own/],
        [['--form', 'a'], /--form: it is written NAME=VALUE/],
        [['--json-data', '{x}'], /--json-data: this is not JSON/],
        [['--json-data', '12345678901234567890'], /too large to be kept/],
        [['-F', 'a=@-'], /--multipart: a part has no name for standard input/],
        [['-d', 'x', '-X', 'PO ST'], /a method is a token/],
      ] as const) {
        const { code, out, err } = await run(['http', 'send', '/echo', ...flags]);
        expect([code, out], flags.join(' ')).to.deep.equal([2, '']);
        expect(err).to.match(complaint);
      }
      expect(server.requests).to.deep.equal([]);
    }));

  it('warns of an @ that names no file', () =>
    served(ROUTES, async ({ run }) => {
      const { out, err } = await run('http send /echo -d @file');
      expect(JSON.parse(out)).to.include({ body: '@file' });
      expect(err).to.equal('netkit: warning: --data is sent as it is, its @ too: a file is named behind the target\n');
    }));

  it('does nothing with --dry-run', () =>
    served(ROUTES, async ({ server, run }) => {
      expect((await run('http send /echo -d x -n')).out).to.equal('would send what the flags say to http://h/echo\n');
      expect(server.requests).to.deep.equal([]);
    }));
});

describe('netkit http remove', () => {
  it('deletes', () =>
    served(ROUTES, async ({ server, run }) => {
      expect(await run('http remove /gone -H X-Why:no')).to.deep.include({ code: 0, out: '', err: '' });
      expect(server.requests.map(({ method, headers }) => [method, headers.get('x-why')])).to.deep.equal([
        ['DELETE', 'no'],
      ]);
    }));
});
