import { expect } from 'chai';
import { seen } from './fake.ts';
import { netkit } from './run.ts';

/** Lines that contradict themselves, and what is said of them. */
const MISTAKES: readonly (readonly [line: string, message: RegExp])[] = [
  ['fake fetch h/box/ j/box/ --new --state s', /--state is one file for several targets/],
  ['fake fetch h/box/ --all --mbox - --json', /--mbox - and --json/],
  ['fake fetch h/text --mbox - --json', /--mbox - and --json/],
  ['fake fetch h/box/ --new --head', /--new is for whole messages.*leave out --head/],
];

describe('flags of fetch that cannot be together', () => {
  for (const [line, message] of MISTAKES) {
    it(`are a mistake: ${line}`, async () => {
      seen.connected = 0;
      const { code, err } = await netkit(line);
      expect([code, seen.connected]).to.deep.equal([2, 0]);
      expect(err).to.match(message);
    });
  }

  it('can be, one by one', async () => {
    for (const line of [
      'h/box/ j/box/ --all',
      'h/box/ --all --mbox -',
      'h/box/ --all --head',
      'h/text --head --json',
    ]) {
      expect((await netkit(`fake fetch ${line}`)).code, line).to.equal(0);
    }
  });
});
