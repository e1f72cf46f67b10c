/**
 * The grammar of NNTP (RFC 3977): what stands in replies of one line, and what may stand in commands. Codes are in
 * `codes.ts`, the blocks in `listing.ts` and `overview.ts`.
 */
import { excerpt, limitError, UsageError } from '../core/errors.ts';
import type { Command } from '../wire/command.ts';
import { broken } from './codes.ts';
import { numberAt } from './overview-row.ts';

/** The longest command, in octets, its line end included (RFC 3977 3.1). */
export const MAX_COMMAND = 512;
/** The longest command of AUTHINFO SASL (RFC 4643 3.1). */
export const MAX_SASL_COMMAND = 12_288;
/** The longest argument, in octets (RFC 3977 3.1). */
export const MAX_ARGUMENT = 497;

/** What a server says of a group that it has entered: `211 count low high name`. */
export interface GroupStatus {
  readonly name: string;
  /** An estimate. */
  readonly count: number;
  readonly low: number;
  readonly high: number;
  readonly empty: boolean;
}

/** Reads the text of a 211 reply. Throws ProtocolError. It is for the caller to compare the name with what was asked. */
export function parseGroup(text: string): GroupStatus {
  const [, count, low, high, name = ''] = /^(\d{1,15}) (\d{1,15}) (\d{1,15}) (\S+)(?: |$)/.exec(text) ?? [];
  if (name === '') throw broken(`a group has a count, two numbers and a name, not ${excerpt(text)}`);
  return groupStatus(name, Number(count), Number(low), Number(high));
}

/** RFC 3977 6.1.1.2: a high number below the low one is an empty group, and so is an estimate of nothing. */
export function groupStatus(name: string, count: number, low: number, high: number): GroupStatus {
  const empty = count === 0 || high < low;
  return { name, count: empty ? 0 : count, low, high, empty };
}

export function formatGroup({ name, count, low, high }: Omit<GroupStatus, 'empty'>): string {
  return `${count} ${low} ${high} ${name}`;
}

/** What a server says of an article: `223 number <message-id>`. The number is 0 where none was asked for. */
export interface ArticleRef {
  readonly number: number;
  readonly messageId: string;
}

/** Reads the text of a 220, 221, 222 or 223 reply; words may follow. Throws ProtocolError. */
export function parseArticleRef(text: string): ArticleRef {
  const space = text.indexOf(' ');
  const end = text.indexOf('>') + 1;
  const number = numberAt(text, 0, Math.max(space, 0));
  const messageId = text.slice(space + 1, end);
  const isWhole = end === text.length || text.startsWith(' ', end);
  if (number !== undefined && isWhole && /^<[^\s<>]{1,998}>$/.test(messageId)) return { number, messageId };
  throw broken(`an article has a number and a message-id, not ${excerpt(text)}`);
}

/** What a server can do, by label: upper case, with its arguments as they were written. */
export type Capabilities = ReadonlyMap<string, readonly string[]>;

const MAX_CAPABILITIES = 1000;

/** Reads the lines behind 101. What is no label is passed over. Throws ProtocolError (`limit`) for more than 1000 lines. */
export function parseCapabilities(lines: readonly string[]): Capabilities {
  if (lines.length > MAX_CAPABILITIES) throw limitError('capabilities', MAX_CAPABILITIES, { protocol: 'nntp' });
  const found = new Map<string, string[]>();
  for (const line of lines) {
    const [label = '', ...args] = line.trim().split(/[ \t]+/);
    if (!/^[A-Za-z0-9][\w.-]*$/.test(label)) continue;
    const name = label.toUpperCase();
    found.set(name, [...(found.get(name) ?? []), ...args]);
  }
  return found;
}

/** Whether a capability is there, and with this argument; their case does not count. */
export function offers(capabilities: Capabilities, label: string, argument?: string): boolean {
  const args = capabilities.get(label.toUpperCase());
  if (!args || argument === undefined) return args !== undefined;
  const wanted = argument.toUpperCase();
  return args.some((each) => each.toUpperCase() === wanted);
}

/** A message-id, `<` and `>` included: 3 to 250 octets of visible ASCII (RFC 3977 3.6). Throws UsageError. */
export function checkMessageId(id: string): string {
  if (isMessageId(id)) return id;
  throw usage(`a message-id is <…> with 1 to 248 visible ASCII characters inside, not ${excerpt(id)}`);
}

export function isMessageId(text: string): boolean {
  return /^<[\x21-\x3d\x3f-\x7e]{1,248}>$/.test(text);
}

/** The name of a group: UTF-8, without spaces and without what makes a wildmat (RFC 3977 4.1). Throws UsageError. */
export function checkGroup(name: string): string {
  if (isGroup(name)) return name;
  throw usage(`the name of a group has no spaces, controls, nor * ? , ! [ ] \\: not ${excerpt(name)}`);
}

export function isGroup(text: string): boolean {
  return (
    /^[^\x00-\x20\x7f*?,!\\[\]]+$/.test(text) && Buffer.byteLength(text) <= MAX_ARGUMENT && !/\p{Surrogate}/u.test(text)
  );
}

/** The number of an article: a whole number, 0 to 999,999,999,999,999. Throws UsageError. */
export function checkNumber(number: number): number {
  if (Number.isSafeInteger(number) && number >= 0 && number < 1e15) return number;
  throw usage(`the number of an article is a whole number, not ${number}`);
}

/** The name of a header field, or of metadata with a colon before it: `Subject`, `:bytes` (RFC 3977 8.5). Throws UsageError. */
export function checkField(name: string): string {
  if (/^:?[\x21-\x39\x3b-\x7e]{1,490}$/.test(name)) return name;
  throw usage(`the name of a header is letters, digits and hyphens, not ${excerpt(name)}`);
}

/** A command that is not too long. Throws UsageError. */
export function checkCommand(command: Command, max: number = MAX_COMMAND): Command {
  // no character is longer than three octets for each of its halves
  if (command.secrets.length === 0 && command.toString().length * 3 + 2 <= max) return command;
  const { length } = command.wire();
  if (length <= max) return command;
  throw usage(`a command of ${length} octets: NNTP has at most ${max}`);
}

function usage(message: string): UsageError {
  return new UsageError(message, { protocol: 'nntp' });
}
