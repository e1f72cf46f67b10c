/** Octets as RFC 854 has them, and back: text, commands, negotiations and subnegotiations. The same for both ends. */
import { limitError, UsageError } from '../core/errors.ts';
import { COMMANDS, type NegotiationVerb } from './names.ts';

const { IAC, SB, SE, WILL, DONT } = COMMANDS;
const [NUL, LF, CR] = [0, 10, 13];
/** In octets: what no option needs more than, unless it says so. */
export const MAX_SUBNEGOTIATION = 4096;
/** So far an octet is looked for by hand: asking the runtime costs more than that. */
const NEAR = 8;

/** What is told what has come. */
export interface TelnetSink {
  /** Text: IAC IAC is one IAC, and the NUL behind a CR is gone. BORROWED: it is valid during the call only. */
  data(octets: Buffer): void;
  /** A command that stands by itself, unknown ones too. */
  command(code: number): void;
  negotiation(verb: NegotiationVerb, option: number): void;
  /** Whether that would change nothing, so that it need not be told: the text then goes on across it, in one piece. */
  isSettled?(verb: NegotiationVerb, option: number): boolean;
  /** IAC in it is undone; BORROWED. True: stop behind it, for what follows is something else (MCCP2). */
  subnegotiation(option: number, data: Buffer): boolean;
}

/** Where in a command the octets ended. `data` is outside of one. */
type Place = 'data' | 'IAC' | NegotiationVerb | 'SB' | 'SB IAC';

const VERBS: readonly NegotiationVerb[] = ['WILL', 'WONT', 'DO', 'DONT'];

/**
 * Takes octets apart, however they are cut.
 *
 * Outside BINARY a CR takes the NUL behind it with it, whatever commands lie between the two; the CR decides: one that
 * came in BINARY stands for itself, and so does the NUL behind it (RFC 854, RFC 856). CR LF stays CR LF.
 *
 * A subnegotiation with IAC in it and then neither IAC nor SE is dropped, up to its SE.
 */
export class TelnetDecoder {
  /** Whether what comes is BINARY; it may be changed at any time, in the calls of the sink too. */
  binary = false;
  readonly #max: (option: number) => number;
  #place: Place = 'data';
  /** Whether the last octet of text was a CR outside BINARY. */
  #cr = false;
  /** Where the next NUL is in the octets at hand, as far as it has been looked for. */
  #nul = -1;
  /** The subnegotiation so far: its option, then its data. */
  #gathered: Buffer = NOTHING;
  #length = 0;
  #broken = false;

  /** @param max the most octets that a subnegotiation of an option may have; default 4096 */
  constructor(max: (option: number) => number = () => MAX_SUBNEGOTIATION) {
    this.#max = max;
  }

