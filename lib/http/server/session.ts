import { ConnectionError } from '../../core/errors.ts';
import { resetWhenRead, silence } from '../../mock/delivery.ts';
import { type Said, Session } from '../../mock/server.ts';
import { shownField, shownLine, shownTarget } from '../codec.ts';

const BLANK = Buffer.from('\r\n\r\n');
/** So many requests of HTTP/1 may wait behind another; who sends more of them is read no further until it has answers. */
const PIPELINED = 32;

/** One connection of an HTTP server: what goes over it, one request after another where it is HTTP/1. */
export class HttpSession extends Session {
  /** What is being done for the requests that have come; undefined where there is nothing. */
  #work: Promise<void> | undefined;
  readonly #waiting: { readonly work: () => Promise<void>; readonly failed: (error: unknown) => void }[] = [];
  #hasRoom: (() => void) | undefined;
  #gone: AbortController | undefined;
  #put: Promise<void> | undefined;
  #expectsHead = false;
  /** Whether nothing can go wrong with what is said: then it takes the short way. */
  #calm = false;

  /** Does something once all before it has been done. Never rejects: what fails is for `failed`. */
  next(work: () => Promise<void>, failed: (error: unknown) => void): void {
    this.#waiting.push({ work, failed });
    if (!this.#work) this.#work = this.#run();
  }

  async #run(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (this.#waiting.length < PIPELINED) this.#hasRoom?.();
      try {
        await next.work();
      } catch (error) {
        next.failed(error);
      }
    }
    this.#work = undefined;
  }

  /** Waits until few enough requests wait for their answers that more may be read; undefined where they are few. */
  room(): Promise<void> | undefined {
    if (this.#waiting.length < PIPELINED) return undefined;
    return new Promise((resolve) => {
      this.#hasRoom = resolve;
    });
  }

  /** Is aborted, with a ConnectionError, when the connection has been closed or lost. */
  get signal(): AbortSignal {
    if (!this.#gone) {
      const gone = new AbortController();
      this.#gone = gone;
      void this.connection.gone.then(() => gone.abort(LEFT));
    }
    return this.#gone.signal;
  }

  /** Waits until nothing is being done. */
  async settled(): Promise<void> {
    await this.#work;
    await this.#put?.catch(() => {});
  }

  /** A request has come: tells the transcript. */
  heard(method: string, target: string, version: string, fields: readonly string[]): void {
    const lines = [`${method} ${shownTarget(target)} HTTP/${version}`];
    for (let i = 0; i + 1 < fields.length; i += 2) lines.push(shownField(fields[i] ?? '', fields[i + 1] ?? ''));
    this.told(lines, 'C');
  }

  /** The octets of HTTP/1 that follow begin with a head, which is to be told. */
  begin(): void {
    this.#expectsHead = true;
    this.#calm = this.faults.size === 0;
  }

  /** The start line and the fields of an answer, where they are not octets. */
  tellHead(start: string, fields: Iterable<readonly [name: string, value: string]>): void {
    const lines = [start];
    for (const [name, value] of fields) lines.push(shownField(name, value));
    this.told(lines);
  }

  /** Says octets as they are, and ends the connection, unless it is to fall silent. */
  async sendRaw(octets: Said, end: 'hangUp' | 'reset' | 'stall'): Promise<void> {
    this.#expectsHead = false;
    await this.reply(octets);
    await this.finish();
    if (end === 'reset') await resetWhenRead(this.connection);
    if (end === 'stall') await silence(this.connection);
  }

  /** Puts octets on the wire. */
  transmitted(octets: Buffer): Promise<void> {
    if (this.#expectsHead) this.#tellHeads(octets);
    this.#put = this.#calm ? this.transmit(octets) : this.put(octets);
    return this.#put;
  }

  /** The heads at the beginning of octets: there are several where information goes before an answer. */
  #tellHeads(octets: Buffer): void {
    let at = 0;
    while (this.#expectsHead && at < octets.length) {
      const end = octets.indexOf(BLANK, at);
      if (end < 0) return;
      const [start = '', ...lines] = octets.toString('latin1', at, end).split('\r\n');
      this.told([start, ...lines.map(shownLine)]);
      at = end + BLANK.length;
      this.#expectsHead = /^HTTP\/1\.1 1\d\d/.test(start);
    }
  }
}

const LEFT = new ConnectionError('nobody waits for this answer any more', {
  protocol: 'http',
  phase: 'body',
  reason: 'closed',
});
