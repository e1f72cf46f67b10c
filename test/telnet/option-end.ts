import { expect } from 'chai';
import { formatNegotiation, formatSubnegotiation } from '../../lib/telnet/codec.ts';
import type { TelnetEvent } from '../../lib/telnet/events.ts';
import { TelnetMachine } from '../../lib/telnet/machine.ts';
import { type NegotiationVerb, OPTIONS, type OptionName } from '../../lib/telnet/names.ts';
import { clientOptions, serverOptions, type TelnetOptions } from '../../lib/telnet/options/index.ts';
import type { TelnetServerSettings, TelnetSettings } from '../../lib/telnet/settings.ts';
import { everyCut } from '../helpers.ts';

/** Events that only repeat what was negotiated. */
const NEGOTIATED = 'option';

export function wills(verb: NegotiationVerb, option: OptionName): Buffer {
  return formatNegotiation(verb, OPTIONS[option]);
}

/** A subnegotiation: numbers are octets, strings are UTF-8. */
export function sub(option: OptionName, ...parts: readonly (number | string | Uint8Array)[]): Buffer {
  return formatSubnegotiation(OPTIONS[option], octets(...parts));
}

export function octets(...parts: readonly (number | string | Uint8Array)[]): Buffer {
  return Buffer.concat(parts.map((each) => (typeof each === 'number' ? Buffer.of(each) : Buffer.from(each))));
}

/** One end of a connection, without one. */
export class End {
  readonly options: TelnetOptions;
  readonly machine: TelnetMachine;
  readonly events: TelnetEvent[] = [];
  /** What was said since somebody looked. */
  #said: Buffer[] = [];
  text = '';

  constructor(options: TelnetOptions) {
    this.options = options;
    this.machine = new TelnetMachine({
      options: options.all,
      write: (piece) => void this.#said.push(Buffer.from(piece)),
      emit: (event) => void (event.type !== NEGOTIATED && this.events.push(event)),
    });
  }

  static client(settings: TelnetSettings = {}): End {
    return new End(clientOptions(settings));
  }

  static server(settings: TelnetServerSettings = {}): End {
    return new End(serverOptions(settings));
  }

  receive(piece: Uint8Array): number {
    return this.machine.receive(Buffer.from(piece), (chunk) => {
      this.text += chunk.toString('latin1');
    });
  }

  said(): Buffer {
    const said = Buffer.concat(this.#said);
    this.#said = [];
    return said;
  }
}

/** What an end says, tells and reads. */
export interface Heard {
  readonly said: Buffer;
  readonly events: readonly TelnetEvent[];
  readonly text: string;
}

/** What an end says when octets come: the same, however they are cut. */
export function hears(make: () => End, ...parts: readonly Uint8Array[]): Heard {
  const all = [...everyCut(Buffer.concat(parts))].map((pieces) => {
    const end = make();
    for (const piece of pieces) end.receive(piece);
    return { said: end.said(), events: end.events, text: end.text };
  });
  const [first] = all;
  if (!first) throw new Error('nothing was cut');
  for (const each of all) {
    expect(each.said.toString('hex')).to.equal(first.said.toString('hex'));
    expect(each.events).to.deep.equal(first.events);
    expect(each.text).to.equal(first.text);
  }
  return first;
}

/** That these are the octets. */
export function same(found: Buffer, ...expected: readonly Uint8Array[]): void {
  expect(found.toString('hex')).to.equal(Buffer.concat(expected).toString('hex'));
}

/** Two ends that speak with each other until both are silent, each piece cut into octets. */
export function speak(one: End, other: End): void {
  for (let round = 0; round < 100; round++) {
    const [said, answered] = [one.said(), other.said()];
    if (said.length + answered.length === 0) return;
    for (const octet of said) other.receive(Buffer.of(octet));
    for (const octet of answered) one.receive(Buffer.of(octet));
  }
  throw new Error('they never stop');
}

export function eventsOf<T extends TelnetEvent['type']>(end: End, type: T): Extract<TelnetEvent, { type: T }>[] {
  return end.events.filter((event): event is Extract<TelnetEvent, { type: T }> => event.type === type);
}