  /**
   * How many octets it has taken: all, unless the sink said stop. Text is closed up in place, so what was taken is not
   * what it was. Throws ProtocolError for a subnegotiation that is too long; then it is of no more use.
   */
  decode(octets: Buffer, sink: TelnetSink): number {
    this.#nul = -1;
    let at = 0;
    while (at < octets.length) {
      if (this.#place === 'data') at = this.#run(octets, at, sink);
      else if (this.#place === 'SB') at = this.#gather(octets, at);
      else if (this.#step(octets[at++] ?? NUL, sink)) break;
    }
    return at;
  }

  /** Text up to the next command. */
  #run(octets: Buffer, start: number, sink: TelnetSink): number {
    if (this.#cr && octets[start] === NUL) {
      this.#cr = false;
      return start + 1;
    }
    let from = start; // text before this is in its final place, before `to`
    let to = start;
    let iac = find(octets, IAC, start);
    let nul = this.#nextNul(octets, start);
    for (;;) {
      if (nul < iac) {
        if (nul > from && octets[nul - 1] === CR) {
          to = move(octets, to, from, nul);
          from = nul + 1;
        }
        nul = this.#nextNul(octets, nul + 1);
      } else if (octets[iac + 1] === IAC) {
        to = move(octets, to, from, iac + 1);
        from = iac + 2;
        iac = find(octets, IAC, from);
      } else if (iac > start && (iac === from || octets[iac - 1] !== CR) && isSettled(octets, iac, sink)) {
        to = move(octets, to, from, iac);
        from = iac + 3;
        iac = find(octets, IAC, from);
      } else break;
    }
    if (iac > start) this.#cr = !this.binary && iac > from && octets[iac - 1] === CR;
    to = move(octets, to, from, iac);
    if (iac < octets.length) this.#place = 'IAC';
    if (to > start) sink.data(start === 0 && to === octets.length ? octets : octets.subarray(start, to));
    return Math.min(iac + 1, octets.length);
  }

  #nextNul(octets: Buffer, from: number): number {
    if (this.binary) return octets.length;
    if (this.#nul < from) this.#nul = find(octets, NUL, from);
    return this.#nul;
  }

  /** One octet of a command. True when the sink said stop. */
  #step(octet: number, sink: TelnetSink): boolean {
    const place = this.#place;
    if (place === 'SB IAC') return this.#insideSubnegotiation(octet, sink);
    this.#place = 'data';
    if (place !== 'IAC') {
      if (place !== 'data' && place !== 'SB') sink.negotiation(place, octet);
    } else if (octet === IAC) {
      this.#cr = false;
      sink.data(Buffer.of(IAC));
    } else if (octet === SB) {
      this.#place = 'SB';
      this.#length = 0;
      this.#broken = false;
    } else if (octet >= WILL && octet <= DONT) {
      this.#place = VERBS[octet - WILL] ?? 'data';
    } else sink.command(octet);
    return false;
  }

  /** What is behind IAC in a subnegotiation. */
  #insideSubnegotiation(octet: number, sink: TelnetSink): boolean {
    if (octet !== SE) {
      if (octet !== IAC) this.#broken = true;
      this.#add(IAC_ALONE);
      this.#place = 'SB';
      return false;
    }
    this.#place = 'data';
    const option = this.#gathered[0];
    if (this.#broken || this.#length === 0 || option === undefined) return false;
    return sink.subnegotiation(option, this.#gathered.subarray(1, this.#length));
  }

  #gather(octets: Buffer, from: number): number {
    const iac = find(octets, IAC, from);
    this.#add(octets.subarray(from, iac));
    if (iac === octets.length) return iac;
    this.#place = 'SB IAC';
    return iac + 1;
  }

  /** What is dropped counts too: a subnegotiation that never ends must end. */
  #add(octets: Buffer): void {
    const length = this.#length + octets.length;
    const max = this.#max((this.#length > 0 ? this.#gathered[0] : octets[0]) ?? NUL);
    if (length > max + 1) throw limitError('a subnegotiation', max, { protocol: 'telnet' });
    if (length > this.#gathered.length) {
      const larger = Buffer.alloc(Math.min(length * 2 + 30, max + 1));
      this.#gathered.copy(larger, 0, 0, this.#length);
      this.#gathered = larger;
    }
    octets.copy(this.#gathered, this.#length);
    this.#length = length;
  }
}

/** Whether a negotiation is there, whole, that need not be told. */
function isSettled(octets: Buffer, iac: number, sink: TelnetSink): boolean {
  const verb = VERBS[(octets[iac + 1] ?? NUL) - WILL];
  const option = octets[iac + 2];
  return verb !== undefined && option !== undefined && sink.isSettled?.(verb, option) === true;
}

/** Where an octet is next; the length when it is not there. */
function find(octets: Buffer, octet: number, from: number): number {
  const near = Math.min(from + NEAR, octets.length);
  for (let at = from; at < near; at++) if (octets[at] === octet) return at;
  const at = near < octets.length ? octets.indexOf(octet, near) : -1;
  return at < 0 ? octets.length : at;
}

/** Moves octets to the front; what is behind them then. */
function move(octets: Buffer, to: number, from: number, stop: number): number {
  const count = stop - from;
  if (to === from || count === 0) return to + count;
  if (count > NEAR) octets.copyWithin(to, from, stop);
  else for (let i = 0; i < count; i++) octets[to + i] = octets[from + i] ?? NUL;
  return to + count;
}

/** Makes octets of text. It remembers only whether what it wrote ended with a CR. */
export class TelnetEncoder {
  /** Whether what is sent is BINARY: then only IAC is doubled. */
  binary = false;
  /** Whether the last octet was a CR outside BINARY, and LF or NUL has not been written yet. */
  #cr = false;

