import { channel } from 'node:diagnostics_channel';
import type { Listener } from '../core/options.ts';

export interface TranscriptLine {
  /** `C`: the client said it. `S`: the server said it. `*`: a note, such as the size of a body. */
  readonly from: 'C' | 'S' | '*';
  readonly text: string;
}

/** How much of a dialogue is remembered. */
export interface TranscriptLimits {
  /** Lines. Default 100,000. */
  readonly lines?: number;
  /** Characters of all lines together. Default 16 Mi. */
  readonly characters?: number;
}

/**
 * Everything that was said, in order, without secrets. Printed, it reads as an example in an RFC. Of what is too much the
 * oldest goes first.
 */
export class Transcript implements Listener {
  readonly #lines: TranscriptLine[] = [];
  readonly #max: Required<TranscriptLimits>;
  #characters = 0;

  constructor({ lines = 100_000, characters = 16 * 1024 * 1024 }: TranscriptLimits = {}) {
    this.#max = { lines, characters };
  }

  get lines(): readonly TranscriptLine[] {
    return this.#lines;
  }

  add(from: 'C' | 'S' | '*', text: string): void {
    this.push({ from, text });
  }

  /** As `add`: a line that others have too. */
  push(line: TranscriptLine): void {
    this.#lines.push(line);
    this.#characters += line.text.length;
    const { lines, characters } = this.#max;
    // in large pieces, so that it costs little
    if (this.#lines.length > lines * 1.1 || this.#characters > characters * 1.1) this.#forget();
  }

  toString(): string {
    return this.#lines.map(({ from, text }) => `${from}: ${text}`).join('\n');
  }

  #forget(): void {
    let count = 0;
    const { lines, characters } = this.#max;
    while (this.#lines.length - count > lines || (this.#characters > characters && count < this.#lines.length - 1)) {
      this.#characters -= this.#lines[count]?.text.length ?? 0;
      count++;
    }
    this.#lines.splice(0, count);
  }
}

/** Every line of every dialogue: `{ from, text, host, port }`. */
const lines = channel('netkit:transcript');
/** What becomes of connections: `{ event: 'opened' | 'secured' | 'closed' | 'failed', host, port, error? }`. */
const connections = channel('netkit:connection');

export type ConnectionEvent = 'opened' | 'secured' | 'closed' | 'failed';

/** Whether anybody listens to the dialogue; nothing is put together for nobody. */
export function isHeard(listener: Listener | undefined): boolean {
  return listener !== undefined || lines.hasSubscribers;
}

export function tell(
  listener: Listener | undefined,
  from: 'C' | 'S' | '*',
  text: string,
  peer: { readonly host: string; readonly port: number },
): void {
  listener?.add(from, text);
  if (lines.hasSubscribers) lines.publish({ from, text, ...peer });
}

export function announce(
  event: ConnectionEvent,
  peer: { readonly host: string; readonly port: number },
  error?: unknown,
): void {
  if (connections.hasSubscribers) connections.publish({ event, ...peer, ...(error !== undefined && { error }) });
}
