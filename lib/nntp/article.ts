/**
 * What an article must have before it is posted (RFC 5536, RFC 5537 3.5), found before a server has to. What a server
 * would do by itself for who may (control messages, approvals), and what it writes itself, must be asked for by name.
 */
import { excerpt, UsageError } from '../core/errors.ts';
import { parseFrom } from '../message/address.ts';
import { compose } from '../message/compose.ts';
import { formatDate, parseDate } from '../message/date.ts';
import { isMessageId, makeMessageId } from '../message/id.ts';
import { type Field, findBody, HeaderBlock } from '../wire/headers.ts';
import { isMessageId as isAnyMessageId, isGroup } from './codec.ts';

export interface ArticleOptions {
  /** Names of headers that are otherwise refused: `Approved`, `Control`, `Supersedes`, `Path`; `Newsgroups` for groups of servers. */
  readonly allow?: readonly string[] | undefined;
  /** The host in a Message-ID that is made here. Default: this machine's name. */
  readonly host?: string | undefined;
}

/** An article as it is sent, but for its dots: each of its lines ends with CRLF. */
export interface Article {
  readonly octets: Buffer;
  readonly headers: HeaderBlock;
}

/** Of a line, in octets, without its line end (RFC 5536 2.2, RFC 5322 2.1.1). */
const MAX_LINE = 998;
const LF = 10;

/**
 * An article to be posted: checked, and with a Date and a Message-ID where it has none, so that whoever sends it can ask
 * for it afterwards. Throws UsageError, which says what to do.
 */
export function preparePost(article: string | Uint8Array, options: ArticleOptions = {}): Article {
  const { octets, headers } = checkArticle(article, options);
  const added = new HeaderBlock();
  if (!headers.has('Date')) added.append('Date', formatDate(new Date()));
  if (!headers.has('Message-ID')) added.append('Message-ID', makeMessageId(options.host));
  return { octets: Buffer.concat([added.format(), octets]), headers: new HeaderBlock([...added, ...headers]) };
}

/** An article in its parts: see `composePost`. */
export interface Post {
  readonly from: string;
  readonly newsgroups: string | readonly string[];
  readonly subject: string;
  /** Text, with line ends of any kind. */
  readonly body: string;
  /** Where answers go: groups, or `poster`. */
  readonly followupTo?: string | readonly string[] | undefined;
  /** The Message-IDs of what it answers, the oldest first. */
  readonly references?: string | readonly string[] | undefined;
  readonly organization?: string | undefined;
  readonly replyTo?: string | undefined;
  /** All other headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * An article of text: its headers folded and encoded where they must be (RFC 2047), its body in UTF-8; then checked as
 * `preparePost` does. Throws UsageError.
 */
export function composePost(post: Post, options: ArticleOptions = {}): Article {
  const { from, newsgroups, subject, body, followupTo, references, organization, replyTo, headers = {} } = post;
  const fields: [name: string, value: string | undefined][] = [
    ['From', from],
    ['Newsgroups', listOf(newsgroups, ',')],
    ['Subject', subject],
    ['Followup-To', listOf(followupTo, ',')],
    ['References', listOf(references, ' ')],
    ['Organization', organization],
    ['Reply-To', replyTo],
    ...Object.entries(headers),
  ];
  const given = fields.flatMap(([name, value]): Field[] => (value === undefined ? [] : [[name, value]]));
  const { bytes } = compose({ headers: given, body, host: options.host });
  return checkArticle(bytes, options);
}

function listOf(items: string | readonly string[] | undefined, between: string): string | undefined {
  return items === undefined || typeof items === 'string' ? items : items.join(between);
}

/** What `preparePost` checks. A Date and a Message-ID need not be there. Throws UsageError. */
export function checkArticle(article: string | Uint8Array, { allow = [] }: ArticleOptions = {}): Article {
  const read = readArticle(article);
  checkHeaders(read.headers, allow);
  return read;
}

/**
 * Reads an article that is sent on as it is (IHAVE, TAKETHIS): its lines, its headers and their names must be right.
 * Every line end becomes CRLF first: a bare CR in a header would be one on the way. Throws UsageError.
 */
export function readArticle(article: string | Uint8Array): Article {
  const octets = withCrlf(typeof article === 'string' ? Buffer.from(article, 'utf8') : article);
  if (octets.includes(0)) throw usage('an article holds NUL: encode what is not text');
  checkLines(octets);
  const body = findBody(octets);
  if (body === undefined)
    throw usage(
      'an empty line goes between the headers of an article and its body: a text alone needs from and subject',
    );
  const head = octets.subarray(0, body);
  const headers = parseHead(head);
  const [defect] = headers.defects;
  if (defect !== undefined) throw usage(`a header is Name: and a value, not ${excerpt(defect)}`);
  // RFC 5536 2.2: servers refuse both
  const text = head.toString('latin1');
  const tight = /^([\x21-\x39\x3b-\x7e]+):[^ \t\r]/m.exec(text)?.[1];
  if (tight !== undefined) throw usage(`a space goes behind the colon of ${tight}:`);
  if (/^[ \t]+\r?$/m.test(text)) throw usage('a line of white space among the headers: leave it out');
  return { octets, headers };
}

function parseHead(head: Buffer): HeaderBlock {
  try {
    return HeaderBlock.parse(head);
  } catch (cause) {
    // past a limit, which here is nobody else's fault
    throw new UsageError('the headers of an article are too many, or too long', { protocol: 'nntp', cause });
  }
}

/** The headers of an article that is to be posted. `allow` names those that are otherwise refused. Throws UsageError. */
export function checkHeaders(headers: HeaderBlock, allow: readonly string[] = []): void {
  const allowed = new Set(allow.map((name) => name.toLowerCase()));
  const seen = new Set<string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (value === '') throw usage(`${name} is empty: leave it out`);
    if (isReserved(key) && !allowed.has(key)) throw usage(refusalOf(name));
    if (ONCE.has(key) && seen.has(key)) throw usage(`an article has one ${name}`);
    CHECKS.get(key)?.(value);
    seen.add(key);
  }
  for (const name of ['From', 'Newsgroups', 'Subject']) {
    if (!seen.has(name.toLowerCase())) throw usage(`an article has a ${name}: write one`);
  }
  const special = headers
    .get('Newsgroups')
    ?.split(',')
    .find((name) => SPECIAL.test(name));
  if (special !== undefined && !allowed.has('newsgroups'))
    throw usage(`${excerpt(special)} is a name for servers: post to another group, or allow Newsgroups by name`);
  // RFC 5537 3.4: servers of old took such a subject for a command
  if (/^cmsg[ \t]/i.test(headers.get('Subject') ?? '') && !allowed.has('control'))
    throw usage(refusalOf('a subject of cmsg'));
}

