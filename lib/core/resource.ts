import { Readable } from 'node:stream';
import { limitError, UsageError } from './errors.ts';

/** What can be sent. A Node Readable is an AsyncIterable. */
export type Body = string | Uint8Array | AsyncIterable<Uint8Array>;

/** What a container holds: an item of a menu, a message of a maildrop, a file of a folder. */
export interface Entry {
  readonly name: string;
  /** Can be given back to the client that listed it. */
  readonly path: string;
  /** Can be given to anyone. */
  readonly url: string;
  readonly kind: Kind;
  /** In octets. */
  readonly size?: number;
  readonly modified?: Date;
  /** More, in the words of the protocol. */
  readonly meta: Readonly<Record<string, string>>;
}

/**
 * `item` can be fetched, `container` listed, `search` searched; `link` leads elsewhere, by another protocol; `info` is
 * text for people; `error` says that something is not there.
 */
export type Kind = 'item' | 'container' | 'search' | 'link' | 'info' | 'error';

/** What a server said of something that was sent. */
export interface Receipt {
  readonly text: string;
  readonly path?: string;
}

/** Whether all has come: true when the peer proved it, `unknown` where only the end of the connection says so. */
export type Complete = true | 'unknown';

/** Entries as they come. What the generator returns at its end says whether these are all. */
export type Listing = AsyncGenerator<Entry, Complete, void>;

/** A body on its way, as a client gives it to a Resource. */
export interface Flow {
  /** The next chunk, the caller's to keep; undefined at the end. */
  pull(): Promise<Buffer | undefined>;
  /** All that is left, each chunk valid only while `sink` runs. */
  each(sink: (chunk: Buffer) => void): Promise<void>;
  /**
   * False until the end; then true when a length or a terminator proves that nothing is missing, and `unknown` where
   * only the end of the connection says so.
   */
  readonly complete: boolean | 'unknown';
}

type Meta = Readonly<Record<string, string>>;

export interface ResourceParts {
  readonly body: Flow;
  readonly path: string;
  readonly url: string;
  /** A media type, `application/octet-stream` where nothing is known. */
  readonly type?: string;
  readonly size?: number | undefined;
  /** Or how to put it together, where that takes time: it is done when somebody asks. */
  readonly meta?: Meta | (() => Meta);
  /** The character set of a text. Default UTF-8. */
  readonly decode?: (octets: Uint8Array) => string | Promise<string>;
  /** What to do with the connection once the body has ended or is no longer wanted. */
  readonly close?: () => Promise<void>;
}

/** The most that `bytes`, `text` and `lines` gather by default: 64 MiB. Streams have no such limit. */
const GATHERED = 64 * 1024 * 1024;
const LF = 10;

/** The most memory that is reserved because a peer announced a size. */
const TRUSTED = 64 * 1024;

/** What `fetch` gives: a body, read once, by pull, and what is known of it. Read it to its end, or close it. */
export class Resource implements AsyncIterable<Uint8Array>, AsyncDisposable {
  readonly path: string;
  readonly url: string;
  readonly type: string;
  readonly size: number | undefined;
  #meta: Meta | (() => Meta);
  readonly #body: Flow;
  readonly #decode: (octets: Uint8Array) => string | Promise<string>;
  readonly #duties: (() => Promise<void>)[] = [];
  #closed: Promise<void> | undefined;
  #taken = false;

  constructor(parts: ResourceParts) {
    this.path = parts.path;
    this.url = parts.url;
    this.type = parts.type ?? 'application/octet-stream';
    this.size = parts.size;
    this.#meta = parts.meta ?? {};
    this.#body = parts.body;
    this.#decode = parts.decode ?? utf8;
    this.#duties.push(parts.close ?? (() => this.#body.each(() => {})));
  }

