/** One end of a connection: what comes is decoded, negotiated and answered. Pure: it is given what writes. */
import { limitError } from '../core/errors.ts';
import {
  formatCommand,
  formatNegotiation,
  formatSubnegotiation,
  MAX_SUBNEGOTIATION,
  TelnetDecoder,
  TelnetEncoder,
  type TelnetSink,
} from './codec.ts';
import type { TelnetEvent } from './events.ts';
import { commandName, type NegotiationVerb, OPTIONS, optionName } from './names.ts';
import { Negotiation, type Outcome } from './negotiation.ts';
import { noteSubnegotiation } from './note.ts';
import type { OptionPort, Side, TelnetOption } from './option.ts';
import type { TelnetSettings } from './settings.ts';

/** What may be said unasked: so many octets at once, and in a second. */
const BUCKET = 4096;
/** A long answer counts as so many octets: how long it is, our settings decide. */
const LONG = 1024;

export interface MachineParts {
  /** What it knows to do; whatever else the peer wants is refused. */
  readonly options: readonly TelnetOption[];
  /** Sends octets, which are its to keep. What is said in answer to one arrival comes in one piece. */
  readonly write: (octets: Buffer) => void;
  readonly emit: (event: TelnetEvent) => void;
  /** Whether an option is to be agreed to: asked before the options are. */
  readonly accept?: TelnetSettings['accept'];
  /** Is told of everything but text, decoded: `WILL ECHO`. */
  readonly note?: ((from: Side, text: string) => void) | undefined;
  /** The time in milliseconds. */
  readonly now?: (() => number) | undefined;
}

