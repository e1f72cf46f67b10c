import type { Connection } from './connection.ts';

/** How long those who stand behind an unread body wait for who should read it: as long as some of it is read now and then. */
export class Patience {
  readonly #connection: Connection;
  readonly #lost: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `lost`: nothing was read for the idle timeout of the connection. */
  constructor(connection: Connection, lost: () => void) {
    this.#connection = connection;
    this.#lost = lost;
  }

  /** Somebody waits. */
  begin(): void {
    const { idle } = this.#connection.timeouts;
    if (this.#timer || !Number.isFinite(idle)) return;
    const { received } = this.#connection;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#connection.received > received) this.begin();
      else this.#lost();
    }, idle);
  }

  /** Nobody has to wait any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
