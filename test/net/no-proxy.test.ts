import { expect } from 'chai';
import { exempts } from '../../lib/net/no-proxy.ts';

const TABLE: readonly (readonly [list: string, host: string, exempt: boolean])[] = [
  ['', 'example.com', false],
  ['*', 'example.com', true],
  ['*', '10.0.0.1', true],
  ['other, *', '::1', true],
  ['example.com', 'example.com', true],
  ['example.com', 'www.example.com', true],
  ['example.com', 'nonexample.com', false],
  ['example.com', 'example.com.org', false],
  ['.example.com', 'example.com', true],
  ['.example.com', 'a.b.example.com', true],
  ['*.example.com', 'a.example.com', true],
  ['EXAMPLE.com', 'example.com', true],
  ['example.com.', 'example.com', true],
  ['example.com', 'example.com.', true],
  ['a.example b.example', 'b.example', true],
  [' a.example ,\tb.example,', 'b.example', true],
  ['a.example,,', 'c.example', false],
  ['.', 'example.com', false],
  ['example.com:70', 'example.com', true],
  ['example.com:71', 'example.com', false],
  ['.example.com:70', 'www.example.com', true],
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '127.0.0.2', false],
  ['0.0.1', '127.0.0.1', false],
  ['1', '127.0.0.1', false],
  ['127.0.0.1:70', '127.0.0.1', true],
  ['127.0.0.1:80', '127.0.0.1', false],
  ['10.0.0.0/8', '10.255.0.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['192.168.1.77/24', '192.168.1.5', true],
  ['192.168.0.0/31', '192.168.0.1', true],
  ['192.168.0.0/31', '192.168.0.2', false],
  ['0.0.0.0/0', '8.8.8.8', true],
  ['0.0.0.0/0', '2001:db8::1', false],
  ['10.0.0.0/33', '10.0.0.1', false],
  ['10.0.0.0/', '10.0.0.1', false],
  ['10.0.0.0/8/8', '10.0.0.1', false],
  ['10.0.0.0/-1', '10.0.0.1', false],
  ['10.0.0.0/8', 'ten.example', false],
  ['::1', '::1', true],
  ['::1', '0:0:0:0:0:0:0:1', true],
  ['[::1]', '::1', true],
  ['[::1]:70', '::1', true],
  ['[::1]:71', '::1', false],
  ['fe80::/10', 'fe80::1%eth0', true],
  ['fe80::/10', 'fec0::1', false],
  ['[2001:db8::]/32', '2001:db8:1::5', true],
  ['2001:db8::/129', '2001:db8::', false],
  ['10.0.0.0/8', '::ffff:10.0.0.1', true],
];

describe('NO_PROXY', () => {
  for (const [list, host, exempt] of TABLE) {
    it(`${JSON.stringify(list)} ${exempt ? 'has' : 'does not have'} ${host}`, () => {
      expect(exempts(list, host, 70)).to.equal(exempt);
    });
  }
});
