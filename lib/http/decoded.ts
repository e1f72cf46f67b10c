import type { Transform } from 'node:stream';
import { ConnectionError, limitError, ProtocolError, UsageError } from '../core/errors.ts';
import type { Flow } from '../core/resource.ts';

/** One way to decode, chosen by the first octet. */
export interface Coding {
  stream(first: number): Transform;
  /** All at once. Throws for what is not whole, and for what becomes more than `max` octets. */
  whole(octets: Buffer, max: number): Buffer;
}

/** Up to here a body may be what it wants: 8 MiB. */
const MODEST = 8 * 1024 * 1024;
/** What may stand behind the end of what is coded: some servers fill up. */
const BEHIND = 64 * 1024;

/** So much may come before something comes out of it, in octets, and so many times as much as comes out. */
const IDLE = 1024 * 1024;
const SHRINKING = 64;

/** So much is decoded all at once, and becomes no more than this: a decoder costs twenty times as much as that. */
const SMALL = 16 * 1024;
const SMALL_DECODED = 256 * 1024;

/** A body whose codings are undone as it is read; nothing is read ahead but what a decoder holds, and small bodies. */
export class Decoded implements Flow {
  readonly #source: Flow;
  readonly #chunks: AsyncGenerator<Buffer>;
  readonly #decoders: Transform[] = [];
  #ended = false;

  /** `codings`: the last that was applied comes first. `size` is that of the source, in octets, where it is known. */
  constructor(source: Flow, codings: readonly Coding[], maxRatio: number, size = Number.POSITIVE_INFINITY) {
    this.#source = source;
    this.#chunks = size <= SMALL ? this.#small(codings, maxRatio) : this.#stream(chunksOf(source), codings, maxRatio);
  }

  get complete(): boolean | 'unknown' {
    return this.#ended && this.#source.complete;
  }

  async pull(): Promise<Buffer | undefined> {
    const { done, value } = await this.#chunks.next();
    if (!done) return value;
    this.#ended = true;
    return undefined;
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    for (let chunk = await this.pull(); chunk; chunk = await this.pull()) sink(chunk);
  }

  /** The decoders are needed no more. */
  close(): void {
    for (const decoder of this.#decoders) decoder.destroy();
  }

  /** What cannot be done at once is done step by step, which also tells what is wrong with it. */
  async *#small(codings: readonly Coding[], maxRatio: number): AsyncGenerator<Buffer> {
    const chunks: Buffer[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      for await (const chunk of chunksOf(this.#source)) chunks.push(chunk);
    } catch (error) {
      failure = { error };
    }
    const octets = Buffer.concat(chunks);
    const decoded = failure || octets.length === 0 ? undefined : wholeOf(octets, codings);
    if (!decoded) yield* this.#stream(replayed(octets, failure), codings, maxRatio);
    else if (decoded.length > 0) yield decoded;
  }

  #stream(source: AsyncGenerator<Buffer>, codings: readonly Coding[], maxRatio: number): AsyncGenerator<Buffer> {
    let received = 0;
    const counted = counting(source, (octets) => {
      received += octets;
    });
    // what is large in between is as bad as what is large in the end
    const bound = (chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> => bounded(chunks, () => received, maxRatio);
    return codings.reduce((from, coding) => bound(this.#decode(from, coding)), counted);
  }

  async *#decode(from: AsyncGenerator<Buffer>, coding: Coding): AsyncGenerator<Buffer> {
    const { done, value: first } = await from.next();
    // what is empty has no coding
    if (done) return;
    const decoder = coding.stream(first[0] ?? 0);
    // what fails is thrown to who reads; where the decoder is at its end already, it would be nobody's, and end the process
    decoder.on('error', () => {});
    this.#decoders.push(decoder);
    let [taken, made] = [first.length, 0];
    const counted = counting(from, (octets) => {
      taken += octets;
      if (taken > IDLE && taken > made * SHRINKING) throw limitError('a coded body that becomes nothing', IDLE, ABOUT);
    });
    const fed = feed(decoder, first, counted);
    // it is told below, where it can be caught
    fed.catch((error) => decoder.destroy(error));
    try {
      for await (const chunk of decoder) {
        made += chunk.length;
        yield chunk;
      }
      await fed;
    } catch (error) {
      throw translate(error);
    } finally {
      decoder.destroy();
    }
  }
}

/** Undefined for what cannot be decoded all at once. */
function wholeOf(octets: Buffer, codings: readonly Coding[]): Buffer | undefined {
  try {
    return codings.reduce((coded, coding) => coding.whole(coded, SMALL_DECODED), octets);
  } catch {
    return undefined;
  }
}

async function* chunksOf(source: Flow): AsyncGenerator<Buffer> {
  for (let chunk = await source.pull(); chunk; chunk = await source.pull()) if (chunk.length > 0) yield chunk;
}

async function* replayed(octets: Buffer, failure: { readonly error: unknown } | undefined): AsyncGenerator<Buffer> {
  if (octets.length > 0) yield octets;
  if (failure) throw failure.error;
}

async function* counting(source: AsyncGenerator<Buffer>, count: (octets: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    count(chunk.length);
    yield chunk;
  }
}

/** Gives a decoder what comes, as it takes it. What stands behind the end is read away. */
async function feed(decoder: Transform, first: Buffer, from: AsyncGenerator<Buffer>): Promise<void> {
  let over = false;
  let proceed = (): void => {};
  const stop = (): void => {
    over = true;
    proceed();
  };
  decoder.once('end', stop).once('close', stop);
  let behind = 0;
  for (let chunk: Buffer | undefined = first; chunk; chunk = (await from.next()).value) {
    if (over) behind += chunk.length;
    else if (!decoder.write(chunk)) {
      await new Promise<void>((resolve) => {
        proceed = resolve;
        decoder.once('drain', resolve);
        if (over) resolve();
      });
    }
    if (behind > BEHIND) throw limitError('what follows a coded body, in octets', BEHIND, ABOUT);
  }
  decoder.end();
}

async function* bounded(
  chunks: AsyncGenerator<Buffer>,
  received: () => number,
  maxRatio: number,
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MODEST && size > received() * maxRatio)
      throw limitError('how many octets one of a coded body becomes', maxRatio, ABOUT);
    yield chunk;
  }
}

const ABOUT = { protocol: 'http', phase: 'body' } as const;

/** The failures of a decoder, in ours. */
function translate(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') {
    const message = 'the coded body ends in the middle';
    return new ConnectionError(message, { ...ABOUT, reason: 'truncated', cause: error });
  }
  if (code === 'ERR_STREAM_PREMATURE_CLOSE') return new UsageError('this body has been closed', { protocol: 'http' });
  if (!/^(?:Z_|ERR__|ERR_BROTLI|ZSTD)/.test(code)) return error;
  return new ProtocolError('the body is not coded as its header says', { ...ABOUT, reason: 'decode', cause: error });
}
