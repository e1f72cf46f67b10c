import { limitError, UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import { type Command, command } from '../wire/command.ts';
import { isUnknown } from './catalogue.ts';
import { checkField } from './codec.ts';
import { type HeaderLine, type Lines, parseHeader, parseLines, parseXhdr } from './listing.ts';
import { type Overview, parseOverview } from './overview.ts';
import { type OverviewFormat, parseOverviewFormat, USUAL_FORMAT } from './overview-format.ts';
import type { Where } from './place.ts';
import type { Range } from './range.ts';
import { NntpReader } from './reader.ts';
import { argumentOf, isEmpty, mostOf, type Several, withArgument } from './which.ts';

export interface OverOptions extends CallOptions {
  /** Whether a malformed row is an error. Default: it is a row that says so. */
  readonly strict?: boolean | undefined;
}

const UNLIMITED = { lines: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY };

/** Overviews, and single headers of many articles: native verbs of a reader. */
export abstract class NntpOverviews extends NntpReader {
  /**
   * The overview of a range, or of one article: rows as they come, many at a time. A range without articles has none.
   * Throws ReplyError, ProtocolError.
   */
  async *over(which?: Several, options: OverOptions = {}): AsyncGenerator<Overview[], void, void> {
    const format = await this.overviewFormat(options);
    yield* this.rows(this.where(which), which, format, options);
  }

  protected async *rows(
    where: Where,
    which: Several,
    format: OverviewFormat,
    options: OverOptions,
  ): AsyncGenerator<Overview[], void, void> {
    const most = mostOf(which);
    let count = 0;
    try {
      for await (const texts of this.asker.texts(this.#overview(which), { ...options, ...where })) {
        const rows: Overview[] = [];
        for (const text of texts) parseOverview(text, rows, format, options.strict);
        count += rows.length;
        this.asker.believe(() => refuseMore(count, most));
        yield rows;
      }
    } catch (error) {
      if (!isEmpty(error, which)) throw error;
    }
  }

  /** The same, given to `visit` inside their arrival: the fastest way. What it throws ends the connection. */
  async forEachOverview(which: Several, visit: (rows: Overview[]) => void, options: OverOptions = {}): Promise<void> {
    const format = await this.overviewFormat(options);
    const most = mostOf(which);
    let count = 0;
    const sink = (text: string): void => {
      const rows: Overview[] = [];
      parseOverview(text, rows, format, options.strict);
      count += rows.length;
      refuseMore(count, most);
      visit(rows);
    };
    try {
      const where = this.where(which);
      await this.asker.blocks(this.#overview(which), sink, { ...options, ...UNLIMITED, ...where });
    } catch (error) {
      if (!isEmpty(error, which)) throw error;
    }
  }

  /** The fields of an overview, asked once (LIST OVERVIEW.FMT); the usual ones from a server that does not say. */
  async overviewFormat({ signal }: CallOptions = {}): Promise<OverviewFormat> {
    signal?.throwIfAborted();
    // others may wait for the same answer: nobody's abort ends it
    const { learned } = this.asker.conversation;
    learned.format ??= this.#askFormat().catch((error: unknown) => {
      learned.format = undefined;
      throw error;
    });
    return unlessAborted(learned.format, signal);
  }

  /** One header of a range, or of one article (HDR; XHDR where a server has only that). Values as they came. */
  async hdr(field: string, which?: Several, options: CallOptions = {}): Promise<Lines<HeaderLine>> {
    const isNew = this.asker.conversation.offers('HDR');
    const verb = isNew ? command`HDR ${checkField(field)}` : command`XHDR ${checkField(field)}`;
    return this.#headerLines(withArgument(verb, which), which, isNew ? parseHeader : parseXhdr, options);
  }

  /**
   * Those of a range in which a header matches a pattern (XPAT, RFC 2980 2.9): `*` is any text, `?` any one character,
   * `[a-z]` one of a set; case counts, and a comma is a comma.
   */
  async xpat(
    field: string,
    which: number | string | Range,
    pattern: string,
    options: CallOptions = {},
  ): Promise<Lines<HeaderLine>> {
    if (pattern === '' || /^\s|\s$|\s\s/.test(pattern))
      throw new UsageError('in a pattern of XPAT are single spaces: write ? for others', { protocol: 'nntp' });
    const asked = command`XPAT ${checkField(field)} ${argumentOf(which)} ${pattern}`;
    return this.#headerLines(asked, which, parseXhdr, options);
  }

  #overview(which: Several): Command {
    const isNew = this.asker.conversation.offers('OVER');
    return withArgument(isNew ? command`OVER` : command`XOVER`, which);
  }

  async #askFormat(): Promise<OverviewFormat> {
    if (!this.asker.conversation.mayOffer('LIST', 'OVERVIEW.FMT')) return USUAL_FORMAT;
    try {
      return parseOverviewFormat(await this.asker.lines(command`LIST OVERVIEW.FMT`, { lines: 10_000 }));
    } catch (error) {
      if (isUnknown(error)) return USUAL_FORMAT;
      throw error;
    }
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
      await this.asker.blocks(asked, sink, { ...options, lines: mostOf(which), ...this.where(which) });
    } catch (error) {
      if (!isEmpty(error, which)) throw error;
    }
    return found;
  }
}

function refuseMore(count: number, most: number): void {
  if (count > most) throw limitError('the rows of an overview', most, { protocol: 'nntp', phase: 'body' });
}
