import { expect } from 'chai';
import { Peer, reply } from './peer.ts';

describe('a body on its way', () => {
  it('is told of in octets, as many as have been sent so far', async () => {
    await using peer = await Peer.open(() => reply('200 OK', {}));
    const client = await peer.client();
    const told: number[] = [];
    const onSent = (octets: number): void => void told.push(octets);
    await (await client.post('/', { body: Buffer.alloc(10), onSent })).bytes();
    const parts = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.alloc(3);
      yield Buffer.alloc(4);
    };
    await (await client.post('/', { body: parts(), onSent })).bytes();
    expect(told).to.deep.equal([10, 3, 7]);
  });
});