export class TelnetMachine implements OptionPort {
  readonly #parts: MachineParts;
  readonly #options: ReadonlyMap<number, TelnetOption>;
  readonly #negotiation: Negotiation;
  readonly #decoder = new TelnetDecoder((option) => this.#longest(option));
  readonly #encoder = new TelnetEncoder();
  readonly #bucket: Bucket;
  readonly #sink: TelnetSink;
  #data: (chunk: Buffer) => void = ignore;
  /** What has been said and not been written yet. */
  #said: Buffer[] = [];
  #gathering = false;
  /** Whether what follows is compressed: an option has just said so. */
  #stops = false;
  /** How many timing marks we have asked for and not been answered. */
  #marks = 0;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.#options = new Map(parts.options.map((option) => [option.code, option]));
    this.#negotiation = new Negotiation((side, option) => this.#agrees(side, option));
    this.#bucket = new Bucket(parts.now ?? (() => performance.now()));
    this.#sink = {
      data: (octets) => this.#data(octets),
      command: (code) => this.#commanded(code),
      negotiation: (verb, option) => this.#negotiated(verb, option),
      isSettled: (verb, option) => this.#isSettled(verb, option),
      subnegotiation: (option, data) => this.#subnegotiated(option, data),
    };
  }

  /** Asks for what the options ask for. */
  begin(): void {
    this.#together(() => {
      for (const { code, asks } of this.#options.values()) {
        if (asks === 'local' || asks === 'both') this.request('local', code, true);
        if (asks === 'remote' || asks === 'both') this.request('remote', code, true);
      }
    });
  }

  /**
   * Deals with octets that came: answers them, tells of them, and gives their text to `data`, in views of the same
   * memory that are valid during the call only. How many it has taken: all of them, unless what follows is compressed.
   *
   * Throws ProtocolError (limit) for a subnegotiation above 4 KiB (of GMCP: 1 MiB), and when the peer makes us say more than 4 KiB in a
   * second; then the connection is of no more use.
   */
  receive(octets: Buffer, data: (chunk: Buffer) => void): number {
    this.#data = data;
    try {
      return this.#together(() => this.#decoder.decode(octets, this.#sink));
    } finally {
      this.#data = ignore;
    }
  }

  /** Text that is whole, as it is to be written now; a CR at its end becomes CR NUL. What needs no change is not copied. */
  encode(octets: Uint8Array): Buffer {
    this.#flush();
    return this.#encoder.encode(octets);
  }

  /** Text that goes on: what a CR at its end means is decided by what comes next. */
  encodePart(octets: Uint8Array): Buffer {
    this.#flush();
    return this.#encoder.encodePart(octets);
  }

  /** Sends a command that stands by itself. Throws UsageError for one that cannot. */
  command(code: number): void {
    this.#say(formatCommand(code), () => commandName(code));
  }

  /** Asks for an option, or for its end; it is not said twice. TM at the remote side asks for a timing mark each time. */
  request(side: Side, option: number, enabled: boolean): void {
    if (option !== OPTIONS.TM) this.#follow(option, this.#negotiation.request(side, option, enabled));
    else if (side === 'remote' && enabled) {
      this.#marks++;
      this.#sayNegotiation('DO', option);
    }
  }

  subnegotiate(option: number, data: Uint8Array): void {
    this.#say(formatSubnegotiation(option, data), () => noteSubnegotiation(option, data));
  }

  enabled(side: Side, option: number): boolean {
    return this.#negotiation.enabled(side, option);
  }

  inUse(): readonly { readonly side: Side; readonly option: number }[] {
    return this.#negotiation.inUse();
  }

  emit(event: TelnetEvent): void {
    if (event.type === 'compression') {
      // what has been said before the octets change is not to be compressed
      this.#flush();
      this.#stops = event.direction === 'in' && event.active;
    }
    this.#parts.emit(event);
  }

  /** What an option ignored of what the peer said. */
  note(text: string): void {
    this.#parts.note?.('remote', `${text}: ignored`);
  }

  #agrees(side: Side, option: number): boolean {
    return this.#parts.accept?.(side, option) ?? this.#options.get(option)?.[side] === true;
  }

  #longest(option: number): number {
    const longest = this.#isInUse(option) ? this.#options.get(option)?.longest : undefined;
    return longest ?? MAX_SUBNEGOTIATION;
  }

  #isInUse(option: number): boolean {
    return this.enabled('local', option) || this.enabled('remote', option);
  }

  #commanded(command: number): void {
    const name = commandName(command);
    this.#parts.note?.('remote', name);
    this.emit({ type: 'command', command, name });
  }

  /** A timing mark never is; and who takes notes is told of everything. */
  #isSettled(verb: NegotiationVerb, option: number): boolean {
    return option !== OPTIONS.TM && !this.#parts.note && this.#negotiation.isSettled(verb, option);
  }

  #negotiated(verb: NegotiationVerb, option: number): void {
    this.#parts.note?.('remote', `${verb} ${optionName(option)}`);
    if (option === OPTIONS.TM) this.#timed(verb);
    else this.#follow(option, this.#negotiation.receive(verb, option));
  }

  /** A timing mark is no state: each is answered, and each of ours is answered (RFC 860). */
  #timed(verb: NegotiationVerb): void {
    if (verb === 'DO') this.#sayNegotiation(this.#agrees('local', OPTIONS.TM) ? 'WILL' : 'WONT', OPTIONS.TM);
    if (verb === 'DO' || verb === 'DONT' || this.#marks === 0) return;
    this.#marks--;
    this.emit({ type: 'timing-mark' });
  }

  #follow(option: number, { side, say, enabled }: Outcome): void {
    if (say !== undefined) this.#sayNegotiation(say, option);
    if (enabled === undefined) return;
    if (option === OPTIONS.BINARY) this.#switch(side, enabled);
    this.emit({ type: 'option', side, option, name: optionName(option), enabled });
    this.#options.get(option)?.changed?.(side, enabled, this);
  }

  /** Binary from the next octet on, or no longer (RFC 856). */
  #switch(side: Side, binary: boolean): void {
    if (side === 'local') this.#encoder.binary = binary;
    else this.#decoder.binary = binary;
  }

  #subnegotiated(option: number, data: Buffer): boolean {
    this.#parts.note?.('remote', noteSubnegotiation(option, data));
    if (!this.#isInUse(option)) return false;
    this.#stops = false;
    const known = this.#options.get(option);
    if (known?.subnegotiated) known.subnegotiated(data, this);
    else this.emit({ type: 'subnegotiation', option, name: optionName(option), data: Buffer.from(data) });
    return this.#stops;
  }

  #sayNegotiation(verb: NegotiationVerb, option: number): void {
    this.#say(formatNegotiation(verb, option), () => `${verb} ${optionName(option)}`);
  }

  #say(octets: Buffer, text: () => string): void {
    if (this.#gathering) this.#bucket.take(octets.length);
    this.#parts.note?.('local', text());
    if (this.#gathering) this.#said.push(octets);
    else this.#parts.write(octets);
  }

  /** What is said meanwhile is written in one piece, and counted. */
  #together<T>(work: () => T): T {
    this.#gathering = true;
    try {
      return work();
    } finally {
      this.#gathering = false;
      this.#flush();
    }
  }

  #flush(): void {
    if (this.#said.length === 0) return;
    const octets = Buffer.concat(this.#said);
    this.#said = [];
    this.#parts.write(octets);
  }
}

/** What may be said unasked: it fills again with time. */
class Bucket {
  readonly #now: () => number;
  #left = BUCKET;
  #at: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
  }

  take(octets: number): void {
    const now = this.#now();
    this.#left = Math.min(BUCKET, this.#left + ((now - this.#at) / 1000) * BUCKET);
    this.#at = now;
    this.#left -= Math.min(octets, LONG);
    if (this.#left < 0)
      throw limitError('what asks for answers, in octets of answers in a second', BUCKET, { protocol: 'telnet' });
  }
}

function ignore(): void {
  // nobody is listening
}
