/**
 * Encoded words: text that is not ASCII, in the headers of mail and news (RFC 2047), `=?UTF-8?Q?caf=C3=A9?=`.
 * They are read generously and written strictly.
 */
import { builtInDecoder, type Decode } from '../wire/charset.ts';

/** RFC 2047 2: no word is longer, its delimiters included. */
const LONGEST_WORD = 75;
const WORD_END = '?=';
/** How a word starts: its character set, RFC 2231's language, its encoding. None is longer in earnest. */
const START = /=\?([^?*\s]{1,64})(?:\*[^?\s]{0,64})?\?([BbQq])\?/g;
/** RFC 2047 5(3): what may stand for itself wherever a word may stand. */
const PLAIN = /[A-Za-z0-9!*+/-]/;

interface Word {
  readonly charset: string;
  readonly decode: Decode;
  readonly octets: Buffer;
}

/**
 * The text of a header value. Words beside each other are joined, also where a character was split between them. What
 * is no sound word stays as it is written: an unknown character set, base64 that is none. Throws nothing.
 */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  let decoded = '';
  let words: Word[] = [];
  let at = 0;
  let end = 0;
  START.lastIndex = 0;
  for (let start = START.exec(text); start; start = START.exec(text)) {
    // looked for once, however many words seem to begin before it
    if (end < START.lastIndex) end = text.indexOf(WORD_END, START.lastIndex);
    if (end < 0) break;
    const word = readWord(start, text.slice(START.lastIndex, end));
    if (!word) continue;
    const between = text.slice(at, start.index);
    // RFC 2047 6.2: the space between two words is no text
    if (words.length === 0 || /[^ \t\r\n]/.test(between)) {
      decoded += joined(words) + between;
      words = [];
    }
    words.push(word);
    at = START.lastIndex = end + WORD_END.length;
  }
  return decoded + joined(words) + text.slice(at);
}

function readWord([, charset = '', encoding]: RegExpExecArray, text: string): Word | undefined {
  // another word begins in it, so that this one has no end of its own
  if (text.includes('=?') || /[^\t\r\n -~]/.test(text)) return undefined;
  const decode = builtInDecoder(charset);
  const octets = encoding === 'b' || encoding === 'B' ? fromBase64(text) : fromQ(text);
  return decode && octets && { charset: charset.toLowerCase(), decode, octets };
}

/** Undefined for what is not base64. That the padding is missing is forgiven. */
function fromBase64(text: string): Buffer | undefined {
  const letters = text.replace(/[\t\r\n ]/g, '').replace(/={1,2}$/, '');
  if (letters.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(letters)) return undefined;
  return Buffer.from(letters, 'base64');
}

function fromQ(text: string): Buffer {
  const octets = text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1');
}

/** The octets of neighbours in one character set are decoded together. */
function joined(words: readonly Word[]): string {
  let text = '';
  for (let from = 0; from < words.length; ) {
    const first = words[from];
    let to = from + 1;
    while (words[to]?.charset === first?.charset && to < words.length) to++;
    text += first?.decode(Buffer.concat(words.slice(from, to).map(({ octets }) => octets))) ?? '';
    from = to;
  }
  return text;
}

/**
 * A header value in which everything that is not printable ASCII, or would be read as a word, stands in words (UTF-8);
 * what needs none stays as it is. `used` is how much of the first line is taken already, by the name of the header.
 */
export function encodeWords(text: string, used = 0): string {
  if (!needsWords(text)) return text;
  // words of the text, and the white space between them
  const parts = text.split(/([ \t]+)/);
  const needs = parts.map((part, i) => i % 2 === 0 && needsWords(part));
  let encoded = '';
  for (let from = 0; from < parts.length; ) {
    if (!needs[from]) {
      encoded += parts[from++] ?? '';
      continue;
    }
    let to = from + 1;
    while (needs[to + 1]) to += 2;
    encoded += encodeRun(parts.slice(from, to).join(''), from === 0 ? used : 0);
    from = to;
  }
  return encoded;
}

/** All of a text as words, each at most 75 characters, the first one shorter by `used`. No character is split. */
export function encodeRun(text: string, used = 0): string {
  const base64 = inWords(text, BASE64, used);
  const q = inWords(text, Q, used);
  return base64.length < q.length ? base64 : q;
}

function needsWords(text: string): boolean {
  return /[^\t -~]/.test(text) || text.includes('=?');
}

interface Encoding {
  readonly start: string;
  readonly write: (octets: Buffer) => string;
  /** What octets take, in the unit of `capacity`. */
  readonly cost: (octets: Buffer) => number;
  readonly capacity: (characters: number) => number;
}

const BASE64: Encoding = {
  start: '=?UTF-8?B?',
  write: (octets) => octets.toString('base64'),
  cost: (octets) => octets.length,
  capacity: (characters) => Math.floor(characters / 4) * 3,
};

const Q: Encoding = {
  start: '=?UTF-8?Q?',
  write: toQ,
  cost: (octets) => toQ(octets).length,
  capacity: (characters) => characters,
};

function inWords(text: string, { start, write, cost, capacity }: Encoding, used: number): string {
  const words: string[] = [];
  const most = LONGEST_WORD - start.length - WORD_END.length;
  let octets: Buffer[] = [];
  // however long the name is, one character has room
  let room = capacity(Math.max(most - used, 12));
  const end = (): void => {
    if (octets.length > 0) words.push(start + write(Buffer.concat(octets)) + WORD_END);
    octets = [];
    room = capacity(most);
  };
  for (const character of text) {
    const more = Buffer.from(character);
    if (cost(more) > room) end();
    octets.push(more);
    room -= cost(more);
  }
  end();
  return words.join(' ');
}

function toQ(octets: Buffer): string {
  const written = Array.from(octets, (octet) => {
    const character = String.fromCharCode(octet);
    if (character === ' ') return '_';
    return PLAIN.test(character) ? character : `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return written.join('');
}
