import { excerpt, ProtocolError, UsageError } from '../core/errors.ts';
import { findBody, HeaderBlock } from '../wire/headers.ts';

/** RFC 5322 2.1.1: octets of a line, without its end. */
export const LONGEST_LINE = 998;

/** A message in two. */
export interface Split {
  readonly headers: HeaderBlock;
  /** A view of what was given. */
  readonly body: Buffer;
}

/**
 * A whole message that the caller gave, as it is to be sent: its headers are checked, not changed. Throws UsageError
 * where a line is no header and belongs to none, where the empty line is missing that ends them, where they hold NUL
 * or a CR that ends no line, and for a line of more than 998 octets.
 */
export function splitMessage(message: Uint8Array): Split {
  const octets = Buffer.from(message.buffer, message.byteOffset, message.length);
  const at = findBody(octets);
  if (at === undefined) throw new UsageError('no empty line ends the headers of this message');
  const head = octets.subarray(0, at);
  const lines = head.toString('latin1').split(/\r?\n/);
  const wrong = lines.slice(0, -2).map(whatIsWrong);
  const first = wrong.findIndex((each) => each !== undefined);
  if (first >= 0) throw new UsageError(`line ${first + 1} of this message ${wrong[first]}`);
  const headers = parse(head);
  const [defect] = headers.defects;
  if (defect !== undefined) throw new UsageError(`this line of a message is no header: ${excerpt(defect)}`);
  if (headers.size === 0) throw new UsageError('this message has no headers');
  return { headers, body: octets.subarray(at) };
}

function whatIsWrong(line: string): string | undefined {
  if (line.includes('\0')) return 'has a NUL';
  if (line.includes('\r')) return 'has a CR that ends no line';
  if (line.length > LONGEST_LINE) return `is longer than ${LONGEST_LINE} octets`;
  return /^[ \t]+$/.test(line) ? 'is white space alone' : undefined;
}

function parse(head: Buffer): HeaderBlock {
  try {
    return HeaderBlock.parse(head);
  } catch (error) {
    // that limit is for peers: here it is the caller who went past it
    if (error instanceof ProtocolError) throw new UsageError('this message has too many headers', { cause: error });
    throw error;
  }
}
