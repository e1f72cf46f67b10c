import { formatUrl } from '../core/endpoint.ts';
import { type Reply, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import { Resource } from '../core/resource.ts';
import { utf8OrOlder } from '../wire/charset.ts';
import { type Command, command } from '../wire/command.ts';
import { isUnknown, NntpCatalogue } from './catalogue.ts';
import { type ArticleRef, checkField, type GroupStatus, parseArticleRef, parseGroup } from './codec.ts';
import { broken } from './codes.ts';
import { type HeaderLine, type Lines, parseHeader, parseLines, parseNumber, parseXhdr } from './listing.ts';
import { type Overview, parseOverview } from './overview.ts';
import { type OverviewFormat, parseOverviewFormat, USUAL_FORMAT } from './overview-format.ts';
import { formatPath } from './path.ts';
import { formatRange, type Range } from './range.ts';
import { drain } from './texts.ts';
import { type Visit, Visits } from './visits.ts';
import { argumentOf, isEmpty, type Part, partOf, refOf, type Several, type Which, withArgument } from './which.ts';

export type { Visit } from './visits.ts';
export type { Part, Several, Which } from './which.ts';

export interface EachOptions extends CallOptions {
  /** What of the articles. Default `article`. */
  readonly part?: Part | undefined;
  /** The most octets of one article. Default 64 MiB. */
  readonly max?: number | undefined;
}

export interface OverOptions extends CallOptions {
  /** Whether a malformed row is an error. Default: it is a row that says so. */
  readonly strict?: boolean | undefined;
}

const TYPES: Readonly<Record<Part, string>> = {
  article: 'message/rfc822',
  head: 'text/rfc822-headers',
  body: 'text/plain',
};

/** Groups, articles and overviews: the native verbs of a reader. Numbers are those of the group that it entered last. */
export abstract class NntpReader extends NntpCatalogue {
  /** The group that was entered last by `group` or `listGroup`; the uniform verbs enter others without changing it. */
  #current: string | undefined;
  #format: Promise<OverviewFormat> | undefined;

  /** Enters a group (GROUP). Throws ReplyError (`missing`). */
  async group(name: string, options?: CallOptions): Promise<GroupStatus> {
    const status = await this.asker.enter(name, options);
    this.#current = name;
    return status;
  }

  /** Enters a group, and gives the numbers of its articles, all or those in a range (LISTGROUP). */
  async listGroup(name: string, range?: Range, options: CallOptions = {}): Promise<number[]> {
    await this.group(name, options);
    const asked = range ? command`LISTGROUP ${name} ${formatRange(range)}` : command`LISTGROUP ${name}`;
    const numbers: number[] = [];
    const { text } = await this.asker.blocks(
      asked,
      (block) => {
        const { items, malformed } = parseLines(block, parseNumber);
        if (malformed[0] !== undefined) throw broken('a line of LISTGROUP is no number');
        for (const number of items) numbers.push(number);
      },
      { ...options, group: name },
    );
    this.asker.believe(() => checkEntered(name, text, this.capabilities !== undefined));
    return numbers;
  }

  /** The article after the current one, which becomes it (NEXT). Throws ReplyError (`missing`) where there is none. */
  async next(options?: CallOptions): Promise<ArticleRef> {
    return this.#step(command`NEXT`, options);
  }

  /** The article before the current one, which becomes it (LAST). */
  async last(options?: CallOptions): Promise<ArticleRef> {
    return this.#step(command`LAST`, options);
  }

  /** The number and message-id of an article (STAT). Throws ReplyError (`missing`). */
  async stat(which?: Which, options: CallOptions = {}): Promise<ArticleRef> {
    const { text } = await this.asker.say(partOf('stat', which), { ...options, group: this.groupFor(which) });
    return this.asker.believe(() => refOf(text, which));
  }

  /** A whole article (ARTICLE), streamed: read it to its end, or close it. `meta` has its `number` and `id`. */
  async article(which?: Which, options?: CallOptions): Promise<Resource> {
    return this.part('article', which, this.groupFor(which), options);
  }

  /** The headers of an article (HEAD). */
  async head(which?: Which, options?: CallOptions): Promise<Resource> {
    return this.part('head', which, this.groupFor(which), options);
  }

  /** The body of an article (BODY). */
  async body(which?: Which, options?: CallOptions): Promise<Resource> {
    return this.part('body', which, this.groupFor(which), options);
  }

  /** The body of an article, in memory of its own: the fastest way for many, asked for without waiting for each. */
  async bodyOf(which: Which, options: CallOptions & { readonly max?: number | undefined } = {}): Promise<Buffer> {
    const asked = partOf('body', which);
    const { asker } = this;
    const { reply, octets } = await asker.again(
      () => asker.within(this.groupFor(which), () => asker.line.gather(asked, options), options),
      options,
    );
    asker.believe(() => refOf(reply.text, which));
    return octets;
  }

  /**
   * Many articles in one pass, asked for without waiting, each given to `visit` as it comes, in their order. What `visit`
   * throws ends the connection. Gives those that are not there. Throws what else a server refuses with, after the last.
   */
  async each(which: Iterable<number | string>, visit: Visit, options: EachOptions = {}): Promise<(number | string)[]> {
    return this.eachIn(this.#current, which, visit, options);
  }

  protected async eachIn(
    group: string | undefined,
    which: Iterable<number | string>,
    visit: Visit,
    options: EachOptions,
  ): Promise<(number | string)[]> {
    const run = new Visits(which, visit, options.part ?? 'article');
    const { asker } = this;
    const pass = (): Promise<void> =>
      asker.within(group, () => asker.line.each(run.commands(), run.visit, options), options);
    await asker.again(pass, options);
    if (run.locked.length > 0 && asker.conversation.canLogIn) {
      await asker.logIn(options);
      run.repeat();
      await asker.again(pass, options);
    }
    run.finish();
    return run.missing;
  }

  /**
   * The overview of a range, or of one article: rows as they come, many at a time. A range without articles has none.
   * Throws ReplyError, ProtocolError.
   */
  async *over(which?: Several, options: OverOptions = {}): AsyncGenerator<Overview[], void, void> {
    const format = await this.overviewFormat(options);
    yield* this.rows(this.groupFor(which), which, format, options);
  }

  /** The rows of a range of a group, in the usual format: of a group that was not entered by `group`. */
  protected overviews(group: string, range: Range, options: OverOptions): AsyncGenerator<Overview[], void, void> {
    return this.rows(group, range, USUAL_FORMAT, options);
  }

  protected async *rows(
    group: string | undefined,
    which: Several,
    format: OverviewFormat,
    options: OverOptions,
  ): AsyncGenerator<Overview[], void, void> {
    try {
      for await (const texts of this.asker.texts(this.#overview(which), { ...options, group })) {
        const rows: Overview[] = [];
        for (const text of texts) parseOverview(text, rows, format, options.strict);
        yield rows;
      }
    } catch (error) {
      if (!isEmpty(error, which)) throw error;
    }
  }

  /** The same, given to `visit` inside their arrival: the fastest way. What it throws ends the connection. */
  async forEachOverview(which: Several, visit: (rows: Overview[]) => void, options: OverOptions = {}): Promise<void> {
    const format = await this.overviewFormat(options);
    const sink = (text: string): void => {
      const rows: Overview[] = [];
      parseOverview(text, rows, format, options.strict);
      visit(rows);
    };
    try {
      const group = this.groupFor(which);
      await this.asker.blocks(this.#overview(which), sink, { ...options, ...UNLIMITED, group });
    } catch (error) {
      if (!isEmpty(error, which)) throw error;
    }
  }

  /** The fields of an overview, asked once (LIST OVERVIEW.FMT); the usual ones from a server that does not say. */
  async overviewFormat(options?: CallOptions): Promise<OverviewFormat> {
    this.#format ??= this.#askFormat(options).catch((error: unknown) => {
      this.#format = undefined;
      throw error;
    });
    return this.#format;
  }

  /** One header of a range, or of one article (HDR; XHDR where a server has only that). Values as they came. */
  async hdr(field: string, which?: Several, options: CallOptions = {}): Promise<Lines<HeaderLine>> {
    const isNew = this.asker.conversation.offers('HDR');
    const verb = isNew ? command`HDR ${checkField(field)}` : command`XHDR ${checkField(field)}`;
    return this.#headerLines(withArgument(verb, which), which, isNew ? parseHeader : parseXhdr, options);
  }

  /** Those of a range in which a header matches one of some patterns (XPAT, RFC 2980); as wildmats, case counts. */
  async xpat(
    field: string,
    which: number | string | Range,
    patterns: readonly string[],
    options: CallOptions = {},
  ): Promise<Lines<HeaderLine>> {
    if (patterns.length === 0 || !patterns.every((pattern) => /^[^\s,]+$/.test(pattern)))
      throw new UsageError('a pattern of XPAT has no spaces: write ? for each', { protocol: 'nntp' });
    const asked = command`XPAT ${checkField(field)} ${argumentOf(which)} ${patterns.join(' ')}`;
    return this.#headerLines(asked, which, parseXhdr, options);
  }

  /** One part of an article, to be read. */
  protected async part(
    part: Part,
    which: Which,
    group: string | undefined,
    options: CallOptions = {},
  ): Promise<Resource> {
    let ref: ArticleRef | undefined;
    const check = ({ text }: Reply): void => {
      ref = refOf(text, which);
    };
    const { body } = await this.asker.ask(partOf(part, which), check, { ...options, group });
    const { number = 0, messageId = '' } = ref ?? {};
    const isNumbered = group !== undefined && typeof which === 'number';
    const path = formatPath(isNumbered ? { kind: 'article', group, number } : { kind: 'message', messageId });
    return new Resource({
      body,
      path,
      url: this.urlOf(path),
      type: TYPES[part],
      meta: { ...(number > 0 && { number: String(number) }), id: messageId, uid: messageId },
      decode: utf8OrOlder,
      close: () => drain(body, this.asker.conversation.connection),
    });
  }

  protected urlOf(path: string): string {
    const { endpoint } = this.asker.conversation;
    return formatUrl(endpoint, path, endpoint.tls === 'implicit' ? 563 : 119);
  }

  /** Where to ask for it: a message-id needs no group. Throws UsageError where none was entered. */
  protected groupFor(which: Several): string | undefined {
    if (typeof which === 'string') return undefined;
    if (this.#current !== undefined) return this.#current;
    throw new UsageError('a number is of a group: enter one first', { protocol: 'nntp' });
  }

  #overview(which: Several): Command {
    const isNew = this.asker.conversation.offers('OVER');
    return withArgument(isNew ? command`OVER` : command`XOVER`, which);
  }

  async #askFormat(options: CallOptions | undefined): Promise<OverviewFormat> {
    if (!this.asker.conversation.mayOffer('LIST', 'OVERVIEW.FMT')) return USUAL_FORMAT;
    try {
      return parseOverviewFormat(await this.asker.lines(command`LIST OVERVIEW.FMT`, { ...options, lines: 10_000 }));
    } catch (error) {
      if (isUnknown(error)) return USUAL_FORMAT;
      throw error;
    }
  }

  async #step(asked: Command, options: CallOptions = {}): Promise<ArticleRef> {
    const { text } = await this.asker.say(asked, { ...options, group: this.groupFor(undefined) });
    return this.asker.believe(() => parseArticleRef(text));
  }

  async #headerLines(
    asked: Command,
    which: Several,
    parse: (line: string) => HeaderLine | undefined,
    options: CallOptions,
  ): Promise<Lines<HeaderLine>> {
    const found: Lines<HeaderLine> = { items: [], malformed: [] };
    const sink = (text: string): void => {
      const { items, malformed } = parseLines(text, parse);
      for (const item of items) found.items.push(item);
      for (const line of malformed) found.malformed.push(line);
    };
    try {
      await this.asker.blocks(asked, sink, { ...options, group: this.groupFor(which) });
    } catch (error) {
      if (!isEmpty(error, which)) throw error;
    }
    return found;
  }
}

const UNLIMITED = { lines: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY };

/** RFC 2980 2.8 lets LISTGROUP say only that a list follows; RFC 3977 does not. */
function checkEntered(name: string, text: string, isStrict: boolean): void {
  if (!isStrict && !/^\d/.test(text)) return;
  if (parseGroup(text).name !== name) throw broken('the server lists another group than was asked for');
}
