/**
 * What must compile, and what must not. This file is type-checked and never run: a line that should be an error and is
 * none is an error itself.
 */
import { defineProtocol, type Mock, type Protocol } from '../lib/core/protocol.ts';
import type { GopherClient } from '../lib/gopher/client.ts';
import type { GopherMockServer } from '../lib/gopher/mock-server.ts';
import * as netkit from '../lib/index.ts';
import {
  type Body,
  type CallOptions,
  type Can,
  type Client,
  type ConnectOptions,
  type Dialogue,
  type Endpoint,
  type Entry,
  fetch,
  gopher,
  info,
  list,
  open,
  type Receipt,
  type Report,
  type Resource,
  remove,
  search,
  send,
  telnet,
  type VerbsOf,
} from '../lib/index.ts';
import type { TelnetDialogue } from '../lib/telnet/dialogue.ts';

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : ['they differ']): void {}

declare const url: string;
declare const bytes: Uint8Array;

/** What a client can do is what its protocol declares. */
export async function verbsOfGopher(): Promise<void> {
  const client = await gopher.connect('gopher://h/');
  same<typeof client, GopherClient>();
  same<VerbsOf<GopherClient>, 'list' | 'fetch' | 'info' | 'search'>();
  same<Awaited<ReturnType<typeof gopher.mock>>, GopherMockServer>();

  same<Awaited<ReturnType<typeof client.fetch>>, Resource>();
  same<Awaited<ReturnType<typeof client.info>>, Entry>();
  same<Awaited<ReturnType<typeof client.check>>, Report>();
  same<Awaited<ReturnType<typeof gopher.fetch>>, Resource>();
  same<Awaited<ReturnType<typeof gopher.info>>, Entry>();
  for await (const entry of client.list()) same<typeof entry, Entry>();
  for await (const entry of gopher.list(url)) same<typeof entry, Entry>();
  for await (const entry of gopher.search(url, 'words')) same<typeof entry, Entry>();

  // @ts-expect-error a client does not have the verbs that its protocol has not
  client.remove;
  // @ts-expect-error
  client.send;
  // @ts-expect-error
  client.open;
  // @ts-expect-error and neither has the protocol
  gopher.send;
  // @ts-expect-error
  gopher.remove;
  // @ts-expect-error
  gopher.open;
  // @ts-expect-error nor its declaration
  gopher.verbs.send;
  // @ts-expect-error what is open is made by connect
  new (await gopher.client())();
  // @ts-expect-error a Resource is no string
  (await gopher.fetch(url)) satisfies string;
  // @ts-expect-error an Entry is not to be changed
  (await gopher.info(url)).name = '';
}

/** The options of a verb are its own, those of every call, and in one go those of a connection. */
export async function optionsOfGopher(client: GopherClient, signal: AbortSignal): Promise<void> {
  client.list('/', { info: true, charset: 'latin1', maxItems: 1, signal });
  client.search('/7/find', 'words', { charset: 'latin1', signal });
  await client.fetch('/0/a', { raw: true, view: 'text/plain', signal });
  await gopher.fetch(url, { raw: true, signal, timeouts: { idle: 1 }, tls: { insecure: true }, starttls: 'off' });
  await gopher.fetch(new URL(url), { maxSize: 1 });
  gopher.list(url, { info: true, proxy: 'socks5://h' });

  // @ts-expect-error an option that the verb does not take
  client.list('/', { raw: true });
  // @ts-expect-error
  await client.fetch('/0/a', { info: true });
  // @ts-expect-error one that nobody takes
  await client.fetch('/0/a', { nonsense: true });
  // @ts-expect-error the same in one go
  gopher.list(url, { raw: true });
  // @ts-expect-error
  await gopher.fetch(url, { nonsense: true });
  // @ts-expect-error
  await gopher.connect(url, { nonsense: true });
  // @ts-expect-error
  await gopher.connect(url, { timeouts: { nonsense: 1 } });
  // @ts-expect-error
  await gopher.connect(url, { starttls: 'perhaps' });
  // @ts-expect-error a value of another type
  await gopher.fetch(url, { maxSize: '1' });
  // @ts-expect-error a connection has been made: its options are those of connect
  await client.fetch('/0/a', { proxy: 'socks5://h' });
  // @ts-expect-error a search needs words
  client.search('/7/find');
  // @ts-expect-error
  gopher.search(url, { info: true });
  // @ts-expect-error the fixture of a mock server
  await gopher.mock({ '/0/a': 1 });
  // @ts-expect-error
  await gopher.mock({}, { nonsense: true });
}

