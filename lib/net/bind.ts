import type { Server } from 'node:net';
import { ConnectionError, UsageError } from '../core/errors.ts';

/** Where a server is to listen. */
export interface Place {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly unixSocket?: string | undefined;
  readonly backlog?: number | undefined;
}

/** Begins to listen. Throws ConnectionError (`connect`) when the system refuses, UsageError for what is no port. */
export async function bind(server: Server, options: Place): Promise<void> {
  const { host = '127.0.0.1', port = 0, unixSocket, backlog = 511 } = options;
  const name = unixSocket ?? `${host} port ${port}`;
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: NodeJS.ErrnoException): void => {
      const why = WHY[cause.code ?? ''] ?? cause.message;
      reject(
        new ConnectionError(`cannot listen at ${name}: ${why}`, {
          ...{ phase: 'connect', reason: 'connect', temporary: false, cause },
          ...(unixSocket === undefined && { host, port }),
        }),
      );
    };
    server.once('error', onError);
    const onListening = (): void => {
      server.off('error', onError);
      resolve();
    };
    try {
      if (unixSocket === undefined) server.listen({ host, port, backlog }, onListening);
      else server.listen({ path: unixSocket, backlog }, onListening);
    } catch (cause) {
      reject(new UsageError(`cannot listen at ${name}: a port is a number from 0 to 65535`, { cause }));
    }
  });
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'somebody else does; choose another port, or 0 for a free one',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'it is not allowed here; ports below 1024 often are for the administrator only',
  ENOTFOUND: 'there is no such host',
};
