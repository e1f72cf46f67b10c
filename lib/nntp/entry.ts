import { inspect } from 'node:util';
import type { Entry, Kind } from '../core/resource.ts';
import type { ActiveGroup } from './listing.ts';
import type { Overview } from './overview.ts';
import { formatPath } from './path.ts';

/** The URL of a path at this server. */
export type UrlOf = (path: string) => string;

/** A group as an entry. `status` is one character, see `ActiveGroup`; `low` and `high` are the numbers that it has. */
export function groupEntry(group: GroupFacts, urlOf: UrlOf): Entry {
  const { name, low, high, status, description, count } = group;
  const path = formatPath({ kind: 'group', group: name });
  const meta = {
    low: String(low),
    high: String(high),
    ...(count !== undefined && { count: String(count) }),
    ...(status !== undefined && { status }),
    ...(description !== undefined && { description }),
  };
  return { name, path, url: urlOf(path), kind: 'container', meta };
}

export interface GroupFacts extends Pick<ActiveGroup, 'name' | 'low' | 'high'> {
  readonly status?: string | undefined;
  readonly description?: string | undefined;
  readonly count?: number | undefined;
}

/** An article of a group, by its row in the overview. What is seldom asked for is made when it is. */
export class ArticleEntry implements Entry {
  /** In octets, as the server counts them. */
  declare readonly size?: number;
  /** When it was written, as far as its author said. */
  declare readonly modified?: Date;
  readonly #row: Overview;
  readonly #group: string;
  readonly #urlOf: UrlOf;

  static {
    Object.defineProperty(ArticleEntry.prototype, inspect.custom, {
      value(this: ArticleEntry) {
        return this.toJSON();
      },
    });
    // properties that may be missing cannot be written as accessors
    Object.defineProperty(ArticleEntry.prototype, 'size', {
      get(this: ArticleEntry) {
        return this.#row.bytes;
      },
    });
    Object.defineProperty(ArticleEntry.prototype, 'modified', {
      get(this: ArticleEntry) {
        return this.#row.sent;
      },
    });
  }

  constructor(row: Overview, group: string, urlOf: UrlOf) {
    this.#row = row;
    this.#group = group;
    this.#urlOf = urlOf;
  }

  /** Its number; of a row that is malformed, what is wrong. */
  get name(): string {
    const { malformed } = this.#row;
    return this.#isLost ? `malformed: ${malformed}` : String(this.#row.number);
  }

  get kind(): Kind {
    return this.#isLost ? 'error' : 'item';
  }

  get path(): string {
    return this.#isLost ? '' : formatPath({ kind: 'article', group: this.#group, number: this.#row.number });
  }

  get url(): string {
    return this.#isLost ? '' : this.#urlOf(this.path);
  }

  get meta(): Readonly<Record<string, string>> {
    const { number, subject, from, date, messageId, references, lines, xref, malformed } = this.#row;
    return {
      number: String(number),
      id: messageId,
      subject,
      from,
      date,
      ...(references.length > 0 && { references: references.join(' ') }),
      ...(lines !== undefined && { lines: String(lines) }),
      ...(xref !== undefined && { xref }),
      ...(malformed !== undefined && { malformed }),
    };
  }

  toJSON(): Entry {
    const { name, path, url, kind, size, modified, meta } = this;
    return { name, path, url, kind, ...(size !== undefined && { size }), ...(modified && { modified }), meta };
  }

  /** Without a number nobody can ask for it. */
  get #isLost(): boolean {
    return this.#row.number === 0;
  }
}
