import { excerpt, UsageError } from '../core/errors.ts';
import { type Field, HeaderBlock } from '../wire/headers.ts';
import { formatMailbox, parseFrom, parseMailboxes } from './address.ts';
import { formatDate, parseDate } from './date.ts';
import { LONGEST_LINE } from './head.ts';
import { isMessageId, makeMessageId } from './id.ts';
import { quotedPrintable } from './quoted.ts';
import { encodeWords } from './words.ts';

export interface Composition {
  /** In their order. A From is needed; Date and Message-ID are added where they are missing. */
  readonly headers: Iterable<Field> | Readonly<Record<string, string>>;
  /** Text, with line ends of any kind. */
  readonly body: string;
  /** Default now. */
  readonly date?: Date | undefined;
  readonly messageId?: string | undefined;
  /** The host in a Message-ID that is made. Default this machine's name. */
  readonly host?: string | undefined;
}

export interface Composed {
  /** To look for it, when it is not known whether it arrived. */
  readonly messageId: string;
  /** With CRLF, not dot-stuffed. */
  readonly bytes: Buffer;
}

/** RFC 2047 2: no line with an encoded word is longer; RFC 5322 2.1.1 would have it 78. */
const WIDTH = 76;

/** How values that are not ASCII are written; all others are text (RFC 5322 3.6, RFC 5536 3). */
const ADDRESSES = named('From Sender Reply-To To Cc Bcc Resent-From Resent-Sender Resent-To Resent-Cc Approved');
const ASCII = named(
  'Date Message-ID References In-Reply-To Newsgroups Followup-To Distribution Path Control Supersedes Expires Lines ' +
    'Xref Archive Injection-Date Injection-Info MIME-Version Content-Type Content-Transfer-Encoding Content-ID',
);
/** RFC 5322 3.6, RFC 5536 3, RFC 2045 3: not twice. */
const ONCE = named(
  'Date From Sender Reply-To To Cc Bcc Message-ID In-Reply-To References Subject Newsgroups Path Followup-To Expires ' +
    'Control Supersedes Distribution Summary Approved Organization Injection-Date Injection-Info Archive User-Agent ' +
    'Xref Lines MIME-Version Content-Type Content-Transfer-Encoding',
);

/**
 * A message, mail or article, with a body of text (UTF-8). Long lines of headers are folded, names and text in them
 * that are not ASCII become encoded words; what is ASCII is written as it is, encoded words among it too. Throws
 * UsageError for a header that cannot be written: no name or value of one, CR, LF or NUL, no address in From, no date
 * in Date, the same one twice, a line of more than 998 octets.
 */
export function compose({ headers, body, date, messageId, host }: Composition): Composed {
  const given = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  const block = new HeaderBlock();
  for (const [name, value] of given) {
    if (ONCE.has(name.toLowerCase()) && block.has(name)) throw new UsageError(`there are two headers ${excerpt(name)}`);
    block.append(name, encodeValue(name, value));
  }
  if (!block.has('from')) throw new UsageError('a message needs a header From');
  if (!block.has('date')) block.append('Date', formatDate(date ?? new Date()));
  if (!block.has('message-id')) block.append('Message-ID', encodeValue('Message-ID', messageId ?? makeMessageId(host)));
  const text = encodeBody(block, body);
  const bytes = Buffer.from(`${block.format(WIDTH).toString()}\r\n${text}`);
  checkLines(bytes);
  return { messageId: block.get('message-id') ?? '', bytes };
}

/** What values are checked for, beside what a header may hold. */
const CHECKS = new Map<string, (value: string) => unknown>([
  ['from', parseFrom],
  ['date', (value) => parseDate(value) ?? wrong('Date', value)],
  ['message-id', (value) => isMessageId(value) || wrong('Message-ID', value)],
]);

function encodeValue(name: string, value: string): string {
  const key = name.toLowerCase();
  if (/[\r\n\0]/.test(value) || /\p{Surrogate}/u.test(value)) wrong(name, value);
  const trimmed = value.trim();
  if (trimmed === '') throw new UsageError(`the header ${excerpt(name)} is empty: leave it out`);
  CHECKS.get(key)?.(trimmed);
  if (!/[^\t -~]/.test(trimmed)) return trimmed;
  if (ASCII.has(key)) wrong(name, value);
  const used = name.length + 2;
  if (!ADDRESSES.has(key)) return encodeWords(trimmed, used);
  return parseMailboxes(trimmed)
    .map((mailbox) => formatMailbox(mailbox, used))
    .join(', ');
}

function wrong(name: string, value: string): never {
  throw new UsageError(`the header ${excerpt(name)} cannot be ${excerpt(value)}`);
}

/** The body, and the headers that say how it is written, where the caller has not. */
function encodeBody(headers: HeaderBlock, body: string): string {
  if (body.includes('\0') || /\p{Surrogate}/u.test(body))
    throw new UsageError('the body is no text: it has NUL, or halves of characters');
  const lines = body.replace(/\r\n|\r|\n/g, '\r\n');
  const text = lines === '' || lines.endsWith('\r\n') ? lines : `${lines}\r\n`;
  const ascii = !/[^\x01-\x7f]/.test(text);
  if (headers.has('content-type') || headers.has('content-transfer-encoding')) {
    if (ascii || /utf-?8/i.test(headers.get('content-type') ?? '')) return text;
    throw new UsageError('the body is written in UTF-8: say so in Content-Type, or leave it out');
  }
  const long = text.split('\r\n').some((line) => Buffer.byteLength(line) > LONGEST_LINE);
  if (ascii && !long) return text;
  headers.set('MIME-Version', '1.0').set('Content-Type', 'text/plain; charset=utf-8');
  headers.set('Content-Transfer-Encoding', long ? 'quoted-printable' : '8bit');
  return long ? quotedPrintable(text) : text;
}

function checkLines(bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf('\r\n', from);
    const line = bytes.subarray(from, end);
    if (line.length > LONGEST_LINE) {
      throw new UsageError(`a line is longer than ${LONGEST_LINE} octets: ${excerpt(line.toString())}`);
    }
    from = end + 2;
  }
}

function named(names: string): ReadonlySet<string> {
  return new Set(names.toLowerCase().split(' '));
}
