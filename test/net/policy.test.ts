import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { dial } from '../../lib/net/dial.ts';
import { isPublic } from '../../lib/net/policy.ts';
import { failure } from './failure.ts';
import { fakeWorld } from './fake-socket.ts';

const LOCAL = `0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
  172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
  239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ::ffff:8.8.8.8
  64:ff9b::127.0.0.1 64:ff9b::a00:1 64:ff9b::169.254.169.254 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
  2001:db8::1 2002:7f00:1:: 2002:a00:1::1 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1`;

const PUBLIC = `1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 172.15.255.255
  172.32.0.0 192.0.1.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700:4700::1111
  2001:4860:4860::8888 2a00:1450::1 64:ff9b::8.8.8.8`;

const PUBLIC_POLICY: ConnectOptions = { policy: 'public' };

describe('the policy `public`', () => {
  for (const address of LOCAL.split(/\s+/)) {
    it(`does not take ${address} for public`, () => expect(isPublic(address)).to.equal(false));
  }
  for (const address of PUBLIC.split(/\s+/)) {
    it(`takes ${address} for public`, () => expect(isPublic(address)).to.equal(true));
  }

  const SPELLINGS = [
    '127.0.0.1',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '2130706433',
    '127.1',
    '127.0.0.1.',
    '0',
    '１２７.0.0.1',
  ];
  for (const host of [...SPELLINGS, '::1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST.', 'a.localhost']) {
    it(`connects to no ${host}, directly or through a proxy`, async () => {
      for (const proxy of [undefined, 'socks5h://192.0.2.1', 'http://192.0.2.1']) {
        const world = fakeWorld({});
        const error = await failure(dial({ host, port: 70 }, { ...PUBLIC_POLICY, proxy }, undefined, world));
        expect(error).to.be.instanceOf(UsageError).with.property('reason', 'policy');
        expect(error).to.include({ port: 70 });
        expect(world.attempts).to.deep.equal([]);
      }
    });
  }

  it('connects nowhere when one of the addresses of a name is not public', async () => {
    for (const proxy of [undefined, 'socks5://192.0.2.1', 'socks4://192.0.2.1']) {
      const world = fakeWorld({ 'rebind.example': ['8.8.8.8', '10.0.0.1'] });
      const to = { host: 'rebind.example', port: 70 };
      const error = await failure(dial(to, { ...PUBLIC_POLICY, proxy }, undefined, world));
      expect(error).to.be.instanceOf(UsageError);
      expect(error).to.include({ reason: 'policy', host: 'rebind.example', port: 70 });
      expect(world.attempts).to.deep.equal([]);
    }
  });

  it('checks the addresses of `resolve` too', async () => {
    const world = fakeWorld({});
    const options = { ...PUBLIC_POLICY, resolve: { 'server.example': '127.0.0.1' } };
    expect(await failure(dial({ host: 'server.example', port: 70 }, options, undefined, world))).to.include({
      reason: 'policy',
    });
    expect(world.attempts).to.deep.equal([]);
  });

  it('checks the address that it did connect to', async () => {
    const world = fakeWorld({ 'server.example': ['8.8.8.8'] }, ({ socket }) => {
      Object.defineProperty(socket, 'remoteAddress', { value: '::ffff:127.0.0.1' });
      socket.succeed();
    });
    const error = await failure(dial({ host: 'server.example', port: 70 }, PUBLIC_POLICY, undefined, world));
    expect(error).to.include({ reason: 'policy' });
    expect(world.attempts[0]?.socket.destroyed).to.equal(true);
  });

  it('lets a public address pass', async () => {
    const world = fakeWorld({ 'server.example': ['8.8.8.8'] }, ({ socket }) => {
      Object.defineProperty(socket, 'remoteAddress', { value: '8.8.8.8' });
      socket.succeed();
    });
    const { stream } = await dial({ host: 'server.example', port: 70 }, PUBLIC_POLICY, undefined, world);
    expect(stream.destroyed).to.equal(false);
  });

  it('is not asked for a proxy, which the user has named', async () => {
    const world = fakeWorld({ 'server.example': ['8.8.8.8'] }, ({ socket }) => void socket.refuse());
    const options = { ...PUBLIC_POLICY, proxy: 'socks5h://127.0.0.1:9050' };
    const error = await failure(dial({ host: 'server.example', port: 70 }, options, undefined, world));
    expect(error).to.include({ reason: 'proxy' });
  });

  it('connects to no Unix socket', async () => {
    const options = { ...PUBLIC_POLICY, unixSocket: '/var/run/docker.sock' };
    expect(await failure(dial({ host: 'server.example', port: 70 }, options))).to.include({ reason: 'policy' });
  });

  for (const port of [
    1, 7, 19, 21, 22, 23, 25, 53, 110, 119, 143, 445, 465, 587, 993, 995, 3306, 5432, 6379, 6667, 11211,
  ]) {
    it(`connects to no port ${port}`, async () => {
      const world = fakeWorld({});
      const to = { host: '8.8.8.8', port, scheme: 'gopher' };
      const error = await failure(dial(to, PUBLIC_POLICY, undefined, world));
      expect(error).to.include({ reason: 'policy', port });
      expect(world.attempts).to.deep.equal([]);
    });
  }

  for (const [scheme, port] of [
    ['ftp', 21],
    ['ftps', 990],
    ['nntp', 119],
    ['news', 119],
    ['imaps', 993],
    ['pop3+starttls', 110],
    ['smtps', 465],
  ] as const) {
    it(`connects ${scheme} to its own port ${port}`, async () => {
      const world = fakeWorld({}, ({ socket }) => void socket.refuse());
      const error = await failure(dial({ host: '8.8.8.8', port, scheme }, PUBLIC_POLICY, undefined, world));
      expect(error).to.include({ reason: 'connect' });
    });
  }
});
