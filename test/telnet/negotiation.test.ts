import { expect } from 'chai';
import fc from 'fast-check';
import type { NegotiationVerb } from '../../lib/telnet/names.ts';
import { Negotiation, type State } from '../../lib/telnet/negotiation.ts';
import type { Side } from '../../lib/telnet/option.ts';

const OPTION = 24;
type Event = 'agree' | 'decline' | 'refuse' | 'enable' | 'disable';

/** The ways into each state. */
const WAYS: Readonly<Record<State, readonly Event[]>> = {
  NO: [],
  REFUSED: ['decline'],
  YES: ['agree'],
  WANTNO: ['agree', 'disable'],
  'WANTNO OPPOSITE': ['agree', 'disable', 'enable'],
  WANTYES: ['enable'],
  'WANTYES OPPOSITE': ['enable', 'disable'],
};

/** RFC 1143, section 7: what is heard or wanted in a state, the state then, and what is said. */
const RULES: readonly (readonly [State, Event, State, ('yes' | 'no')?])[] = [
  // upon receipt of WILL
  ['NO', 'agree', 'YES', 'yes'],
  ['NO', 'decline', 'REFUSED', 'no'],
  ['YES', 'agree', 'YES'],
  ['YES', 'decline', 'YES'],
  ['WANTNO', 'agree', 'NO'],
  ['WANTNO', 'decline', 'NO'],
  ['WANTNO OPPOSITE', 'agree', 'YES'],
  ['WANTNO OPPOSITE', 'decline', 'YES'],
  ['WANTYES', 'agree', 'YES'],
  ['WANTYES', 'decline', 'YES'],
  ['WANTYES OPPOSITE', 'agree', 'WANTNO', 'no'],
  ['WANTYES OPPOSITE', 'decline', 'WANTNO', 'no'],
  // upon receipt of WONT
  ['NO', 'refuse', 'NO'],
  ['YES', 'refuse', 'NO', 'no'],
  ['WANTNO', 'refuse', 'NO'],
  ['WANTNO OPPOSITE', 'refuse', 'WANTYES', 'yes'],
  ['WANTYES', 'refuse', 'NO'],
  ['WANTYES OPPOSITE', 'refuse', 'NO'],
  // if we decide to ask him to enable
  ['NO', 'enable', 'WANTYES', 'yes'],
  ['YES', 'enable', 'YES'],
  ['WANTNO', 'enable', 'WANTNO OPPOSITE'],
  ['WANTNO OPPOSITE', 'enable', 'WANTNO OPPOSITE'],
  ['WANTYES', 'enable', 'WANTYES'],
  ['WANTYES OPPOSITE', 'enable', 'WANTYES'],
  // if we decide to ask him to disable
  ['NO', 'disable', 'NO'],
  ['YES', 'disable', 'WANTNO', 'no'],
  ['WANTNO', 'disable', 'WANTNO'],
  ['WANTNO OPPOSITE', 'disable', 'WANTNO'],
  ['WANTYES', 'disable', 'WANTYES OPPOSITE'],
  ['WANTYES OPPOSITE', 'disable', 'WANTYES OPPOSITE'],
  // our own: a refusal is not said again, until the peer has taken back what it asked for
  ['REFUSED', 'decline', 'REFUSED'],
  ['REFUSED', 'agree', 'YES', 'yes'],
  ['REFUSED', 'refuse', 'NO'],
  ['REFUSED', 'enable', 'WANTYES', 'yes'],
  ['REFUSED', 'disable', 'REFUSED'],
];

const HEARD = { local: { yes: 'DO', no: 'DONT' }, remote: { yes: 'WILL', no: 'WONT' } } as const;
const SAID = { local: { yes: 'WILL', no: 'WONT' }, remote: { yes: 'DO', no: 'DONT' } } as const;

/** A negotiation in a state, and what makes something happen to it. */
function inState(side: Side, state: State) {
  let agrees = true;
  const negotiation = new Negotiation(() => agrees);
  const happen = (event: Event) => {
    agrees = event !== 'decline';
    if (event === 'enable' || event === 'disable') return negotiation.request(side, OPTION, event === 'enable');
    return negotiation.receive(HEARD[side][event === 'refuse' ? 'no' : 'yes'], OPTION);
  };
  for (const event of WAYS[state]) happen(event);
  expect(negotiation.state(side, OPTION)).to.equal(state);
  return { negotiation, happen };
}

