import { expect } from 'chai';
import { ConnectionError, TimeoutError } from '../../lib/core/errors.ts';
import { type Dialed, dial } from '../../lib/net/dial.ts';
import { interleave } from '../../lib/net/resolve.ts';
import { failure } from './failure.ts';
import { type Attempt, fakeWorld } from './fake-socket.ts';

const TO = { host: 'server.example', port: 70 };

function dialIn(world: ReturnType<typeof fakeWorld>, connect = 10_000): Promise<Dialed> {
  return dial(TO, { timeouts: { connect } }, undefined, world);
}

const refuse = ({ socket }: Attempt): void => void socket.refuse();

describe('happy eyeballs', () => {
  it('tries the next address at once when one refuses', async () => {
    const world = fakeWorld({ 'server.example': ['::1', '127.0.0.1'] }, (attempt, i) =>
      i === 0 ? refuse(attempt) : void attempt.socket.succeed(),
    );
    const { stream } = await dialIn(world);
    expect(world.attempts.map((a) => a.host)).to.deep.equal(['::1', '127.0.0.1']);
    expect(stream).to.equal(world.attempts[1]?.socket);
    expect(world.attempts[1]?.at).to.be.below(200);
    expect(stream.eventNames()).to.not.include.members(['connect', 'error']);
  });

  it('tries the next address after 250 ms beside one that stalls, and destroys the one that loses', async () => {
    const world = fakeWorld({ 'server.example': ['::1', '127.0.0.1'] }, ({ socket }, i) => {
      if (i === 1) socket.succeed();
    });
    const { stream } = await dialIn(world);
    expect(stream).to.equal(world.attempts[1]?.socket);
    expect(world.attempts[1]?.at).to.be.within(245, 450);
    expect(world.attempts[0]?.socket.destroyed).to.equal(true);
    expect(stream.destroyed).to.equal(false);
  });

  it('does not break off a slow attempt because the next one has begun', async () => {
    const world = fakeWorld({ 'server.example': ['::1', '127.0.0.1'] }, ({ socket }, i) => {
      if (i === 0) setTimeout(() => socket.succeed(), 400);
    });
    const { stream } = await dialIn(world);
    expect(stream).to.equal(world.attempts[0]?.socket);
    expect(world.attempts.length).to.equal(2);
    expect(world.attempts[1]?.socket.destroyed).to.equal(true);
  });

  it('counts the 250 ms from the latest attempt', async () => {
    const world = fakeWorld({ 'server.example': ['127.0.0.1', '127.0.0.2', '127.0.0.3'] }, ({ socket }, i) => {
      if (i === 0) setTimeout(() => socket.refuse(), 120);
      if (i === 2) socket.succeed();
    });
    await dialIn(world);
    expect(world.attempts[1]?.at).to.be.within(115, 240);
    expect(world.attempts[2]?.at).to.be.within(360, 600);
  });

  it('lists all failures when every address refuses', async () => {
    const error = await failure(dialIn(fakeWorld({ 'server.example': ['::1', '127.0.0.1', '127.0.0.2'] }, refuse)));
    if (!(error instanceof ConnectionError)) throw error;
    expect(error).to.include({ reason: 'connect', phase: 'connect', host: 'server.example', port: 70 });
    expect(error.cause).to.be.instanceOf(AggregateError).with.property('errors').with.length(3);
    expect(error.message).to.match(/nothing listens there.*3 addresses tried/);
  });

  it('goes through sixteen addresses, families by turns', async () => {
    const v6 = Array.from({ length: 8 }, (_, i) => `2001:db8::${i + 1}`);
    const v4 = Array.from({ length: 8 }, (_, i) => `192.0.2.${i + 1}`);
    const world = fakeWorld({ 'server.example': [...v6, ...v4] }, (attempt, i) =>
      i < 15 ? refuse(attempt) : void attempt.socket.succeed(),
    );
    await dialIn(world);
    expect(world.attempts.map((a) => a.host)).to.deep.equal(v6.flatMap((address, i) => [address, v4[i]]));
  });

  it('takes an empty answer of the resolver for no address', async () => {
    const error = await failure(dialIn(fakeWorld({ 'server.example': [] })));
    expect(error).to.be.instanceOf(ConnectionError);
    expect(error).to.include({ reason: 'resolve', phase: 'resolve', host: 'server.example', port: 70 });
  });

  it('says that there is no such name', async () => {
    const error = await failure(dialIn(fakeWorld({})));
    expect(error)
      .to.be.instanceOf(ConnectionError)
      .with.property('message')
      .that.matches(/no such name/);
    expect(error).to.include({ reason: 'resolve', phase: 'resolve', temporary: false });
  });

  it('ends all attempts together at the deadline', async () => {
    const world = fakeWorld({ 'server.example': ['::1', '127.0.0.1'] });
    const began = performance.now();
    const error = await failure(dialIn(world, 300));
    expect(performance.now() - began).to.be.within(295, 450);
    expect(error).to.be.instanceOf(TimeoutError);
    expect(error).to.include({ phase: 'connect', reason: 'timeout', host: 'server.example', port: 70 });
    expect(world.attempts.map((a) => a.socket.destroyed)).to.deep.equal([true, true]);
  });

  it('ends all attempts together when it is aborted, also one that fails at that moment', async () => {
    const controller = new AbortController();
    const world = fakeWorld({ 'server.example': ['::1', '127.0.0.1'] }, ({ socket }, i) => {
      if (i === 0) return;
      socket.refuse(); // its error is told on the next tick, when nobody listens any more
      controller.abort(new Error('enough'));
    });
    const error = await failure(dial(TO, { signal: controller.signal }, undefined, world));
    expect(error).to.have.property('message', 'enough');
    expect(world.attempts.map((a) => a.socket.destroyed)).to.deep.equal([true, true]);
  });

  it('gives the families by turns, beginning with the first', () => {
    expect(interleave(['1.1.1.1', '1.1.1.2', '1.1.1.3', '::1'])).to.deep.equal([
      '1.1.1.1',
      '::1',
      '1.1.1.2',
      '1.1.1.3',
    ]);
    expect(interleave(['::1', '::1', '1.1.1.1'])).to.deep.equal(['::1', '1.1.1.1', '::1']);
    expect(interleave(['::1'])).to.deep.equal(['::1']);
    expect(interleave([])).to.deep.equal([]);
  });
});