/** RFC 5536 3.2: of these, and of the three that must be there, an article has one each. */
const ONCE: ReadonlySet<string> = new Set([
  ...['from', 'newsgroups', 'subject', 'date', 'message-id', 'path', 'references', 'followup-to', 'reply-to', 'sender'],
  ...['organization', 'keywords', 'summary', 'distribution', 'expires', 'control', 'supersedes', 'approved', 'lines'],
  ...['user-agent', 'archive', 'xref', 'injection-date', 'injection-info', 'mime-version', 'content-type'],
  ...['content-transfer-encoding'],
]);

/** What tells servers to do something, and what servers write. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['control', 'also-control', 'approved', 'supersedes', 'article-names', 'article-updates'],
  ...['path', 'xref', 'injection-date', 'injection-info'],
]);

/** RFC 5536 3.1.4: names that mean something to servers, and no group that people post to. */
const SPECIAL = /^(?:control|to)(?:\.|$)|(?:^|\.)(?:all|ctl)(?:\.|$)/;

function isReserved(key: string): boolean {
  return RESERVED.has(key) || key.startsWith('nntp-posting-');
}

function refusalOf(name: string): string {
  return `${name} is for servers and for who may command them: leave it out, or allow it by name`;
}

const CHECKS: ReadonlyMap<string, (value: string) => void> = new Map([
  ['from', checkFrom],
  ['newsgroups', (value: string) => checkNewsgroups('Newsgroups', value)],
  ['followup-to', (value: string) => value === 'poster' || checkNewsgroups('Followup-To', value)],
  ['date', checkDate],
  ['message-id', checkId],
  ['references', checkReferences],
]);

/** The names of `Newsgroups: a,b`. Throws UsageError for what is none, and for one that is there twice. */
export function checkNewsgroups(header: string, value: string): string[] {
  const names = value.split(',');
  for (const name of names) {
    if (!isGroup(name) || !/^[^.]+(?:\.[^.]+)*$/.test(name))
      throw usage(`${header} has names of groups, and commas without spaces between: not ${excerpt(name)}`);
  }
  if (new Set(names).size < names.length) throw usage(`${header} names a group twice`);
  return names;
}

/** Whether anyone is there cannot be told. */
function checkFrom(value: string): void {
  try {
    parseFrom(value);
  } catch (cause) {
    throw new UsageError(`From is one address: Name <name@example.org>, not ${excerpt(value)}`, {
      protocol: 'nntp',
      cause,
    });
  }
}

function checkDate(value: string): void {
  if (!parseDate(value)) throw usage(`a Date is written Tue, 01 Jul 2025 10:00:00 +0000, not ${excerpt(value)}`);
}

function checkId(value: string): void {
  if (!isMessageId(value)) throw usage(`a Message-ID is <unique@host>, at most 250 octets, not ${excerpt(value)}`);
}

/** What is answered may have a Message-ID that nobody should make. */
function checkReferences(value: string): void {
  if (!value.split(/[ \t]+/).every(isAnyMessageId))
    throw usage(`References are Message-IDs: <a@b> <c@d>, not ${excerpt(value)}`);
}

function checkLines(octets: Buffer): void {
  let number = 1;
  for (let from = 0; from < octets.length; number++) {
    const at = octets.indexOf(LF, from);
    const end = at < 0 ? octets.length : at - 1;
    if (end - from > MAX_LINE)
      throw usage(`line ${number} has ${end - from} octets, of at most ${MAX_LINE}: break it, or encode the text`);
    from = at < 0 ? octets.length : at + 1;
  }
}

/** CR LF, LF and CR as CR LF: what is sent has no other. */
function withCrlf(octets: Uint8Array): Buffer {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const text = view.toString('latin1');
  if (!/\r(?!\n)|(?<!\r)\n/.test(text)) return view;
  return Buffer.from(text.replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

function usage(message: string): UsageError {
  return new UsageError(message, { protocol: 'nntp' });
}
