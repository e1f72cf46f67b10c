import { ConnectionError, ProtocolError, UsageError } from '../core/errors.ts';
import type { Connection } from '../net/connection.ts';
import type { Transcript } from '../net/transcript.ts';
import type { ReceiveBuffer } from '../wire/buffer.ts';
import { resetWhenRead } from './delivery.ts';
import { type Happening, type Hearing, type Side, type Step, shown } from './dialogue.ts';

/** How much is looked at for the end of a line. */
const MAX_LINE = 64 * 1024;

/** What came in place of a step, and whether it is what was to come. */
interface Heard {
  readonly octets: Buffer;
  readonly fits: boolean;
}

/**
 * Plays one side of a dialogue on a connection, and holds what the other says against its part. Throws ProtocolError
 * with the dialogue, marked where it went another way.
 */
export class Player {
  readonly #side: Side;
  readonly #steps: readonly Step[];
  readonly #toTls: (connection: Connection) => Promise<void>;
  readonly #transcript: Transcript;
  #next = 0;

  /**
   * `toTls` puts TLS on top of the connection, `transcript` is told what was really said. Throws UsageError for a pattern
   * that this side would have to say.
   */
  constructor(
    side: Side,
    steps: readonly Step[],
    toTls: (connection: Connection) => Promise<void>,
    transcript: Transcript,
  ) {
    const vague = steps.find((step) => step.from === side && 'pattern' in step);
    if (vague) throw new UsageError(`line ${vague.at} of the dialogue is to be said here: it cannot be a pattern`);
    this.#side = side;
    this.#steps = steps;
    this.#toTls = toTls;
    this.#transcript = transcript;
  }

  /** The step that it has come to; undefined at the end. */
  get step(): Step | undefined {
    return this.#steps[this.#next];
  }

  async play(connection: Connection): Promise<void> {
    for (let step = this.step; step; step = this.step) {
      if ('event' in step) await this.#happen(step, connection);
      else if (step.from !== this.#side) await this.#hear(step, connection);
      else if ('octets' in step) {
        await connection.write(step.octets).catch((cause) => this.#fail(step, 'could not be said', cause));
        this.#note(step.from, step.octets);
      }
      this.#next++;
    }
  }

  /** After the last step the other side ends, and says nothing more. */
  async expectEnd(connection: Connection): Promise<void> {
    const more = await connection.read('close').catch(() => undefined);
    if (more) this.#fail(undefined, `was over, and then came "${shown(more)}"`);
  }

  async #happen(step: Happening, connection: Connection): Promise<void> {
    const { event } = step;
    if (event === 'tls') await this.#toTls(connection).catch((cause) => this.#fail(step, 'failed', cause));
    else if (this.#side === 'C') await this.#expect(step, connection);
    else if (event === 'reset') await resetWhenRead(connection);
    else connection.end();
    this.#transcript.add('*', event);
  }

  /** The server is to end the connection, in this way and no other. */
  async #expect(step: Happening, connection: Connection): Promise<void> {
    const wasReset = (error: unknown): boolean => error instanceof ConnectionError && error.reason === 'reset';
    const more = await connection.read('close').catch((cause: unknown) => {
      if (step.event === 'reset' && wasReset(cause)) return null;
      return this.#fail(step, 'did not happen', cause);
    });
    if (more === null) return;
    if (more) this.#fail(step, `did not happen: there came "${shown(more)}"`);
    if (step.event === 'reset') this.#fail(step, 'did not happen: the connection ended in good order');
  }

  async #hear(step: Hearing, connection: Connection): Promise<void> {
    const take = 'pattern' in step ? pattern(step.pattern) : exactly(step.octets);
    const { octets, fits } = await connection
      .receive(take)
      .catch((cause: unknown) => this.#fail(step, 'did not come', cause));
    if (!fits) this.#fail(step, `did not come, but "${shown(octets)}"`);
    this.#note(step.from, octets);
  }

  #note(from: Side, octets: Buffer): void {
    this.#transcript.add(from, octets.toString('utf8').replace(/\r?\n$/, ''));
  }

  #fail(step: Step | undefined, what: string, cause?: unknown): never {
    const where = step ? `line ${step.at} of the dialogue, "${step.source}",` : 'the dialogue';
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    const around = this.#steps.slice(Math.max(0, this.#next - 8), this.#next + 3);
    const marked = around.map((its) => `${its === step ? '>' : ' '} ${its.source}`).join('\n');
    throw new ProtocolError(`${where} ${what}${why}\n${marked}`, { cause });
  }
}

/** Octets that must be these. What differs is shown up to the end of its line. */
function exactly(wanted: Buffer): (bytes: ReceiveBuffer, ended: boolean) => Heard | undefined {
  return (bytes, ended) => {
    const there = bytes.peek();
    const common = Math.min(there.length, wanted.length);
    const fits = there.subarray(0, common).equals(wanted.subarray(0, common));
    if (fits && common === wanted.length) return { octets: Buffer.from(bytes.takeUpTo(common)), fits };
    if (fits && !(ended && common > 0)) return undefined;
    return { octets: Buffer.from(bytes.takeUpTo(there.indexOf(10, common - 1) + 1 || MAX_LINE)), fits: false };
  };
}

/** A line in which the pattern finds something. */
function pattern(wanted: RegExp): (bytes: ReceiveBuffer, ended: boolean) => Heard | undefined {
  return (bytes, ended) => {
    const end = bytes.peek().indexOf(10) + 1;
    if (end === 0 && !(ended && bytes.length > 0) && bytes.length < MAX_LINE) return undefined;
    const octets = Buffer.from(bytes.takeUpTo(end || MAX_LINE));
    return {
      octets,
      fits:
        octets
          .toString('utf8')
          .replace(/\r?\n$/, '')
          .search(wanted) >= 0,
    };
  };
}
