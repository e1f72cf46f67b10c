import type { Readable } from 'node:stream';
import { ConnectionError, limitError, UsageError } from '../../core/errors.ts';
import { decodeText } from '../../core/url.ts';
import { HeaderBlock } from '../../wire/headers.ts';
import { parseRequestTarget } from '../codec.ts';
import type { HttpSeen } from '../fixture.ts';
import type { Form } from '../form.ts';
import type { FormOptions } from '../form-options.ts';
import type { HttpSession } from './session.ts';

/** So much of each body is kept. */
const KEPT = 1024 * 1024;
/** The most octets of a body that is gathered. */
const GATHERED = 64 * 1024 * 1024;

/** How the body of a request comes. */
export interface Arrival {
  readonly source: Readable;
  /** What came behind it, names and values in turn. */
  readonly trailers: () => readonly string[];
  /** Told before the body is read: who waits for a 100 gets it. */
  readonly wanted?: (() => void) | undefined;
}

/** A request that has come. Many are remembered, so that what is only for its arrival goes with it. */
export class Seen implements HttpSeen {
  readonly session: number;
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly version: string;
  readonly secure: boolean;
  readonly peer: { readonly address: string; readonly port: number };
  params: ReadonlyMap<string, string> = NO_PARAMS;
  /** Resolves when all of the body has come, or no more of it will. */
  readonly over: Promise<void>;
  readonly #session: HttpSession;
  #arrival: Arrival | undefined;
  readonly #raw: readonly string[];
  readonly #search: string;
  #headers: HeaderBlock | undefined;
  #query: URLSearchParams | undefined;
  #kept: Buffer[] = NO_CHUNKS;
  #size = 0;
  #complete: boolean;
  #trailers: HeaderBlock = NO_FIELDS;
  #begun = false;
  #isOver: () => void = NOTHING;

  /**
   * `fields` are names and values in turn; without an arrival there is no body. Throws ProtocolError for a target that is
   * none, UsageError for one that is not UTF-8.
   */
  constructor(
    session: HttpSession,
    line: { readonly method: string; readonly target: string; readonly version: string },
    fields: readonly string[],
    arrival: Arrival | undefined,
  ) {
    const { path, query } = parseRequestTarget(line.target);
    this.#session = session;
    this.session = session.id;
    this.method = line.method;
    this.target = line.target;
    this.version = line.version;
    this.path = path.includes('%') ? decodeText(path) : path;
    this.#search = query ?? '';
    this.#raw = fields;
    this.secure = session.secure;
    this.peer = session.peer;
    this.#arrival = arrival;
    this.#complete = arrival === undefined;
    this.over = this.#complete
      ? DONE
      : new Promise((resolve) => {
          this.#isOver = resolve;
        });
  }

  get signal(): AbortSignal {
    return this.#session.signal;
  }

  get headers(): HeaderBlock {
    this.#headers ??= fieldsOf(this.#raw);
    return this.#headers;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#search);
    return this.#query;
  }

  get body(): Buffer {
    return Buffer.concat(this.#kept);
  }

  get size(): number {
    return this.#size;
  }

  get complete(): boolean {
    return this.#complete;
  }

  get trailers(): HeaderBlock {
    return this.#trailers;
  }

  /** Whether somebody reads the body. */
  get begun(): boolean {
    return this.#begun;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    if (this.#begun) throw new UsageError('a body is read once: this one has been read', { protocol: 'http' });
    this.#begun = true;
    this.#arrival?.wanted?.();
    yield* this.#rest();
  }

  async bytes(max: number = GATHERED): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of this) {
      if (this.#size > max) throw limitError('a request', max, { protocol: 'http', phase: 'body' });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async text(max?: number): Promise<string> {
    return (await this.bytes(max)).toString('utf8');
  }

  async json(max?: number): Promise<unknown> {
    return JSON.parse(await this.text(max));
  }

  async form(options: FormOptions = {}): Promise<Form> {
    const { parseForm } = await import('../parse-form.ts');
    const form = await parseForm(this, this.headers.get('content-type'), { signal: this.signal, ...options });
    // whoever forgets to close it leaves nothing on the disk
    void this.#session.connection.gone.then(() => form.close()).catch(() => {});
    return form;
  }

  /** Reads what nobody has read. Never throws: what has broken off is not complete. */
  async drain(): Promise<void> {
    try {
      for await (const _ of this.#begun ? this.#rest() : this);
    } catch {
      // the client has gone, or somebody else reads: then it is not ours to say
    }
  }

  async *#rest(): AsyncGenerator<Buffer> {
    const arrival = this.#arrival;
    if (!arrival) return;
    try {
      for await (const chunk of arrival.source.iterator({ destroyOnReturn: false })) {
        this.#keep(chunk);
        yield chunk;
      }
      this.#complete = true;
      this.#trailers = fieldsOf(arrival.trailers());
    } catch (cause) {
      const message = `the request broke off after ${this.#size} octets of its body`;
      throw new ConnectionError(message, { protocol: 'http', phase: 'body', reason: 'truncated', cause });
    } finally {
      if (this.#complete || arrival.source.destroyed) {
        this.#arrival = undefined;
        this.#isOver();
      }
    }
  }

  #keep(chunk: Buffer): void {
    const room = KEPT - this.#size;
    this.#size += chunk.length;
    if (room <= 0) return;
    if (this.#kept === NO_CHUNKS) this.#kept = [];
    this.#kept.push(chunk.subarray(0, room));
  }
}

/** Fields from names and values in turn. */
export function fieldsOf(raw: readonly string[]): HeaderBlock {
  const fields: (readonly [string, string])[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) fields.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return HeaderBlock.received(fields);
}

const NO_PARAMS: ReadonlyMap<string, string> = new Map();
const NO_FIELDS = new HeaderBlock();
const NO_CHUNKS: Buffer[] = [];
const DONE = Promise.resolve();
const NOTHING = (): void => {};
