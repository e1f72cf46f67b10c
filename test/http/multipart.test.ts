import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import type { RequestBody } from '../../lib/http/exchange.ts';
import { multipartBody, type Part } from '../../lib/http/multipart.ts';
import { all, rejection } from '../helpers.ts';

async function octetsOf(body: RequestBody): Promise<Buffer> {
  const octets = body.open();
  return Buffer.concat(octets instanceof Uint8Array ? [octets] : await all(octets));
}

/** Without what is random. */
async function written(body: RequestBody): Promise<string> {
  const boundary = body.type?.replace(/^.*boundary=/, '') ?? '';
  return (await octetsOf(body)).toString().replaceAll(boundary, 'BOUNDARY').replaceAll('\r\n', '\n');
}

/** What another reader makes of it. */
async function read(body: RequestBody): Promise<[string, string, string?, string?][]> {
  const response = new Response(await octetsOf(body), { headers: { 'content-type': body.type ?? '' } });
  const fields: [string, string, string?, string?][] = [];
  for (const [name, value] of await response.formData()) {
    if (typeof value === 'string') fields.push([name, value]);
    else fields.push([name, await value.text(), value.name, value.type]);
  }
  return fields;
}

async function* streamOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('a form with files', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('is written as RFC 7578 says', async () => {
    const body = multipartBody([
      { name: 'user', value: 'joe' },
      { name: 'note', value: 'é', type: 'text/plain; charset=utf-8', headers: { 'X-A': '1' } },
      { name: 'file', file: Buffer.from('<p>'), filename: 'a.html' },
    ]);
    expect(body.type).to.match(/^multipart\/form-data; boundary=[\w-]{20,70}$/);
    expect(await written(body)).to.equal(`--BOUNDARY
Content-Disposition: form-data; name="user"

joe
--BOUNDARY
Content-Disposition: form-data; name="note"
Content-Type: text/plain; charset=utf-8
X-A: 1

é
--BOUNDARY
Content-Disposition: form-data; name="file"; filename="a.html"
Content-Type: text/html

<p>
--BOUNDARY--
`);
  });

  it('is understood by others: values, octets, files of the disk, Blobs, streams and secrets', async () => {
    await writeFile(join(folder, 'é.json'), '{"a":1}');
    await writeFile(join(folder, 'empty'), '');
    const body = multipartBody([
      { name: 'naïve ☃', value: 7 },
      { name: 'lines', value: 'a\r\n--b\r\n\r\nc' },
      { name: 'password', value: new Secret('hunter2') },
      { name: 'path', file: join(folder, 'é.json') },
      { name: 'empty', file: join(folder, 'empty'), type: 'text/x' },
      { name: 'blob', file: new File(['blob'], 'of.a', { type: 'image/png' }) },
      { name: 'stream', file: streamOf('stream'), filename: 'b.unknown' },
    ]);
    expect(await read(body)).to.deep.equal([
      ['naïve ☃', '7'],
      ['lines', 'a\r\n--b\r\n\r\nc'],
      ['password', 'hunter2'],
      ['path', '{"a":1}', 'é.json', 'application/json'],
      ['empty', '', 'empty', 'text/x'],
      ['blob', 'blob', 'of.a', 'image/png'],
      ['stream', 'stream', 'b.unknown', 'application/octet-stream'],
    ]);
  });

  it('is made of a FormData too', async () => {
    const form = new FormData();
    form.append('a', '1');
    form.append('b', new Blob(['2']), 'c.txt');
    expect(await read(multipartBody(form))).to.deep.equal([
      ['a', '1'],
      ['b', '2', 'c.txt', 'text/plain'],
    ]);
  });

  it('can be empty', async () => {
    expect(await written(multipartBody([]))).to.equal('--BOUNDARY--\n');
  });

  it('knows its length where all parts do, and can be sent again', async () => {
    const file = join(folder, 'large');
    await writeFile(file, Buffer.alloc(200_000, 'x'));
    const body = multipartBody([
      { name: 'é', value: 'é' },
      { name: 'file', file },
      { name: 'blob', file: new Blob(['b']), filename: 'b' },
    ]);
    const [once, again] = [await octetsOf(body), await octetsOf(body)];
    expect(body.repeatable).to.equal(true);
    expect(once.length).to.equal(body.size);
    expect(once.equals(again)).to.equal(true);
  });

  it('does not know its length, and is sent once, where a part is a stream', async () => {
    const body = multipartBody([{ name: 'a', file: streamOf('x'), filename: 'x' }]);
    expect([body.size, body.repeatable]).to.deep.equal([undefined, false]);
    const sized = multipartBody([{ name: 'a', file: streamOf('x'), filename: 'x', size: 1 }]);
    expect(sized.size).to.equal((await octetsOf(sized)).length);
    expect(await rejection(octetsOf(sized))).to.be.instanceOf(UsageError);
  });

  it('reads what the system makes up, which says that it has no octets', async function () {
    if (process.platform !== 'linux') this.skip();
    const body = multipartBody([{ name: 'a', file: '/proc/self/status' }]);
    expect(body.size).to.equal(undefined);
    expect((await octetsOf(body)).toString()).to.include('Name:');
  });

  it('reads a pipe once, as a stream', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const body = multipartBody([{ name: 'a', file: pipe }]);
    expect([body.size, body.repeatable]).to.deep.equal([undefined, false]);
    const [octets] = await Promise.all([octetsOf(body), writeFile(pipe, 'through a pipe')]);
    expect(octets.toString()).to.include('\r\n\r\nthrough a pipe\r\n');
  });

  it('is an error where a file becomes shorter while it is sent, and leaves out what is added', async () => {
    const file = join(folder, 'changing');
    await writeFile(file, '12345');
    const body = multipartBody([{ name: 'a', file }]);
    await writeFile(file, '1234567');
    expect((await octetsOf(body)).length).to.equal(body.size);
    await truncate(file, 3);
    expect(await rejection(octetsOf(body))).to.be.instanceOf(UsageError);
    await rm(file);
    expect(await rejection(octetsOf(body))).to.be.instanceOf(UsageError);
  });

  it('has a boundary that nobody can guess', () => {
    expect(multipartBody([]).type).to.not.equal(multipartBody([]).type);
  });

  it('writes quotes in names as browsers do (hardening H12)', async () => {
    const text = await written(multipartBody([{ name: 'a"b', file: Buffer.from(''), filename: 'c"; name="d' }]));
    expect(text).to.include('form-data; name="a%22b"; filename="c%22; name=%22d"\n');
  });

  const refused: [what: string, parts: () => Part[]][] = [
    ['http-i09: a name with a line end', () => [{ name: 'a"\r\nX-Evil: 1', value: 'x' }]],
    [
      'http-i09: a file name with a line end',
      () => [{ name: 'a', file: Buffer.from('x'), filename: 'b"; name="c\r\nX-Evil: 1' }],
    ],
    ['a name with NUL', () => [{ name: 'a\0', value: '' }]],
    ['a name with half a surrogate pair', () => [{ name: '\ud800', value: '' }]],
    ['a type with a line end', () => [{ name: 'a', value: '', type: 'text/plain\r\nX-Evil: 1' }]],
    ['a header with a line end', () => [{ name: 'a', value: '', headers: { 'X-A': 'b\r\nX-Evil: 1' } }]],
    ['another Content-Disposition', () => [{ name: 'a', value: '', headers: { 'content-disposition': 'x' } }]],
    ['two types', () => [{ name: 'a', value: '', type: 'text/a', headers: { 'content-type': 'text/b' } }]],
    ['octets without a file name', () => [{ name: 'a', file: Buffer.from('x') }]],
    ['a file that is not there', () => [{ name: 'a', file: '/nowhere/at/all' }]],
    ['a folder', () => [{ name: 'a', file: tmpdir() }]],
  ];
  for (const [what, parts] of refused) {
    it(`does not send ${what}`, () => {
      expect(() => multipartBody(parts())).to.throw(UsageError);
    });
  }
});
