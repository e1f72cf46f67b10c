import { expect } from 'chai';
import { Alarm } from '../../lib/net/alarm.ts';

/** An alarm, and when it went off, in milliseconds from now. */
function start(): { alarm: Alarm; rung: Promise<number>; wait: { needed: boolean } } {
  const began = performance.now();
  const wait = { needed: true };
  let ring: (after: number) => void = () => {};
  const rung = new Promise<number>((resolve) => {
    ring = resolve;
  });
  const alarm = new Alarm(
    () => ring(performance.now() - began),
    () => wait.needed,
  );
  return { alarm, rung, wait };
}

describe('an alarm', () => {
  it('goes off when a wait is longer than its limit', async () => {
    const { alarm, rung } = start();
    alarm.begin(20);
    expect(await rung).to.be.within(18, 120);
  });

  it('goes off later where the wait has begun anew, and sooner where the limit is shorter now', async () => {
    const later = start();
    later.alarm.begin(20);
    later.alarm.begin(60);
    expect(await later.rung).to.be.within(58, 200);
    const sooner = start();
    sooner.alarm.begin(60_000);
    sooner.alarm.begin(20);
    expect(await sooner.rung).to.be.within(18, 120);
  });

  it('never goes off where there is no limit, or nobody waits', async () => {
    const other = start();
    const { alarm, rung, wait } = start();
    alarm.begin(5);
    alarm.begin(Number.POSITIVE_INFINITY);
    const idle = start();
    idle.wait.needed = false;
    idle.alarm.begin(5);
    other.alarm.begin(30);
    const first = await Promise.race([rung, idle.rung, other.rung.then(() => 'the other')]);
    expect(first).to.equal('the other');
    expect(wait.needed).to.equal(true);
    alarm.end();
  });
});
