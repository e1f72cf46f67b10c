import { expect } from 'chai';
import { Connection } from '../../lib/net/connection.ts';
import { pair } from '../pair.ts';

describe('writes that a peer does not take yet', () => {
  it('wait for one and the same, however many they are', async () => {
    const [ours, theirs] = pair();
    const connection = new Connection(ours);
    const writes = Array.from({ length: 200 }, () => connection.write(Buffer.alloc(64 * 1024)));
    expect(ours.listenerCount('drain')).to.be.at.most(2);
    expect(ours.listenerCount('close')).to.be.at.most(4);
    theirs.on('error', () => {}).resume();
    await Promise.all(writes);
    expect(ours.listenerCount('drain')).to.equal(0);
    await connection.close();
    theirs.destroy();
  });
});
