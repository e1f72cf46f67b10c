import { UsageError } from '../../core/errors.ts';
import { isCharset } from '../../wire/charset.ts';
import { OPTIONS } from '../names.ts';
import type { OptionPort, Role, Side } from '../option.ts';
import { PlainOption } from './plain.ts';
import { MAX_NAMES } from './text.ts';

const REQUEST = 1;
const ACCEPTED = 2;
const REJECTED = 3;
const TTABLE_IS = 4;
const TTABLE_REJECTED = 5;

const TTABLE = Buffer.from('[TTABLE]');
const SEPARATOR = ';';

/** REQUEST, and names to choose from, the best first (RFC 2066). */
export function formatRequest(names: readonly string[]): Buffer {
  return answer(REQUEST, names.map((name) => `${SEPARATOR}${name}`).join(''));
}

/**
 * The names of a REQUEST (RFC 2066): its first octet is what stands between them. A version for translation tables may
 * come before it; we have none of these. Empty when there is no name in it.
 */
export function parseRequest(data: Buffer): string[] {
  const tables = data.subarray(1, 1 + TTABLE.length).equals(TTABLE);
  const text = data.toString('latin1', tables ? TTABLE.length + 2 : 1);
  const separator = text.charAt(0);
  const names = separator === '' ? [] : text.slice(1).split(separator, MAX_NAMES);
  // some leave the separator out: what begins with a letter is also a name as a whole
  return (/^[A-Za-z]/.test(text) ? [...names, text] : names).filter((name) => /^[!-~]{1,40}$/.test(name));
}

function answer(command: number, name = ''): Buffer {
  return Buffer.concat([Buffer.of(command), Buffer.from(name, 'latin1')]);
}

/**
 * CHARSET (RFC 2066). Whoever does it (WILL) and was asked to (DO) may propose names; the other chooses one. Since peers
 * often have that the wrong way round, a proposal is answered in either role. When both propose at once, the server's
 * counts: it rejects the client's, and the client answers.
 */
export class Charset extends PlainOption {
  readonly #server: boolean;
  /** The best first. */
  readonly #names: readonly string[];
  /** What we proposed, as long as it is unanswered. */
  #proposed: readonly string[] | undefined;

  /**
   * `names` are proposed as soon as that is possible, and taken first of what a peer proposes; those that nobody could
   * agree on are left out at a client, which may be told to write in them anyway. Throws UsageError for them at a server.
   */
  constructor(role: Role, names: readonly string[], server: boolean) {
    super(OPTIONS.CHARSET, role);
    if (server && !names.every(isProposable)) throw unusable();
    this.#names = names.filter(isProposable);
    this.#server = server;
  }

  /** Proposes names, the best first. Throws UsageError for a name that cannot be used, and when the peer did not ask for it. */
  request(port: OptionPort, names: readonly string[]): void {
    if (names.length === 0 || !names.every(isProposable)) throw unusable();
    if (this.#proposed) throw new UsageError('the character sets that were proposed have not been answered yet');
    if (!port.enabled('local', this.code)) {
      throw new UsageError('the peer does not take proposals of character sets', { reason: 'unsupported' });
    }
    this.#proposed = names;
    port.subnegotiate(this.code, formatRequest(names));
  }

  changed(side: Side, enabled: boolean, port: OptionPort): void {
    if (side !== 'local') return;
    this.#proposed = undefined;
    if (enabled && this.#names.length > 0) this.request(port, this.#names);
  }

  subnegotiated(data: Buffer, port: OptionPort): void {
    const name = data.toString('latin1', 1);
    if (data[0] === REQUEST) this.#choose(parseRequest(data), port);
    else if (data[0] === ACCEPTED && this.#proposed) this.#accepted(name, port);
    else if (data[0] === REJECTED && this.#proposed) this.#agree(undefined, port);
    else if (data[0] === TTABLE_IS) port.subnegotiate(this.code, answer(TTABLE_REJECTED));
    else port.note('an answer about character sets that nobody asked for');
  }

  #choose(offered: readonly string[], port: OptionPort): void {
    if (this.#server && this.#proposed) {
      port.subnegotiate(this.code, answer(REJECTED));
      return;
    }
    const usable = offered.filter(isCharset);
    const wanted = this.#names.flatMap((name) => usable.filter((each) => same(each, name)));
    const chosen = wanted[0] ?? usable[0];
    // as it was written, since it is compared
    port.subnegotiate(this.code, chosen === undefined ? answer(REJECTED) : answer(ACCEPTED, chosen));
    this.#agree(chosen, port);
  }

  #accepted(name: string, port: OptionPort): void {
    const chosen = this.#proposed?.find((each) => same(each, name));
    if (chosen === undefined) port.note('the peer accepts a character set that was not proposed');
    else this.#agree(chosen, port);
  }

  #agree(charset: string | undefined, port: OptionPort): void {
    this.#proposed = undefined;
    port.emit({ type: 'charset', charset });
  }
}

/** Whether a name can be used, and be told: without spaces, and without what stands between names. */
function isProposable(name: string): boolean {
  return isCharset(name) && /^[\w.:-]+$/.test(name);
}

function unusable(): UsageError {
  return new UsageError('these are no character sets to be proposed');
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
