/** Parts of what Apache has, what has changed of it, how it is coded, and downloads that break off. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConnectionError, http, ReplyError } from '../../../lib/index.ts';
import { rejection } from '../../helpers.ts';
import { inFolder } from '../run.ts';
import { type Peer, start } from '../start.ts';
import { breaker } from './breaker.ts';
import { logged, manifestOf, type Seeded, sha256 } from './client.ts';

const MIB = 1024 * 1024;

describe('Apache, asked for parts', () => {
  let server: Peer;
  let origin: string;
  let ca: string;
  let manifest: Readonly<Record<string, Seeded>>;

  before(async () => {
    server = await start('apache2');
    origin = `http://localhost:${server.port('http')}`;
    ca = await readFile(server.get('ca'), 'utf8');
    manifest = await manifestOf(server);
  });

  after(async () => {
    await server?.close();
  });

  it('gives ranges', async () => {
    await using client = await http.connect(origin);
    const all = await (await client.fetch('/all.bin')).bytes();
    const size = all.length;
    for (const [range, from, to] of [
      [{ first: 0, last: 0 }, 0, 1],
      [{ first: 100, last: 299 }, 100, 300],
      [{ first: size - 5 }, size - 5, size],
      [{ suffix: 7 }, size - 7, size],
      [{ first: 10, last: size + 100 }, 10, size],
    ] as const) {
      const answer = await client.fetch('/all.bin', { range });
      expect(answer.status).to.equal(206);
      expect(answer.part).to.deep.equal({ first: from, last: to - 1, size });
      expect(await answer.bytes()).to.deep.equal(all.subarray(from, to));
    }
    const error = await rejection(client.fetch('/all.bin', { range: { first: size } }));
    expect(error).to.be.instanceOf(ReplyError).and.include({ status: 416 });
  });

  it('gives a range only of the version that is meant', async () => {
    await using client = await http.connect(origin);
    const { etag = '', modified } = await client.head('/all.bin');
    const range = { first: 10, last: 19 };
    const same = await client.fetch('/all.bin', { range, ifRange: etag });
    expect((await same.bytes()).length).to.equal(10);
    const other = await client.fetch('/all.bin', { range, ifRange: '"another"' });
    expect(other.status).to.equal(200);
    expect((await other.bytes()).length).to.equal(manifest['/all.bin']?.size);
    const dated = await client.fetch('/all.bin', { range, ...(modified && { ifRange: modified }) });
    expect(dated.status).to.equal(206);
    await dated.close();
  });

  it('says what has not changed', async () => {
    await using client = await http.connect(origin);
    const { etag = '', modified = new Date() } = await client.head('/all.bin');
    const same = await client.fetch('/all.bin', { ifNoneMatch: etag });
    expect(same).to.include({ status: 304, notModified: true });
    expect(await same.bytes()).to.have.length(0);
    expect((await client.fetch('/all.bin', { ifModifiedSince: modified })).notModified).to.equal(true);
    const older = await client.fetch('/all.bin', { ifModifiedSince: new Date(0) });
    expect(older.status).to.equal(200);
    await older.close();
    const refused = await rejection(client.fetch('/all.bin', { ifMatch: '"another"' }));
    expect(refused).to.be.instanceOf(ReplyError).and.include({ status: 412 });
    expect((await client.put('/dav/new', { body: 'one', ifNoneMatch: '*' })).status).to.equal(201);
    expect(await rejection(client.put('/dav/new', { body: 'two', ifNoneMatch: '*' }))).to.include({ status: 412 });
    expect(await (await client.fetch('/dav/new')).text()).to.equal('one');
    await client.remove('/dav/new');
  });

  for (const [coding, path] of Object.entries({ gzip: '/long.txt', br: '/brotli/long.txt' })) {
    for (const http2 of [false, true]) {
      it(`codes by ${coding}, which is decoded${http2 ? ', by HTTP/2' : ''}`, async () => {
        await using client = await http.connect(`https://localhost:${server.port('https')}`, { tls: { ca }, http2 });
        const headers = coding === 'gzip' ? { 'Accept-Encoding': 'gzip' } : {};
        const answer = await client.fetch(path, { headers });
        expect(answer.headers.get('content-encoding')).to.equal(coding);
        expect(sha256(await answer.bytes())).to.equal(manifest['/long.txt']?.sha256);
        const lines = (await (await client.fetch(path)).text()).split('\n');
        expect(lines).to.have.length(20_001);
      });
    }
  }

  it('gives what it has coded as it is, where it is not to be decoded', async () => {
    await using client = await http.connect(origin, { decompress: false });
    const answer = await client.fetch('/long.txt', { headers: { 'Accept-Encoding': 'gzip' } });
    const octets = await answer.bytes();
    expect(octets.subarray(0, 2)).to.deep.equal(Buffer.from([0x1f, 0x8b]));
    expect((await client.fetch('/long.txt')).headers.get('content-encoding')).to.equal(undefined);
  });

  describe('downloads', () => {
    it('as a file of 64 MiB, with its time', async () => {
      await inFolder(async (folder) => {
        const file = join(folder, 'large.bin');
        await using client = await http.connect(origin);
        const { size: all, sha256: digest = '' } = manifest['/large.bin'] ?? {};
        let last = 0;
        const done = await client.download('/large.bin', file, {
          checksum: { algorithm: 'sha256', digest },
          progress: (received) => {
            last = received;
          },
        });
        expect(done).to.include({ file, size: all, resumedFrom: 0, complete: true });
        expect(last).to.equal(all);
        expect(sha256(await readFile(file))).to.equal(digest);
        expect((await stat(file)).mtime.toISOString()).to.equal('2024-01-01T10:00:00.000Z');
      });
    });

    for (const how of ['fin', 'rst'] as const) {
      it(`which break off three times by ${how}, and are whole in the end`, async () => {
        await inFolder(async (folder) => {
          const file = join(folder, 'large.bin');
          const breaking = await breaker(server.port('http'), how, (count) => (count < 3 ? 15 * MIB : Infinity));
          try {
            await using client = await http.connect(`http://127.0.0.1:${breaking.port}`);
            const done = await client.download(`/large.bin?${how}`, file, { resumes: 3 });
            expect(done.resumedFrom).to.be.greaterThan(30 * MIB);
            expect(sha256(await readFile(file))).to.equal(manifest['/large.bin']?.sha256);
            const statuses = (await logged(server, new RegExp(`${how}$`), 4)).map(({ status }) => status);
            expect(statuses.sort()).to.deep.equal([200, 206, 206, 206]);
          } finally {
            await breaking.close();
          }
        });
      });
    }

    it('which break off, leave no file, and are gone on with by the next call', async () => {
      await inFolder(async (folder) => {
        const file = join(folder, 'large.bin');
        const breaking = await breaker(server.port('http'), 'fin', (count) => (count < 1 ? 15 * MIB : Infinity));
        try {
          await using client = await http.connect(`http://127.0.0.1:${breaking.port}`);
          expect(await rejection(client.download('/large.bin', file))).to.be.instanceOf(ConnectionError);
          expect(await rejection(stat(file))).to.have.property('code', 'ENOENT');
          const done = await client.download('/large.bin', file);
          expect(done.resumedFrom).to.be.greaterThan(14 * MIB);
          expect(sha256(await readFile(file))).to.equal(manifest['/large.bin']?.sha256);
          expect(await rejection(stat(`${file}.part`))).to.have.property('code', 'ENOENT');
        } finally {
          await breaking.close();
        }
      });
    });

    it('which go on only while it is the same version', async () => {
      await inFolder(async (folder) => {
        const file = join(folder, 'changing.bin');
        const there = join(server.get('root'), 'changing.bin');
        await writeFile(there, Buffer.alloc(8 * MIB, 'old'));
        const breaking = await breaker(server.port('http'), 'fin', (count) => (count < 1 ? 3 * MIB : Infinity));
        try {
          await using client = await http.connect(`http://127.0.0.1:${breaking.port}`);
          expect(await rejection(client.download('/changing.bin', file))).to.be.instanceOf(ConnectionError);
          const changed = Buffer.alloc(9 * MIB, 'new!');
          await writeFile(there, changed);
          const done = await client.download('/changing.bin', file);
          expect(done.resumedFrom).to.equal(0);
          expect(sha256(await readFile(file))).to.equal(sha256(changed));
        } finally {
          await breaking.close();
        }
      });
    });
  });
});
