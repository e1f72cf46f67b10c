import type { Reply } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Resource } from '../core/resource.ts';
import type { FetchAllOptions } from '../core/verbs.ts';
import { type Answer, pass } from '../net/pass.ts';
import { command } from '../wire/command.ts';
import { HeaderBlock } from '../wire/headers.ts';
import { NntpAuthor } from './author.ts';
import { isUnknown } from './catalogue.ts';
import type { GroupStatus } from './codec.ts';
import { broken } from './codes.ts';
import { parseLines, parseNumber } from './listing.ts';
import { Overview } from './overview.ts';
import { USUAL_FORMAT } from './overview-format.ts';
import { formatPath } from './path.ts';
import { formatRange, inRange, type Range } from './range.ts';
import { isEmpty, isMissing, type Part, partOf, refOf } from './which.ts';

/** How many headers are asked for at once, where there is no overview, and how many articles are looked up at once. */
const SOME = 256;
const MANY = 100_000;
/** How many numbers are tried where a server can list neither articles nor their numbers. */
const TRIED = 1_000_000;
/** By how much more is looked up at once, where there was nothing: a group may have few articles between its marks. */
const WIDER = 8;

/** An article of a range that is to be fetched. */
interface Wanted {
  readonly number: number;
  /** In octets, as far as the server says. */
  readonly size: number;
}

/** Articles that are fetched together. */
interface Block {
  readonly wanted: readonly Wanted[];
  /** Whether nothing is there. */
  readonly isEmpty: boolean;
  /** Where the next one begins. */
  readonly next: number;
  /** What is wrong with a row that cannot be told whose it is. */
  readonly malformed: string | undefined;
}

export interface WholeOptions extends FetchAllOptions {
  readonly part: Part;
}

/** The articles of a range, one after another, whatever the server has for that. */
export abstract class NntpRanges extends NntpAuthor {
  /** Their rows; from the headers, where the server has no overview. What is not of the range is left out. */
  protected async *rowsOf(
    status: GroupStatus,
    range: Range,
    options: CallOptions,
  ): AsyncGenerator<Overview[], void, void> {
    const { name } = status;
    const { learned } = this.asker.conversation;
    if (learned.hasOverview) {
      try {
        for await (const rows of this.rows({ group: name }, range, USUAL_FORMAT, options)) {
          yield rows.filter(({ number }) => number === 0 || inRange(range, number));
        }
        return;
      } catch (error) {
        if (!isUnknown(error)) throw error;
        learned.hasOverview = false;
      }
    }
    yield* this.#rowsOfHeads(status, range, options);
  }

