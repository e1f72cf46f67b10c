/**
 * Which replies a command may have, and which of them bring a block (RFC 3977 3.2 and appendix C; RFC 2980, 4642, 4643,
 * 4644, 6048, 8054). A code that is not in the table is not believed: nobody could tell where such a reply ends.
 */
import {
  type ErrorDetail,
  excerpt,
  ProtocolError,
  type ProtocolReason,
  type Reply,
  ReplyError,
  type ReplyReason,
} from '../core/errors.ts';
import { parseReplyLine } from '../wire/reply.ts';

/** What comes after the line of a reply: nothing, a dot block, or what the client is now to send. */
export type Follows = 'nothing' | 'block' | 'more';

type Codes = Readonly<Record<string, Follows>>;

const LINE = (...codes: readonly number[]): Codes => Object.fromEntries(codes.map((code) => [code, 'nothing']));
const BLOCK = (code: number): Codes => ({ [code]: 'block' });
const MORE = (code: number): Codes => ({ [code]: 'more' });

/**
 * What may be answered, beside any 4xx and 5xx. `greeting` answers nothing, `POST article` and `IHAVE article` the
 * article; each step of AUTHINFO SASL is AUTHINFO SASL.
 */
const REPLIES = [
  ['greeting', LINE(200, 201)],
  ['CAPABILITIES', BLOCK(101)],
  ['MODE READER', LINE(200, 201)],
  ['MODE STREAM', LINE(203)],
  ['GROUP', LINE(211)],
  ['LISTGROUP', BLOCK(211)],
  ['LAST', LINE(223)],
  ['NEXT', LINE(223)],
  ['STAT', LINE(223)],
  ['ARTICLE', BLOCK(220)],
  ['HEAD', BLOCK(221)],
  ['BODY', BLOCK(222)],
  ['OVER', BLOCK(224)],
  ['XOVER', BLOCK(224)],
  ['HDR', BLOCK(225)],
  ['XHDR', BLOCK(221)],
  ['XPAT', BLOCK(221)],
  ['LIST', BLOCK(215)],
  ['XGTITLE', BLOCK(282)],
  ['NEWGROUPS', BLOCK(231)],
  ['NEWNEWS', BLOCK(230)],
  ['DATE', LINE(111)],
  ['HELP', BLOCK(100)],
  ['SLAVE', LINE(202)],
  ['POST', MORE(340)],
  ['POST article', LINE(240)],
  ['IHAVE', MORE(335)],
  ['IHAVE article', LINE(235)],
  ['CHECK', LINE(238)],
  ['TAKETHIS', LINE(239)],
  ['AUTHINFO USER', { ...LINE(281), ...MORE(381) }],
  // a second 381 could go on for ever
  ['AUTHINFO PASS', LINE(281)],
  ['AUTHINFO SASL', { ...LINE(281, 283), ...MORE(383) }],
  ['STARTTLS', LINE(382)],
  ['COMPRESS', LINE(206)],
  ['QUIT', LINE(205)],
] as const;

/** What a reply can be to: a command, the article after one, or nothing. */
export type Verb = (typeof REPLIES)[number][0];

const VERBS: ReadonlySet<string> = new Set(REPLIES.map(([verb]) => verb));

const ALLOWED: ReadonlyMap<Verb, ReadonlyMap<string, Follows>> = new Map(
  REPLIES.map(([verb, codes]) => [verb, new Map(Object.entries(codes))]),
);

/** Whether the table has it. */
export function isVerb(text: string): text is Verb {
  return VERBS.has(text);
}

/** What follows a positive reply to it, whichever it is; undefined for what the table does not have. */
export function expects(verb: Verb | undefined): Follows | undefined {
  const codes = verb && ALLOWED.get(verb);
  return codes && ([...codes.values()].find((follows) => follows !== 'nothing') ?? 'nothing');
}

/** A reply of one line: `text` is what stands behind the code. `ok` is a code below 400. */
export interface NntpReply extends Reply {
  readonly follows: Follows;
}

/**
 * Reads the line of a reply to `verb`, without its line end. Throws ProtocolError for what is no reply of one line, and
 * for a code that this command cannot have: close the connection then.
 */
export function parseReply(line: string, verb: Verb): NntpReply {
  const { code, more, text } = parseReplyLine(line);
  if (more) throw broken(`a reply here is one line, but a hyphen says that more follow: ${excerpt(line)}`);
  if (code >= '400') return { ok: false, code, text, follows: 'nothing' };
  const follows = ALLOWED.get(verb)?.get(code);
  if (follows !== undefined) return { ok: true, code, text, follows };
  throw broken(`the server answered ${verb} with ${code}, ${surprise(code)}`);
}

/** Whether some command has a block behind this code. */
const BLOCKS: ReadonlySet<string> = new Set(
  [...ALLOWED.values()]
    .flatMap((codes) => [...codes].filter(([, follows]) => follows === 'block'))
    .map(([code]) => code),
);

function surprise(code: string): string {
  return BLOCKS.has(code) && code !== '211' ? 'which would bring a block' : 'which is no reply to that';
}

const REASONS: ReadonlyMap<string, ReplyReason> = new Map<string, ReplyReason>([
  ...rows('busy', 400, 403, 431, 436),
  ...rows('missing', 411, 420, 421, 422, 423, 430),
  ...rows('auth', 480, 481, 482, 483),
  ...rows('denied', 435, 437, 438, 439, 440, 441, 502),
]);

function rows(reason: ReplyReason, ...codes: readonly number[]): [string, ReplyReason][] {
  return codes.map((code) => [`${code}`, reason]);
}

/** What a code of 400 and above means. 480 asks for a login, 483 for TLS; 502 to a login is a refused login. */
export function reasonOf(code: string, verb?: string): ReplyReason {
  if (verb?.startsWith('AUTHINFO') && (code === '502' || code === '452')) return 'auth';
  return REASONS.get(code) ?? 'refused';
}

/** Whether the same may be accepted later: the server is busy, or has trouble of its own. */
export function isTemporary(code: string): boolean {
  return REASONS.get(code) === 'busy';
}

/** A refusal as an error, in the words of the server. */
export function refusal({ code, text }: Reply, verb: string, detail: ErrorDetail = {}): ReplyError {
  const what = verb === 'greeting' ? 'the server refuses the connection' : `the server refuses ${verb}`;
  return new ReplyError(`${what}: ${code}${text === '' ? '' : ` ${excerpt(text)}`}`, {
    protocol: 'nntp',
    phase: phaseOf(verb),
    ...detail,
    reason: reasonOf(code, verb),
    temporary: isTemporary(code),
    reply: { ok: false, code, text },
  });
}

function phaseOf(verb: string): 'greeting' | 'auth' | 'tls' | 'command' {
  if (verb === 'greeting') return 'greeting';
  if (verb === 'STARTTLS') return 'tls';
  return verb.startsWith('AUTHINFO') ? 'auth' : 'command';
}

/** The peer broke the grammar. */
export function broken(
  message: string,
  detail: ErrorDetail & { readonly reason?: ProtocolReason } = {},
): ProtocolError {
  return new ProtocolError(message, { protocol: 'nntp', ...detail });
}
