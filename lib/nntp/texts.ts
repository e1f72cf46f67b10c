import { ConnectionError, limitError } from '../core/errors.ts';
import type { Flow } from '../core/resource.ts';
import type { Connection } from '../net/connection.ts';
import { LineBlocks, type LineLimits } from '../wire/lines.ts';

/** How much of what is not wanted any more is taken in, in octets, before the connection is given up instead. */
const DRAINED = 64 * 1024 * 1024;
/** How much of a list is kept that is not being read, in octets. */
const KEPT = 64 * 1024 * 1024;
const TOO_MUCH_LEFT =
  'what is left of a list when something else is asked: read the list to its end first, or ask for it in ranges';

/**
 * The lines of a list as they are read, many at a time. Who reads slowly slows the server down; but when somebody else
 * wants to ask something meanwhile, what is left of the list is taken in first (`hurry`). Where that is more than 64 MiB,
 * it is a ProtocolError (`limit`), and the end of the connection.
 */
export class Texts {
  readonly #body: Flow;
  readonly #connection: Connection;
  readonly #lines: LineBlocks;
  #texts: string[] = [];
  #kept = 0;
  #ended = false;
  #hurried = false;
  #failure: { readonly error: unknown } | undefined;
  #reading: Promise<void> | undefined;

  constructor(body: Flow, connection: Connection, limits: LineLimits = {}) {
    this.#body = body;
    this.#connection = connection;
    this.#lines = new LineBlocks(limits);
  }

  /** The next texts of whole lines; undefined at the end. */
  async next(): Promise<readonly string[] | undefined> {
    while (this.#texts.length === 0 && !this.#ended && !this.#failure) await this.#read();
    if (this.#texts.length > 0) return this.#take();
    if (this.#failure) throw this.#failure.error;
    return undefined;
  }

  /** Somebody waits behind this list. */
  hurry(): void {
    if (this.#hurried) return;
    this.#hurried = true;
    // what fails is told to whoever reads on
    void this.#rest();
  }

  /** What is left is not wanted. */
  async drain(): Promise<void> {
    this.#texts = [];
    await this.#reading;
    if (!this.#ended && !this.#failure) await drain(this.#body, this.#connection);
  }

  #take(): readonly string[] {
    const texts = this.#texts;
    this.#texts = [];
    this.#kept = 0;
    // while these are looked at, the next ones come
    if (!this.#ended && !this.#failure) void this.#read();
    return texts;
  }

  async #rest(): Promise<void> {
    while (!this.#ended && !this.#failure) await this.#read();
  }

  async #read(): Promise<void> {
    this.#reading ??= this.#pull().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #pull(): Promise<void> {
    try {
      const chunk = await this.#body.pull();
      if (chunk) this.#push(chunk);
      else {
        this.#ended = true;
        this.#lines.finish((text) => this.#texts.push(text));
      }
    } catch (error) {
      this.#failure = { error };
      this.#connection.destroy(error);
    }
  }

  #push(chunk: Buffer): void {
    this.#kept += chunk.length;
    if (this.#hurried && this.#kept > KEPT) throw limitError(TOO_MUCH_LEFT, KEPT, { protocol: 'nntp', phase: 'body' });
    this.#lines.push(chunk, (text) => this.#texts.push(text));
  }
}

/** Takes in what is left of a body, up to a limit; past that the connection is given up. Throws nothing. */
export async function drain(body: Flow, connection: Connection): Promise<void> {
  let size = 0;
  const pass = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > DRAINED) throw new ConnectionError('what was left of an answer was too much to pass over', PASSED_OVER);
  };
  await body.each(pass).catch((error: unknown) => connection.destroy(error));
}

const PASSED_OVER = { protocol: 'nntp', phase: 'body', temporary: false } as const;
