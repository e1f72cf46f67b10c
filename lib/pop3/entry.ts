import { inspect } from 'node:util';
import { type Endpoint, formatUrl } from '../core/endpoint.ts';
import type { Entry, Kind } from '../core/resource.ts';
import { formatPath } from './codec.ts';
import { dateOf } from './header.ts';
import { SCHEMES } from './schemes.ts';

/** What is known of a message. */
export interface Known {
  readonly number: number;
  /** In octets, as LIST tells it. */
  readonly size?: number | undefined;
  readonly uid?: string | undefined;
  /** Of its header, decoded. */
  readonly fields?: ReadonlyMap<string, string> | undefined;
}

/** A message as an Entry. What is seldom asked for is made when it is: a maildrop may have a million messages. */
export class MessageEntry implements Entry {
  readonly kind: Kind = 'item';
  declare readonly size?: number;
  /** When its header says that it was written. */
  declare readonly modified?: Date;
  readonly #known: Known;
  readonly #endpoint: Endpoint;

  static {
    Object.defineProperty(MessageEntry.prototype, inspect.custom, {
      value(this: MessageEntry) {
        return this.toJSON();
      },
    });
  }

  constructor(known: Known, endpoint: Endpoint) {
    this.#known = known;
    this.#endpoint = endpoint;
    if (known.size !== undefined) this.size = known.size;
    const modified = known.fields && dateOf(known.fields);
    if (modified) this.modified = modified;
  }

  /** Its number, which it has in this session only. */
  get name(): string {
    return String(this.#known.number);
  }

  get path(): string {
    return `/${this.#known.number}`;
  }

  get url(): string {
    return urlOf(this.#endpoint, lastingPath(this.#known));
  }

  /** `number` and, where the server tells it, `uid`; after `info` and `search` also `subject`, `from` and `date`. */
  get meta(): Readonly<Record<string, string>> {
    return metaOf(this.#known);
  }

  toJSON(): Entry {
    const { name, path, url, kind, size, modified, meta } = this;
    return { name, path, url, kind, ...(size !== undefined && { size }), ...(modified && { modified }), meta };
  }
}

/** How a message is found in other sessions: where its id is known by that, since its number may be another's then. */
export function lastingPath({ number, uid }: Known): string {
  return formatPath(uid === undefined ? { kind: 'number', number } : { kind: 'uid', uid });
}

/** What is known, in words. The names are ours, whatever a server says. */
export function metaOf({ number, uid, fields }: Known): Readonly<Record<string, string>> {
  const meta: Record<string, string> = uid === undefined ? { number: String(number) } : { number: String(number), uid };
  if (fields) for (const [name, value] of fields) meta[name] = value;
  return meta;
}

const PORTS: ReadonlyMap<string, number> = new Map(Object.entries(SCHEMES).map(([name, { port }]) => [name, port]));

/** The URL of a path, without credentials. */
export function urlOf(endpoint: Endpoint, path: string): string {
  return formatUrl(endpoint, path, PORTS.get(endpoint.scheme));
}
