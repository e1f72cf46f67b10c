/**
 * What servers say is printed, and a terminal obeys what is printed. So control characters are shown, not sent: C0 (but
 * TAB and LF), DEL, C1, and the characters that turn the direction of writing.
 */
import type { Io, Output } from './io.ts';

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Text with its control characters as `\x1b` or `\u{202e}`. Lines stay lines. */
export function harmless(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(CONTROLS, visible);
}

/** The same for what is to stay on one line: a name, a message. */
export function harmlessLine(text: string): string {
  return text.replace(CONTROLS, visible).replace(/[\t\n]/g, visible);
}

function visible(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u{${code}}` : `\\x${code.padStart(2, '0')}`;
}

/** Makes a body harmless chunk by chunk, as UTF-8. */
export class HarmlessText {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #held = '';

  push(chunk: Uint8Array | string): string {
    const more = typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true });
    const text = this.#held + more;
    // the LF after a CR may be in the next chunk
    this.#held = text.endsWith('\r') ? '\r' : '';
    return harmless(this.#held ? text.slice(0, -1) : text);
  }

  end(): string {
    return harmless(this.#held + this.#decoder.decode());
  }
}

export type ColorChoice = 'auto' | 'always' | 'never';
export type Paint = (style: 'bold' | 'dim' | 'red', text: string) => string;

const STYLES = { bold: 1, dim: 2, red: 31 } as const;

/** Colours for a stream, if it is to have any: NO_COLOR, FORCE_COLOR and TERM=dumb are obeyed. */
export function painter(io: Pick<Io, 'env'>, stream: Output, choice: ColorChoice = 'auto'): Paint {
  const { NO_COLOR, FORCE_COLOR, TERM } = io.env;
  const forced = FORCE_COLOR ? FORCE_COLOR !== '0' : undefined;
  const sensible = !NO_COLOR && (forced ?? (stream.isTTY === true && TERM !== 'dumb'));
  const wanted = choice === 'auto' ? sensible : choice === 'always';
  return (style, text) => (wanted ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text);
}
