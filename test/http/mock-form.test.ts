import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HttpClient } from '../../lib/http/client.ts';
import { fixture } from '../../lib/http/demo.ts';
import { http } from '../../lib/http/index.ts';
import type { HttpMockServer } from '../../lib/http/mock-server.ts';

const LARGE = Buffer.alloc(200_000, 'netkit');

describe('a form that a mock server gets', () => {
  let folder: string;
  let server: HttpMockServer;
  let client: HttpClient;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-'));
    server = await http.mock({
      'POST /form': async (request) => {
        // not closed: somebody always forgets it
        const form = await request.form({ folder });
        const sizes = form.files().map(({ name, size }) => [name, size]);
        return { json: { first: form.first('a'), all: form.all('a'), sizes, left: (await readdir(folder)).length } };
      },
      'POST /refused': async (request) => {
        const error = await request.form({ limits: { fields: 0 } }).catch((failed: Error) => failed.message);
        return { status: 400, body: `${error}` };
      },
      '/demo': fixture['/anything'] ?? '',
    });
    client = await http.connect(server.url, { failing: 'return' });
  });
  after(async () => {
    await client.close();
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('is read by its handler, and what is large is on the disk until the connection ends', async () => {
    const own = await http.connect(server.url);
    const encoded = await own.post('/form', { form: { a: ['1', 'ü'] } });
    expect(await encoded.json()).to.deep.equal({ first: '1', all: ['1', 'ü'], sizes: [], left: 0 });
    const multipart = [
      { name: 'a', value: '2' },
      { name: 'f', file: LARGE, filename: 'large' },
    ];
    const sent = await own.post('/form', { multipart });
    expect(await sent.json()).to.deep.equal({ first: '2', all: ['2'], sizes: [['f', 200_000]], left: 1 });
    await own.close();
    const began = performance.now();
    while ((await readdir(folder)).length > 0 && performance.now() - began < 5_000) await new Promise(setImmediate);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('can be refused, and the connection is as good as before', async () => {
    for (let i = 0; i < 2; i++) {
      const answer = await client.post('/refused', { multipart: [{ name: 'a', value: 'x'.repeat(500_000) }] });
      expect([answer.status, await answer.text()]).to.deep.equal([
        400,
        'the peer sent more than the limit of 0 for the fields of a form',
      ]);
    }
    expect(await server.request('POST /refused')).to.include({ complete: true });
  });

  it('is told by the server that tells what was asked', async () => {
    const multipart = [
      { name: 'a', value: 'ü' },
      { name: 'f', file: LARGE, filename: 'large.txt' },
    ];
    const told = await (await client.post('/demo', { multipart })).json();
    const sha256 = createHash('sha256').update(LARGE).digest('hex');
    expect(told).to.deep.include({
      form: [['a', 'ü']],
      files: [{ name: 'f', filename: 'large.txt', type: 'text/plain', size: 200_000, sha256 }],
    });
    const broken = await client.post('/demo', { body: 'nonsense', type: 'multipart/form-data; boundary=B' });
    expect(await broken.json()).to.include({ form: null, data: 'nonsense' });
  });
});