/** A URL that is written out is checked; one that comes from elsewhere is a URL, and checked when it is used. */
export async function targets(words: string, body: Body): Promise<void> {
  same<Awaited<ReturnType<typeof fetch>>, Resource>();
  same<Awaited<ReturnType<typeof info>>, Entry>();
  same<Awaited<ReturnType<typeof send>>, Receipt>();
  same<Awaited<ReturnType<typeof remove>>, void>();
  same<Awaited<ReturnType<typeof open>>, Dialogue>();
  for await (const entry of list(new URL(url))) same<typeof entry, Entry>();

  list('gopher://h/');
  list('gophers://h/1/x', { timeouts: { idle: 1 } });
  await fetch(`gopher://${words}/0/a`);
  await fetch(new URL(url));
  await info('gopher://h/0/a');
  search('gopher://h/7/find', words);
  await send(new URL(url), body);
  await remove(new URL(url));
  await open(new URL(url));
  await netkit.net.connect;
  netkit.protocols.gopher.list(url);
  gopher.list('h/1/x');

  await open('telnet://h/');
  same<Awaited<ReturnType<typeof telnet.open>>, TelnetDialogue>();
  await telnet.fetch('telnet://h/', { script: [{ expect: ['a', /b/] }, { send: 'c' }, { command: 'AYT' }] });

  // @ts-expect-error Telnet has nothing to list
  list('telnet://h/');
  // @ts-expect-error
  telnet.list;
  // @ts-expect-error what ends a subnegotiation is no command of its own
  await telnet.fetch('telnet://h/', { script: [{ command: 'SE' }] });
  // @ts-expect-error
  await fetch('no-such://h/');
  // @ts-expect-error Gopher cannot send
  await send('gopher://h/0/a', body);
  // @ts-expect-error
  await remove('gopher://h/0/a');
  // @ts-expect-error
  await open('gopher://h/0/a');
  // @ts-expect-error a host is no URL
  list('h/1/x');
  // @ts-expect-error any string: say new URL(…)
  await fetch(url);
  // @ts-expect-error
  await fetch('gopher://h/0/a', { nonsense: true });
  // @ts-expect-error
  search('gopher://h/7/find');
  // @ts-expect-error
  await send(new URL(url), 1);
  // @ts-expect-error
  netkit.protocols.nonsense;
}

interface FetchOptions extends CallOptions {
  readonly lines?: number | undefined;
}

