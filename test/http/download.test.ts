import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, UsageError } from '../../lib/core/errors.ts';
import type { DownloadOptions } from '../../lib/http/download.ts';
import { rejection } from '../helpers.ts';
import { type Answer, type Asked, Peer, reply, type Said } from './peer.ts';

const BODY = Buffer.from(Array.from({ length: 10_007 }, (_, i) => (i * 7919 + (i >> 5)) & 0xff));
const ETAG = '"v1"';
const DATES = { 'Last-Modified': 'Sun, 06 Nov 1994 08:49:37 GMT', Date: 'Sun, 06 Nov 1994 08:50:37 GMT' };

type Headers = Readonly<Record<string, string>>;

/** What a good server says. */
function serve({ headers }: Asked, body: Buffer = BODY, known: Headers = { ETag: ETAG, ...DATES }): Buffer {
  const [, from] = /^bytes=(\d+)-$/.exec(headers.get('range') ?? '') ?? [];
  const isSame = [known['ETag'], known['Last-Modified']].includes(headers.get('if-range'));
  if (from === undefined || !isSame) return reply('200 OK', known, body);
  const first = Number(from);
  if (first >= body.length) return reply('416 No', { ...known, 'Content-Range': `bytes */${body.length}` });
  const range = `bytes ${first}-${body.length - 1}/${body.length}`;
  return reply('206 Part', { ...known, 'Content-Range': range }, body.subarray(first));
}

/** The whole header of an answer, and so many octets of its body. */
function cut(answer: Buffer, octets: number): Said {
  const body = answer.indexOf('\r\n\r\n') + 4;
  return { cut: answer.subarray(0, body + octets) };
}