describe('An option is negotiated as RFC 1143 says:', () => {
  for (const side of ['local', 'remote'] as const) {
    for (const [before, event, after, word] of RULES) {
      it(`${side}: ${before}, ${event}: ${after}${word ? `, and says ${SAID[side][word]}` : ''}`, () => {
        const { negotiation, happen } = inState(side, before);
        const enabled = negotiation.enabled(side, OPTION);
        const outcome = happen(event);
        expect(outcome.side).to.equal(side);
        expect(outcome.say).to.equal(word && SAID[side][word]);
        expect(negotiation.state(side, OPTION)).to.equal(after);
        const changed = enabled !== negotiation.enabled(side, OPTION);
        expect(outcome.enabled).to.equal(changed ? !enabled : undefined);
      });
    }
  }

  it('what we do ends when we say so, what the peer does when it says so', () => {
    const ours = inState('local', 'YES');
    expect(ours.happen('disable').enabled).to.equal(false);
    expect(ours.happen('refuse').enabled).to.equal(undefined);
    const theirs = inState('remote', 'YES');
    expect(theirs.happen('disable').enabled).to.equal(undefined);
    expect(theirs.negotiation.enabled('remote', OPTION)).to.equal(true);
    expect(theirs.happen('refuse').enabled).to.equal(false);
  });

  it('both sides of an option, and all options, are apart', () => {
    const negotiation = new Negotiation(() => true);
    negotiation.receive('WILL', 1);
    negotiation.receive('DO', 3);
    negotiation.receive('WILL', 3);
    negotiation.receive('WONT', 1);
    expect(negotiation.inUse()).to.deep.equal([
      { side: 'local', option: 3 },
      { side: 'remote', option: 3 },
    ]);
    expect(negotiation.enabled('local', 1)).to.equal(false);
  });
});

/** Two ends, and what is under way between them. */
class Pair {
  readonly ends: readonly [Negotiation, Negotiation];
  readonly #wire: [NegotiationVerb[], NegotiationVerb[]] = [[], []];
  messages = 0;

  constructor(agrees: readonly [boolean, boolean]) {
    this.ends = [new Negotiation(() => agrees[0]), new Negotiation(() => agrees[1])];
  }

  request(end: 0 | 1, side: Side, enabled: boolean): void {
    this.#send(end, this.ends[end].request(side, OPTION, enabled).say);
  }

  /** One end hears the next thing that is under way to it. */
  hear(end: 0 | 1): boolean {
    const verb = this.#wire[end].shift();
    if (verb === undefined) return false;
    this.#send(end, this.ends[end].receive(verb, OPTION).say);
    return true;
  }

  settle(): void {
    while (this.hear(0) || this.hear(1)) expect(this.messages).to.be.lessThan(1000);
  }

  #send(from: 0 | 1, verb: NegotiationVerb | undefined): void {
    if (verb === undefined) return;
    this.messages++;
    this.#wire[from === 0 ? 1 : 0].push(verb);
  }
}

describe('Two ends that negotiate', () => {
  const step = fc.oneof(
    fc.record({ end: fc.constantFrom(0 as const, 1 as const), hear: fc.constant(true) }),
    fc.record({
      end: fc.constantFrom(0 as const, 1 as const),
      hear: fc.constant(false),
      side: fc.constantFrom('local' as const, 'remote' as const),
      enabled: fc.boolean(),
    }),
  );

  it('come to an end, whatever they want and whenever, and agree on what is in use', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), fc.boolean(), (steps, first, second) => {
        const pair = new Pair([first, second]);
        let requests = 0;
        for (const { end, ...rest } of steps) {
          if ('side' in rest) pair.request(end, rest.side, rest.enabled);
          else pair.hear(end);
          requests += 'side' in rest ? 1 : 0;
        }
        pair.settle();
        // each wish costs a question and its answer, and perhaps those of the opposite
        expect(pair.messages).to.be.at.most(requests * 4);
        const [one, other] = pair.ends;
        expect(one.enabled('local', OPTION)).to.equal(other.enabled('remote', OPTION));
        expect(one.enabled('remote', OPTION)).to.equal(other.enabled('local', OPTION));
      }),
      { seed: 1143, numRuns: 1000 },
    );
  });

  it('never ask twice without an answer, and never answer what changes nothing, whatever the peer says', () => {
    const verb = fc.constantFrom<NegotiationVerb>('WILL', 'WONT', 'DO', 'DONT');
    const wish = fc.record({ side: fc.constantFrom<Side>('local', 'remote'), enabled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.oneof(verb, wish), { maxLength: 60 }), fc.func(fc.boolean()), (events, agrees) => {
        const negotiation = new Negotiation(agrees);
        for (const event of events) {
          const sides: readonly Side[] = ['local', 'remote'];
          const before = sides.map((side) => negotiation.state(side, OPTION));
          const outcome =
            typeof event === 'string'
              ? negotiation.receive(event, OPTION)
              : negotiation.request(event.side, OPTION, event.enabled);
          const after = sides.map((side) => negotiation.state(side, OPTION));
          if (outcome.say !== undefined) expect(after).to.not.deep.equal(before);
          const isWaiting = before[sides.indexOf(outcome.side)]?.startsWith('WANT');
          if (typeof event !== 'string' && isWaiting) expect(outcome.say).to.equal(undefined);
        }
      }),
      { seed: 1143, numRuns: 1000 },
    );
  });
});
