import { limitError, ProtocolError, UsageError } from '../core/errors.ts';
import type { Flow } from '../core/resource.ts';
import { utf8OrOlder } from '../wire/charset.ts';
import { type Field, HeaderBlock } from '../wire/headers.ts';
import { cutShort, endingNow } from './ending.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';
import { type Framing, framingOf } from './framing.ts';
import { translate } from './trouble.ts';

/** What has come and has not been read: at so many octets the server is made to wait. */
const HELD = 128 * 1024;
/** Of what is left of a body, so much is read away to keep the connection; for more it is given up. */
const READ_AWAY = 64 * 1024;
/** So many chunks are given one by one. */
const FEW = 16;
const MAX_FIELDS = 200;
const MAX_INTERIM = 16;

/** Who waits for something to come. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One answer on its way: what is told about it from beneath, and its body as a flow. The first failure wins. What nobody
 * reads is held up to a bound, and then the server waits.
 */
export class Reception implements Flow {
  /** Resolves with the answer when its header has come. */
  readonly answer: Promise<HttpAnswer>;
  readonly #request: HttpRequest;
  readonly #version: () => HttpAnswer['version'];
  #answered: (answer: HttpAnswer) => void = () => {};
  #refused: (error: unknown) => void = () => {};
  readonly #onAbort: (() => void) | undefined;
  #abort: ((reason?: Error) => void) | undefined;
  #resume: (() => void) | undefined;
  #framing: Framing | undefined;
  #interim = 0;
  #received = 0;
  #sent = 0;
  readonly #held: Buffer[] = [];
  #size = 0;
  #paused = false;
  #sink: ((chunk: Buffer) => void) | undefined;
  #waiting: Waiting | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #trailers: HeaderBlock = NO_FIELDS;

