/**
 * The bytes that have come and have not been taken. They lie behind one another in one piece of memory, so a line or a
 * block is never put together from chunks; and since nothing that is kept points into it, the same memory serves for the
 * whole life of a connection.
 *
 * Everything that is taken is BORROWED: a view that is valid until the next bytes come. Decode it or copy it at once.
 */
import { limitError } from '../core/errors.ts';

/** Small enough to come out of the memory that Node keeps for small buffers: many connections never need more. */
const FIRST = 2 * 1024;
const FULL = 256 * 1024;
const LF = 10;
const CR = 13;

export class ReceiveBuffer {
  #memory: Buffer = NOTHING;
  /** The memory up to the last byte that has come: searches end there. */
  #view: Buffer = NOTHING;
  #start = 0;
  #end = 0;
  /** How far behind `#start` a line end has already been looked for, so that a slow peer cannot make it quadratic. */
  #searched = 0;
  /** Whether the last bytes took all the room there was. */
  #filledUp = false;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Room for the next bytes, behind those that are there; say with `filled` how much of it was used. */
  space(): Buffer {
    const { length } = this;
    const capacity = this.#memory.length;
    if (length === 0 && this.#end > 0) {
      this.#start = this.#end = 0;
      this.#view = NOTHING;
    }
    const room = capacity - this.#end;
    // what filled all its room will have more to say: it gets larger memory, up to a size where more is no faster
    const tooSmall = this.#filledUp && capacity < FULL;
    if (tooSmall || room === 0 || room < capacity / 4) {
      if (!tooSmall && length <= capacity / 2 && capacity > 0) this.#memory.copyWithin(0, this.#start, this.#end);
      else this.#move(capacity === 0 ? FIRST : Math.max(Math.min(capacity * 8, FULL), length * 2));
      this.#start = 0;
      this.#end = length;
      this.#view = this.#memory.subarray(0, length);
    }
    return this.#memory.subarray(this.#end);
  }

  filled(count: number): void {
    this.#filledUp = count === this.#memory.length - this.#end;
    this.#end += count;
    this.#view = this.#memory.subarray(0, this.#end);
  }

  /** Adds a chunk. When nothing is waiting its memory is taken over instead of copied: the caller lets go of it. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) {
      this.#memory = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#view = this.#memory;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (this.#memory.length - this.#end < chunk.length) {
      const { length } = this;
      this.#move(Math.max(FIRST, (length + chunk.length) * 2));
      this.#start = 0;
      this.#end = length;
    }
    this.#memory.set(chunk, this.#end);
    this.#end += chunk.length;
    this.#view = this.#memory.subarray(0, this.#end);
  }

  /** A line without its line end (LF, or CR LF), or undefined when it is not all there. Throws ProtocolError past `max` bytes. */
  takeLine(max: number): Buffer | undefined {
    const start = this.#start;
    const stop = this.#takeLine(max);
    return stop < 0 ? undefined : this.#memory.subarray(start, stop);
  }

  /** The same as text in UTF-8, the caller's to keep. */
  takeText(max: number): string | undefined {
    const start = this.#start;
    const stop = this.#takeLine(max);
    return stop < 0 ? undefined : this.#memory.toString('utf8', start, stop);
  }

  /** Takes a line; where its text stops, or -1. */
  #takeLine(max: number): number {
    const start = this.#start;
    const at = this.#view.indexOf(LF, start + this.#searched);
    if (at < 0 || at - start > max) {
      if ((at < 0 ? this.#end : at) - start > max) throw limitError('a line', max);
      this.#searched = this.length;
      return -1;
    }
    this.#advance(at + 1);
    return at > start && this.#memory[at - 1] === CR ? at - 1 : at;
  }

  /** All whole lines that are there, with their line ends, at most about `max` bytes of them; undefined when there is none. */
  takeLines(max: number): Buffer | undefined {
    const window = this.#memory.subarray(this.#start, Math.min(this.#end, this.#start + max));
    let at = window.lastIndexOf(LF);
    if (at < 0 && window.length === max) at = this.peek().indexOf(LF);
    if (at < 0) return undefined;
    const lines = this.#memory.subarray(this.#start, this.#start + at + 1);
    this.#advance(this.#start + at + 1);
    return lines;
  }

  /** Exactly `count` bytes, or undefined when they are not all there. */
  takeExactly(count: number): Buffer | undefined {
    return this.length < count ? undefined : this.takeUpTo(count);
  }

  /** What is there, at most `count` bytes of it. */
  takeUpTo(count: number): Buffer {
    const stop = Math.min(this.#end, this.#start + count);
    const bytes = this.#memory.subarray(this.#start, stop);
    this.#advance(stop);
    return bytes;
  }

  takeAll(): Buffer {
    return this.takeUpTo(this.length);
  }

  /** What is there, without taking it. */
  peek(): Buffer {
    return this.#view.subarray(this.#start);
  }

  /** Memory up to the last byte that has come: what is there begins at `start`. */
  get view(): Buffer {
    return this.#view;
  }

  get start(): number {
    return this.#start;
  }

  /** The next byte, without taking it. */
  get first(): number | undefined {
    return this.#start < this.#end ? this.#memory[this.#start] : undefined;
  }

  /** Takes `count` bytes, which must be there, and lets go of them. */
  drop(count: number): void {
    this.#advance(this.#start + count);
  }

  #advance(to: number): void {
    this.#start = to;
    this.#searched = 0;
  }

  #move(capacity: number): void {
    const memory = capacity > FIRST ? Buffer.allocUnsafeSlow(capacity) : Buffer.allocUnsafe(capacity);
    this.#memory.copy(memory, 0, this.#start, this.#end);
    this.#memory = memory;
  }
}

const NOTHING = Buffer.alloc(0);
