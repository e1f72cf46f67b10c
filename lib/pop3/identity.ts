import { ReplyError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Pop3Client } from './client.ts';
import { digestOf } from './header.ts';
import { Scan } from './scan.ts';

/**
 * Which message has which id, for one session: by UIDL, and where the server has none, by a digest of the header, the
 * second of the same as `sha256-…-2`. It is asked when it is needed, and once: numbers do not change in a session.
 */
export class Identity {
  readonly #client: Pop3Client;
  #uids: Scan<string> | undefined;
  #numbers: Map<string, number> | undefined;

  constructor(client: Pop3Client) {
    this.#client = client;
  }

  /** Takes what UIDL has told anyway. */
  learn(uids: Scan<string>): void {
    this.#uids = uids;
    this.#numbers = undefined;
  }

  /** The ids of all messages. */
  async ids(options: CallOptions = {}): Promise<Scan<string>> {
    this.#uids ??= (await told(this.#client, options)) ?? (await digests(this.#client, options));
    return this.#uids;
  }

  /** The first message that has this id; undefined where none has. */
  async numberOf(uid: string, options: CallOptions = {}): Promise<number | undefined> {
    const ids = await this.ids(options);
    if (!this.#numbers) {
      this.#numbers = new Map();
      for (const [number, id] of ids) if (!this.#numbers.has(id)) this.#numbers.set(id, number);
    }
    return this.#numbers.get(uid);
  }
}

/** What UIDL says; undefined where the server has no UIDL. */
export async function told(client: Pop3Client, options: CallOptions): Promise<Scan<string> | undefined> {
  if (!client.offers('UIDL')) return undefined;
  try {
    return await client.uidl(options);
  } catch (error) {
    if (error instanceof ReplyError && !error.temporary) return undefined;
    throw error;
  }
}

async function digests(client: Pop3Client, options: CallOptions): Promise<Scan<string>> {
  const ids = new Scan<string>();
  const count = new Map<string, number>();
  const { numbers } = await client.listing(options);
  await client.headers(
    numbers,
    (header, number) => {
      const digest = digestOf(header);
      const times = (count.get(digest) ?? 0) + 1;
      count.set(digest, times);
      ids.add(number, times === 1 ? digest : `${digest}-${times}`);
    },
    options,
  );
  return ids;
}
