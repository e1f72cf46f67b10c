/** Character sets: Node's own decoders first; what they lack is loaded when it is asked for. */
import { isUtf8 } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { UsageError } from '../core/errors.ts';

export type Decode = (octets: Uint8Array) => string;

const LATIN1 = /^(?:latin-?1|iso-?8859-?1)$/i;

/** The decoder of a character set. Throws UsageError for a name that nobody knows. */
export async function decoderFor(charset: string): Promise<Decode> {
  // TextDecoder takes latin1 for windows-1252
  if (LATIN1.test(charset)) return (octets) => view(octets).toString('latin1');
  const own = builtInDecoder(charset);
  if (own) return own;
  const { default: iconv } = await import('iconv-lite');
  if (!iconv.encodingExists(charset)) throw new UsageError(`there is no character set ${charset}`);
  return (octets) => iconv.decode(view(octets), charset);
}

/** The decoder of a character set that Node has itself, under the names of the web (where Latin-1 is windows-1252). */
export function builtInDecoder(charset: string): Decode | undefined {
  const name = charset.toLowerCase();
  const known = builtIn.get(name);
  if (known) return known;
  try {
    const decoder = new TextDecoder(name, { ignoreBOM: true });
    // Node 20 decodes windows-1252 in one piece as Latin-1; as a stream it is right, and no octet of it waits for another
    const decode: Decode =
      decoder.encoding === 'windows-1252'
        ? (octets) => decoder.decode(octets, { stream: true })
        : (octets) => decoder.decode(octets);
    builtIn.set(name, decode);
    return decode;
  } catch {
    return undefined;
  }
}

/**
 * Whether text can be both read and written in a character set of this name, with ASCII in it as ASCII: for names that a
 * peer proposes. It is a list, so that nothing is loaded to know; UTF-16, UTF-7 and EBCDIC are not in it.
 */
export function isCharset(name: string): boolean {
  // the year of `ISO_8859-1:1987`, and whatever stands between letters and digits, mean nothing
  return (
    name.length <= 40 &&
    BOTH_WAYS.test(
      name
        .toLowerCase()
        .replace(/:\d{4}$/, '')
        .replace(/[^0-9a-z]/g, ''),
    )
  );
}

const DOS = '437|737|775|850|852|855|857|858|86[0-6]|869|874|932|936|949|950|125[0-8]';
const ISO_8859 = 'iso8859(?:[1-9]|1[013456]|8i)';
const ASIAN = 'gbk|gb18030|gb2312|big5|big5hkscs|eucjp|euckr|shiftjis|sjis|tis620';
const BOTH_WAYS = new RegExp(
  `^(?:utf8|(?:us)?ascii|ansix341968|iso646us|latin[1-9]|${ISO_8859}|koi8[ru]|macintosh|windows(?:874|125[0-8])|cp(?:${DOS})|ibm(?:437|737|775|85[02578]|86[0-6]|869)|${ASIAN})$`,
);

/** Text that should be UTF-8, as headers of mail and news should: where it is not, it is mostly windows-1252. */
export function utf8OrOlder(octets: Uint8Array): string {
  if (isUtf8(octets)) return view(octets).toString('utf8');
  return builtInDecoder('windows-1252')?.(octets) ?? view(octets).toString('latin1');
}

/** Only names that Node knows are kept. */
const builtIn = new Map<string, Decode>();

/** Text in a character set. Throws UsageError for a name that nobody knows, and for characters that it does not have. */
export async function encodeAs(text: string, charset: string): Promise<Buffer> {
  if (/^utf-?8$/i.test(charset)) return Buffer.from(text, 'utf8');
  const { default: iconv } = await import('iconv-lite');
  if (!iconv.encodingExists(charset)) throw new UsageError(`there is no character set ${charset} to write in`);
  const octets = iconv.encode(text, charset);
  if (iconv.decode(octets, charset) !== text) throw new UsageError(`this text cannot be written in ${charset}`);
  return octets;
}

