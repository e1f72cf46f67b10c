import { UsageError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import { Secret } from '../core/secret.ts';
import { unlessAborted } from '../core/unless-aborted.ts';
import type { TelnetLink } from './link.ts';
import { OPTIONS } from './names.ts';
import type { Reader } from './reader.ts';

/** So many characters are no single key. */
const LINE = 4;

/** The sending half of a dialogue. */
export class Writer {
  readonly #link: TelnetLink;
  readonly #reader: Reader;

  constructor(link: TelnetLink, reader: Reader) {
    this.#link = link;
    this.#reader = reader;
  }

  /** `end` is what ends it, and must not be in it; `hidden`: it is not shown in transcripts. See `TelnetDialogue.write`. */
  async write(text: string | Secret, end: '' | '\n', hidden: boolean, options: CallOptions): Promise<void> {
    const { connection, machine } = this.#link;
    options.signal?.throwIfAborted();
    const plain = text instanceof Secret ? text.reveal() : text;
    if (end !== '' && /[\r\n\0]/.test(plain)) {
      throw new UsageError('a line holds CR, LF or NUL: it would become a second line', { protocol: 'telnet' });
    }
    const { loading } = this.#reader;
    if (loading) await loading;
    const { charset } = this.#reader;
    const line = plain + end;
    const octets = charset.encode(machine.enabled('local', OPTIONS.BINARY) ? line : line.replace(/\r?\n/g, '\r\n'));
    connection.refuseGone();
    if (text instanceof Secret) connection.hide(text);
    // a peer may show it all the same; what is typed key by key is not to be found again
    else if (this.#reader.asksForPassword && plain.length >= LINE) connection.hide(new Secret(plain.trimEnd()));
    this.#reader.record.said(plain, hidden || text instanceof Secret);
    // what has been given to the socket goes out all the same
    await unlessAborted(this.#link.write(octets), options.signal);
  }

  async octets(octets: Uint8Array, options: CallOptions): Promise<void> {
    options.signal?.throwIfAborted();
    // what has been given to the socket goes out all the same
    await unlessAborted(this.#link.write(octets), options.signal);
  }
}
