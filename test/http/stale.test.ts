import { Readable } from 'node:stream';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, TimeoutError } from '../../lib/core/errors.ts';
import { rejection } from '../helpers.ts';
import { Peer, reply, type Said } from './peer.ts';

const GOOD = reply('200 OK', {}, 'good');

/** Says these in turn, and then what is good. */
async function saying(...said: Said[]): Promise<Peer> {
  return Peer.open((_, count) => said[count - 1] ?? GOOD);
}

describe('a connection that a server closes as soon as it is used again', () => {
  for (const [name, end] of Object.entries({ 'by an end': { cut: '' }, 'by a reset': { reset: '' } })) {
    it(`is followed by another one, ${name}`, async () => {
      await using peer = await saying(GOOD, end);
      const client = await peer.client({ maxConnections: 1 });
      expect(await (await client.get('/a')).text()).to.equal('good');
      expect(await (await client.put('/b', { body: 'x' })).text()).to.equal('good');
      expect(peer.asked.map(({ target, body }) => target + body)).to.deep.equal(['/a', '/bx', '/bx']);
    });

    it(`fails what may not be done twice, ${name}`, async () => {
      await using peer = await saying(GOOD, end);
      const client = await peer.client({ maxConnections: 1 });
      await (await client.get('/a')).text();
      const error = await rejection(client.post('/b', { body: 'x' }));
      expect(error).to.be.instanceOf(ConnectionError).and.include({ outcome: 'unknown' });
      expect(peer.asked).to.have.length(2);
    });
  }

  it('does not fail what says that it may be done twice', async () => {
    await using peer = await saying(GOOD, { cut: '' });
    const client = await peer.client({ maxConnections: 1 });
    await (await client.get('/a')).text();
    expect(await (await client.post('/b', { body: 'x', idempotent: true })).text()).to.equal('good');
  });

  it('fails what cannot be sent twice', async () => {
    await using peer = await saying(GOOD, { cut: '' });
    const client = await peer.client({ maxConnections: 1 });
    await (await client.get('/a')).text();
    const body = Readable.from([Buffer.from('x')]);
    expect(await rejection(client.put('/b', { body }))).to.be.instanceOf(ConnectionError);
  });

  it('fails when the header of an answer has come', async () => {
    await using peer = await saying(GOOD, { cut: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf' });
    const client = await peer.client({ maxConnections: 1 });
    await (await client.get('/a')).text();
    expect(await rejection(async () => (await client.get('/b')).text())).to.have.property('reason', 'truncated');
    expect(peer.asked).to.have.length(2);
  });

  it('fails when it is silent, or says what is no answer', async () => {
    for (const said of ['', 'HTTP/1.1 200 OK\r\nno field\r\n\r\n']) {
      await using peer = await saying(GOOD, said, said, said);
      const client = await peer.client({ maxConnections: 1, timeouts: { idle: 200 } });
      await (await client.get('/a')).text();
      const error = await rejection(client.get('/b'));
      expect(error).to.be.instanceOf(said === '' ? TimeoutError : ProtocolError);
      expect(peer.asked).to.have.length(2);
    }
  });

  it('fails when it is a new one', async () => {
    await using peer = await saying({ cut: '' });
    const client = await peer.client({ maxConnections: 1 });
    expect(await rejection(client.get('/a'))).to.be.instanceOf(ConnectionError);
    expect(peer.asked).to.have.length(1);
  });
});