describe('a download', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-download-'));
    file = join(folder, 'file');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Breaks off a first download after so many octets, with what the server says of it. */
  async function begun(octets: number, then: Answer, known?: Headers): Promise<Peer> {
    const peer = await Peer.open((asked, count) =>
      count === 1 ? cut(serve(asked, BODY, known), octets) : then(asked, count),
    );
    const client = await peer.client();
    const error = await rejection(client.download('/f', file));
    expect(error).to.be.instanceOf(ConnectionError).with.property('reason', 'truncated');
    return peer;
  }

  async function expectWhole(body: Buffer = BODY): Promise<void> {
    expect((await readFile(file)).equals(body)).to.equal(true);
    expect(await readdir(folder)).to.deep.equal(['file']);
  }

  it('is a file, with the time of what it is of', async () => {
    await using peer = await Peer.open((asked) => serve(asked));
    const told: (readonly [number, number | undefined])[] = [];
    const done = await (await peer.client()).download('/f?q', file, { progress: (...each) => told.push(each) });
    await expectWhole();
    expect(done).to.deep.equal({
      ...{ file, url: `${peer.origin}/f?q`, size: BODY.length, resumedFrom: 0, complete: true, etag: ETAG },
      modified: new Date('1994-11-06T08:49:37Z'),
    });
    const { mtime, mode } = await stat(file);
    expect(mtime.toISOString()).to.equal('1994-11-06T08:49:37.000Z');
    expect(mode & 0o777).to.equal(0o666 & ~process.umask());
    expect(told[0]).to.deep.equal([0, BODY.length]);
    expect(told.at(-1)).to.deep.equal([BODY.length, BODY.length]);
    expect(peer.asked[0]?.headers.get('accept-encoding')).to.equal('identity');
  });

  it('is gone on with wherever it broke off', async () => {
    for (const octets of [1, 13, 5_000, BODY.length - 1]) {
      await using peer = await begun(octets, (asked) => serve(asked));
      expect(await readdir(folder)).to.include('file.part');
      const done = await (await peer.client()).download('/f', file);
      expect(done.resumedFrom).to.equal(octets);
      expect(peer.asked[1]?.headers.get('range')).to.equal(`bytes=${octets}-`);
      expect(peer.asked[1]?.headers.get('if-range')).to.equal(ETAG);
      await expectWhole();
      await rm(file);
    }
  });

  it('is gone on with in one call, if it is asked to', async () => {
    await using peer = await Peer.open((asked, count) => (count < 4 ? cut(serve(asked), 1_000) : serve(asked)));
    const done = await (await peer.client()).download('/f', file, { resumes: 3 });
    expect(done.resumedFrom).to.equal(3_000);
    await expectWhole();
    expect(peer.asked).to.have.length(4);
  });

  it('is gone on with by a date, where that is old enough to be sure', async () => {
    await using peer = await begun(100, (asked) => serve(asked, BODY, DATES), DATES);
    expect((await (await peer.client()).download('/f', file)).resumedFrom).to.equal(100);
    expect(peer.asked[1]?.headers.get('if-range')).to.equal(DATES['Last-Modified']);
    await expectWhole();
  });

  const unsure: [what: string, known: Headers][] = [
    ['a weak entity tag', { ETag: 'W/"v1"' }],
    ['a date of just now', { 'Last-Modified': DATES['Last-Modified'], Date: DATES['Last-Modified'] }],
    ['nothing', {}],
  ];
  for (const [what, known] of unsure) {
    it(`is begun anew where the server says ${what}, and leaves nothing behind`, async () => {
      await using peer = await begun(100, (asked) => serve(asked), known);
      expect(await readdir(folder)).to.deep.equal([]);
      await (await peer.client()).download('/f', file);
      expect(peer.asked[1]?.headers.has('range')).to.equal(false);
      await expectWhole();
    });
  }

  const OTHER = Buffer.from('something else');
  const anew: [what: string, then: (asked: Asked) => Said, body: Buffer][] = [
    ['what changed', (asked) => serve(asked, OTHER, { ETag: '"v2"' }), OTHER],
    ['a server that does not know ranges', () => reply('200 OK', { ETag: ETAG }, BODY), BODY],
    [
      'what became shorter',
      (asked) => {
        const short = reply('416 No', { 'Content-Range': `bytes */${OTHER.length}` });
        return asked.headers.has('range') ? short : serve(asked, OTHER, { ETag: '"v2"' });
      },
      OTHER,
    ],
    ['a 416 that does not say why', (asked) => (asked.headers.has('range') ? reply('416 No', {}) : serve(asked)), BODY],
  ];
  for (const [what, then, body] of anew) {
    it(`is begun anew for ${what}`, async () => {
      await using peer = await begun(500, then);
      expect((await (await peer.client()).download('/f', file)).resumedFrom).to.equal(0);
      await expectWhole(body);
    });
  }

  const mixed: [what: string, headers: Headers, body: Buffer][] = [
    ['of another version', { ETag: '"v2"', 'Content-Range': 'bytes 500-10006/10007' }, BODY.subarray(500)],
    ['from another octet on', { ETag: ETAG, 'Content-Range': 'bytes 499-10006/10007' }, BODY.subarray(499)],
    ['of another size', { ETag: ETAG, 'Content-Range': 'bytes 500-10007/10008' }, Buffer.alloc(9_508)],
    ['that is not as long as it says', { ETag: ETAG, 'Content-Range': 'bytes 500-10006/10007' }, BODY.subarray(501)],
    ['that does not say which', { ETag: ETAG }, BODY.subarray(500)],
    ['that makes no sense', { ETag: ETAG, 'Content-Range': 'bytes 500-499/10007' }, BODY.subarray(500)],
    [
      'in several pieces',
      { 'Content-Type': 'multipart/byteranges; boundary=b' },
      Buffer.from('--b\r\nContent-Range: bytes 3-4/'),
    ],
  ];
  for (const [what, headers, body] of mixed) {
    it(`is never mixed with a part ${what}`, async () => {
      await writeFile(file, 'before');
      await using peer = await begun(500, () => reply('206 Part', headers, body));
      const error = await rejection((await peer.client()).download('/f', file));
      expect(error).to.be.instanceOf(ProtocolError);
      expect(await readFile(file, 'utf8')).to.equal('before');
      expect((await readFile(`${file}.part`)).equals(BODY.subarray(0, 500))).to.equal(true);
      await (await peer.client()).download('/f', file, { resume: false }).catch(() => {});
      expect(peer.asked[2]?.headers.has('range')).to.equal(false);
    });
  }

  it('has succeeded where nothing is missing', async () => {
    await using peer = await Peer.open((asked) => serve(asked));
    const of = createHash('sha256').update(`${peer.origin}/f`).digest('hex');
    await writeFile(`${file}.part`, BODY);
    await writeFile(`${file}.part.json`, JSON.stringify({ of, etag: ETAG, size: BODY.length }));
    const done = await (await peer.client()).download('/f', file);
    expect([done.resumedFrom, done.size, done.complete]).to.deep.equal([BODY.length, BODY.length, true]);
    expect(peer.asked).to.have.length(1);
    await expectWhole();
  });

  it('goes on with nothing that is of something else', async () => {
    await using peer = await begun(500, (asked) => serve(asked, OTHER));
    await (await peer.client()).download('/other', file);
    expect(peer.asked[1]?.headers.has('range')).to.equal(false);
    await expectWhole(OTHER);
    for (const note of ['', '{', '[]', '{"of":1}']) {
      await writeFile(`${file}.part`, 'x');
      await writeFile(`${file}.part.json`, note);
      await (await peer.client()).download('/other', file);
      await expectWhole(OTHER);
    }
  });

  const sha256 = createHash('sha256').update(BODY).digest('hex');
  it('is what its digest says', async () => {
    await using peer = await begun(500, (asked) => serve(asked));
    const client = await peer.client();
    await client.download('/f', file, {
      checksum: { algorithm: 'sha256', digest: sha256.toUpperCase() },
      size: BODY.length,
    });
    await expectWhole();
    const wrong: [options: DownloadOptions, type: typeof ProtocolError | typeof UsageError][] = [
      [{ checksum: { algorithm: 'sha256', digest: '0'.repeat(64) } }, ProtocolError],
      [{ size: BODY.length + 1 }, ProtocolError],
      [{ checksum: { algorithm: 'sha256', digest: '00' } }, UsageError],
      [{ checksum: { algorithm: 'nonsense', digest: '00' } }, UsageError],
      [{ maxSize: 100 }, ProtocolError],
    ];
    await writeFile(file, 'before');
    for (const [options, type] of wrong) {
      expect(await rejection(client.download('/f', file, { ...options, resume: false }))).to.be.instanceOf(type);
      expect(await readFile(file, 'utf8')).to.equal('before');
    }
  });

  it('keeps what is coded as it is', async () => {
    await using peer = await Peer.open(() => reply('200 OK', { 'Content-Encoding': 'gzip' }, BODY));
    await (await peer.client()).download('/f', file);
    await expectWhole();
  });

  it('says where nobody knows whether it is whole', async () => {
    await using peer = await Peer.open(() => ({ cut: Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), BODY]) }));
    expect((await (await peer.client()).download('/f', file)).complete).to.equal('unknown');
    await expectWhole();
  });

  it('leaves everything as it was where the server says no', async () => {
    await using peer = await Peer.open((_, count) => reply(count === 1 ? '404 No' : '204 Nothing', {}));
    const client = await peer.client();
    expect(await rejection(client.download('/f', file))).to.have.property('status', 404);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('writes to no link, no folder, and not twice at a time', async () => {
    await using peer = await Peer.open((asked) => serve(asked));
    const client = await peer.client();
    await symlink('/nowhere', file);
    for (const place of [file, folder])
      expect(await rejection(client.download('/f', place)))
        .to.be.instanceOf(UsageError)
        .with.property('reason', 'policy');
    await rm(file);
    await symlink('/nowhere', `${file}.part`);
    expect(await rejection(client.download('/f', file))).to.be.instanceOf(UsageError);
    await rm(`${file}.part`);
    const [first, second] = await Promise.allSettled([client.download('/f', file), client.download('/f', file)]);
    expect([first.status, second.status]).to.deep.equal(['fulfilled', 'rejected']);
    expect(await rejection(client.download('/f', file, { overwrite: false }))).to.be.instanceOf(UsageError);
    await expectWhole();
  });

  it('ends with its signal, and what there is stays', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    await using peer = await Peer.open((asked) => serve(asked).subarray(0, 2_000));
    const progress = (received: number): void => {
      if (received > 0) controller.abort(reason);
    };
    const work = (await peer.client()).download('/f', file, { signal: controller.signal, progress, resumes: 5 });
    expect(await rejection(work)).to.equal(reason);
    expect((await readdir(folder)).sort()).to.deep.equal(['file.part', 'file.part.json']);
  });
});
