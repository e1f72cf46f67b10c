import { expect } from 'chai';
import { TimeoutError } from '../../lib/core/errors.ts';
import { Connection } from '../../lib/net/connection.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import { rejection } from '../helpers.ts';
import { pair } from '../pair.ts';

describe('a wait on a connection', () => {
  it('can be left: what has come stays, and the next goes on with it', async () => {
    const [near, far] = pair();
    far.on('error', () => {});
    await using connection = new Connection(near);
    far.write('half a li');
    const waiting = rejection(connection.readLine());
    await new Promise((resolve) => setImmediate(resolve));
    const reason = new Error('enough');
    connection.leave(reason);
    expect(await waiting).to.equal(reason);
    expect(connection.usable).to.equal(true);
    const line = connection.readLine();
    far.write('ne\r\n');
    expect(await line).to.equal('half a line');
    connection.leave(new Error('nobody waits'));
    expect(connection.usable).to.equal(true);
  });

  it('has the limit that it is given, in place of the timeout', async () => {
    for (const longest of [10, 60]) {
      const [near, far] = pair();
      far.on('error', () => {});
      await using connection = new Connection(near, { timeouts: { idle: 30 } });
      const error = await rejection(connection.receive(() => undefined, 'body', longest));
      expect(error).to.be.an.instanceOf(TimeoutError);
      expect(String(error)).to.include(`${longest} ms`);
    }
  });

  it('tells the transcript what this end said where octets were written', async () => {
    const transcript = new Transcript();
    const [near] = pair();
    await using connection = new Connection(near, { transcript });
    connection.said('a line');
    expect(String(transcript)).to.equal('C: a line');
    near.other?.on('error', () => {});
  });
});
