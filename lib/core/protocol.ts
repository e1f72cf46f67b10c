/**
 * A protocol is a declaration: pure data, which the compiler checks against the client, and which the command, the
 * documents and the registry read. What it names is loaded at first use, so that importing costs nothing.
 */
import type {
  Ability,
  ClientClass,
  DemoSpec,
  LocalScheme,
  Mock,
  MockClass,
  ServeSpec,
  VerbSpec,
} from './declaration.ts';
import { parseTarget, type Scheme, type Target } from './endpoint.ts';
import { UsageError } from './errors.ts';
import type { CallOptions, ConnectOptions } from './options.ts';
import type { Body, Entry, Listing, Receipt, Resource } from './resource.ts';
import { type Traced, traced, traceListing } from './trace.ts';
import type { Client, Dialogue, FetchAllOptions, Gathers, Verbs, VerbsOf } from './verbs.ts';

export type * from './declaration.ts';
export type { OptionSpec, StepSpec } from './option-spec.ts';

export interface Declaration<
  S extends string,
  C extends Client,
  M extends Mock,
  F,
  O,
  K extends ConnectOptions = ConnectOptions,
> {
  readonly name: string;
  readonly summary: string;
  readonly rfc: readonly number[];
  /** The first is the one that a target without a scheme means. */
  readonly schemes: Readonly<Record<S, Scheme>>;
  readonly client: () => Promise<ClientClass<C, K>>;
  readonly mock: () => Promise<MockClass<M, F, O>>;
  readonly verbs: { readonly [V in VerbsOf<C>]: VerbSpec<C[V], K> };
  readonly serve?: ServeSpec<NoInfer<F>>;
  /**
   * Whether servers may ask who one is: then the command looks in netrc, and asks at a terminal. `challenged`: a login is only
   * used when the server asks, so that nobody is asked for the password of a user whom only netrc names. `named`: who logs in
   * is only whom a URL or a flag names.
   */
  readonly login?: boolean | 'challenged' | 'named';
  /** What a container has, where all of it can be fetched in one pass, for the help: `every message`. */
  readonly all?: C extends Gathers ? string : never;
  readonly abilities?: readonly Ability<C>[];
  /** Options of `check`, which are those of the connection. */
  readonly check?: Pick<VerbSpec<C['check'], K>, 'options'>;
  /** Further schemes: see `LocalScheme`. */
  readonly local?: Readonly<Record<string, LocalScheme>>;
  readonly demo?: DemoSpec<VerbsOf<C> & keyof Verbs, NoInfer<F>>;
  /** Whether a bare URL with this path is to be listed; else it is fetched. */
  readonly isContainer?: (path: string) => boolean;
  /** What a bare URL means where a person is at a terminal, if that is something else. */
  readonly bare?: VerbsOf<C> & keyof Verbs;
}

/** The arguments of a verb, with the options of a connection beside its own. */
type OneShot<C, V, K> = V extends keyof C
  ? C[V] extends (...args: infer A) => infer R
    ? (target: string | URL, ...args: OneShotArgs<V, A, K>) => R
    : never
  : never;
type Last<A extends readonly unknown[]> = NonNullable<Extract<A[number], CallOptions | undefined>>;
type OneShotArgs<V, A extends readonly unknown[], K> = V extends 'search'
  ? [query: string, options?: Last<A> & K]
  : V extends 'send'
    ? [body: Body, options?: Last<A> & K]
    : [options?: Last<A> & K];

export type Protocol<
  S extends string,
  C extends Client,
  M extends Mock,
  F,
  O,
  K extends ConnectOptions = ConnectOptions,
> = Omit<Declaration<S, C, M, F, O, K>, 'mock'> & {
  /** Connects, and logs in where the target says as whom. */
  connect(target: string | URL, options?: K): Promise<C>;
  /** Starts a mock server on a free port of the loopback interface. */
  mock(fixture?: F, options?: O): Promise<M>;
} & { readonly [V in VerbsOf<C>]: OneShot<C, V, K> } & (C extends Gathers
    ? { fetchAll(target: string | URL, options?: FetchAllOf<C> & K): ReturnType<C['fetchAll']> }
    : unknown);

type FetchAllOf<C extends Gathers> = NonNullable<Parameters<C['fetchAll']>[1]>;

/** A protocol whose client nobody knows. */
// biome-ignore lint/suspicious/noExplicitAny: here types are erased
export type AnyProtocol = Omit<Protocol<any, any, any, any, any, any>, 'demo' | 'bare'> & {
  // biome-ignore lint/suspicious/noExplicitAny: here types are erased
  readonly [V in keyof Verbs]?: (...args: any[]) => any;
  // biome-ignore lint/suspicious/noExplicitAny: here types are erased
} & { readonly demo?: DemoSpec<keyof Verbs, any>; readonly bare?: keyof Verbs };

/** Any client, as one that may have any verb. */
type AnyClient = Client & Partial<Verbs> & Partial<Gathers>;

export function defineProtocol<
  const S extends string,
  C extends Client,
  M extends Mock,
  F,
  O,
  K extends ConnectOptions = ConnectOptions,
