/**
 * One end of a Telnet connection: a machine over a Connection. Octets are read only while somebody asks (`receive`), and
 * what the protocol itself has to answer is answered inside their arrival. Here too what comes and goes is compressed,
 * from the octet on at which both ends said so: the octets behind it may have come together with those before it.
 */
import { ProtocolError } from '../core/errors.ts';
import type { Connection } from '../net/connection.ts';
import { Deflater, Inflater, PIECE } from './compression.ts';
import type { TelnetEvent } from './events.ts';
import { TelnetMachine } from './machine.ts';
import type { Side, TelnetOption } from './option.ts';
import type { TelnetSettings } from './settings.ts';

export interface LinkParts {
  readonly options: readonly TelnetOption[];
  readonly accept?: TelnetSettings['accept'];
  /** Is told of everything that is not text, as it comes. */
  readonly onEvent?: ((event: TelnetEvent) => void) | undefined;
}

/** Where text goes, in octets: borrowed views. */
export type TextSink = (chunk: Buffer) => void;

interface Got<T> {
  readonly value: T;
}

const NOTHING = Buffer.alloc(0);

export class TelnetLink {
  readonly connection: Connection;
  readonly machine: TelnetMachine;
  /** How often something has come: text, or what is told as an event. Commands (NOP, GA) only show that the peer lives. */
  news = 0;
  readonly #onEvent: (event: TelnetEvent) => void;
  #inflater: Inflater | undefined;
  #deflater: Deflater | undefined;
  /** What must be sent before anything else is: the end of compressed data. */
  #before: Promise<void> | undefined;
  #left: { readonly reason: unknown } | undefined;

  constructor(connection: Connection, { options, accept, onEvent = (): void => {} }: LinkParts) {
    this.connection = connection;
    this.#onEvent = onEvent;
    const note = (from: Side, text: string): void =>
      connection.note(`${from === 'local' ? 'sent' : 'received'} ${text}`);
    this.machine = new TelnetMachine({
      options,
      ...(accept && { accept }),
      // nobody waits for it: that it cannot be sent is told to who reads
      write: (octets) => void this.#send(octets).catch(() => {}),
      emit: (event) => this.#happened(event),
      // text for notes is made only where somebody reads them
      get note() {
        return connection.isHeard ? note : undefined;
      },
    });
    void connection.gone.then(() => this.#letGo());
  }

  /** Asks for what the options ask for. */
  begin(): void {
    this.machine.begin();
  }

  /**
   * Gives the text that is there to `sink`, and again whenever more has come, until `want` returns something. With `ended`
   * nothing more will come, and it must. `longest` is how long nothing may come, in milliseconds; default: no limit.
   * Throws what the connection, the machine and `sink` throw.
   */
  async receive<T>(
    sink: TextSink,
    want: (ended: boolean) => T | undefined,
    longest: number = Number.POSITIVE_INFINITY,
  ): Promise<T> {
    this.#left = undefined;
    const heard = (chunk: Buffer): void => {
      this.news++;
      sink(chunk);
    };
    for (;;) {
      const inflater = this.#inflater;
      const got = inflater
        ? await this.#inflated(inflater, heard, want, longest)
        : await this.#plain(heard, want, longest);
      if (got !== 'more') return got.value;
      // between two waits there is none that could be ended
      this.#refuseLeft();
    }
  }

  /** Ends the wait of `receive`: it throws `reason`, and what has come stays. */
  leave(reason: unknown): void {
    this.#left = { reason };
    this.connection.leave(reason);
  }

  /** Octets of text: IAC is doubled, and outside BINARY a lone CR is made CR NUL. Resolves when the socket has taken it. */
  async write(octets: Uint8Array): Promise<void> {
    await this.#send(this.machine.encode(octets));
  }

  /** Octets as they are: what has been encoded already, or is not to be. Resolves when the socket has taken them. */
  async put(octets: Uint8Array): Promise<void> {
    await this.#send(octets);
  }

  /** Text that goes on: what a CR at its end means is decided by what is written next. */
  async writePart(octets: Uint8Array): Promise<void> {
    await this.#send(this.machine.encodePart(octets));
  }

  /** Nothing more will be written; what the peer still says can be read. */
  async end(): Promise<void> {
    const deflater = this.#deflater;
    this.#deflater = undefined;
    await (deflater?.end() ?? this.#before);
    this.connection.end();
  }

  #refuseLeft(): void {
    if (this.#left) throw this.#left.reason;
  }

  #plain<T>(sink: TextSink, want: (ended: boolean) => T | undefined, longest: number): Promise<Got<T> | 'more'> {
    return this.connection.receive<Got<T> | 'more'>(
      (bytes, ended) => {
        // once more where nothing has come: another may have stopped in the middle
        while (bytes.length > 0 && !this.#inflater) bytes.drop(this.machine.receive(bytes.peek(), sink));
        const isCompressed = this.#inflater !== undefined;
        const value = want(ended && bytes.length === 0);
        if (value !== undefined) return { value };
        return isCompressed ? 'more' : undefined;
      },
      'body',
      longest,
    );
  }

  async #inflated<T>(
    inflater: Inflater,
    sink: TextSink,
    want: (ended: boolean) => T | undefined,
    longest: number,
  ): Promise<Got<T> | 'more'> {
    const octets = await this.connection.receive(
      (bytes, ended) => {
        if (bytes.length > 0) return Buffer.from(bytes.peek().subarray(0, PIECE));
        return ended ? NOTHING : undefined;
      },
      'body',
      longest,
    );
    const ended = octets.length === 0;
    if (ended) inflater.close();
    else await this.#inflate(inflater, octets, sink);
    try {
      const value = want(ended);
      return value === undefined ? 'more' : { value };
    } catch (error) {
      // as where nothing is compressed: what was too much to read is not read on from
      this.connection.destroy(error);
      throw error;
    }
  }

  async #inflate(inflater: Inflater, octets: Buffer, sink: TextSink): Promise<void> {
    try {
      const taken = await inflater.inflate(octets, (chunk) => {
        if (this.machine.receive(chunk, sink) < chunk.length) throw twice();
      });
      await this.connection.receive((bytes) => {
        bytes.drop(taken);
        return true;
      });
    } catch (error) {
      inflater.close();
      this.connection.destroy(error);
      throw error;
    }
    if (!inflater.ended) return;
    this.#inflater = undefined;
    inflater.close();
    this.#onEvent({ type: 'compression', direction: 'in', active: false });
  }

