import { expect } from 'chai';
import { ReplyError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { oauthBearer, xoauth2 } from '../../lib/wire/oauth.ts';
import { cramMd5, login, plain } from '../../lib/wire/plain.ts';
import { acceptLogin, authenticate } from '../../lib/wire/sasl.ts';
import { scram } from '../../lib/wire/scram.ts';
import { ann, base64, failure, NO, play } from './sasl-dialogue.ts';

describe('wire/sasl: the examples of the RFCs', () => {
  it('PLAIN, RFC 4616 4', async () => {
    await play(plain({ user: 'tim', password: new Secret('tanstaaftanstaaf') }), ['C:\0tim\0tanstaaftanstaaf', 'S+']);
    const acting = { user: 'Kurt', authzid: 'Ursel', password: new Secret('xipj3plmq') };
    await play(plain(acting), ['C:Ursel\0Kurt\0xipj3plmq', 'S+']);
  });

  it('CRAM-MD5, RFC 2195 2', async () => {
    await play(cramMd5({ user: 'tim', password: new Secret('tanstaaftanstaaf') }), [
      'C-',
      'S:<1896.697170952@postoffice.reston.mci.net>',
      'C:tim b913a602c7eda7a495b4e6e7334d3890',
      'S+',
    ]);
  });

  const sha1 = [
    'C:n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    'S:r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    'C:c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    'S:v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
    'C:',
    'S+',
  ];
  const sha256 = [
    'C:n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    'S:r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'C:c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    'S:v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
    'C:',
    'S+',
  ];
  const user = { user: 'user', password: new Secret('pencil') };

  it('SCRAM-SHA-1, RFC 5802 5, the client', () => play(scram('sha1', user, 'n', 'fyko+d2lbbFgONRv9qkxdawL'), sha1));
  it('SCRAM-SHA-256, RFC 7677 3, the client', () => play(scram('sha256', user, 'n', 'rOprNGfwEbeRWgbNEkqO'), sha256));

  for (const [name, dialogue, nonce, salt] of [
    ['SCRAM-SHA-1', sha1, '3rfcNHYJY1ZVvWVs7j', 'QSXCR+Q6sek8bf92'],
    ['SCRAM-SHA-256', sha256, '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0', 'W22ZaJ0SNY7soEsUEjb6gQ=='],
  ] as const) {
    it(`${name}, the server`, async () => {
      const [first = '', ...lines] = dialogue.slice(0, 5);
      const known = {
        lookup: () => ({ password: 'pencil' }),
        nonce: () => nonce,
        salt: () => Buffer.from(salt, 'base64'),
      };
      const who = await acceptLogin(name, known, base64(first.slice(2)), async (challenge) => {
        expect(`S:${Buffer.from(challenge, 'base64')}`).to.equal(lines.shift());
        return base64(lines.shift()?.slice(2) ?? '');
      });
      expect(who).to.deep.equal({ user: 'user' });
      expect(lines).to.deep.equal([]);
    });
  }

  const oauth = {
    user: 'user@example.com',
    token: new Secret('vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='),
    host: 'server.example.com',
    port: 143,
  };

  it('OAUTHBEARER, RFC 7628 4.1', async () => {
    await authenticate(oauthBearer(oauth), async (response) => {
      expect(response?.reveal()).to.equal(
        'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyI' +
          'HZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB',
      );
      return undefined;
    });
  });

  it('OAUTHBEARER refused, RFC 7628 4.3: answers with ^A and tells the status', async () => {
    const said: (string | undefined)[] = [];
    const error = await failure(
      authenticate(oauthBearer(oauth), async (response) => {
        said.push(response?.reveal());
        if (said.length > 1) throw NO;
        return 'eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NvcGUiOiJleGFtcGxlX3Njb3BlIn0=';
      }),
    );
    expect(said[1]).to.equal('AQ==');
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth', protocol: 'test', cause: NO });
    expect(error).to.have.nested.property('reply.code', 'invalid_token');
    expect(error.message).to.contain('invalid_token');
  });

  it('XOAUTH2, the example of Google', async () => {
    const token = new Secret('vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg==');
    const said: (string | undefined)[] = [];
    const error = await failure(
      authenticate(xoauth2({ user: 'someuser@example.com', token }), async (response) => {
        said.push(response?.reveal());
        if (said.length > 1) throw NO;
        return 'eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K';
      }),
    );
    expect(said).to.deep.equal([
      'dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB2RjlkZnQ0cW1UYzJOdmIzUmxja0JoZEhSaGRtbHpkR0V1WTI5dENnPT0BAQ==',
      '',
    ]);
    expect(error).to.have.nested.property('reply.code', '401');
  });

  it('LOGIN: the user, then the password, whatever the server calls them', async () => {
    await play(login(ann), ['C-', 'S:VXNlcm5hbWU6', 'C:ann', 'S:', 'C:pencil', 'S+']);
  });
});
