/**
 * The format mbox, in the kind called mboxrd: each message behind a line `From sender date`, with an empty line after
 * it; a line of the message that begins with `From `, or with that and `>` before it, has one more `>` (RFC 4155 tells
 * of the others). Lines end with LF.
 */
import { UsageError } from '../core/errors.ts';
import { formatDate } from './date.ts';
import { LineFeeds } from './line-ends.ts';

const LF = 0x0a;
const CR = 0x0d;
const QUOTE = 0x3e;
const FROM = Buffer.from('From ');
const ONE_QUOTE = Buffer.of(QUOTE);
const NOTHING = Buffer.alloc(0);
/** How much of a file is looked at in one piece, in octets. */
const BLOCK = 64 * 1024;

export interface MboxLimits {
  /** Octets of one message. Default 256 MiB. */
  readonly messageSize?: number | undefined;
}

/**
 * The messages of a mailbox, one after another, each in memory of its own, with line ends as they are in the file (LF
 * or CRLF). A line begins a message where `From ` stands behind an empty line or at the start. Throws UsageError for
 * what is no mailbox, and for a message above the limit.
 */
export async function* readMbox(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: MboxLimits = {},
): AsyncGenerator<Buffer> {
  const reader = new MboxReader(limits.messageSize ?? 256 * 1024 * 1024);
  for await (const block of wholeLines(source, () => reader.room)) yield* reader.read(block);
  const last = reader.finish();
  if (last) yield last;
}

/** What is in a file, in pieces that end where a line does. They are this generator's own memory. */
async function* wholeLines(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  room: () => number,
): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    const end = piece.lastIndexOf(LF) + 1;
    pieces.push(Uint8Array.from(piece));
    length += piece.length;
    if (length > Math.max(room(), 0) + 2 * BLOCK && end === 0) throw tooLong();
    if (length < BLOCK || end === 0) continue;
    const block = Buffer.concat(pieces);
    const rest = piece.length - end;
    yield block.subarray(0, length - rest);
    pieces = [block.subarray(length - rest)];
    length = rest;
  }
  if (length > 0) yield Buffer.concat(pieces);
}

class MboxReader {
  readonly #most: number;
  #parts: Buffer[] = [];
  #length = 0;
  #begun = false;
  /** Whether the line before is empty, or there is none. */
  #afterEmpty = true;

  constructor(most: number) {
    this.#most = most;
  }

  /** How many octets the message may still have. */
  get room(): number {
    return this.#most - this.#length;
  }

  /** Reads whole lines; gives the messages that have ended in them. The block is changed in place. */
  *read(block: Buffer): Generator<Buffer> {
    // what is before `from` has been dealt with: it is text that has been closed up, up to `to`, or gone
    let [start, to, from] = [0, 0, 0];
    for (let at = block.indexOf(FROM); at >= 0; at = block.indexOf(FROM, at + 1)) {
      let line = at;
      while (line > 0 && block[line - 1] === QUOTE) line--;
      if (line > 0 && block[line - 1] !== LF) continue;
      const quoted = line < at;
      if (!quoted && !this.#isAfterEmpty(block, line)) continue;
      to += block.copy(block, to, from, line);
      from = quoted ? line + 1 : lineAfter(block, at);
      if (quoted) continue;
      this.#take(block.subarray(start, to));
      const message = this.finish();
      if (message) yield message;
      this.#begun = true;
      start = to = from;
    }
    const afterEmpty = this.#isAfterEmpty(block, block.length);
    to += block.copy(block, to, from);
    this.#take(block.subarray(start, to));
    this.#afterEmpty = afterEmpty;
  }

  /** The message that has come, without the empty line behind it. */
  finish(): Buffer | undefined {
    if (!this.#begun) return undefined;
    const message = Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    return message.subarray(0, message.length - emptyLineAtEnd(message));
  }

  #take(part: Buffer): void {
    if (part.length === 0) return;
    if (!this.#begun) {
      // empty lines before the first message are nothing
      if (part.every((octet) => octet === LF || octet === CR)) return;
      throw new UsageError('this is no mbox: it does not begin with a line "From sender date"');
    }
    if (part.length > this.room) throw tooLong();
    this.#parts.push(part);
    this.#length += part.length;
  }

  #isAfterEmpty(block: Buffer, line: number): boolean {
    if (line === 0) return this.#afterEmpty;
    return emptyLineAtEnd(block.subarray(0, line)) > 0;
  }
}

