/** How an article goes out, and what its end was. */
import { ConnectionError, limitError, ProtocolError, type Reply, ReplyError, TimeoutError } from '../core/errors.ts';
import type { Body } from '../core/resource.ts';
import type { Talk } from '../net/pipeline.ts';
import { Command } from '../wire/command.ts';
import { DotEncoder } from '../wire/dot.ts';

/** The largest article that is sent, in octets. */
const MAX_ARTICLE = 64 * 1024 * 1024;

/** A body as octets: an article is checked as a whole before the first of them is sent. */
export async function octetsOf(body: Body): Promise<Buffer> {
  if (typeof body === 'string') return Buffer.from(body, 'utf8');
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_ARTICLE) throw limitError('the size of an article', MAX_ARTICLE, { protocol: 'nntp' });
    parts.push(Uint8Array.from(part));
  }
  return Buffer.concat(parts);
}

/** An article as a block: dots doubled, and the final dot. */
export function blockOf(octets: Uint8Array): Buffer {
  const encoder = new DotEncoder();
  return Buffer.concat([encoder.encode(octets), encoder.finish()]);
}

/** A reply, or why there is none: who sends an article must not take the one for a refusal of the command before it. */
export type Settled = { readonly reply: Reply } | { readonly error: unknown };

/**
 * Sends an article behind the command that announced it, and hears what becomes of it. `verb` is what the reply answers:
 * `POST article`. An article of which the server said nothing may have arrived: the error says so.
 */
export async function sendArticle(talk: Talk, verb: string, block: Buffer, messageId: string): Promise<Settled> {
  try {
    return { reply: await talk.send(block, new Command(verb)) };
  } catch (error) {
    return { error: error instanceof ReplyError ? error : unknownOutcome(error, messageId) };
  }
}

/** The same failure, which says that nobody knows what has become of the article. */
export function unknownOutcome(error: unknown, messageId: string): unknown {
  if (!(error instanceof ConnectionError || error instanceof ProtocolError)) return error;
  const message = `${error.message}; whether ${messageId} has arrived is not known: look for it before it is sent again`;
  const { protocol = 'nntp', phase, command, host, port } = error;
  const detail = { protocol, phase, command, host, port, outcome: 'unknown', temporary: false, cause: error } as const;
  if (error instanceof TimeoutError) return new TimeoutError(message, detail);
  if (error instanceof ProtocolError) return new ProtocolError(message, { ...detail, reason: error.reason });
  return new ConnectionError(message, { ...detail, reason: error.reason });
}
