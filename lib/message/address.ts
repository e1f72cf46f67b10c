/** Addresses in headers: `Ann Example <ann@example.org>`, `ann@example.org (Ann Example)`, lists of them (RFC 5322 3.4). */
import { excerpt, UsageError } from '../core/errors.ts';
import { encodeRun } from './words.ts';

export interface Mailbox {
  /** The display name, or a comment in its place; empty where there is none. Encoded words are left as they are. */
  readonly name: string;
  readonly address: string;
}

/** RFC 5321 4.5.3.1, in octets. */
const [LONGEST_LOCAL, LONGEST_ADDRESS] = [64, 254];
/** RFC 5322 3.2.3 and RFC 6532 3.2: dot-atom. */
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~\u{a1}-\u{10ffff}-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u{a1}-\u{10ffff}-]+)*$/u;
const QUOTED = /^"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*"$/;
const DOMAIN = /^[\w\u{a1}-\u{10ffff}-]+(?:\.[\w\u{a1}-\u{10ffff}-]+)*$/u;
const LITERAL = /^\[[!-Z^-~]+\]$/;

/** Whether a text is one address, without a name: `local@domain`, in ASCII or UTF-8 (RFC 5322 3.4.1, RFC 6532). */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const [local, domain] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (Buffer.byteLength(local) > LONGEST_LOCAL || Buffer.byteLength(text) > LONGEST_ADDRESS) return false;
  // what is not seen is no part of an address
  if (/\p{C}|(?! )\p{Z}/u.test(text)) return false;
  return (LOCAL.test(local) || QUOTED.test(local)) && (DOMAIN.test(domain) || LITERAL.test(domain));
}

/** The value of a From header with one address. Throws UsageError for any other. */
export function parseFrom(text: string): Mailbox {
  const [first, ...others] = parseMailboxes(text);
  if (!first || others.length > 0) throw new UsageError(`one address is needed, not ${excerpt(text)}`);
  return first;
}

/** The addresses of a header. Throws UsageError for what is none, and for groups. */
export function parseMailboxes(text: string): Mailbox[] {
  if (/[\r\n\0]/.test(text)) throw new UsageError('an address has no CR, LF or NUL');
  const mailboxes: Mailbox[] = [];
  let draft = new Draft();
  for (const token of tokensOf(text)) {
    if (token === ',') {
      mailboxes.push(draft.finish(text));
      draft = new Draft();
    } else draft.add(token);
  }
  mailboxes.push(draft.finish(text));
  return mailboxes;
}

/** As it is written in a header. A name that is not ASCII becomes encoded words; `used` as in `encodeWords`. */
export function formatMailbox({ name, address }: Mailbox, used = 0): string {
  if (name === '') return address;
  if (/[^ -~]/.test(name) || name.includes('=?')) return `${encodeRun(name, used)} <${address}>`;
  if (/^[\w!#$%&'*+/=?^`{|}~ -]+$/.test(name)) return `${name} <${address}>`;
  return `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`;
}

/** An address that is being read. */
class Draft {
  /** What stands outside of brackets, as it is written and as it is meant. */
  #written = '';
  #meant = '';
  #comment = '';
  #bracket: string | undefined;

  add(token: string): void {
    if (token.startsWith('(')) this.#comment ||= unquoted(token);
    else if (token.startsWith('<') && this.#bracket === undefined) this.#bracket = token.slice(1, -1);
    else {
      this.#written += token;
      this.#meant += token.startsWith('"') ? unquoted(token) : token;
      // nothing but a comment comes behind the brackets
      if (this.#bracket !== undefined && token.trim() !== '') this.#bracket = '';
    }
  }

  finish(text: string): Mailbox {
    const address = (this.#bracket ?? this.#written).trim();
    if (!isAddress(address)) throw new UsageError(`this is no address: ${excerpt(text)}`);
    const name = this.#bracket === undefined ? '' : this.#meant.trim();
    return { name: (name || this.#comment).replace(/[ \t]+/g, ' '), address };
  }
}

/** Quoted strings, comments, what is in brackets, commas, and the text between. */
function* tokensOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = endOf(text, at);
    yield text.slice(at, end);
    at = end;
  }
}

/** Where the token ends that begins at `at`. */
function endOf(text: string, at: number): number {
  const first = text.charAt(at);
  if (first === '(') return closing(text, at, '(', ')');
  if (first === '<') return closing(text, at, undefined, '>');
  if (first === '"') return closing(text, at, undefined, '"');
  if (first === '[') return closing(text, at, undefined, ']');
  let end = at + 1;
  while (first !== ',' && end < text.length && !'(<"[,'.includes(text.charAt(end))) end++;
  return end;
}

function closing(text: string, from: number, open: string | undefined, close: string): number {
  let depth = 1;
  for (let at = from + 1; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\') at++;
    else if (character === close) depth--;
    else if (character === open) depth++;
    if (depth === 0) return at + 1;
  }
  throw new UsageError(`in this address something has no end: ${excerpt(text)}`);
}

/** Without the quotes, or the parentheses. */
function unquoted(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, '$1');
}
