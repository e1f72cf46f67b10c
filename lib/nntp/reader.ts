import { formatUrl } from '../core/endpoint.ts';
import { type Reply, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import { type Flow, Resource } from '../core/resource.ts';
import { utf8OrOlder } from '../wire/charset.ts';
import { type Command, command } from '../wire/command.ts';
import { NntpCatalogue } from './catalogue.ts';
import { type ArticleRef, type GroupStatus, parseArticleRef, parseGroup } from './codec.ts';
import { broken } from './codes.ts';
import { parseLines, parseNumber } from './listing.ts';
import { formatPath } from './path.ts';
import { Place, type Where } from './place.ts';
import { formatRange, type Range } from './range.ts';
import { drain } from './texts.ts';
import { type Visit, Visits } from './visits.ts';
import { MOST, type Part, partOf, refOf, type Several, type Which } from './which.ts';

export type { Visit } from './visits.ts';
export type { Part, Several, Which } from './which.ts';

export interface EachOptions extends CallOptions {
  /** What of the articles. Default `article`. */
  readonly part?: Part | undefined;
  /** The most octets of one article. Default 64 MiB. */
  readonly max?: number | undefined;
}

const TYPES: Readonly<Record<Part, string>> = {
  article: 'message/rfc822',
  head: 'text/rfc822-headers',
  body: 'text/plain',
};

/** Groups, articles and overviews: the native verbs of a reader. Numbers are those of the group that it entered last. */
export abstract class NntpReader extends NntpCatalogue {
  /** In the group that was entered last by `group` or `listGroup`; the uniform verbs enter others without changing it. */
  #place: Place | undefined;

  /** Enters a group (GROUP). Throws ReplyError (`missing`). */
  async group(name: string, options?: CallOptions): Promise<GroupStatus> {
    return this.#enter(new Place(name), options);
  }

  /** Enters a group, and gives the numbers of its articles, all or those in a range (LISTGROUP). */
  async listGroup(name: string, range?: Range, options: CallOptions = {}): Promise<number[]> {
    const place = new Place(name);
    await this.#enter(place, options);
    const asked = range ? command`LISTGROUP ${name} ${formatRange(range)}` : command`LISTGROUP ${name}`;
    const numbers: number[] = [];
    // servers of old know no range here, and list all
    const { text } = await this.asker.blocks(
      asked,
      (block) => {
        const { items, malformed } = parseLines(block, parseNumber);
        if (malformed[0] !== undefined) throw broken('a line of LISTGROUP is no number');
        for (const number of items) numbers.push(number);
      },
      { ...options, lines: MOST, group: name, place },
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
    const { text } = await this.asker.say(partOf('stat', which), { ...options, ...this.where(which) });
    return this.asker.believe(() => refOf(text, which));
  }

  /** A whole article (ARTICLE), streamed: read it to its end, or close it. `meta` has its `number` and `id`. */
  async article(which?: Which, options?: CallOptions): Promise<Resource> {
    return this.#part('article', which, options);
  }

  /** The headers of an article (HEAD). */
  async head(which?: Which, options?: CallOptions): Promise<Resource> {
    return this.#part('head', which, options);
  }

  /** The body of an article (BODY). */
  async body(which?: Which, options?: CallOptions): Promise<Resource> {
    return this.#part('body', which, options);
  }

  /** The body of an article, in memory of its own: the fastest way for many, asked for without waiting for each. */
  async bodyOf(which: Which, options: CallOptions & { readonly max?: number | undefined } = {}): Promise<Buffer> {
    const asked = partOf('body', which);
    const { asker } = this;
    const where = this.where(which);
    const { reply, octets } = await asker.again(
      () => asker.within(where, () => asker.line.gather(asked, options), options),
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
    // what is there already is looked at before anything is said
    if (Array.isArray(which)) for (const each of which) partOf('article', each);
    return this.eachIn(this.#place?.group, which, visit, options);
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
      asker.within({ group }, () => asker.line.each(run.commands(), run.visit, options), options);
    await asker.again(pass, options);
    if (run.locked.length > 0 && asker.conversation.canLogIn) {
      await asker.logIn(options);
      run.repeat();
      await asker.again(pass, options);
    }
    run.finish();
    return run.missing;
  }

  /** One part of an article, to be read. */
  protected async part(part: Part, which: Which, where: Where, options?: CallOptions): Promise<Resource> {
    const { body, ref } = await this.#open(part, which, where, options);
    try {
      return this.resource(part, body, ref, typeof which === 'number' ? where.group : undefined);
    } catch (error) {
      // of an id that no path can name: nobody could close it
      await drain(body, this.asker.conversation.connection);
      throw error;
    }
  }

  /** What an article holds in yEnc. */
  protected async file(which: Which, group: string | undefined, options?: CallOptions): Promise<Resource> {
    const { body, ref } = await this.#open('body', which, { group }, options);
    const { connection } = this.asker.conversation;
    try {
      const { YencBody } = await import('./yenc-body.ts');
      const decoded = await YencBody.of(body);
      const { name, size, part, total, begin, end } = decoded.header;
      const article = this.resource('body', body, ref, typeof which === 'number' ? group : undefined);
      const known = { name, begin, end, of: size, part, total };
      const told = Object.entries(known).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]));
      return new Resource({
        ...{ body: decoded, path: article.path, url: article.url, type: 'application/octet-stream' },
        size: end - begin + 1,
        meta: { ...article.meta, ...Object.fromEntries(told) },
        close: () => drain(body, connection),
      });
    } catch (error) {
      await drain(body, connection);
      throw error;
    }
  }

  async #open(
    part: Part,
    which: Which,
    where: Where,
    options: CallOptions = {},
  ): Promise<{ readonly body: Flow; readonly ref: ArticleRef }> {
    let ref: ArticleRef | undefined;
    const check = ({ text }: Reply): void => {
      ref = refOf(text, which);
    };
    const { body } = await this.asker.ask(partOf(part, which), check, { ...options, ...where });
    return { body, ref: ref ?? { number: 0, messageId: '' } };
  }

  /** `group`: where its number counts, where it was asked for by its number. */
  protected resource(part: Part, body: Flow, { number, messageId }: ArticleRef, group: string | undefined): Resource {
    const path = formatPath(group === undefined ? { kind: 'message', messageId } : { kind: 'article', group, number });
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
  protected where(which: Several): Where {
    if (typeof which === 'string') return {};
    if (this.#place) return this.#place.of(which);
    throw new UsageError('a number is of a group: enter one first', { protocol: 'nntp' });
  }

  async #enter(place: Place, options?: CallOptions): Promise<GroupStatus> {
    const status = await this.asker.enter(place.group, options, place);
    this.#place = place;
    return status;
  }

  async #part(part: Part, which: Which, options: CallOptions = {}): Promise<Resource> {
    return this.part(part, which, this.where(which), options);
  }

  async #step(asked: Command, options: CallOptions = {}): Promise<ArticleRef> {
    const { text } = await this.asker.say(asked, { ...options, ...this.where(undefined) });
    return this.asker.believe(() => parseArticleRef(text));
  }
}

/** RFC 2980 2.8 lets LISTGROUP say only that a list follows; RFC 3977 does not. */
function checkEntered(name: string, text: string, isStrict: boolean): void {
  if (!isStrict && !/^\d/.test(text)) return;
  if (parseGroup(text).name !== name) throw broken('the server lists another group than was asked for');
}
