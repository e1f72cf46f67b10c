import type { ConnectOptions } from '../core/options.ts';
import type { LocalScheme } from '../core/protocol.ts';
import type { Task } from './task.ts';
import { type AnyClient, speaker } from './verbs.ts';

/**
 * The client of a target, kept for the next one at the same server. That is more than quick: numbers of messages are
 * good for one session only, so that `remove host/1 host/2` in two of them would remove the wrong one.
 */
export class Session {
  #open: { readonly key: string; readonly client: AnyClient; readonly task: Task } | undefined;

  /** The task for which it was opened, where it is open. */
  get task(): Task | undefined {
    return this.#open?.task;
  }

  serves(task: Task): boolean {
    return this.#open?.key === keyOf(task);
  }

  /** The client that is there, or a new one. */
  async client(task: Task, options: ConnectOptions): Promise<AnyClient> {
    if (!this.#open) {
      const client = task.local ? local(task.local, task) : await speaker(task.protocol).connect(task.address, options);
      this.#open = { key: keyOf(task), client, task };
    }
    return this.#open.client;
  }

  /** Says goodbye. Throws where a server does with that what was asked of it before, and did not say that it has. */
  async close(): Promise<void> {
    const client = this.#open?.client;
    this.#open = undefined;
    await client?.close();
  }
}

/** What needs no server, as if a client had it. */
function local({ fetch }: LocalScheme, { endpoint }: Task): AnyClient {
  const client: Pick<AnyClient, 'endpoint' | 'fetch' | 'close'> = {
    endpoint,
    fetch: async (path, options = {}) => fetch(path, options),
    close: async () => {},
  };
  return client as AnyClient;
}

function keyOf({ protocol, endpoint, user }: Task): string {
  const { scheme, host, port, auth } = endpoint;
  return JSON.stringify([protocol.name, scheme, host, port, user, auth]);
}
