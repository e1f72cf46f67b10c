import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply } from './peer.ts';

describe('a download with the name that the server gives', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netkit-download-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const options = { name: 'server' } as const;
  const named: [what: string, path: string, disposition: string | undefined, name: string][] = [
    ['its own', '/x', 'attachment; filename="a b.txt"', 'a b.txt'],
    ['its own in UTF-8', '/x', "attachment; filename=x; filename*=UTF-8''%e2%82%ac.txt", '€.txt'],
    ['that of the URL', '/a/b.txt?q', undefined, 'b.txt'],
    ['that of the URL, decoded', '/a/b%20c.txt', 'inline', 'b c.txt'],
  ];
  for (const [what, path, disposition, name] of named) {
    it(`is called ${what}, and replaces nothing`, async () => {
      const headers = { ...(disposition !== undefined && { 'Content-Disposition': disposition }) };
      await using peer = await Peer.open(() => reply('200 OK', headers, 'ok'));
      const client = await peer.client();
      expect((await client.download(path, folder, options)).file).to.equal(join(folder, name));
      expect(await readdir(folder)).to.deep.equal([name]);
      expect(await rejection(client.download(path, folder, options))).to.be.instanceOf(UsageError);
    });
  }

  const dangerous = [
    '../../../tmp/netkit-owned',
    '/etc/x',
    '..\\..\\x',
    'C:\\x',
    '.bashrc',
    '-rf',
    'CON',
    'a\\x00b',
    '',
    'a:b',
    'x.',
  ];
  for (const name of dangerous) {
    it(`is not called ${JSON.stringify(name)}`, async () => {
      await using peer = await Peer.open(() => {
        return reply(
          '200 OK',
          { 'Content-Disposition': `attachment; filename="${name}"; filename*=UTF-8''%2e%2e%2fy` },
          'ok',
        );
      });
      const error = await rejection((await peer.client()).download('/x', folder, options));
      expect(error).to.be.instanceOf(UsageError).with.property('reason', 'unsafe-name');
      expect(await readdir(folder)).to.deep.equal([]);
    });
  }
});
