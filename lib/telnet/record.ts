import type { Connection } from '../net/connection.ts';

/** How much of a line is kept for a transcript before it is told. */
const LONGEST = 4096;

/** What both ends say, in lines, for whoever listens to the dialogue. */
export class Record {
  readonly #connection: Connection;
  /** The line that has not ended yet: a prompt, mostly. */
  #begun = '';

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  heard(text: string): void {
    if (!this.#connection.isHeard) return;
    const lines = (this.#begun + text).split(/\r?\n/);
    this.#begun = lines.pop() ?? '';
    for (const line of lines) this.#connection.heard(line);
    if (this.#begun.length > LONGEST) this.flush();
  }

  /** What this end says; with `hidden` it is not shown. */
  said(text: string, hidden: boolean): void {
    if (!this.#connection.isHeard) return;
    this.flush();
    const lines = hidden ? ['***'] : text.replace(/\r?\n$/, '').split(/\r?\n/);
    for (const line of lines) this.#connection.said(this.#connection.redact(line));
  }

  /** The line that was begun will not go on before something else is said. */
  flush(): void {
    if (this.#begun !== '') this.#connection.heard(this.#begun);
    this.#begun = '';
  }
}