  /** More, in the words of the protocol. */
  get meta(): Readonly<Record<string, string>> {
    if (typeof this.#meta === 'function') this.#meta = this.#meta();
    return this.#meta;
  }

  /** Whether the whole body has come: see `Flow.complete`. */
  get complete(): boolean | 'unknown' {
    return this.#body.complete;
  }

  /** What came in front of the body, as lines for people, where the protocol has that to show. */
  get head(): string | undefined {
    return undefined;
  }

  /** What more is known than all resources know, as JSON can say it. */
  get details(): Readonly<Record<string, unknown>> {
    return {};
  }

  /** Whether there is no body because it was asked for only if it had changed. */
  get notModified(): boolean {
    return false;
  }

  /** One more thing to do at the end, after those that are there. */
  also(duty: () => Promise<void>): this {
    this.#duties.push(duty);
    return this;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    this.#take();
    try {
      for (let chunk = await this.#body.pull(); chunk; chunk = await this.#body.pull()) yield chunk;
    } finally {
      await this.close();
    }
  }

  /** Gives every chunk to `sink` as it comes. A chunk is valid only during the call: the fastest way, without a copy. */
  async forEachChunk(sink: (chunk: Buffer) => void): Promise<void> {
    this.#take();
    try {
      await this.#body.each(sink);
    } finally {
      await this.close();
    }
  }

  /** The whole body. Throws ProtocolError (`limit`) when it is larger than `max` octets. */
  async bytes(max: number = GATHERED): Promise<Buffer> {
    // what was announced is not believed: memory grows with what comes
    let gathered: Buffer = Buffer.allocUnsafe(Math.min(this.size ?? 0, max, TRUSTED));
    let length = 0;
    await this.forEachChunk((chunk) => {
      const needed = length + chunk.length;
      if (needed > max) throw limitError('a gathered body', max, { phase: 'body' });
      if (needed > gathered.length) {
        // most bodies are one chunk, and it is all the memory they need
        const larger = Buffer.allocUnsafe(length === 0 ? needed : Math.max(gathered.length * 2, needed));
        gathered.copy(larger, 0, 0, length);
        gathered = larger;
      }
      chunk.copy(gathered, length);
      length = needed;
    });
    // a body that fills little of what was reserved for it does not keep the rest alive
    return length > gathered.length / 2 ? gathered.subarray(0, length) : Buffer.from(gathered.subarray(0, length));
  }

  /** The whole body as text, in its character set. */
  async text(max: number = GATHERED): Promise<string> {
    return this.#decode(await this.bytes(max));
  }

  /**
   * The lines of the body, without their line ends; for character sets in which a line feed is one octet. Throws
   * ProtocolError (`limit`) for a line of more than `max` octets.
   */
  async *lines(max: number = GATHERED): AsyncGenerator<string> {
    let begun: Buffer[] = [];
    let length = 0;
    for await (const chunk of this) {
      const stop = chunk.lastIndexOf(LF) + 1;
      if (stop > 0) {
        const whole = await this.#decode(Buffer.concat([...begun, chunk.subarray(0, stop - 1)]));
        for (const line of whole.split('\n')) yield line.endsWith('\r') ? line.slice(0, -1) : line;
        begun = [];
        length = 0;
      }
      const rest = chunk.subarray(stop);
      length += rest.length;
      if (length > max) throw limitError('a line', max, { phase: 'body' });
      if (rest.length > 0) begun.push(rest);
    }
    if (length > 0) yield this.#decode(Buffer.concat(begun));
  }

  /** The body as a Node stream. */
  stream(): Readable {
    return Readable.from(this, { objectMode: false });
  }

  /** Lets go of what is left of the body, once; further calls wait for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Does all of it, even when some of it fails; throws what failed first. */
  async #close(): Promise<void> {
    this.#taken = true;
    let failure: { readonly error: unknown } | undefined;
    for (const duty of this.#duties) {
      try {
        await duty();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
  }

  #take(): void {
    if (this.#taken) throw new UsageError('a body is read once: this one has been read or closed');
    this.#taken = true;
  }
}

function utf8(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('utf8');
}
