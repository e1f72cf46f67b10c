/**
 * Three-digit replies: SMTP (RFC 5321 4.2), FTP (RFC 959 4.2), NNTP (RFC 3977 3.2).
 *
 *     250-first line        a hyphen: more to come
 *     250 last line         a space, or nothing at all: the end
 *
 * What may stand between the two is where the protocols differ: see `Inner`.
 */
import { excerpt, limitError, ProtocolError, type Reply, UsageError } from '../core/errors.ts';

/** One line of a reply. */
export interface ReplyLine {
  readonly code: string;
  /** Whether the reply goes on. */
  readonly more: boolean;
  readonly text: string;
}

/** A whole reply; `ok` is a first digit of 1 to 3, `text` its lines joined by `\n`. */
export interface ThreeDigitReply extends Reply {
  readonly lines: readonly string[];
  /** The enhanced status code (RFC 3463), where the first line starts with one that fits: `5.1.1`. */
  readonly enhanced?: string;
}

/**
 * The lines of a reply between its first and its last.
 * `coded`: each has the code and a hyphen (SMTP). `free`: anything else than the last line (FTP). `none`: none (NNTP).
 */
export type Inner = 'coded' | 'free' | 'none';

export interface ReplyLimits {
  /** Characters of a line, without its end. Default 8,192. */
  readonly line?: number | undefined;
  /** Characters of a reply, line ends counted as two. Default 65,536. */
  readonly size?: number | undefined;
  /** Lines of a reply. Default 500. */
  readonly lines?: number | undefined;
}

/** Reads a line of a reply, without its line end. Throws ProtocolError for what is none. */
export function parseReplyLine(line: string): ReplyLine {
  const parsed = matchLine(line);
  if (parsed) return parsed;
  throw new ProtocolError(`a reply starts with three digits, 100 to 599, and a space or hyphen, not ${excerpt(line)}`);
}

/** Collects replies line by line. After an error it knows nothing more: close the connection. */
export class ReplyParser {
  readonly #inner: Inner;
  readonly #max: { readonly line: number; readonly size: number; readonly lines: number };
  #code = '';
  #lines: string[] = [];
  #size = 0;

  constructor(inner: Inner, limits: ReplyLimits = {}) {
    this.#inner = inner;
    this.#max = { line: limits.line ?? 8_192, size: limits.size ?? 65_536, lines: limits.lines ?? 500 };
  }

  /** Whether a reply has begun and not ended: a connection that ends now was cut. */
  get pending(): boolean {
    return this.#lines.length > 0;
  }

  /** Takes a line without its line end; gives the reply that it ends. Throws ProtocolError: `grammar`, or `limit`. */
  push(line: string): ThreeDigitReply | undefined {
    this.#count(line);
    const { more, text } = this.pending ? this.#next(line) : this.#first(line);
    this.#lines.push(text);
    if (more) return undefined;
    const reply = makeReply(this.#code, this.#lines);
    [this.#code, this.#lines, this.#size] = ['', [], 0];
    return reply;
  }

  #first(line: string): ReplyLine {
    const parsed = parseReplyLine(line);
    if (parsed.more && this.#inner === 'none')
      throw new ProtocolError(`a reply here is one line, but a hyphen says that more follow: ${excerpt(line)}`);
    this.#code = parsed.code;
    return parsed;
  }

  #next(line: string): ReplyLine {
    const parsed = matchLine(line);
    if (parsed?.code === this.#code) return parsed;
    if (this.#inner === 'free') return { code: this.#code, more: true, text: line };
    throw new ProtocolError(`a reply that began with ${this.#code} goes on with ${this.#code}, not ${excerpt(line)}`);
  }

  #count(line: string): void {
    this.#size += line.length + 2;
    if (line.length > this.#max.line) throw limitError('a reply line', this.#max.line);
    if (this.#size > this.#max.size) throw limitError('a reply', this.#max.size);
    if (this.#lines.length >= this.#max.lines) throw limitError('the lines of a reply', this.#max.lines);
  }
}

/**
 * The bytes of a reply, UTF-8; each line of the text is a line of the reply, with the code before it, as all of the
 * three protocols understand it. Throws UsageError for a code that is none, and CR or NUL in the text.
 */
export function formatReply(code: string | number, text: string): Buffer {
  if (!/^[1-5]\d\d$/.test(`${code}`)) throw new UsageError(`a reply code is 100 to 599, not ${excerpt(`${code}`)}`);
  if (/[\r\0]/.test(text)) throw new UsageError(`the text of a reply has no CR and no NUL: ${excerpt(text)}`);
  const lines = text.split('\n');
  return Buffer.from(lines.map((line, at) => `${code}${at < lines.length - 1 ? '-' : ' '}${line}\r\n`).join(''));
}

function matchLine(line: string): ReplyLine | undefined {
  if (!/^[1-5]\d\d(?:[ -]|$)/.test(line)) return undefined;
  return { code: line.slice(0, 3), more: line[3] === '-', text: line.slice(4) };
}

function makeReply(code: string, lines: readonly string[]): ThreeDigitReply {
  const [, enhanced] = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/.exec(lines[0] ?? '') ?? [];
  return {
    ok: code < '400',
    code,
    text: lines.join('\n'),
    lines,
    // RFC 2034 4: it must agree with the first digit of the code
    ...(enhanced?.[0] === code[0] && enhanced && { enhanced }),
  };
}
