import { ReplyError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import { type Command, command } from '../wire/command.ts';
import type { Asker } from './asker.ts';
import type { Capabilities } from './codec.ts';
import { formatDateTime, parseDate } from './date.ts';
import {
  type ActiveGroup,
  type ActiveTime,
  type CountedGroup,
  type Description,
  type DistributionPattern,
  formatActive,
  type Lines,
  parseActive,
  parseActiveTime,
  parseCounts,
  parseDescription,
  parseDistribPat,
  parseFieldName,
  parseLines,
  parseMessageId,
  parseName,
} from './listing.ts';
import { checkWildmat, compileWildmat } from './wildmat.ts';

/** What a server tells of itself, and its lists: the native verbs that need no group. */
export abstract class NntpCatalogue {
  protected readonly asker: Asker;

  protected constructor(asker: Asker) {
    this.asker = asker;
  }

  /** What the server said first, with its code. Empty behind STARTTLS: anybody on the way may have said it. */
  get welcome(): string {
    return this.asker.conversation.welcome;
  }

  /** What the server can do, by label; undefined where it has no CAPABILITIES, as servers of old. */
  get capabilities(): Capabilities | undefined {
    return this.asker.conversation.capabilities;
  }

  /** What the server calls itself, where it does. */
  get implementation(): string | undefined {
    return this.capabilities?.get('IMPLEMENTATION')?.join(' ');
  }

  /** The highest version of NNTP that the server speaks; 1 where it does not say. */
  get version(): number {
    return Math.max(
      1,
      ...(this.capabilities?.get('VERSION') ?? []).filter((each) => /^\d{1,3}$/.test(each)).map(Number),
    );
  }

  /** Whether one may post, as far as the server has said: some groups, or a login, may still be in the way. */
  get canPost(): boolean {
    return this.asker.conversation.canPost;
  }

  /** Asks again what the server can do (CAPABILITIES). */
  async askCapabilities(options?: CallOptions): Promise<Capabilities | undefined> {
    await this.asker.again(() => this.asker.conversation.askCapabilities(options), options);
    return this.capabilities;
  }

  /** The groups (LIST ACTIVE), all or those that match a wildmat. A server that takes no wildmat is asked for all. */
  async listActive(wildmat?: string, options?: CallOptions): Promise<Lines<ActiveGroup>> {
    try {
      return await this.#list('ACTIVE', wildmat, parseActive, options);
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
    const { items, malformed } = await this.#ask(command`LIST`, parseActive, options);
    const isWanted = wildmat === undefined ? () => true : compileWildmat(wildmat);
    return { items: items.filter(({ name }) => isWanted(name)), malformed };
  }

  /** The same as they are read: texts of whole lines. */
  protected async *activeTexts(
    wildmat: string | undefined,
    options: CallOptions,
  ): AsyncGenerator<readonly string[], void, void> {
    const asked = wildmat === undefined ? command`LIST ACTIVE` : command`LIST ACTIVE ${checkWildmat(wildmat)}`;
    try {
      return yield* this.asker.texts(asked, options);
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
    const { items } = await this.listActive(wildmat, options);
    for (const item of items) yield [`${formatActive(item)}\n`];
  }

  /** What the groups are for (LIST NEWSGROUPS; XGTITLE where a server has only that). */
  async newsgroups(wildmat?: string, options?: CallOptions): Promise<Lines<Description>> {
    try {
      return await this.#list('NEWSGROUPS', wildmat, parseDescription, options);
    } catch (error) {
      if (!isUnknown(error) || wildmat === undefined) throw error;
    }
    return this.#ask(command`XGTITLE ${checkWildmat(wildmat)}`, parseDescription, options);
  }

  /** What one group is for; undefined where the server does not say. */
  async description(group: string, options?: CallOptions): Promise<string | undefined> {
    const { items } = await this.newsgroups(group, options);
    return items.find(({ name }) => name === group)?.text;
  }

  /** When groups were made, and by whom (LIST ACTIVE.TIMES). */
  async activeTimes(wildmat?: string, options?: CallOptions): Promise<Lines<ActiveTime>> {
    return this.#list('ACTIVE.TIMES', wildmat, parseActiveTime, options);
  }

  /** The groups with the number of their articles (LIST COUNTS, RFC 6048). */
  async counts(wildmat?: string, options?: CallOptions): Promise<Lines<CountedGroup>> {
    return this.#list('COUNTS', wildmat, parseCounts, options);
  }

  /** Which distribution suits which groups (LIST DISTRIB.PATS). */
  async distribPats(options?: CallOptions): Promise<Lines<DistributionPattern>> {
    return this.#list('DISTRIB.PATS', undefined, parseDistribPat, options);
  }

  /** The distributions, and what they mean (LIST DISTRIBUTIONS). */
  async distributions(options?: CallOptions): Promise<Lines<Description>> {
    return this.#list('DISTRIBUTIONS', undefined, parseDescription, options);
  }

  /** Where posts to moderated groups are sent (LIST MODERATORS). */
  async moderators(options?: CallOptions): Promise<Lines<Moderator>> {
    return this.#list('MODERATORS', undefined, parseModerator, options);
  }

  /** What `hdr` can be asked for (LIST HEADERS); by message-id, or by number. `:` is any header or metadata. */
  async headers(by?: 'MSGID' | 'RANGE', options?: CallOptions): Promise<Lines<string>> {
    const asked = by === undefined ? command`LIST HEADERS` : command`LIST HEADERS ${by}`;
    return this.#ask(asked, parseFieldName, options);
  }

  /** The message of the day (LIST MOTD). */
  async motd(options?: CallOptions): Promise<string> {
    return (await this.asker.lines(command`LIST MOTD`, options)).join('\n');
  }

  /** The groups that the server recommends to new readers (LIST SUBSCRIPTIONS). */
  async subscriptions(wildmat?: string, options?: CallOptions): Promise<Lines<string>> {
    return this.#list('SUBSCRIPTIONS', wildmat, parseName, options);
  }

  /** The groups that were made since then (NEWGROUPS). */
  async newGroups(since: Date, options?: CallOptions): Promise<Lines<ActiveGroup>> {
    const [day, time] = this.#dateTime(since);
    return this.#ask(command`NEWGROUPS ${day} ${time} GMT`, parseActive, options);
  }

  /** The message-ids of the articles that came since then, in groups that match (NEWNEWS). */
  async newNews(wildmat: string, since: Date, options?: CallOptions): Promise<Lines<string>> {
    const [day, time] = this.#dateTime(since);
    return this.#ask(command`NEWNEWS ${checkWildmat(wildmat)} ${day} ${time} GMT`, parseMessageId, options);
  }

  /** The server's clock (DATE). */
  async date(options?: CallOptions): Promise<Date> {
    return parseDate((await this.asker.say(command`DATE`, options)).text);
  }

  /** What the server says to HELP. */
  async help(options?: CallOptions): Promise<string> {
    return (await this.asker.lines(command`HELP`, options)).join('\n');
  }

  /** Servers of old know years of two digits only. */
  #dateTime(since: Date): readonly [day: string, time: string] {
    const [day = '', time = ''] = formatDateTime(since).split(' ');
    return [this.capabilities ? day : day.slice(2), time];
  }

  async #list<T>(
    keyword: string,
    wildmat: string | undefined,
    parse: (line: string) => T | undefined,
    options: CallOptions | undefined,
  ): Promise<Lines<T>> {
    const asked = wildmat === undefined ? command`LIST ${keyword}` : command`LIST ${keyword} ${checkWildmat(wildmat)}`;
    return this.#ask(asked, parse, options);
  }

  async #ask<T>(
    asked: Command,
    parse: (line: string) => T | undefined,
    options: CallOptions | undefined,
  ): Promise<Lines<T>> {
    const read: Lines<T> = { items: [], malformed: [] };
    const sink = (text: string): void => {
      const { items, malformed } = parseLines(text, parse);
      for (const item of items) read.items.push(item);
      for (const line of malformed) read.malformed.push(line);
    };
    await this.asker.blocks(asked, sink, options);
    return read;
  }
}

/** LIST MODERATORS: for groups that match the wildmat, where `%s` is the name of the group. */
export interface Moderator {
  readonly wildmat: string;
  readonly address: string;
}

function parseModerator(line: string): Moderator | undefined {
  const [, wildmat, address] = /^([^:\s]+):(\S+)[ \t]*$/.exec(line) ?? [];
  return wildmat === undefined || address === undefined ? undefined : { wildmat, address };
}

/** Whether a server does not know what it was asked. */
export function isUnknown(error: unknown): boolean {
  return error instanceof ReplyError && ['500', '501', '503'].includes(error.reply.code);
}