/** A client with every kind of verb, and one of its own. */
declare class PostClient implements Can<'fetch' | 'send' | 'remove' | 'open'> {
  private constructor();
  static connect(endpoint: Endpoint, options?: ConnectOptions): Promise<PostClient>;
  readonly endpoint: Endpoint;
  fetch(path: string, options?: FetchOptions): Promise<Resource>;
  send(path: string, body: Body, options?: CallOptions & { readonly from?: string }): Promise<Receipt>;
  remove(path: string, options?: CallOptions): Promise<void>;
  open(path?: string, options?: CallOptions): Promise<Dialogue>;
  rename(from: string, to: string): Promise<void>;
  check(options?: CallOptions): Promise<Report>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

declare class PostMock implements Mock {
  static start(fixture?: readonly string[], options?: { readonly port?: number }): Promise<PostMock>;
  readonly url: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const plain = {
  name: 'post',
  summary: 'Post and fetch',
  rfc: [],
  schemes: { post: { port: 1 }, posts: { port: 2, tls: 'implicit' } },
  client: async () => PostClient,
  mock: async () => PostMock,
} as const;
const [fetching, sending, removing, opening] = [{ summary: '' }, { summary: '' }, { summary: '' }, { summary: '' }];
const verbs = { fetch: fetching, send: sending, remove: removing, open: opening };

/** A declaration says neither less nor more than its client does. */
export function declarations(): void {
  const post = defineProtocol({ ...plain, verbs });
  same<typeof post, Protocol<'post' | 'posts', PostClient, PostMock, readonly string[], { readonly port?: number }>>();
  defineProtocol({ ...plain, verbs: { ...verbs, fetch: { summary: '', options: {} } } });
  defineProtocol({
    ...plain,
    verbs: {
      fetch: { summary: '', path: '/1', options: { lines: { type: 'number', summary: '', value: 'N' } } },
      send: { summary: '', options: { from: { type: 'string', summary: '' } } },
      remove: removing,
      open: opening,
    },
    serve: { summary: '', folder: '', load: async (folder) => [folder] },
    demo: { fixture: async () => ['a'], steps: [{ verb: 'send', path: '/1', body: 'text' }] },
  });

  // @ts-expect-error a verb of the client is not declared
  defineProtocol({ ...plain, verbs: { fetch: fetching, send: sending, remove: removing } });
  defineProtocol({
    ...plain,
    // @ts-expect-error a verb is declared that the client does not have
    verbs: { fetch: fetching, send: sending, remove: removing, open: opening, list: { summary: '' } },
  });
  defineProtocol({
    ...plain,
    // @ts-expect-error a method of the client that is no verb
    verbs: { fetch: fetching, send: sending, remove: removing, open: opening, rename: { summary: '' } },
  });
  defineProtocol({
    ...plain,
    verbs: {
      ...verbs,
      // @ts-expect-error an option that the method does not take
      fetch: { summary: '', options: { bytes: { type: 'number', summary: '' } } },
    },
  });
  defineProtocol({
    ...plain,
    verbs: {
      ...verbs,
      // @ts-expect-error one that every call takes
      fetch: { summary: '', options: { signal: { type: 'string', summary: '' } } },
      // @ts-expect-error a property of the path or the body is no option
      send: { summary: '', options: { length: { type: 'number', summary: '' } } },
      // @ts-expect-error a method without options of its own
      remove: { summary: '', options: { charAt: { type: 'string', summary: '' } } },
      // @ts-expect-error
      open: { summary: '', options: { lines: { type: 'number', summary: '' } } },
    },
  });
  defineProtocol({
    ...plain,
    verbs: {
      ...verbs,
      // @ts-expect-error an option of no known type
      fetch: { summary: '', options: { lines: { type: 'colour', summary: '' } } },
    },
  });
  // @ts-expect-error an ability that the client does not have
  defineProtocol({ ...plain, verbs, abilities: ['head', 'download'] });
  // @ts-expect-error nobody can do without a summary
  defineProtocol({ ...plain, verbs: { ...verbs, fetch: {} } });
  // @ts-expect-error a demonstration of a verb that there is not
  defineProtocol({ ...plain, verbs, demo: { steps: [{ verb: 'list', path: '/' }] } });
  // @ts-expect-error a folder that becomes the fixture of something else
  defineProtocol({ ...plain, verbs, serve: { summary: '', folder: '', load: async () => 1 } });
  // @ts-expect-error what cannot connect is no client
  defineProtocol({ ...plain, verbs, client: async () => PostMock });
  // @ts-expect-error
  defineProtocol({ ...plain, verbs, schemes: { post: { tls: 'implicit' } } });
  // @ts-expect-error
  defineProtocol({ ...plain, verbs, nonsense: true });
}

/** The verbs of a protocol as functions of a target. */
export async function oneShots(post: Protocol<'post', PostClient, PostMock, readonly string[], object>): Promise<void> {
  same<Awaited<ReturnType<typeof post.connect>>, PostClient>();
  same<Awaited<ReturnType<typeof post.send>>, Receipt>();
  same<Awaited<ReturnType<typeof post.remove>>, void>();
  same<Awaited<ReturnType<typeof post.open>>, Dialogue>();
  same<VerbsOf<PostClient>, 'fetch' | 'send' | 'remove' | 'open'>();
  await post.fetch(url, { lines: 3, user: 'ann', password: 'secret' });
  await post.send(url, 'text', { from: 'ann' });
  await post.send(url, bytes);
  await post.remove(new URL(url));
  await (await post.connect(url)).rename('a', 'b');

  // @ts-expect-error it needs something to send
  await post.send(url);
  // @ts-expect-error
  await post.send(url, { from: 'ann' });
  // @ts-expect-error
  await post.remove(url, { lines: 3 });
  // @ts-expect-error its own verbs belong to a client
  post.rename;
  // @ts-expect-error
  post.list;
}

/** `Can` is a promise of the class. */
export function capabilities(client: Client, can: Can<'list' | 'fetch'>): void {
  can satisfies Client;
  can.list() satisfies AsyncIterable<Entry>;
  same<VerbsOf<Can<'list' | 'fetch'>>, 'list' | 'fetch'>();
  same<VerbsOf<Client>, never>();

  // @ts-expect-error
  can.send;
  // @ts-expect-error
  client satisfies Can<'list'>;
  // @ts-expect-error there is no such verb
  same<Can<'nonsense'>, never>();
}
