import type { Reply } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Resource } from '../core/resource.ts';
import type { FetchAllOptions } from '../core/verbs.ts';
import { type Answer, pass } from '../net/pass.ts';
import { HeaderBlock } from '../wire/headers.ts';
import { NntpAuthor } from './author.ts';
import { isUnknown } from './catalogue.ts';
import type { GroupStatus } from './codec.ts';
import { Overview } from './overview.ts';
import { USUAL_FORMAT } from './overview-format.ts';
import { formatPath } from './path.ts';
import { inRange, type Range } from './range.ts';
import { isMissing, type Part, partOf, refOf } from './which.ts';

/** How many headers are asked for at once, where there is no overview, and how many articles are looked up at once. */
const SOME = 256;
const MANY = 100_000;

/** An article of a range that is to be fetched. */
interface Wanted {
  readonly number: number;
  readonly messageId: string;
  /** In octets, as far as the server says. */
  readonly size: number;
}

export interface WholeOptions extends FetchAllOptions {
  readonly part: Part;
}

/** The articles of a range, one after another, whatever the server has for that. */
export abstract class NntpRanges extends NntpAuthor {
  /** Whether the server has no overview. */
  #noOverview = false;

  /** Their rows; from the headers, where the server has no overview. What is not of the range is left out. */
  protected async *rowsOf(
    status: GroupStatus,
    range: Range,
    options: CallOptions,
  ): AsyncGenerator<Overview[], void, void> {
    const { name } = status;
    if (!this.#noOverview) {
      try {
        for await (const rows of this.rows(name, range, USUAL_FORMAT, options)) {
          yield rows.filter(({ number }) => number === 0 || inRange(range, number));
        }
        return;
      } catch (error) {
        if (!isUnknown(error)) throw error;
        this.#noOverview = true;
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
    for (let at = from; at <= to; at += SOME) {
      const rows: Overview[] = [];
      const visit = (head: Buffer, number: number): void => void rows.push(rowOf(number, head));
      await this.eachIn(name, numbers(at, Math.min(to, at + SOME - 1)), visit, { ...options, part: 'head' });
      if (rows.length > 0) yield rows;
    }
  }

  /** All of them, each to be read before the next; what is not read is passed over. Those that have gone are left out. */
  protected async *whole(
    status: GroupStatus,
    range: Range,
    options: WholeOptions,
  ): AsyncGenerator<Resource, void, void> {
    const { low, high } = status;
    const to = Math.min(high, range.high ?? high);
    for (let at = Math.max(low, range.low); at <= to; at += MANY) {
      const wanted = await this.#wanted(status, { low: at, high: Math.min(to, at + MANY - 1) }, options);
      yield* this.#pass(status.name, wanted, options);
    }
  }

  async #wanted(status: GroupStatus, range: Range, { known, signal }: WholeOptions): Promise<Wanted[]> {
    const wanted: Wanted[] = [];
    for await (const rows of this.rowsOf(status, range, { signal })) {
      for (const { number, messageId, bytes = 0 } of rows) {
        if (number > 0 && !known?.(messageId)) wanted.push({ number, messageId, size: bytes });
      }
    }
    return wanted;
  }

  async *#pass(
    group: string,
    wanted: readonly Wanted[],
    { part, refused, signal }: WholeOptions,
  ): AsyncGenerator<Resource, void, void> {
    if (wanted.length === 0) return;
    const { asker } = this;
    const orders = wanted.map((each) => new ArticleOrder(part, each));
    const answers = pass(asker.line, orders, { signal });
    // it has the connection to itself from its first question on
    const begin = (): ReturnType<typeof answers.next> => answers.next();
    let next = await asker.again(() => asker.within(group, begin, { signal }), { signal });
    try {
      for (; !next.done; next = await answers.next()) {
        for (const answer of next.value) {
          const resource = this.#read(part, answer, group, refused);
          if (!resource) continue;
          yield resource;
          await resource.close();
        }
      }
    } finally {
      await answers.return();
    }
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

function* numbers(from: number, to: number): Generator<number> {
  for (let number = from; number <= to; number++) yield number;
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