  async *#rowsOfHeads(
    { name, low, high }: GroupStatus,
    range: Range,
    options: CallOptions,
  ): AsyncGenerator<Overview[], void, void> {
    const from = Math.max(low, range.low);
    const to = Math.min(high, range.high ?? high);
    const there = from > to ? [] : await this.#numbers(name, { low: from, high: to }, options);
    for (let at = 0; at < there.length; at += SOME) {
      const rows: Overview[] = [];
      const visit = (head: Buffer, number: number): void => void rows.push(rowOf(number, head));
      await this.eachIn(name, there.slice(at, at + SOME), visit, { ...options, part: 'head' });
      if (rows.length > 0) yield rows;
    }
  }

  /** The numbers that there are (LISTGROUP), or could be, where a server cannot list them. Throws ProtocolError (`limit`). */
  async #numbers(
    name: string,
    range: Range & { readonly high: number },
    options: CallOptions,
  ): Promise<readonly number[]> {
    const numbers = new Set<number>();
    const sink = (text: string): void => {
      const { items, malformed } = parseLines(text, parseNumber);
      if (malformed[0] !== undefined) throw broken('a line of LISTGROUP is no number');
      // servers of old know no range here, and list all
      for (const number of items) if (inRange(range, number)) numbers.add(number);
    };
    try {
      await this.asker.blocks(command`LISTGROUP ${name} ${formatRange(range)}`, sink, { ...options, group: name });
      return [...numbers].sort((a, b) => a - b);
    } catch (error) {
      if (isEmpty(error, range)) return [];
      if (!isUnknown(error)) throw error;
    }
    const { low, high } = range;
    if (high - low >= TRIED)
      throw broken(
        `${name} spans more than ${TRIED} numbers, and the server cannot list them: ask for a smaller range`,
        {
          reason: 'limit',
        },
      );
    return Array.from({ length: high - low + 1 }, (_, index) => low + index);
  }

  /**
   * All of them, each to be read before the next; what is not read is passed over. Those that have gone are left out. A
   * row of the overview without a number that can be read throws ProtocolError, after all others.
   */
  protected async *whole(
    status: GroupStatus,
    range: Range,
    options: WholeOptions,
  ): AsyncGenerator<Resource, void, void> {
    const to = Math.min(status.high, range.high ?? status.high);
    let span = MANY;
    let malformed: string | undefined;
    for (let at = Math.max(status.low, range.low); at <= to; ) {
      const block = await this.#block(status, { low: at, high: Math.min(to, at + span - 1) }, options);
      yield* this.#pass(status.name, block.wanted, options);
      malformed ??= block.malformed;
      span = block.isEmpty ? span * WIDER : MANY;
      at = block.next;
    }
    if (malformed !== undefined)
      throw broken(`nobody can tell which article a row of the overview is about, and all others came: ${malformed}`);
  }

  /** At most so many as are looked up at once, however many there are: what is behind them is of the next block. */
  async #block(
    status: GroupStatus,
    range: Range & { readonly high: number },
    { known, signal }: WholeOptions,
  ): Promise<Block> {
    const wanted = new Map<number, Wanted>();
    let nothing = true;
    let next = range.high + 1;
    let malformed: string | undefined;
    for await (const rows of this.rowsOf(status, range, { signal })) {
      for (const row of rows) {
        const { number, messageId, bytes = 0 } = row;
        nothing = false;
        if (number === 0) malformed ??= row.malformed ?? 'its number is 0';
        // it is there already, or said twice
        else if (known?.(messageId) || wanted.has(number)) continue;
        else if (wanted.size < MANY) wanted.set(number, { number, size: bytes });
        else next = Math.min(next, number);
      }
    }
    return { wanted: [...wanted.values()].filter(({ number }) => number < next), isEmpty: nothing, next, malformed };
  }

  async *#pass(group: string, wanted: readonly Wanted[], options: WholeOptions): AsyncGenerator<Resource, void, void> {
    const orders = wanted.map((each) => new ArticleOrder(options.part, each));
    for (let at = 0; at < orders.length; ) at += yield* this.#passOnce(group, orders.slice(at), options);
  }

  /** Gives how many were answered: not all, where a login is wanted before the next. */
  async *#passOnce(
    group: string,
    orders: readonly ArticleOrder[],
    { part, refused, signal }: WholeOptions,
  ): AsyncGenerator<Resource, number, void> {
    const { conversation } = this.asker;
    const { answers, first } = await this.#begin(group, orders, { signal });
    let count = 0;
    try {
      for (let next = first; !next.done; next = await answers.next()) {
        for (const answer of next.value) {
          if (answer.reply.code === LOG_IN && conversation.canLogIn) return count;
          count++;
          const resource = this.#read(part, answer, group, refused);
          if (!resource) continue;
          yield resource;
          await resource.close();
        }
      }
      return count;
    } finally {
      await answers.return();
    }
  }

  /** Up to the first answers; once more after a login, where the first of them wants one. */
  #begin(group: string, orders: readonly ArticleOrder[], options: CallOptions): Promise<Begun> {
    const { asker } = this;
    const begin = async (): Promise<Begun> => {
      const answers = pass(asker.line, orders, options);
      // it has the connection to itself from its first question on
      const first = await answers.next();
      const [answer] = first.done ? [] : first.value;
      if (answer?.reply.code !== LOG_IN) return { answers, first };
      await answers.return();
      throw asker.line.refusal(answer.reply, answer.order.command);
    };
    return asker.again(() => asker.within({ group }, begin, options), options);
  }

  /** Undefined for one that was cancelled meanwhile, or of whose refusal somebody is told. */
  #read(
    part: Part,
    { order, reply, body }: Answer<ArticleOrder>,
    group: string,
    refused: WholeOptions['refused'],
  ): Resource | undefined {
    const { asker } = this;
    if (body)
      return this.resource(
        part,
        body,
        asker.believe(() => order.check(reply)),
        group,
      );
    if (isMissing(reply.code)) return undefined;
    const error = asker.line.refusal(reply, order.command);
    // who is not let in is let in for none of them
    if (!refused || error.reason === 'auth') throw error;
    refused(error, order.path(group));
    return undefined;
  }
}

/** A pass, and its first answers. */
interface Begun {
  readonly answers: ReturnType<typeof pass<ArticleOrder>>;
  readonly first: IteratorResult<readonly Answer<ArticleOrder>[], void>;
}

/** A login is wanted first. */
const LOG_IN = '480';

/** A command that is made when it is said. */
class ArticleOrder {
  readonly size: number;
  readonly #part: Part;
  readonly #wanted: Wanted;

  constructor(part: Part, wanted: Wanted) {
    this.#part = part;
    this.#wanted = wanted;
    this.size = wanted.size;
  }

  get command(): ReturnType<typeof partOf> {
    return partOf(this.#part, this.#wanted.number);
  }

  path(group: string): string {
    return formatPath({ kind: 'article', group, number: this.#wanted.number });
  }

  check({ text }: Reply): ReturnType<typeof refOf> {
    return refOf(text, this.#wanted.number);
  }
}

const FIELDS = ['Subject', 'From', 'Date', 'Message-ID', 'References'];

/** The row that a server with an overview would have. It does not know the size. */
function rowOf(number: number, head: Buffer): Overview {
  const headers = HeaderBlock.parse(head);
  const clean = (name: string): string => (headers.get(name) ?? '').replace(/[\0\t\r\n]/g, ' ');
  const lines = headers.get('Lines') ?? '';
  const text = [number, ...FIELDS.map(clean), '', /^\d{1,15}$/.test(lines) ? lines : ''].join('\t');
  return new Overview(text, 0, text.length, USUAL_FORMAT);
}
