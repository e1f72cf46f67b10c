import { createHash } from 'node:crypto';
import { UsageError } from '../../core/errors.ts';
import { isUid } from '../codec.ts';
import type { KeptMessage, Message, Spool } from '../fixture.ts';

/** A message in memory. */
export class MemoryMessage implements KeptMessage {
  readonly uid: string;
  readonly #content: Uint8Array;

  constructor(uid: string, content: Uint8Array) {
    this.uid = uid;
    this.#content = content;
  }

  content(): Uint8Array {
    return this.#content;
  }
}

/** Messages that are kept in memory. */
export class MemorySpool implements Spool {
  readonly #ids = new UniqueIds();
  #messages: readonly MemoryMessage[];

  constructor(messages: Iterable<Message> = []) {
    this.#messages = Array.from(messages, (message) => this.#keep(message));
  }

  get messages(): readonly MemoryMessage[] {
    return this.#messages;
  }

  /** One more, which the next session finds. Throws UsageError for a unique id that is none. */
  add(message: Message): void {
    this.#messages = [...this.#messages, this.#keep(message)];
  }

  async open(): Promise<readonly MemoryMessage[]> {
    return this.#messages;
  }

  async remove(messages: readonly KeptMessage[]): Promise<void> {
    const gone = new Set(messages);
    this.#messages = this.#messages.filter((message) => !gone.has(message));
  }

  #keep(message: Message): MemoryMessage {
    const { uid, content } =
      typeof message === 'string' || message instanceof Uint8Array
        ? { uid: undefined, content: message }
        : { uid: undefined, ...message };
    if (uid !== undefined && !isUid(uid))
      throw new UsageError('the unique id of a message is 1 to 70 characters of ASCII without spaces');
    const octets = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    return new MemoryMessage(uid ?? this.#ids.of(octets), octets);
  }
}

/** Unique ids of messages that have none of their own: digests, with a number behind it where the same comes again. */
export class UniqueIds {
  readonly #seen = new Map<string, number>();

  /** 128 bits of SHA-256, in hexadecimal. */
  of(content: Uint8Array | string): string {
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 32);
    const count = (this.#seen.get(digest) ?? 0) + 1;
    this.#seen.set(digest, count);
    return count === 1 ? digest : `${digest}-${count}`;
  }
}
