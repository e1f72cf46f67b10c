import { limitError } from '../core/errors.ts';

/** What a server sent as one event (HTML, 9.2 Server-sent events). */
export interface ServerEvent {
  /** `message` where the server names none. */
  readonly type: string;
  readonly data: string;
  /** The last that was given, by this event or one before it; empty for none. */
  readonly id: string;
}

/** Events out of chunks, however they are cut. What the stream ends in the middle of is no event. */
export class EventParser {
  /** The identifier to go on behind. */
  lastId: string;
  /** How long to wait before the next connection, in milliseconds, where the server has said so. */
  retry: number | undefined;
  readonly #max: number;
  readonly #decoder = new TextDecoder('utf-8');
  #line = '';
  #isBehindCr = false;
  #type = '';
  #id: string;
  #data: string[] = [];
  #size = 0;

  /** `max` is for an event, and for a line, in characters. */
  constructor(lastId: string, max: number) {
    this.lastId = this.#id = lastId;
    this.#max = max;
  }

  /** The events that are whole. Throws ProtocolError (`limit`) for one that is too large. */
  *push(chunk: Uint8Array): Generator<ServerEvent> {
    const text = this.#decoder.decode(chunk, { stream: true });
    // the LF of a CRLF that was cut in two
    let start = this.#isBehindCr && text.startsWith('\n') ? 1 : 0;
    if (text !== '') this.#isBehindCr = text.endsWith('\r');
    const ends = /\r\n|[\r\n]/g;
    ends.lastIndex = start;
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      const line = this.#line + text.slice(start, end.index);
      this.#line = '';
      start = ends.lastIndex;
      this.#bound(line.length);
      if (line !== '') this.#take(line);
      else {
        const event = this.#dispatch();
        if (event) yield event;
      }
    }
    this.#line += text.slice(start);
    this.#bound(this.#line.length);
  }

  #take(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') {
      this.#data.push(value);
      this.#size += value.length + 1;
      this.#bound(this.#size);
    } else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^\d{1,15}$/.test(value)) this.retry = Number(value);
  }

  #dispatch(): ServerEvent | undefined {
    const [type, data] = [this.#type || 'message', this.#data];
    this.lastId = this.#id;
    this.#type = '';
    this.#data = [];
    this.#size = 0;
    return data.length === 0 ? undefined : { type, data: data.join('\n'), id: this.lastId };
  }

  #bound(size: number): void {
    if (size > this.#max) throw limitError('an event, in characters', this.#max, { protocol: 'http', phase: 'body' });
  }
}
