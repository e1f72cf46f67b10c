/** Which options are in use: the Q method of RFC 1143, as a table. Pure. */
import type { NegotiationVerb } from './names.ts';
import type { Side } from './option.ts';

/**
 * What one side of an option is (RFC 1143, section 7): WANTNO and WANTYES are asked for and not answered yet, OPPOSITE
 * means that the opposite is to be asked for when the answer has come. REFUSED is NO, and the peer has been told so: it is not told
 * again before it has taken back what it asked for.
 */
type State = 'NO' | 'REFUSED' | 'YES' | 'WANTNO' | 'WANTNO OPPOSITE' | 'WANTYES' | 'WANTYES OPPOSITE';

/** What happens to it: the peer says yes (and we agree, or decline), or no; or we want it, or no longer. */
type Input = 'agree' | 'decline' | 'refuse' | 'enable' | 'disable';

/** The state after it, and what is said: DO and WILL are `yes`, DONT and WONT are `no`. */
type Transition = readonly [State] | readonly [State, 'yes' | 'no'];

const TABLE: Readonly<Record<State, Readonly<Record<Input, Transition>>>> = {
  NO: {
    agree: ['YES', 'yes'],
    decline: ['REFUSED', 'no'],
    refuse: ['NO'],
    enable: ['WANTYES', 'yes'],
    disable: ['NO'],
  },
  REFUSED: {
    agree: ['YES', 'yes'],
    decline: ['REFUSED'],
    refuse: ['NO'],
    enable: ['WANTYES', 'yes'],
    disable: ['REFUSED'],
  },
  YES: {
    agree: ['YES'],
    decline: ['YES'],
    refuse: ['NO', 'no'],
    enable: ['YES'],
    disable: ['WANTNO', 'no'],
  },
  WANTNO: {
    agree: ['NO'], // an error of the peer's: no was answered by yes
    decline: ['NO'],
    refuse: ['NO'],
    enable: ['WANTNO OPPOSITE'],
    disable: ['WANTNO'],
  },
  'WANTNO OPPOSITE': {
    agree: ['YES'], // the same error
    decline: ['YES'],
    refuse: ['WANTYES', 'yes'],
    enable: ['WANTNO OPPOSITE'],
    disable: ['WANTNO'],
  },
  WANTYES: {
    agree: ['YES'],
    decline: ['YES'], // we have asked for it
    refuse: ['NO'],
    enable: ['WANTYES'],
    disable: ['WANTYES OPPOSITE'],
  },
  'WANTYES OPPOSITE': {
    agree: ['WANTNO', 'no'],
    decline: ['WANTNO', 'no'],
    refuse: ['NO'],
    enable: ['WANTYES'],
    disable: ['WANTYES OPPOSITE'],
  },
};

/** What a side of an option is in use by. What the peer does goes on until it says that it has stopped. */
const IN_USE: Readonly<Record<Side, ReadonlySet<State>>> = {
  local: new Set<State>(['YES']),
  remote: new Set<State>(['YES', 'WANTNO', 'WANTNO OPPOSITE']),
};

/** What the peer's words are about, and whether they say yes. */
const HEARD: Readonly<Record<NegotiationVerb, readonly [Side, boolean]>> = {
  WILL: ['remote', true],
  WONT: ['remote', false],
  DO: ['local', true],
  DONT: ['local', false],
};

const SAID: Readonly<Record<Side, Readonly<Record<'yes' | 'no', NegotiationVerb>>>> = {
  local: { yes: 'WILL', no: 'WONT' },
  remote: { yes: 'DO', no: 'DONT' },
};

/** What is to be said, and whether the option has come into use (true), or is no longer (false). */
export interface Outcome {
  readonly side: Side;
  readonly say: NegotiationVerb | undefined;
  readonly enabled: boolean | undefined;
}

/** The options of one end of a connection. At most 256 on each side. */
export class Negotiation {
  readonly #agrees: (side: Side, option: number) => boolean;
  readonly #states: Readonly<Record<Side, Map<number, State>>> = { local: new Map(), remote: new Map() };

  /** @param agrees whether what the peer offers or asks for is agreed to */
  constructor(agrees: (side: Side, option: number) => boolean) {
    this.#agrees = agrees;
  }

  /** What the peer said. It is answered only where it changes something. */
  receive(verb: NegotiationVerb, option: number): Outcome {
    const [side, yes] = HEARD[verb];
    if (!yes) return this.#go(side, option, 'refuse');
    const asked = isAsked(this.state(side, option));
    return this.#go(side, option, asked && this.#agrees(side, option) ? 'agree' : 'decline');
  }

  /** What we want. It is not said twice, and waits for the answer to what was said before. */
  request(side: Side, option: number, enabled: boolean): Outcome {
    return this.#go(side, option, enabled ? 'enable' : 'disable');
  }

  enabled(side: Side, option: number): boolean {
    return IN_USE[side].has(this.state(side, option));
  }

  inUse(): readonly { readonly side: Side; readonly option: number }[] {
    const sides: readonly Side[] = ['local', 'remote'];
    return sides.flatMap((side) =>
      [...this.#states[side].keys()].filter((option) => this.enabled(side, option)).map((option) => ({ side, option })),
    );
  }

  state(side: Side, option: number): State {
    return this.#states[side].get(option) ?? 'NO';
  }

  #go(side: Side, option: number, input: Input): Outcome {
    const before = this.state(side, option);
    const [after, word] = TABLE[before][input];
    if (after !== before) this.#states[side].set(option, after);
    const enabled = IN_USE[side].has(after);
    return {
      side,
      say: word && SAID[side][word],
      enabled: enabled === IN_USE[side].has(before) ? undefined : enabled,
    };
  }
}

/** Whether a yes of the peer's asks us something. Elsewhere it is an answer, or says what we know. */
function isAsked(state: State): boolean {
  return state === 'NO' || state === 'REFUSED';
}
