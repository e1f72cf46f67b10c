import { execFileSync } from 'node:child_process';
import { mkdtemp, open, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import { fileResource, fileUrlOf, pathOfFileUrl } from '../../lib/http/file-url.ts';
import { rejection } from '../helpers.ts';

describe('a file: URL (UR-16, UR-22)', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-'));
  });
  after(() => rm(folder, { recursive: true }));

  const paths: [url: string, path: string][] = [
    ['file:///etc/hosts', '/etc/hosts'],
    ['file://localhost/etc/hosts', '/etc/hosts'],
    ['FILE://LOCALHOST/etc', '/etc'],
    ['file:/etc/hosts', '/etc/hosts'],
    ['file:///a%20b%3Fc%23d', '/a b?c#d'],
    ['file:///a/../b/./c#d', '/b/c'],
    ['file:///../../a', '/a'],
    ['file:///C:/x', '/C:/x'],
    ['file:///a%5c..%5cb', '/a\\..\\b'],
    ['file:///caf%C3%A9/é', '/café/é'],
    ['file:///a/', '/a/'],
  ];
  for (const [url, path] of paths) {
    it(`names a path: ${url}`, () => {
      expect(pathOfFileUrl(url).toString()).to.equal(path);
    });
  }

  it('names files that are not in UTF-8', () => {
    expect([...pathOfFileUrl('file:///%ff')]).to.deep.equal([0x2f, 0xff]);
  });

  const refused = [
    'file://example.com/etc/hosts',
    'file://127.0.0.1/etc/hosts',
    'file:////server/share',
    'file:///a/..//server/share',
    'file://joe@localhost/a',
    'file://localhost:80/a',
    'file:etc/hosts',
    'file:',
    '/etc/hosts',
    'http://localhost/etc/hosts',
    'file:///a%2fb',
    'file:///a%2F..%2Fb',
    'file:///a/%2e%2e/b',
    'file:///a/.%2E/b',
    'file:///a%00b',
    'file:///a?b',
    'file:///a b',
    'file:///a\nb',
    'file:///a%zz',
  ];
  for (const url of refused) {
    it(`is not ${JSON.stringify(url)}`, () => {
      expect(() => pathOfFileUrl(url)).to.throw(UsageError);
    });
  }

  it('is made of a path, and leads back to it', () => {
    expect(fileUrlOf('/a b/c?d#e%é')).to.equal('file:///a%20b/c%3Fd%23e%25%C3%A9');
    expect(pathOfFileUrl(fileUrlOf('/a b/c?d#e%é')).toString()).to.equal('/a b/c?d#e%é');
  });

  it('is fetched as a Resource: size, type, date, and the octets as they are read', async () => {
    const path = join(folder, 'é.html');
    await writeFile(path, Buffer.alloc(200_000, 'é'));
    await utimes(path, 0, new Date('1994-11-06T08:49:37Z'));
    const resource = await fileResource(fileUrlOf(path));
    expect([resource.size, resource.type]).to.deep.equal([200_000, 'text/html']);
    expect(resource.meta['modified']).to.equal('Sun, 06 Nov 1994 08:49:37 GMT');
    expect(await resource.text()).to.equal('é'.repeat(100_000));
    expect(resource.complete).to.equal(true);
    const streamed = await fileResource(fileUrlOf(path));
    let chunks = 0;
    for await (const chunk of streamed) chunks += chunk.length > 0 ? 1 : 0;
    expect(chunks).to.equal(4);
    expect(streamed.complete).to.equal(true);
  });

  it('may be left before its end', async () => {
    const path = join(folder, 'left');
    await writeFile(path, Buffer.alloc(200_000));
    const resource = await fileResource(fileUrlOf(path));
    for await (const _ of resource) break;
    expect(resource.complete).to.equal(false);
    await (await fileResource(fileUrlOf(path))).close();
  });

  it('is read as far as it went when it was opened; one that becomes shorter is truncated', async () => {
    const path = join(folder, 'changing');
    await writeFile(path, '12345');
    const grown = await fileResource(fileUrlOf(path));
    await writeFile(path, '1234567');
    expect(await grown.text()).to.equal('12345');
    const shrunk = await fileResource(fileUrlOf(path));
    await truncate(path, 3);
    expect(await rejection(shrunk.text()))
      .to.be.instanceOf(ConnectionError)
      .with.property('reason', 'truncated');
  });

  it('may be empty, or made up while it is read', async function () {
    const path = join(folder, 'empty');
    await (await open(path, 'w')).close();
    const empty = await fileResource(fileUrlOf(path));
    expect([empty.size, await empty.text(), empty.complete]).to.deep.equal([0, '', true]);
    if (process.platform !== 'linux') this.skip();
    const made = await fileResource('file:///proc/self/status');
    expect([made.size, (await made.text()).includes('Name:')]).to.deep.equal([undefined, true]);
  });

  it('is of a file: a folder, a pipe, a device and what is not there are refused at once', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const path of [folder, pipe, '/dev/zero', join(folder, 'none'), join(folder, 'é.html', 'x')]) {
      expect(await rejection(fileResource(fileUrlOf(path))), path).to.be.instanceOf(UsageError);
    }
  });

  it('stops when its signal says so', async () => {
    const path = join(folder, 'aborted');
    await writeFile(path, Buffer.alloc(200_000));
    const controller = new AbortController();
    const resource = await fileResource(fileUrlOf(path), controller.signal);
    controller.abort(new Error('enough'));
    expect(await rejection(resource.bytes())).to.have.property('message', 'enough');
    expect(await rejection(fileResource(fileUrlOf(path), controller.signal))).to.have.property('message', 'enough');
  });
});