  /** Text that is whole: a CR at its end becomes CR NUL. What needs no change is not copied. */
  encode(octets: Uint8Array): Buffer {
    const encoded = this.encodePart(octets);
    if (!this.#cr) return encoded;
    this.#cr = false;
    return Buffer.concat([encoded, ONE_NUL]);
  }

  /** Text that goes on: whether a CR at its end gets a NUL is decided by what comes next. */
  encodePart(octets: Uint8Array): Buffer {
    if (octets.length === 0) return NOTHING;
    const owed = this.#cr && octets[0] !== LF;
    const encoded = encodeData(octets, this.binary);
    this.#cr = !this.binary && octets.at(-1) === CR;
    const part = this.#cr ? encoded.subarray(0, -1) : encoded;
    return owed ? Buffer.concat([ONE_NUL, part]) : part;
  }
}

/**
 * Text as it goes over the wire: IAC is doubled, and outside BINARY a CR that is not before LF becomes CR NUL, one at
 * the end too. What needs no change is not copied.
 */
export function encodeData(octets: Uint8Array, binary: boolean): Buffer {
  const text = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const end = text.length;
  const count = countFrom(text, findIac) + (binary ? 0 : countFrom(text, findBareCr));
  if (count === 0) return text;
  const encoded = Buffer.allocUnsafe(end + count);
  let iac = findIac(text, 0);
  let cr = binary ? end : findBareCr(text, 0);
  let from = 0;
  let to = 0;
  while (iac < end || cr < end) {
    const isIac = iac < cr;
    const next = (isIac ? iac : cr) + 1;
    to = put(encoded, to, text, from, next);
    encoded[to++] = isIac ? IAC : NUL;
    from = next;
    if (isIac) iac = findIac(text, next);
    else cr = findBareCr(text, next);
  }
  put(encoded, to, text, from, end);
  return encoded;
}

function findIac(text: Buffer, from: number): number {
  return find(text, IAC, from);
}

/** Where a CR is next that is not before LF. */
function findBareCr(text: Buffer, from: number): number {
  let at = find(text, CR, from);
  while (text[at + 1] === LF) at = find(text, CR, at + 1);
  return at;
}

function countFrom(text: Buffer, next: (text: Buffer, from: number) => number): number {
  let count = 0;
  for (let at = next(text, 0); at < text.length; at = next(text, at + 1)) count++;
  return count;
}

function put(target: Buffer, to: number, source: Buffer, from: number, stop: number): number {
  if (stop - from > NEAR) source.copy(target, to, from, stop);
  else for (let i = from; i < stop; i++) target[to + i - from] = source[i] ?? NUL;
  return to + stop - from;
}

/** A command that stands by itself. Throws UsageError for one that cannot. */
export function formatCommand(code: number): Buffer {
  if (!isOctet(code) || code >= SB || code === SE) {
    throw new UsageError(`${code} is no command that stands by itself`, { protocol: 'telnet' });
  }
  return Buffer.of(IAC, code);
}

/** Throws UsageError for an option that is not 0 to 255. */
export function formatNegotiation(verb: NegotiationVerb, option: number): Buffer {
  checkOption(option);
  return Buffer.of(IAC, COMMANDS[verb], option);
}

/** IAC in the data is doubled. Throws UsageError for an option that is not 0 to 255. */
export function formatSubnegotiation(option: number, data: Uint8Array): Buffer {
  checkOption(option);
  const content = encodeData(Buffer.concat([Buffer.of(option), data]), true);
  return Buffer.concat([Buffer.of(IAC, SB), content, Buffer.of(IAC, SE)]);
}

function checkOption(option: number): void {
  if (!isOctet(option)) throw new UsageError(`${option} is no option: they are 0 to 255`, { protocol: 'telnet' });
}

function isOctet(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

const NOTHING = Buffer.alloc(0);
const ONE_NUL = Buffer.alloc(1);
const IAC_ALONE = Buffer.of(IAC);
