import { inspect } from 'node:util';
import { type Endpoint, formatUrl } from '../core/endpoint.ts';
import type { Entry, Kind } from '../core/resource.ts';
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
    return urlOf(this.#endpoint, this.path);
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

const NONE: ReadonlyMap<string, string> = new Map();

/** What is known, in words: in an object without a prototype, since a server chose some of them. */
export function metaOf({ number, uid, fields }: Known): Readonly<Record<string, string>> {
  const meta: Record<string, string> = Object.create(null);
  meta['number'] = String(number);
  if (uid !== undefined) meta['uid'] = uid;
  for (const [name, value] of fields ?? NONE) meta[name] = value;
  return meta;
}

/** The URL of a path, without credentials. */
export function urlOf(endpoint: Endpoint, path: string): string {
  return formatUrl(endpoint, path, Object.entries(SCHEMES).find(([name]) => name === endpoint.scheme)?.[1].port);
}
