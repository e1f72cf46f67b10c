import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect } from 'chai';
import { type Certificate, certificate, createAuthority } from '../../lib/mock/certificate.ts';

/** Shakes hands with a server that has this certificate; gives what is wrong with it, or `accepted`. */
async function handshake(
  served: Certificate,
  ca: string,
  servername = 'localhost',
  family = '127.0.0.1',
): Promise<string> {
  const server = createServer({ cert: served.cert, key: served.key }, (socket) => socket.end());
  server.on('tlsClientError', () => {});
  server.listen(0, family);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const name = /^[\d.:]+$/.test(servername) ? {} : { servername };
  const socket = connect({ host: family, port, ca, ...name });
  try {
    return await new Promise<string>((resolve) => {
      socket.once('secureConnect', () => resolve(socket.authorized ? 'accepted' : 'not authorized'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    socket.destroy();
    server.close();
    await once(server, 'close');
  }
}

describe('mock/certificate', () => {
  const usual = certificate();

  it('is accepted by a client that trusts its authority, by name and by address', async () => {
    expect(await handshake(usual, usual.ca)).to.equal('accepted');
    expect(await handshake(usual, usual.ca, '127.0.0.1')).to.equal('accepted');
    // not by a handshake: Node 22 finds no IPv6 address in a certificate
    expect(new X509Certificate(usual.cert).checkIP('::1')).to.equal('::1');
  });

  it('is one and the same without options, and of one authority with them', () => {
    expect(certificate()).to.equal(usual);
    expect(certificate({ hosts: undefined })).to.equal(usual);
    const other = certificate({ hosts: ['localhost'] });
    expect(other.cert).not.to.equal(usual.cert);
    expect(other.ca).to.equal(usual.ca);
  });

  for (const [what, served, ca, code] of [
    ['expired', certificate({ expired: true }), usual.ca, 'CERT_HAS_EXPIRED'],
    [
      'for another host',
      certificate({ hosts: ['other.invalid', '10.0.0.1'] }),
      usual.ca,
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    ['self-signed', certificate({ selfSigned: true }), usual.ca, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'of another authority',
      certificate({ ca: createAuthority('other') }),
      usual.ca,
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    // the other authority has the name of ours, but another key
    ['of a false authority', certificate({ ca: createAuthority() }), usual.ca, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ] as const)
    it(`is refused when it is ${what}`, async () => expect(await handshake(served, ca)).to.equal(code));

  it('is accepted when it is self-signed and trusted itself', async () => {
    const own = certificate({ selfSigned: true });
    expect(own.ca).to.equal(own.cert);
    expect(await handshake(own, own.ca)).to.equal('accepted');
  });

  it('says what RFC 5280 asks for', () => {
    const leaf = new X509Certificate(usual.cert);
    const ca = new X509Certificate(usual.ca);
    expect(leaf.subjectAltName).to.equal('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    expect([leaf.ca, ca.ca]).to.deep.equal([false, true]);
    expect(leaf.verify(ca.publicKey)).to.equal(true);
    expect(leaf.checkIssued(ca)).to.equal(true);
    expect(leaf.serialNumber).to.have.length(32);
    expect(leaf.serialNumber).not.to.equal(ca.serialNumber);
    expect(leaf.validTo).to.equal('Dec 31 23:59:59 2099 GMT');
    expect(new X509Certificate(certificate({ expired: true }).cert).validTo).to.equal('Dec 31 23:59:59 2020 GMT');
  });

  for (const [address, written] of [
    ['2001:db8::8:800:200c:417a', '2001:DB8:0:0:8:800:200C:417A'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['fe80::', 'FE80:0:0:0:0:0:0:0'],
    ['::ffff:192.0.2.1', '0:0:0:0:0:FFFF:C000:201'],
  ] as const)
    it(`writes the address ${address}`, () => {
      const { cert } = certificate({ hosts: [address] });
      expect(new X509Certificate(cert).subjectAltName).to.equal(`IP Address:${written}`);
    });

  it('takes many hosts, longer than a length of two bytes', () => {
    const hosts = Array.from({ length: 5000 }, (_, index) => `host-${index}.example`);
    expect(new X509Certificate(certificate({ hosts }).cert).checkHost('host-4999.example')).to.equal(
      'host-4999.example',
    );
  });
});