/** Text of an unknown character set: UTF-8 where it can be; else CP437 where it draws boxes; else Latin-1. */
export async function decodeGuessing(octets: Uint8Array): Promise<string> {
  if (isUtf8(octets)) return view(octets).toString('utf8');
  return (await decoderFor(drawsBoxes(octets) ? 'cp437' : 'latin1'))(octets);
}

/** Octets 80-9F are control characters in Latin-1, which no text has; in CP437 they are letters. */
function drawsBoxes(octets: Uint8Array): boolean {
  return octets.some((octet) => octet >= 0x80 && octet <= 0x9f);
}

function view(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** A character set in which text comes and goes in pieces. */
export interface Charset {
  readonly name: string;
  /** For text that comes in pieces, between which a character may be split. */
  decoder(): TextDecoding;
  /** Throws UsageError for characters that it does not have. */
  encode(text: string): Buffer;
}

export interface TextDecoding {
  /** The text that is whole by now. */
  write(octets: Buffer): string;
  /** What is left at the end: U+FFFD, or nothing. */
  end(): string;
}

/** Text that is all there. */
export function decodeWhole(charset: Charset, octets: Uint8Array): string {
  const decoder = charset.decoder();
  return decoder.write(view(octets)) + decoder.end();
}

/** A character set by its name. Throws UsageError for one that nobody knows. */
export async function charsetOf(name: string): Promise<Charset> {
  const known = loadedCharset(name);
  if (known) return known;
  const { default: loaded } = await import('iconv-lite');
  iconv = loaded;
  const charset = loadedCharset(name);
  if (!charset) throw new UsageError(`there is no character set ${name}`);
  return charset;
}

/** The same without waiting; undefined also where it has to be loaded first. */
export function loadedCharset(name: string): Charset | undefined {
  const own = OWN.get(name.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/g, ''));
  if (own) return own;
  return iconv?.encodingExists(name) ? foreign(name, iconv) : undefined;
}

function foreign(name: Parameters<Iconv['encode']>[1], { decode, encode, getDecoder }: Iconv): Charset {
  return {
    name,
    decoder: () => {
      const decoder = getDecoder(name);
      return { write: (octets) => decoder.write(octets), end: () => decoder.end() ?? '' };
    },
    encode: (text) => {
      const octets = encode(text, name);
      if (decode(octets, name) !== text) throw unwritable(name);
      return octets;
    },
  };
}

type Iconv = typeof import('iconv-lite');
let iconv: Iconv | undefined;

/** Characters that are one octet each, and the same number. */
function narrow(name: string, has: RegExp): Charset {
  return {
    name,
    decoder: () => ({ write: (octets) => octets.toString('latin1'), end: () => '' }),
    encode: (text) => {
      if (!has.test(text)) throw unwritable(name);
      return Buffer.from(text, 'latin1');
    },
  };
}

const LATIN_1 = narrow('ISO-8859-1', /^[\0-\xff]*$/);
const ASCII = narrow('US-ASCII', /^[\0-\x7f]*$/);
const UTF8: Charset = {
  name: 'UTF-8',
  decoder: () => {
    const decoder = new StringDecoder('utf8');
    return { write: (octets) => decoder.write(octets), end: () => decoder.end() };
  },
  encode: (text) => {
    // half of a character would become another
    if (/\p{Surrogate}/u.test(text)) throw unwritable('UTF-8');
    return Buffer.from(text, 'utf8');
  },
};

const OWN: ReadonlyMap<string, Charset> = new Map([
  ['utf8', UTF8],
  ['latin1', LATIN_1],
  ['iso88591', LATIN_1],
  ['ascii', ASCII],
  ['usascii', ASCII],
]);

function unwritable(name: string): UsageError {
  return new UsageError(`this text has characters that cannot be written in ${name}`);
}
