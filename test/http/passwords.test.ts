import { inspect } from 'node:util';
import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { Passwords } from '../../lib/http/credentials.ts';
import { Peer, reply } from './peer.ts';

describe('several passwords', () => {
  const H = { scheme: 'https', host: 'h', port: 443 } as const;
  const passwords = new Passwords([
    { url: 'https://h/', user: 'all', password: 'x' },
    { url: 'https://h/a/', user: 'a', password: 'x' },
    { url: 'https://h/a/', realm: 'R', user: 'ar', password: 'x', atOnce: true },
    { url: 'https://h/', realm: 'Q', user: 'q', password: 'x' },
    { url: 'http://h:8080/x', user: 'x', password: 'x' },
  ]);
  const found: [realm: string | undefined, target: string, user: string | undefined][] = [
    [undefined, '/', 'all'],
    ['other', '/b', 'all'],
    ['other', '/a/b', 'a'],
    ['R', '/a/b', 'ar'],
    ['R', '/b', 'all'],
    ['Q', '/a/b', 'q'],
    ['other', '/a', 'all'],
    ['other', '/a/../b', 'all'],
    ['other', '/a/%2e%2e/b', 'all'],
  ];
  for (const [realm, target, user] of found) {
    it(`log in as ${user} at ${target}, ${realm === undefined ? 'without a realm' : `in ${realm}`}`, () => {
      expect(passwords.find(realm, H, target)?.user).to.equal(user);
    });
  }

  it('are for one origin, port and scheme included', () => {
    expect(passwords.find('R', { ...H, scheme: 'http' }, '/a/')).to.equal(undefined);
    const other = { scheme: 'http', host: 'h', port: 8080 } as const;
    expect(passwords.find(undefined, other, '/x/y')?.user).to.equal('x');
    expect(passwords.find(undefined, other, '/xy')).to.equal(undefined);
  });

  it('are sent at once only where they are said to be', () => {
    expect(passwords.atOnce(H, '/a/b')?.user).to.equal('ar');
    expect(passwords.atOnce(H, '/b')).to.equal(undefined);
  });

  it('replace those of the same place, and show none', () => {
    const two = new Passwords([{ url: 'https://h/', user: 'a', password: 'hunter2' }]);
    two.add({ url: 'https://h/', user: 'b', password: 'hunter2' });
    expect(two.find(undefined, H, '/')?.user).to.equal('b');
    expect(inspect([two, two.find(undefined, H, '/')], { depth: 9 })).to.not.include('hunter2');
    expect(() => two.add({ url: 'https://u@h/', user: 'b', password: 'x' })).to.throw(UsageError);
  });

  it('log a client in to each realm', async () => {
    await using peer = await Peer.open((asked) => {
      const realm = asked.target.slice(1);
      const right = `Basic ${Buffer.from(`${realm}:x`).toString('base64')}`;
      return asked.headers.get('authorization') === right
        ? reply('200 OK', {}, realm)
        : reply('401 No', { 'WWW-Authenticate': `Basic realm="${realm}"` });
    });
    const passwords = ['a', 'b'].map((realm) => ({ url: peer.origin, realm, user: realm, password: 'x' }));
    const client = await peer.client({ passwords });
    for (const path of ['a', 'b', 'a']) expect(await (await client.get(path)).text()).to.equal(path);
    expect((await client.get('c', { failing: 'return' })).status).to.equal(401);
  });
});
