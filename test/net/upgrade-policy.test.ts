import { expect } from 'chai';
import type { Endpoint } from '../../lib/core/endpoint.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { isLocal, upgradeOf } from '../../lib/net/upgrade.ts';

const endpoint = (host: string, tls: Endpoint['tls'] = 'none'): Endpoint => ({ scheme: 'pop3', host, port: 110, tls });

describe('the upgrade to TLS', () => {
  const rows: readonly (readonly [string, Endpoint, ConnectOptions, string])[] = [
    ['is required by default', endpoint('mail.example.org'), {}, 'required'],
    ['is not asked for on this machine', endpoint('localhost'), {}, 'off'],
    ['is not asked for on this machine', endpoint('127.0.0.2'), {}, 'off'],
    ['is not asked for on this machine', endpoint('::1'), {}, 'off'],
    ['is not asked for at a Unix socket', endpoint('mail.example.org'), { unixSocket: '/run/x' }, 'off'],
    ['is required through a proxy', endpoint('localhost'), { proxy: 'socks5h://proxy:1' }, 'required'],
    ['is required through a command', endpoint('localhost'), { via: 'ssh host -W %h:%p' }, 'required'],
    ['is required where the address is said to be another', endpoint('localhost'), { resolve: {} }, 'required'],
    ['is what the options say', endpoint('mail.example.org'), { starttls: 'off' }, 'off'],
    ['is what the options say', endpoint('localhost'), { starttls: 'try' }, 'try'],
    ['is required where the scheme says so', endpoint('localhost', 'upgrade'), { starttls: 'off' }, 'required'],
    ['is none where TLS is there already', endpoint('mail.example.org', 'implicit'), { starttls: 'required' }, 'off'],
  ];
  for (const [what, to, options, wanted] of rows) {
    it(`${what}: ${to.host} ${to.tls} ${JSON.stringify(options)}`, () => {
      expect(upgradeOf(to, options)).to.equal(wanted);
    });
  }

  it('is not needed where the environment exempts this machine from its proxy', () => {
    const before = process.env['ALL_PROXY'];
    process.env['ALL_PROXY'] = 'socks5h://proxy:1';
    try {
      expect(isLocal(endpoint('localhost'), { proxy: 'env' })).to.equal(false);
      expect(isLocal(endpoint('localhost'), { proxy: 'env', noProxy: 'localhost' })).to.equal(true);
    } finally {
      if (before === undefined) delete process.env['ALL_PROXY'];
      else process.env['ALL_PROXY'] = before;
    }
    expect(isLocal(endpoint('localhost'), { proxy: 'env' })).to.equal(true);
  });
});
