/** Which options are in use: the Q method of RFC 1143, as a table. Pure. */
import type { NegotiationVerb } from './names.ts';
import type { Side } from './option.ts';

/**
 * What one side of an option is (RFC 1143, section 7): WANTNO and WANTYES are asked for and not answered yet; OPPOSITE
 * means that the opposite is asked for when the answer has come. REFUSED is NO, and the peer has been told so: it is not
 * told again before it has taken back what it asked for.
 */
export type State = 'NO' | 'REFUSED' | 'YES' | 'WANTNO' | 'WANTNO OPPOSITE' | 'WANTYES' | 'WANTYES OPPOSITE';

/** The state after it, and what is said: DO and WILL are `yes`, DONT and WONT are `no`. */
type Transition = readonly [State] | readonly [State, 'yes' | 'no'];

interface Row {
  /** The peer says yes (WILL, DO): it agrees, or asks and we agree. */
  readonly agree: Transition;
  /** It asks, and we do not agree. Where it is not here, its yes is an answer, or says what both know. */
  readonly decline?: Transition;
  /** The peer says no (WONT, DONT). */
  readonly refuse: Transition;
  /** We want it, or no longer. */
  readonly enable: Transition;
  readonly disable: Transition;
}

const TABLE: Readonly<Record<State, Row>> = {
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
    refuse: ['NO', 'no'],
    enable: ['YES'],
    disable: ['WANTNO', 'no'],
  },
  WANTNO: {
    agree: ['NO'], // the peer's error: it answers no by yes
    refuse: ['NO'],
    enable: ['WANTNO OPPOSITE'],
    disable: ['WANTNO'],
  },
  'WANTNO OPPOSITE': {
    agree: ['YES'], // the same error
    refuse: ['WANTYES', 'yes'],
    enable: ['WANTNO OPPOSITE'],
    disable: ['WANTNO'],
  },
  WANTYES: {
    agree: ['YES'],
    refuse: ['NO'],
    enable: ['WANTYES'],
    disable: ['WANTYES OPPOSITE'],
  },
  'WANTYES OPPOSITE': {
    agree: ['WANTNO', 'no'],
    refuse: ['NO'],
    enable: ['WANTYES'],
    disable: ['WANTYES OPPOSITE'],
  },
};

/**
 * The states in which an option is in use. What we do ends when we say so; what the peer does goes on until it says that
 * it has stopped.
 */
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
    const row = TABLE[this.state(side, option)];
    if (!yes) return this.#go(side, option, row.refuse);
    return this.#go(side, option, row.decline && !this.#agrees(side, option) ? row.decline : row.agree);
  }

  /** Whether the peer would say what both know: it changes nothing, and is not answered. */
  isSettled(verb: NegotiationVerb, option: number): boolean {
    const [side, yes] = HEARD[verb];
    return this.state(side, option) === (yes ? 'YES' : 'NO');
  }

  /** What we want. It is not said twice, and waits for the answer to what was said before. */
  request(side: Side, option: number, enabled: boolean): Outcome {
    const row = TABLE[this.state(side, option)];
    return this.#go(side, option, enabled ? row.enable : row.disable);
  }

  enabled(side: Side, option: number): boolean {
    return IN_USE[side].has(this.state(side, option));
  }

  /** Every option in use, those of this end first. */
  inUse(): { side: Side; option: number }[] {
    const sides: readonly Side[] = ['local', 'remote'];
    return sides.flatMap((side) =>
      [...this.#states[side].keys()].filter((option) => this.enabled(side, option)).map((option) => ({ side, option })),
    );
  }

  state(side: Side, option: number): State {
    return this.#states[side].get(option) ?? 'NO';
  }

  #go(side: Side, option: number, [after, word]: Transition): Outcome {
    const before = this.state(side, option);
    if (after !== before) this.#states[side].set(option, after);
    const enabled = IN_USE[side].has(after);
    return {
      side,
      say: word && SAID[side][word],
      enabled: enabled === IN_USE[side].has(before) ? undefined : enabled,
    };
  }
}
