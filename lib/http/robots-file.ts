/** Asking a server for its rules. */
import { ConnectionError, ProtocolError, TimeoutError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { HttpClient } from './client.ts';
import { Robots } from './robots.ts';

/** More than is read of it, so that it is seen to be too long: 500 KiB count (RFC 9309 2.5). */
const ENOUGH = 512 * 1024;

/**
 * The rules of the server of a client, from its `/robots.txt`. What its status means is said at `Robots.answered`; a server
 * that cannot be reached, or that answers nonsense, wants nothing to be fetched (RFC 9309 2.3.1.4). Rejects with the reason
 * of the signal. Keep them for a day at most (2.4): `fetched` is when it was.
 */
export async function robotsOf(client: Pick<HttpClient, 'get'>, options: CallOptions = {}): Promise<Robots> {
  try {
    const answer = await client.get('/robots.txt', { ...options, failing: 'return' });
    try {
      return Robots.answered(answer.status, answer.ok ? await beginningOf(answer) : '');
    } finally {
      await answer.close();
    }
  } catch (error) {
    const isUnreachable =
      error instanceof ConnectionError || error instanceof TimeoutError || error instanceof ProtocolError;
    if (options.signal?.aborted || !isUnreachable) throw error;
    return Robots.answered(undefined);
  }
}

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size >= ENOUGH) break;
  }
  return Buffer.concat(chunks);
}
