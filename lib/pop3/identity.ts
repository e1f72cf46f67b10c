import { ReplyError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Pop3Client } from './client.ts';
import { digestOf, isDigest } from './header.ts';
import { Scan } from './scan.ts';

/**
 * Which message has which id, for one session: by UIDL, and where the server tells none, by a digest of the header, the
 * second of the same as `sha256-…-2`. It is asked when it is needed, and once: numbers do not change in a session.
 */
export class Identity {
  readonly #client: Pop3Client;
  #told: Scan<string> | undefined;
  /** Of `#told`. */
  #numbers: Map<string, number> | undefined;
  /** Of messages that UIDL does not tell of. */
  #digests = new Scan<string>();

  constructor(client: Pop3Client) {
    this.#client = client;
  }

  /** Takes what UIDL has told anyway. */
  learn(uids: Scan<string>): void {
    this.#told = uids;
    this.#numbers = undefined;
  }

  /** The ids of these messages. */
  async ids(numbers: readonly number[], options: CallOptions = {}): Promise<Scan<string>> {
    const uids = await this.#uids(options);
    const idOf = (number: number): string | undefined => uids.get(number) ?? this.#digests.get(number);
    const without = numbers.filter((number) => uids.get(number) === undefined);
    if (without.length === 0) return uids;
    if (without.some((number) => this.#digests.get(number) === undefined))
      this.#digests = await digests(this.#client, without, options);
    const ids = new Scan<string>();
    for (const number of numbers) {
      const id = idOf(number);
      if (id !== undefined) ids.add(number, id);
    }
    return ids;
  }

  /** The first message that has this id; undefined where none has. */
  async numberOf(uid: string, options: CallOptions = {}): Promise<number | undefined> {
    const uids = await this.#uids(options);
    this.#numbers ??= firstOfEach(uids);
    const number = this.#numbers.get(uid);
    if (number !== undefined || !isDigest(uid)) return number;
    const { numbers } = await this.#client.listing(options);
    return firstOfEach(await this.ids(numbers, options)).get(uid);
  }

  async #uids(options: CallOptions): Promise<Scan<string>> {
    this.#told ??= (await told(this.#client, options)) ?? new Scan();
    return this.#told;
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

function firstOfEach(ids: Scan<string>): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [number, id] of ids) if (!numbers.has(id)) numbers.set(id, number);
  return numbers;
}

async function digests(client: Pop3Client, numbers: readonly number[], options: CallOptions): Promise<Scan<string>> {
  const ids = new Scan<string>();
  const count = new Map<string, number>();
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
