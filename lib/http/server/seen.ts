import type { Readable } from 'node:stream';
import { ConnectionError, limitError, UsageError } from '../../core/errors.ts';
import { decodeText } from '../../core/url.ts';
import { HeaderBlock } from '../../wire/headers.ts';
import { parseRequestTarget } from '../codec.ts';
import type { HttpSeen } from '../fixture.ts';
import type { HttpSession } from './session.ts';

/** So much of each body is kept. */
const KEPT = 1024 * 1024;
/** The most octets of a body that is gathered. */
const GATHERED = 64 * 1024 * 1024;

export interface SeenParts {
  readonly session: HttpSession;
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly headers: HeaderBlock;
  /** The body; undefined where there is none. */
  readonly source: Readable | undefined;
  readonly trailers: () => HeaderBlock;
  /** Told before the body is read: who waits for a 100 gets it. */
  readonly wanted?: (() => void) | undefined;
}

/** A request that has come. */
export class Seen implements HttpSeen {
  readonly session: number;
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly version: string;
  readonly headers: HeaderBlock;
  readonly secure: boolean;
  readonly peer: { readonly address: string; readonly port: number };
  params: ReadonlyMap<string, string> = NO_PARAMS;
  /** Resolves when all of the body has come, or no more of it will. */
  readonly over: Promise<void>;
  readonly #parts: SeenParts;
  readonly #search: string;
  #query: URLSearchParams | undefined;
  readonly #kept: Buffer[] = [];
  #keeps = 0;
  #size = 0;
  #complete: boolean;
  #begun = false;
  #isOver: () => void = () => {};

  /** Throws ProtocolError for a target that is none, UsageError for one that is not UTF-8. */
  constructor(parts: SeenParts) {
    const { session, method, target, version, headers, source } = parts;
    const { path, query } = parseRequestTarget(target);
    this.#parts = parts;
    this.session = session.id;
    this.method = method;
    this.target = target;
    this.path = path.includes('%') ? decodeText(path) : path;
    this.#search = query ?? '';
    this.version = version;
    this.headers = headers;
    this.secure = session.secure;
    this.peer = session.peer;
    this.#complete = source === undefined;
    this.over = this.#complete
      ? DONE
      : new Promise((resolve) => {
          this.#isOver = resolve;
        });
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
    return this.#complete ? this.#parts.trailers() : NO_FIELDS;
  }

  /** Whether somebody reads the body. */
  get begun(): boolean {
    return this.#begun;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const { source, wanted } = this.#parts;
    if (this.#begun) throw new UsageError('a body is read once: this one has been read', { protocol: 'http' });
    this.#begun = true;
    if (!source) return;
    wanted?.();
    try {
      for await (const chunk of source.iterator({ destroyOnReturn: false })) {
        this.#keep(chunk);
        yield chunk;
      }
      this.#complete = true;
    } catch (cause) {
      const message = `the request broke off after ${this.#size} octets of its body`;
      throw new ConnectionError(message, { protocol: 'http', phase: 'body', reason: 'truncated', cause });
    } finally {
      if (this.#complete || source.destroyed) this.#isOver();
    }
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

  /** Reads what nobody has read. Never throws: what has broken off is not complete. */
  async drain(): Promise<void> {
    const { source } = this.#parts;
    if (this.#complete || !source) return;
    try {
      if (!this.#begun) for await (const _ of this);
      else for await (const chunk of source.iterator({ destroyOnReturn: false })) this.#keep(chunk);
      this.#complete = true;
    } catch {
      // the client has gone, or somebody else reads: then it is not ours to say
    }
    this.#isOver();
  }

  #keep(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#keeps >= KEPT) return;
    const kept = chunk.subarray(0, KEPT - this.#keeps);
    this.#keeps += kept.length;
    this.#kept.push(kept);
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
const DONE = Promise.resolve();
