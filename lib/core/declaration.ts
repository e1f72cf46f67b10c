/** What a declaration is made of: what the compiler checks, and the command and the help read. */
import type { Endpoint } from './endpoint.ts';
import type { OptionSpec } from './option-spec.ts';
import type { CallOptions, ConnectOptions } from './options.ts';
import type { Resource } from './resource.ts';
import type { Client, Downloads, Events, Verbs } from './verbs.ts';

/** The options of a method that are not common to all calls. */
type OwnOptions<M> = M extends (...args: infer A) => unknown
  ? Exclude<keyof NonNullable<Extract<A[number], CallOptions | undefined>>, keyof CallOptions>
  : never;

/** Where there are no options, none can be declared: any object would do as `{}`. */
type OptionSpecs<K extends string> = [K] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [N in K]?: OptionSpec };

/** `K` is what the connection takes: its own options can be given with every verb. */
export interface VerbSpec<M = unknown, K = ConnectOptions> {
  readonly summary: string;
  /** What the path means, for the help. */
  readonly path?: string;
  readonly options?: OptionSpecs<(OwnOptions<M> | Exclude<keyof K, keyof ConnectOptions>) & string>;
}

/**
 * What the command can do beside. `head`: show what stands in front of a body (`Resource.head`). `failures`: show the body of
 * an answer that says no (a ReplyError with a `response`). `download`: go on with a file of which a part is there, and name it
 * as the server does. `events`: follow a stream of events.
 */
export type Ability<C = Downloads & Events> =
  | 'head'
  | 'failures'
  | (C extends Downloads ? 'download' : never)
  | (C extends Events ? 'events' : never);

/** A scheme of URLs that are read without a server, and only by the command: whoever types one may read what is there. */
export interface LocalScheme {
  /** For the help: `file:///PATH`. */
  readonly example: string;
  readonly fetch: (url: string, options: CallOptions) => Promise<Resource>;
}

/** `K` is what a connection of this protocol takes, beside what all do. */
export interface ClientClass<C extends Client, K extends ConnectOptions = ConnectOptions> {
  connect(endpoint: Endpoint, options?: K): Promise<C>;
}

/** What `mock` gives at least: a server that can be spoken to at `url`. */
export interface Mock extends AsyncDisposable {
  readonly url: string;
  /** As whom to log in, where the server asks. */
  readonly login?: { readonly user: string; readonly password: string } | undefined;
  /** What to trust, in PEM, where it speaks TLS. */
  readonly ca?: string | undefined;
  close(): Promise<void>;
}

export interface MockClass<M extends Mock, F, O> {
  start(fixture?: F, options?: O): Promise<M>;
}

/** How `netkit … serve` offers the mock server of a protocol. */
export interface ServeSpec<F> {
  readonly summary: string;
  /** What the folder holds, for the help. */
  readonly folder: string;
  /** Makes a fixture of a folder. */
  readonly load: (folder: string) => Promise<F>;
}

/** One thing that `netkit demo` does with the mock server of a protocol. */
export interface DemoStep<V extends keyof Verbs = keyof Verbs> {
  readonly verb: V;
  readonly path: string;
  /** What to search for. */
  readonly query?: string;
  /** What to send, and to say in a conversation. */
  readonly body?: string;
  /** Options of the verb. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What `netkit demo` shows of a protocol: a fixture for its mock server, and what is done there, in order. */
export interface DemoSpec<V extends keyof Verbs, F> {
  readonly fixture?: () => Promise<F>;
  readonly steps: readonly DemoStep<V>[];
}
