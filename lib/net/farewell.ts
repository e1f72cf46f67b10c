import type { Connection } from './connection.ts';
import { finished } from './flush.ts';

/**
 * Ends a connection in good order: what was written goes out, then our end (FIN, and close_notify), then the peer may
 * finish what it is saying, unheard, for `timeouts.close` at most. To close a socket that holds unread bytes would reset
 * it, and a reset overtakes the reply that is still on its way (RFC 1122 4.2.2.13, RFC 9112 9.6). Never throws.
 */
export async function farewell(connection: Connection): Promise<void> {
  if (!connection.usable || connection.stream.destroyed) return connection.close();
  connection.end();
  const { idle, close } = connection.timeouts;
  await finished(connection.stream, idle);
  const timer = Number.isFinite(close) ? setTimeout(() => void connection.close(), close) : undefined;
  try {
    while ((await connection.read()) !== undefined);
  } catch {
    // It was lost, or took too long: it is over either way.
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
}