function tooLong(): UsageError {
  return new UsageError('a message of this mailbox is longer than the limit (messageSize)');
}

/** How long the empty line is that octets end with; 0 where they end with none. */
function emptyLineAtEnd(octets: Buffer): number {
  const last = octets.length - 1;
  if (octets[last] !== LF) return 0;
  const line = octets[last - 1] === CR ? 2 : 1;
  return octets.length === line || octets[last - line] === LF ? line : 0;
}

/** Whether a mailbox that ends with these octets may be appended to: they end with an empty line. */
export function endsMessage(octets: Buffer): boolean {
  return emptyLineAtEnd(octets) > 0;
}

function lineAfter(block: Buffer, at: number): number {
  const end = block.indexOf(LF, at);
  return end < 0 ? block.length : end + 1;
}

/** What the line says that begins a message. */
export interface Envelope {
  /** An address; MAILER-DAEMON where there is none. */
  readonly sender?: string | undefined;
  /** When it came. Default now. */
  readonly date?: Date | undefined;
}

/** One message, as it stands in a mailbox. Pieces may be cut anywhere; their line ends may be CRLF or LF. */
export class MboxEncoder {
  readonly #lines = new LineFeeds();
  /** The line before the message, until it has been given. */
  #before: Buffer;
  /** Whether it is known of this line that it needs no quoting, or has it. */
  #inLine = false;
  /** How much of `From ` has been held back, until it is known what follows. */
  #held = 0;
  /** Whether the last line has no end yet. */
  #open = false;

  /** Throws UsageError for a date that is none. */
  constructor(envelope: Envelope = {}) {
    this.#before = fromLine(envelope);
  }

  /** What a piece becomes, in memory of its own. */
  encode(piece: Uint8Array): Buffer {
    return this.#quote(this.#lines.convert(piece));
  }

  /** The end of the message: of its last line, where it had none, and the empty line. */
  end(): Buffer {
    const last = this.#quote(this.#lines.end());
    return Buffer.concat([last, FROM.subarray(0, this.#held), Buffer.from(this.#open ? '\n\n' : '\n')]);
  }

  #quote(piece: Buffer): Buffer {
    if (piece.length > 0) this.#open = piece[piece.length - 1] !== LF;
    const octets = this.#held === 0 ? piece : Buffer.concat([FROM.subarray(0, this.#held), piece]);
    this.#held = 0;
    const parts = [this.#before];
    this.#before = NOTHING;
    let given = 0;
    for (let at = 0; at < octets.length; ) {
      if (this.#inLine) {
        const end = octets.indexOf(LF, at);
        this.#inLine = end < 0;
        at = end < 0 ? octets.length : end + 1;
        continue;
      }
      // it does not matter where among its like the new one stands
      while (octets[at] === QUOTE) at++;
      if (octets[at] === FROM[0]) {
        const seen = octets.subarray(at, at + FROM.length);
        const alike = FROM.subarray(0, seen.length).equals(seen);
        if (alike && seen.length < FROM.length) {
          this.#held = seen.length;
          break;
        }
        if (alike) parts.push(octets.subarray(given, at), ONE_QUOTE);
        if (alike) given = at;
      }
      this.#inLine = at < octets.length;
    }
    parts.push(octets.subarray(given, octets.length - this.#held));
    return Buffer.concat(parts);
  }
}

/** `From ann@example.org Sat Jan  3 01:05:34 1996`, in UTC. */
function fromLine({ sender = '', date = new Date() }: Envelope): Buffer {
  const [weekday, day = '', month, year, time] = formatDate(date).split(/,? /);
  // what a mail says of its sender may be anything
  const known = /^[\x21-\x7e]{1,254}$/.test(sender) ? sender : 'MAILER-DAEMON';
  return Buffer.from(`From ${known} ${weekday} ${month} ${day.replace(/^0/, ' ')} ${time} ${year}\n`);
}
