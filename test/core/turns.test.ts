import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { Turns } from '../../lib/core/turns.ts';
import { rejection } from '../helpers.ts';

interface Door {
  readonly opened: Promise<void>;
  open(): void;
  slam(error: Error): void;
}

/** Something that lasts until it is told to end. */
function door(): Door {
  let open: () => void = () => {};
  let slam: (error: Error) => void = () => {};
  const opened = new Promise<void>((resolve, reject) => {
    open = resolve;
    slam = reject;
  });
  return { opened, open, slam };
}

/** Lets everything happen that does not wait for something else. */
async function quiet(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const PATIENCE = 20;

describe('turns', () => {
  it('gives each its turn, in the order of asking, one at a time', async () => {
    const turns = new Turns(1_000);
    const log: string[] = [];
    const work = (name: string) => async () => {
      log.push(`${name} begins`);
      await quiet();
      log.push(`${name} ends`);
      return { value: name };
    };
    const given = await Promise.all(['a', 'b', 'c'].map((name) => turns.take(work(name))));
    expect(given).to.deep.equal(['a', 'b', 'c']);
    expect(log).to.deep.equal(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('goes on after a failure, which only the one who failed sees', async () => {
    const turns = new Turns(1_000);
    const failure = new Error('no');
    const first = turns.take(async () => {
      throw failure;
    });
    const second = turns.take(async () => ({ value: 2 }));
    expect(await rejection(first)).to.equal(failure);
    expect(await second).to.equal(2);
  });

  it('gives the value at once, and lasts until the body has ended', async () => {
    const turns = new Turns(1_000);
    const body = door();
    expect(await turns.take(async () => ({ value: 'first', until: body.opened }))).to.equal('first');
    let began = false;
    const second = turns.take(async () => {
      began = true;
      return { value: 'second' };
    });
    await quiet();
    expect(began).to.equal(false);
    body.open();
    expect(await second).to.equal('second');
  });

  it('goes on after a body that failed', async () => {
    const turns = new Turns(1_000);
    const body = door();
    await turns.take(async () => ({ value: 1, until: body.opened }));
    const second = turns.take(async () => ({ value: 2 }));
    body.slam(new Error('lost'));
    expect(await second).to.equal(2);
  });

  it('says what to do when an earlier body goes unread', async () => {
    const turns = new Turns(PATIENCE);
    const body = door();
    await turns.take(async () => ({ value: 1, until: body.opened }));
    let ran = false;
    const error = await rejection(
      turns.take(async () => {
        ran = true;
        return { value: 2 };
      }),
    );
    expect(error).to.be.an.instanceOf(UsageError);
    expect(error).to.include({ reason: 'unread-body' });
    expect(error)
      .to.have.property('message')
      .that.matches(/body/)
      .and.matches(/read it, or close\(\) it/);
    expect(ran).to.equal(false);
    body.open();
  });

  it('still keeps the order behind one that waited too long', async () => {
    const turns = new Turns(PATIENCE);
    const body = door();
    await turns.take(async () => ({ value: 1, until: body.opened }));
    await rejection(turns.take(async () => ({ value: 2 })));
    let began = false;
    const third = turns.take(async () => {
      began = true;
      return { value: 3 };
    });
    await quiet();
    expect(began).to.equal(false);
    body.open();
    expect(await third).to.equal(3);
  });

  it('waits longer than its patience for work that is only slow', async () => {
    const turns = new Turns(PATIENCE);
    const work = door();
    const first = turns.take(async () => {
      await work.opened;
      return { value: 1 };
    });
    const second = turns.take(async () => ({ value: 2 }));
    const slow = setTimeout(() => work.open(), PATIENCE * 3);
    expect(await Promise.all([first, second])).to.deep.equal([1, 2]);
    clearTimeout(slow);
  });

  it('waits for ever where its patience has no limit', async () => {
    const turns = new Turns(Number.POSITIVE_INFINITY);
    const body = door();
    await turns.take(async () => ({ value: 1, until: body.opened }));
    const second = turns.take(async () => ({ value: 2 }));
    await quiet();
    body.open();
    expect(await second).to.equal(2);
  });

  it('leaves no timer behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await quiet();
    const before = timers();
    const turns = new Turns(60_000);
    await Promise.all([1, 2, 3].map((value) => turns.take(async () => ({ value }))));
    await rejection(
      turns.take(async () => {
        throw new Error('no');
      }),
    );
    expect(timers()).to.equal(before);
  });
});
