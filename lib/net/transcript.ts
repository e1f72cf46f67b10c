import { channel } from 'node:diagnostics_channel';
import type { Listener } from '../core/options.ts';

export interface TranscriptLine {
  /** `C`: the client said it. `S`: the server said it. `*`: a note, such as the size of a body. */
  readonly from: 'C' | 'S' | '*';
  readonly text: string;
}

/** Everything that was said, in order, without secrets. Printed, it reads as an example in an RFC. */
export class Transcript implements Listener {
  readonly #lines: TranscriptLine[] = [];
  readonly #max: number;

  /** `max`: how many lines to keep; the oldest go first. Default 100,000. */
  constructor(max = 100_000) {
    this.#max = max;
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
    // in large pieces, so that it costs little
    if (this.#lines.length > this.#max * 1.1) this.#lines.splice(0, this.#lines.length - this.#max);
  }

  toString(): string {
    return this.#lines.map(({ from, text }) => `${from}: ${text}`).join('\n');
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
