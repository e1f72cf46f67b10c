import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from 'chai';
import type { CallOptions, ConnectOptions } from '../../../lib/core/options.ts';
import type { AnyProtocol } from '../../../lib/core/protocol.ts';
import type { Resource } from '../../../lib/core/resource.ts';
import type { Client, Verbs } from '../../../lib/core/verbs.ts';
import * as netkit from '../../../lib/index.ts';
import type { MockServer } from '../../../lib/mock/server.ts';
import { all } from '../../helpers.ts';
import type { Table } from '../table.ts';

export type Verb = keyof Verbs;
type Options = ConnectOptions & CallOptions;

/** Does a verb and takes all that it gives; `on` is a client, a protocol, or the package itself. */
const PERFORM: {
  readonly [V in Verb]: (on: Verbs, at: string, table: Table, options: CallOptions) => Promise<unknown>;
} = {
  list: async (on, at, _, options) => all(on.list(at, options)),
  fetch: async (on, at, _, options) => (await on.fetch(at, options)).bytes(),
  info: async (on, at, _, options) => on.info(at, options),
  search: async (on, at, { search }, options) => all(on.search(at, search?.query ?? '', options)),
  send: async (on, at, { body = '' }, options) => on.send(at, body, options),
  remove: async (on, at, _, options) => on.remove(at, options),
  open: async (on, at, { dialogue: { say, hear } = { say: '', hear: '' } }, options) => {
    await using dialogue = await on.open(at, options);
    await dialogue.write(say);
    return await dialogue.waitFor(hear);
  },
};

export const VERBS: readonly Verb[] = ['list', 'fetch', 'info', 'search', 'send', 'remove', 'open'];

/** A protocol, its table, and for each test a new server; after each test nothing of it may be left. */
export class Setting {
  readonly protocol: AnyProtocol;
  readonly table: Table;
  readonly declared: readonly Verb[];
  readonly options: ConnectOptions;
  /** The verbs as functions of a target: of the protocol, and of the package. */
  readonly shots: Verbs;
  readonly generic: Verbs = netkit as unknown as Verbs;
  #server: MockServer | undefined;

  constructor(protocol: AnyProtocol, table: Table) {
    this.protocol = protocol;
    this.table = table;
    this.declared = VERBS.filter((verb) => verb in protocol.verbs);
    this.options = { ...table.options, ...table.login };
    this.shots = protocol as unknown as Verbs;
    let before: string[];
    beforeEach('starts a server', async () => {
      before = await resources();
      this.#server = await table.start();
    });
    afterEach('leaves no socket and no timer behind', async () => {
      await this.server.close();
      await released(before);
    });
  }

  get server(): MockServer {
    if (!this.#server) throw new Error('only a test has a server');
    return this.#server;
  }

  /** Another server, to which nothing has been said. */
  async restart(): Promise<void> {
    await this.server.close();
    this.#server = await this.table.start();
  }

  has(...verbs: readonly Verb[]): boolean {
    return verbs.every((verb) => this.declared.includes(verb));
  }

  pathOf(verb: Verb): string {
    return this.table.paths[verb] ?? '/';
  }

  urlOf(verb: Verb): string {
    return this.server.url + this.pathOf(verb);
  }

  /** Does something with a client, and closes it. */
  async using<T>(work: (client: Client & Verbs) => Promise<T>, more: Options = {}): Promise<T> {
    const client: Client & Verbs = await this.protocol.connect(this.server.url, { ...this.options, ...more });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  /** Does a verb and takes all that it gives; at its own path, where no other is given. */
  async perform(on: Verbs, verb: Verb, at: string = this.pathOf(verb), options: CallOptions = {}): Promise<unknown> {
    return PERFORM[verb](on, at, this.table, { ...this.table.calls?.[verb], ...options });
  }

  /** The body of `paths.fetch`. */
  async fetch(on: Verbs, at: string = this.pathOf('fetch'), options: CallOptions = {}): Promise<Resource> {
    return on.fetch(at, { ...this.table.calls?.fetch, ...options });
  }

  /** The large body, of which nobody has to read all. */
  async fetchLarge(on: Verbs, at: string = this.table.large ?? '', options: CallOptions = {}): Promise<Resource> {
    return on.fetch(at, { ...this.table.calls?.large, ...options });
  }

  /** A verb in its three forms: of a client, of the protocol, of the package. */
  forms(verb: Verb, more: Options = {}): { readonly name: string; readonly call: () => Promise<unknown> }[] {
    const { protocol, shots, generic } = this;
    const options = { ...this.options, ...more };
    return [
      { name: 'client', call: () => this.using((client) => this.perform(client, verb, undefined, more), more) },
      { name: protocol.name, call: () => this.perform(shots, verb, this.urlOf(verb), options) },
      { name: 'netkit', call: () => this.perform(generic, verb, this.urlOf(verb), options) },
    ];
  }

  /** What clients say during some work that ends with an answer; the port of the server is `PORT`. */
  async saidBy(work: () => Promise<unknown>): Promise<string[]> {
    const from = this.server.transcript.lines.length;
    await work();
    const said = this.server.transcript.lines.slice(from);
    const { port } = this.server;
    return said.filter((line) => line.from === 'C').map(({ text }) => text.replaceAll(`:${port}`, ':PORT'));
  }
}

/** A port at which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** What keeps the process alive: sockets, timers and processes. */
async function resources(): Promise<string[]> {
  // by then a test has the timer that limits it
  await new Promise((resolve) => setImmediate(resolve));
  const kinds = process.getActiveResourcesInfo();
  return kinds.filter((kind) => /^(?:TCP|TLS|Pipe|UDP|Timeout|Process)/.test(kind)).sort();
}

/** Waits until nothing more keeps the process alive than did before; what did so may have gone. */
async function released(before: readonly string[]): Promise<void> {
  const began = performance.now();
  let more = beside(before, await resources());
  while (more.length > 0 && performance.now() - began < 1_000) more = beside(before, await resources());
  expect(more, 'what keeps the process alive').to.deep.equal([]);
}

/** What is there now and was not there before, as often as it is. */
function beside(before: readonly string[], now: readonly string[]): string[] {
  const left = [...before];
  return now.filter((kind) => {
    const at = left.indexOf(kind);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
