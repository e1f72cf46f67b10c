import { UsageError } from '../../core/errors.ts';
import { sameBytes } from '../../wire/plain.ts';
import { isSpool, type Message, type Pop3Fixture, type Spool } from '../fixture.ts';
import { MemorySpool } from './memory.ts';

/** As whom a client logs in. */
export interface Pop3Login {
  readonly user: string;
  readonly password: string;
  /** An OAuth 2.0 bearer token. */
  readonly token?: string | undefined;
}

interface Account {
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  readonly spool: Spool;
}

/** The users of a server, their maildrops, and who has which. */
export class Accounts {
  readonly #accounts = new Map<string, Account>();
  readonly #holders = new Map<Spool, object>();
  /** When each user logged in last, in milliseconds. */
  readonly #logins = new Map<string, number>();

  constructor({ messages, users }: Pop3Fixture, { user, password, token }: Pop3Login) {
    if (messages || !users) this.#accounts.set(user, { password, token, spool: spoolOf(messages) });
    for (const [name, { password, token, messages }] of Object.entries(users ?? {}))
      this.#accounts.set(name, { password, token, spool: spoolOf(messages) });
  }

  /** The first user who has a password. */
  get login(): Pop3Login | undefined {
    for (const [user, { password, token }] of this.#accounts) {
      if (password !== undefined) return { user, password, ...(token !== undefined && { token }) };
    }
    return undefined;
  }

  get haveTokens(): boolean {
    return [...this.#accounts.values()].some(({ token }) => token !== undefined);
  }

  lookup(user: string): Account | undefined {
    return this.#accounts.get(user);
  }

  isPassword(user: string, password: string): boolean {
    const known = this.#accounts.get(user)?.password;
    return sameBytes(known ?? '', password) && known !== undefined;
  }

  /** The messages of a user, where they are kept in memory. Throws UsageError where they are not. */
  memoryOf(user: string): MemorySpool {
    const spool = this.#accounts.get(user)?.spool;
    if (spool instanceof MemorySpool) return spool;
    throw new UsageError(spool ? `the messages of ${user} are not in memory` : `there is no user ${user}`);
  }

  /** Gives a maildrop to `holder` alone; false where somebody has it. */
  lock(spool: Spool, holder: object): boolean {
    if (this.#holders.has(spool)) return false;
    this.#holders.set(spool, holder);
    return true;
  }

  /** Gives back what `holder` has. */
  unlock(holder: object): void {
    for (const [spool, other] of this.#holders) if (other === holder) this.#holders.delete(spool);
  }

  /** Whether a user may log in now, `delay` seconds after the last time at the earliest; if so, it is noted. */
  mayLogin(user: string, delay: number): boolean {
    const now = performance.now();
    const last = this.#logins.get(user);
    if (last !== undefined && now - last < delay * 1_000) return false;
    this.#logins.set(user, now);
    return true;
  }
}

function spoolOf(messages: readonly Message[] | Spool | undefined): Spool {
  return messages && isSpool(messages) ? messages : new MemorySpool(messages);
}
