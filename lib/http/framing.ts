/** How an answer says where its body ends (RFC 9112 6.3). What is ambiguous is refused: a guess would be somebody's attack. */
import { excerpt, ProtocolError } from '../core/errors.ts';
import type { HeaderBlock } from '../wire/headers.ts';

export interface Framing {
  /** In octets, where the answer says so. */
  readonly size: number | undefined;
  /** Whether the end of the body can be told from the end of the connection. */
  readonly delimited: boolean;
}

const NONE: Framing = { size: 0, delimited: true };

/** Throws ProtocolError for lengths that are none, that differ, or that stand beside chunks, and for unknown codings. */
export function framingOf(method: string, status: number, headers: HeaderBlock): Framing {
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return NONE;
  const [coding, ...codings] = headers.getAll('transfer-encoding');
  const [length, ...others] = headers.getAll('content-length').map((text) => text.trim());
  if (coding !== undefined) {
    if (length !== undefined) throw ambiguous('a length beside a transfer coding');
    if (codings.length > 0 || coding.trim().toLowerCase() !== 'chunked')
      throw ambiguous(`the transfer coding ${excerpt(coding)}`);
    return { size: undefined, delimited: true };
  }
  if (length === undefined) return { size: undefined, delimited: false };
  if (others.some((other) => other !== length)) throw ambiguous('several lengths');
  if (!/^\d{1,15}$/.test(length)) throw ambiguous(`the length ${excerpt(length)}`);
  return { size: Number(length), delimited: true };
}

function ambiguous(what: string): ProtocolError {
  return new ProtocolError(`nobody can tell where this answer ends: it has ${what}`, { protocol: 'http' });
}