>(declaration: Declaration<S, C, M, F, O, K>): Protocol<S, C, M, F, O, K> {
  const open = async (target: string | URL, options?: K): Promise<{ client: C; path: string }> => {
    const { endpoint, path } = targetOf(declaration, target);
    if (options?.starttls === 'required' && endpoint.tls === 'none' && !canUpgrade(declaration.schemes)) {
      const message = `${declaration.name} has no upgrade to TLS: ask for it by the scheme of the URL`;
      throw new UsageError(message, { protocol: declaration.name, reason: 'unsupported' });
    }
    return { client: await (await declaration.client()).connect(endpoint, options), path };
  };
  const shots = oneShots(declaration.name, open);
  /** A verb of which the tracing channel is told. */
  const told = (verb: keyof Verbs) => {
    return (target: string | URL, ...rest: readonly unknown[]): unknown => {
      const what = (): Traced => ({ protocol: declaration.name, verb, path: targetOf(declaration, target).path });
      return verb === 'list' || verb === 'search'
        ? traceListing(what, shots[verb](target, ...rest) as Listing)
        : traced(what, () => shots[verb](target, ...rest) as Promise<unknown>);
    };
  };
  const protocol = {
    ...declaration,
    ...Object.fromEntries(Object.keys(declaration.verbs).map((verb) => [verb, told(verb as keyof Verbs)])),
    connect: async (target: string | URL, options?: K): Promise<C> => (await open(target, options)).client,
    ...(declaration.all !== undefined && { fetchAll: shots.fetchAll }),
    mock: async (fixture?: F, options?: O): Promise<M> => (await declaration.mock()).start(fixture, options),
  };
  // biome-ignore lint/suspicious/noExplicitAny: here types are made
  return protocol as any;
}

function canUpgrade(schemes: Readonly<Record<string, Scheme>>): boolean {
  return Object.values(schemes).some(({ tls }) => tls === 'upgrade');
}

/** The endpoint and path of a target, in the schemes of a protocol. */
export function targetOf(protocol: Pick<AnyProtocol, 'schemes'>, target: string | URL): Target {
  return parseTarget(target, protocol.schemes, Object.keys(protocol.schemes)[0] ?? '');
}

/** The verbs as functions of a target: connect, do, and close when what was given has been read. */
function oneShots<K extends ConnectOptions>(
  protocol: string,
  open: (target: string | URL, options?: K) => Promise<{ client: AnyClient; path: string }>,
  // biome-ignore lint/suspicious/noExplicitAny: here types are made
): { readonly [V in keyof Verbs | 'fetchAll']: (target: string | URL, ...rest: any[]) => unknown } {
  type Options = K | undefined;
  const has = <V extends keyof Verbs>(client: AnyClient, verb: V): Verbs[V] => {
    const method = client[verb];
    if (!method) throw new UsageError(`${protocol} has no ${verb}`, { reason: 'unsupported' });
    return method.bind(client) as Verbs[V];
  };
  /** Does something with a client, and closes it afterwards. */
  const once = async <T>(
    target: string | URL,
    options: Options,
    work: (client: AnyClient, path: string) => Promise<T>,
  ): Promise<T> => {
    const { client, path } = await open(target, options);
    let value: T;
    try {
      value = await work(client, path);
    } catch (error) {
      // what failed first is told; what closing could add is not known to be true any more
      await client.close().catch(() => {});
      throw error;
    }
    await client.close();
    return value;
  };
  /** The same, where what it gives is still in use: the client is closed with it. */
  const until = async <T extends { close(): Promise<void> }>(
    target: string | URL,
    options: Options,
    work: (client: AnyClient, path: string) => Promise<T>,
    attach: (value: T, close: () => Promise<void>) => T,
  ): Promise<T> => {
    const { client, path } = await open(target, options);
    try {
      return attach(await work(client, path), () => client.close());
    } catch (error) {
      await client.close().catch(() => {});
      throw error;
    }
  };
  async function* items(
    target: string | URL,
    options: Options,
    work: (client: AnyClient, path: string) => Listing,
  ): Listing {
    const { client, path } = await open(target, options);
    try {
      return yield* work(client, path);
    } finally {
      await client.close();
    }
  }
  async function* all(target: string | URL, options?: Options & FetchAllOptions): AsyncGenerator<Resource, void, void> {
    const { client, path } = await open(target, options);
    try {
      if (client.fetchAll) yield* client.fetchAll(path, options);
    } finally {
      await client.close();
    }
  }
  return {
    fetchAll: all,
    list: (target: string | URL, options?: Options): Listing =>
      items(target, options, (client, path) => has(client, 'list')(path, options)),
    search: (target: string | URL, query: string, options?: Options): Listing =>
      items(target, options, (client, path) => has(client, 'search')(path, query, options)),
    fetch: (target: string | URL, options?: Options): Promise<Resource> =>
      until(
        target,
        options,
        (client, path) => has(client, 'fetch')(path, options),
        (resource, close) => resource.also(close),
      ),
    open: (target: string | URL, options?: Options): Promise<Dialogue> =>
      until(target, options, (client, path) => has(client, 'open')(path, options), closingWith),
    info: (target: string | URL, options?: Options): Promise<Entry> =>
      once(target, options, (client, path) => has(client, 'info')(path, options)),
    send: (target: string | URL, body: Body, options?: Options): Promise<Receipt> =>
      once(target, options, (client, path) => has(client, 'send')(path, body, options)),
    remove: (target: string | URL, options?: Options): Promise<void> =>
      once(target, options, (client, path) => has(client, 'remove')(path, options)),
  };
}

/** A dialogue that also closes its client. */
function closingWith(dialogue: Dialogue, close: () => Promise<void>): Dialogue {
  const end = dialogue.close.bind(dialogue);
  dialogue.close = async (): Promise<void> => {
    try {
      await end();
    } finally {
      await close();
    }
  };
  return dialogue;
}