  constructor(request: HttpRequest, version: () => HttpAnswer['version']) {
    this.#request = request;
    this.#version = version;
    this.answer = new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#refused = reject;
    });
    if (!request.signal) return;
    this.#onAbort = () => this.fail(request.signal?.reason);
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  get complete(): boolean | 'unknown' {
    if (!this.#ended || this.#size > 0) return false;
    return this.#framing?.delimited ? true : 'unknown';
  }

  // beneath

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#failure) abort();
  }

  onHeaders(status: number, raw: readonly Buffer[], resume: () => void, reason: string): boolean {
    try {
      this.#resume = resume;
      const headers = fieldsOf(raw);
      if (status < 200) this.#told(status, headers);
      else this.#begin(status, headers, reason);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#received += chunk.length;
    if (this.#failure) return true;
    if (this.#sink) {
      try {
        this.#sink(chunk);
      } catch (error) {
        this.fail(error);
      }
      return true;
    }
    this.#held.push(chunk);
    this.#size += chunk.length;
    this.#wake();
    this.#paused = this.#size >= HELD;
    return !this.#paused;
  }

  onComplete(raw: readonly (Buffer | string)[] | null): void {
    const ending = endingNow();
    // the end of a connection ends only what is not delimited
    if (ending === 'cut' || (ending && this.#framing?.delimited)) return void this.onError(cutShort());
    try {
      if (raw) this.#trailers = fieldsOf(raw);
      this.#end();
    } catch (error) {
      this.fail(error);
    }
  }

  /** The server has left in good order, and has not said that this was all; some do, right behind all of it. */
  onLeft(cause: Error): void {
    if (!this.#framing || this.#framing.size !== undefined) return void this.onError(cause);
    this.#framing = { size: undefined, delimited: false };
    this.onComplete(null);
  }

  onError(cause: Error): void {
    // a server that closes right behind the last octet of a body has failed in nothing
    if (this.#framing?.size !== undefined && this.#framing.size === this.#received && !this.#failure)
      return void this.#end();
    const phase = this.#framing ? 'body' : 'command';
    const { origin, signal } = this.#request;
    const about = { origin, phase, bytesReceived: this.#received, mayBeDone: this.#abort !== undefined } as const;
    // what came before a connection was lost can be read, and a download goes on behind it
    this.#fail(translate(cause, signal, about));
  }

  /** The library gives what was sent, where its types say a number. */
  onBodySent(chunk: unknown): void {
    if (chunk instanceof Uint8Array) this.#sent += chunk.length;
    this.#request.onSent?.(this.#sent);
  }

  // above

  async pull(): Promise<Buffer | undefined> {
    if (this.#held.length === 0 && !this.#ended && !this.#failure) await this.#more();
    // many small ones are taken at once: a server may send an octet at a time
    const chunk = this.#held.length > FEW ? Buffer.concat(this.#held.splice(0)) : this.#held.shift();
    if (chunk) this.#took(chunk);
    else if (this.#failure) throw this.#failure.error;
    return chunk;
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    while (this.#held.length > 0) {
      for (const chunk of this.#held.splice(0)) {
        this.#took(chunk);
        sink(chunk);
      }
    }
    this.#sink = sink;
    if (!this.#ended && !this.#failure) await this.#more();
    if (this.#failure) throw this.#failure.error;
  }

  trailers(): HeaderBlock {
    return this.#trailers;
  }

  /** Lets go of what is left: a little is read away, so that the connection can be used again. Who still reads fails. */
  async close(): Promise<void> {
    const { size } = this.#framing ?? {};
    const isLittle = size !== undefined && size - this.#received <= READ_AWAY;
    this.fail(new UsageError('this body has been closed', { protocol: 'http' }), isLittle);
  }

  /** The first failure wins; what has not been read is lost with it. */
  fail(error: unknown, goesOn = false): void {
    if (this.#ended || this.#failure) return;
    this.#held.length = this.#size = 0;
    this.#fail(error, goesOn);
  }

  #fail(error: unknown, goesOn = false): void {
    if (this.#ended || this.#failure) return;
    this.#failure = { error };
    this.#release();
    this.#refused(error);
    if (goesOn) this.#flow();
    else this.#abort?.();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }

  #begin(status: number, headers: HeaderBlock, reason: string): void {
    const request = this.#request;
    const version = this.#version();
    const framing = framingOf(request.method, status, headers);
    // HTTP/2 says itself where a body ends
    this.#framing = version === '2' ? { ...framing, delimited: true } : framing;
    const trailers = (): HeaderBlock => this.trailers();
    const close = (): Promise<void> => this.close();
    this.#answered({ request, status, reason, version, headers, body: this, trailers, close });
  }

  #told(status: number, headers: HeaderBlock): void {
    if (status === 101)
      throw new ProtocolError('the server switched to a protocol that nobody asked for', { protocol: 'http' });
    if (++this.#interim > MAX_INTERIM) throw limitError('interim answers (1xx)', MAX_INTERIM, { protocol: 'http' });
    this.#request.onInformation?.(status, headers);
  }

  #end(): void {
    if (this.#failure) return;
    this.#ended = true;
    this.#release();
    this.#wake();
  }

  #more(): Promise<void> {
    if (this.#waiting) throw new UsageError('two readers of one body', { protocol: 'http' });
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#flow();
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve();
  }

  #took(chunk: Buffer): void {
    this.#size -= chunk.length;
    if (this.#size === 0) this.#flow();
  }

  #flow(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#resume?.();
  }

  #release(): void {
    if (this.#onAbort) this.#request.signal?.removeEventListener('abort', this.#onAbort);
  }
}

const NO_FIELDS = HeaderBlock.received([]);

/** Names and values, one after the other. Values are UTF-8 where they can be, else an older character set. */
function fieldsOf(raw: readonly (Buffer | string)[]): HeaderBlock {
  if (raw.length > 2 * MAX_FIELDS) throw limitError('header fields', MAX_FIELDS, { protocol: 'http' });
  const fields: Field[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) fields.push([textOf(raw[i]), textOf(raw[i + 1])]);
  return HeaderBlock.received(fields);
}

function textOf(octets: Buffer | string | undefined = ''): string {
  if (typeof octets === 'string') return octets;
  const text = octets.toString();
  // what was no UTF-8 has left its mark
  return text.includes('\ufffd') ? utf8OrOlder(octets) : text;
}