  #send(octets: Uint8Array): Promise<void> {
    return this.#before || this.#deflater ? this.#sendCompressed(octets) : this.connection.write(octets);
  }

  async #sendCompressed(octets: Uint8Array): Promise<void> {
    // what is said before compression begins again is not compressed
    const to = this.#deflater ?? this.connection;
    if (this.#before) await this.#before;
    try {
      await to.write(octets);
    } catch (error) {
      // what is closed while it compresses does not know why
      this.connection.refuseGone();
      throw error;
    }
  }

  #happened(event: TelnetEvent): void {
    if (event.type !== 'command') this.news++;
    if (event.type === 'compression') this.#compress(event.direction, event.active);
    this.#onEvent(event);
  }

  #compress(direction: 'in' | 'out', active: boolean): void {
    if (direction === 'in') {
      if (this.#inflater) throw twice();
      this.#inflater = new Inflater();
    } else if (active) {
      this.#deflater = new Deflater((octets) => this.connection.write(octets));
    } else if (this.#deflater) {
      const { end, close } = this.#ending(this.#deflater);
      this.#deflater = undefined;
      this.#before = end.finally(close);
    }
  }

  #ending(deflater: Deflater): { readonly end: Promise<void>; close(): void } {
    const end = deflater.end().catch(() => {});
    return {
      end,
      close: () => {
        deflater.close();
        this.#before = undefined;
      },
    };
  }

  /** Nothing more comes or goes; but what has come may have to be inflated still, and then who reads it lets go. */
  #letGo(): void {
    if (this.connection.unasked === 0) this.#inflater?.close();
    this.#deflater?.close();
    this.#deflater = undefined;
  }
}

function twice(): ProtocolError {
  return new ProtocolError('the peer began to compress what is compressed already', {
    protocol: 'telnet',
    phase: 'body',
  });
}
