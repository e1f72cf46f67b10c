import type { Connection } from './connection.ts';

/**
 * Ends a connection in good order: what was written goes out, then our end (FIN, and close_notify), then the peer may
 * finish what it is saying, unheard, for `timeouts.close` at most. To close a socket that holds unread bytes would reset
 * it, and a reset overtakes the reply that is still on its way (RFC 1122 4.2.2.13, RFC 9112 9.6). Never throws.
 */
export async function farewell(connection: Connection): Promise<void> {
  if (!connection.usable || connection.stream.destroyed) return connection.close();
  connection.end();
  await finished(connection);
  const timer = setTimeout(() => void connection.close(), connection.timeouts.close);
  try {
    while ((await connection.read()) !== undefined);
  } catch {
    // It was lost, or took too long: it is over either way.
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
}

/** Waits until all that was written is on its way, or the connection is gone, or nothing has moved for the idle limit. */
async function finished({ stream, timeouts }: Connection): Promise<void> {
  if (stream.writableFinished || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const leave = (): void => {
      clearTimeout(timer);
      stream.off('finish', leave).off('close', leave);
      resolve();
    };
    const timer = Number.isFinite(timeouts.idle) ? setTimeout(leave, timeouts.idle) : undefined;
    stream.on('finish', leave).on('close', leave);
  });
}
