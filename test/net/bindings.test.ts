import { expect } from 'chai';
import { certificate } from '../../lib/mock/certificate.ts';
import { connect, listen } from '../../lib/net/index.ts';
import type { ChannelBinding } from '../../lib/wire/mechanism.ts';

/** What each end of a TLS connection knows of it. */
async function bothEnds(minVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<(readonly ChannelBinding[])[]> {
  const { cert, key, ca } = certificate();
  let theirs: readonly ChannelBinding[] = [];
  const server = await listen({ tls: { cert, key, minVersion } }, async (connection) => {
    theirs = connection.bindings(cert);
    await connection.writeText('here\r\n');
  });
  const connection = await connect({ host: server.host, port: server.port, tls: true }, { tls: { ca } });
  await connection.readLine();
  const ours = connection.bindings();
  await connection.close();
  await server.close();
  return [ours, theirs];
}

describe('the bindings of a channel', () => {
  it('are the same at both ends, the exporter of TLS 1.3 first', async () => {
    const [ours, theirs] = await bothEnds('TLSv1.3');
    expect(ours?.map(({ type }) => type)).to.deep.equal(['tls-exporter', 'tls-server-end-point']);
    expect(ours?.map(({ data }) => data.length)).to.deep.equal([32, 32]);
    expect(ours).to.deep.equal(theirs);
  });

  it('are different for each connection, but for the certificate', async () => {
    const [[first, end]] = [(await bothEnds('TLSv1.3'))[0] ?? []];
    expect(first?.data).to.not.deep.equal((await bothEnds('TLSv1.3'))[0]?.[0]?.data);
    expect(end?.type).to.equal('tls-server-end-point');
  });

  it('are none where there is no TLS', async () => {
    const server = await listen({}, async (connection) => void (await connection.readLine()));
    const connection = await connect({ host: server.host, port: server.port });
    expect(connection.bindings()).to.deep.equal([]);
    expect(connection.isPrivate).to.equal(true);
    await connection.close();
    await server.close();
  });
});
