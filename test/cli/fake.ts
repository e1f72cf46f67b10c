/** A protocol that speaks to nobody, and does at each path what its name says: for tests of the command. */
import { once } from 'node:events';
import type { Endpoint } from '../../lib/core/endpoint.ts';
import { ConnectionError, ProtocolError, ReplyError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import type { CallOptions, ConnectOptions } from '../../lib/core/options.ts';
import { defineProtocol, type Mock } from '../../lib/core/protocol.ts';
import { type Body, type Entry, type Flow, type Receipt, Resource } from '../../lib/core/resource.ts';
import { Secret } from '../../lib/core/secret.ts';
import type { Can, Dialogue, FetchAllOptions, Gathers, Report } from '../../lib/core/verbs.ts';

interface ListOptions extends CallOptions {
  readonly maxItems?: number;
}
interface FetchOptions extends CallOptions {
  readonly pageWait?: number;
  readonly maxSize?: number;
  readonly head?: boolean;
}

/** What the last client was connected with, and what was sent. */
export const seen: {
  endpoint?: Endpoint;
  options?: ConnectOptions & Record<string, unknown>;
  sent?: string;
  removed: string[];
  query?: string;
  connected: number;
  closed: number;
  /** What the next session to be closed fails with. */
  farewell?: Error | undefined;
} = { removed: [], connected: 0, closed: 0 };

const reply = (text: string) => ({ ok: false, code: '-ERR', text });

/** What is thrown at `/fail/NAME`. */
const FAILURES: Record<string, () => Error> = {
  argument: () => new UsageError('a mistake'),
  policy: () => new UsageError('a policy', { reason: 'policy' }),
  resolve: () => new ConnectionError('no such host', { reason: 'resolve' }),
  connect: () => new ConnectionError('refused', { reason: 'connect' }),
  proxy: () => new ConnectionError('the proxy', { reason: 'proxy' }),
  tls: () => new ConnectionError('bad certificate', { reason: 'tls' }),
  'tls-required': () => new ConnectionError('no STARTTLS', { reason: 'tls-required' }),
  'tls-injection': () => new ConnectionError('injected', { reason: 'tls-injection' }),
  timeout: () => new TimeoutError('nothing came', { phase: 'greeting' }),
  auth: () => new ReplyError('not you', { reply: reply('bad password hunter2'), reason: 'auth', phase: 'auth' }),
  missing: () => new ReplyError('not there', { reply: reply('no such thing'), reason: 'missing' }),
  denied: () => new ReplyError('not for you', { reply: reply('denied'), reason: 'denied' }),
  refused: () => new ReplyError('no', { reply: reply('no'), reason: 'refused' }),
  later: () => new ReplyError('no', { reply: reply('no'), reason: 'refused', temporary: true }),
  busy: () => new ReplyError('not now', { reply: reply('busy'), reason: 'busy' }),
  grammar: () => new ProtocolError('nonsense'),
  limit: () => new ProtocolError('too much', { reason: 'limit' }),
  integrity: () => new ProtocolError('wrong digest', { reason: 'integrity' }),
  truncated: () => new ConnectionError('cut', { reason: 'truncated', phase: 'body' }),
  reset: () => new ConnectionError('reset', { reason: 'reset', phase: 'command' }),
  'reset-body': () => new ConnectionError('reset', { reason: 'reset', phase: 'body' }),
  echo: () => new ReplyError('the server says: bad password hunter2', { reply: reply('hunter2 aHVudGVyMg') }),
  bug: () => new TypeError('a mistake of the program'),
};

function failAt(path: string): void {
  const failure = FAILURES[path.replace(/^\/fail\//, '')];
  if (path.startsWith('/fail/') && failure) throw failure();
}

export const EVIL = 'evil\x1b]0;owned\x07\x1b[2J\x9b31m\u202egpj.exe';

export const BODIES: Record<string, Buffer> = {
  '/text': Buffer.from('hello\r\nwörld\n'),
  '/evil': Buffer.from(`${EVIL}\nnext\tline\n`),
  '/binary': Buffer.from([0x89, 0x50, 0, 0xff, 0x0d, 0x0a, 0x1a]),
  '/a%20b.txt': Buffer.from('named'),
  '/large': Buffer.from(`${'x'.repeat(70)}\n`.repeat(45_000)),
};

/** The messages of `/box/`, by what they are recognised by. */
export const MESSAGES: Record<string, string> = {
  one: 'Subject: one\r\n\r\nFrom me\r\n',
  '../two': 'Subject: two\r\n\r\nno line end',
  three: 'Subject: three\r\n\r\n',
};

export class FakeClient implements Can<'list' | 'fetch' | 'info' | 'search' | 'send' | 'remove' | 'open'>, Gathers {
  readonly endpoint: Endpoint;
  readonly #options: ConnectOptions;

  private constructor(endpoint: Endpoint, options: ConnectOptions) {
    this.endpoint = endpoint;
    this.#options = options;
  }

  static async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<FakeClient> {
    seen.endpoint = endpoint;
    seen.connected++;
    seen.options = { ...options };
    const user = endpoint.user ?? options.user;
    const password = endpoint.password ?? options.password;
    options.transcript?.add('C', `HELLO ${user ?? 'nobody'} ${password === undefined ? '' : '***'}`);
    options.transcript?.add('S', `WELCOME ${EVIL} ${password === undefined ? '' : Secret.of(password).reveal()}`);
    return new FakeClient(endpoint, options);
  }

  async *list(path = '/', options: ListOptions = {}): AsyncGenerator<Entry> {
    seen.options = { ...options };
    failAt(path);
    yield { name: 'text', path: '/text', url: 'fake://h/text', kind: 'item', size: 1536, meta: { type: '0' } };
    yield { name: EVIL, path: '/evil', url: 'fake://h/evil', kind: 'container', meta: {} };
    yield { name: 'a\nb', path: '/x', url: 'http://h/x', kind: 'link', modified: new Date(0), meta: {} };
    if (path === '/half/') throw new ConnectionError('cut', { reason: 'truncated', phase: 'body' });
    if (path === '/endless/')
      for (;;) yield { name: 'again', path: '/again', url: 'fake://h/', kind: 'item', meta: {} };
  }

  async fetch(path: string, options: FetchOptions = {}): Promise<Resource> {
    seen.options = { ...options };
    failAt(path);
    const type = /text|evil/.test(path) ? 'text/plain' : 'application/octet-stream';
    const complete = path === '/text' ? true : 'unknown';
    const body = flow(this.#chunks(path, options), complete);
    return new Resource({ path, url: `fake://h${path}`, type, body, close: async () => {} });
  }

  /** The third message of `/broken/` breaks off; the first two of `/damaged/` are refused. */
  async *fetchAll(path = '/box/', { known, refused }: FetchAllOptions = {}): AsyncGenerator<Resource, void, void> {
    for (const [uid, text] of Object.entries(MESSAGES)) {
      if (known?.(uid)) continue;
      if (path === '/damaged/' && uid !== 'three') {
        const error = new ReplyError(`${uid} is damaged`, { reply: reply('no'), temporary: uid === 'one' });
        if (!refused) throw error;
        refused(error, `/${uid}`);
        continue;
      }
      const chunks = path === '/broken/' && uid === 'three' ? this.#chunks('/half', {}) : pieces(text);
      yield new Resource({
        ...{ path: `/${uid}`, url: `fake://h/${uid}`, type: 'message/rfc822', meta: { uid } },
        body: flow(chunks, true),
        close: async () => {},
      });
    }
  }

  async *#chunks(path: string, { signal }: CallOptions): AsyncGenerator<Buffer> {
    const body = BODIES[path];
    if (body) {
      yield body.subarray(0, 5);
      yield body.subarray(5);
    } else if (path === '/endless') for (;;) yield Buffer.alloc(65536, 'x');
    else if (path === '/half') {
      yield Buffer.from('half');
      throw new ConnectionError('cut', { reason: 'truncated', phase: 'body' });
    } else if (path === '/hang') {
      yield Buffer.from('some');
      await silence(signal);
    } else throw new ReplyError('not there', { reply: reply('missing'), reason: 'missing' });
  }

  async info(path: string): Promise<Entry> {
    failAt(path);
    return { name: EVIL, path, url: `fake://h${path}`, kind: 'item', size: 5, meta: { admin: 'Ann' } };
  }

  async *search(path: string, query: string): AsyncGenerator<Entry> {
    seen.query = query;
    yield { name: query, path, url: `fake://h${path}`, kind: 'item', meta: {} };
  }

  async send(path: string, body: Body): Promise<Receipt> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of typeof body === 'string' || body instanceof Uint8Array ? [Buffer.from(body)] : body) {
      chunks.push(chunk);
    }
    seen.sent = Buffer.concat(chunks).toString();
    return { text: `taken ${seen.sent.length}`, path };
  }

  async remove(path: string): Promise<void> {
    failAt(path);
    seen.removed.push(path);
  }

  async open(): Promise<Dialogue> {
    const said: string[] = ['login: '];
    return {
      write: async (text) => void said.push(`you said ${text}`),
      waitFor: async () => ({ index: 0, match: '', groups: {}, before: '', text: '' }),
      close: async () => {},
      [Symbol.asyncDispose]: async () => {},
      async *[Symbol.asyncIterator]() {
        yield 'login: ';
        await new Promise((resolve) => setImmediate(resolve));
        yield* said.slice(1);
      },
    };
  }

  async check(): Promise<Report> {
    const { user, password } = this.#options;
    return { greeting: EVIL, user, loggedIn: password !== undefined, features: ['A', 'B'] };
  }

  async close(): Promise<void> {
    seen.closed++;
    const { farewell } = seen;
    seen.farewell = undefined;
    if (farewell) throw farewell;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function* pieces(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text.slice(0, 3));
  yield Buffer.from(text.slice(3));
}

function flow(chunks: AsyncGenerator<Buffer>, proof: true | 'unknown'): Flow {
  let complete: boolean | 'unknown' = false;
  const pull = async (): Promise<Buffer | undefined> => {
    const { value, done } = await chunks.next();
    if (done) complete = proof;
    return value ?? undefined;
  };
  return {
    get complete() {
      return complete;
    },
    pull,
    each: async (sink) => {
      for (let chunk = await pull(); chunk; chunk = await pull()) sink(chunk);
    },
  };
}

async function silence(signal: AbortSignal | undefined): Promise<never> {
  const forever = setInterval(() => {}, 1000);
  try {
    if (!signal?.aborted) await once(signal ?? new AbortController().signal, 'abort');
    throw signal?.reason;
  } finally {
    clearInterval(forever);
  }
}

interface FakeOptions {
  readonly port?: number;
  readonly host?: string;
  readonly tls?: string;
}

export class FakeMock implements Mock {
  static closed = 0;
  static last: { fixture?: unknown; options?: unknown } = {};
  readonly url: string;
  readonly login = { user: 'joe', password: 'mock-password' };
  readonly #timer = setInterval(() => {}, 1000);

  private constructor(scheme: string, port: number) {
    this.url = `${scheme}://127.0.0.1:${port}/`;
  }

  static async start(fixture?: string, options?: FakeOptions, scheme = 'fake'): Promise<FakeMock> {
    FakeMock.last = { fixture, options };
    return new FakeMock(scheme, options?.port || 4242);
  }

  async close(): Promise<void> {
    FakeMock.closed++;
    clearInterval(this.#timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export const fake = defineProtocol({
  name: 'fake',
  summary: 'Pretend',
  rfc: [1, 2],
  schemes: { fake: { port: 77 }, fakes: { port: 78, tls: 'implicit' } },
  client: async () => FakeClient,
  mock: async () => FakeMock,
  verbs: {
    list: {
      summary: 'List',
      path: 'a folder: /folder/',
      options: { maxItems: { type: 'number', summary: 'so many', value: 'N' } },
    },
    fetch: {
      summary: 'Fetch',
      path: 'a thing: /text',
      options: {
        pageWait: { type: 'duration', summary: 'a wait', value: 'TIME' },
        maxSize: { type: 'number', summary: 'the most octets', value: 'N' },
        head: { type: 'boolean', summary: 'only the header' },
      },
    },
    info: { summary: 'Tell' },
    search: { summary: 'Search' },
    send: { summary: 'Send' },
    remove: { summary: 'Remove' },
    open: { summary: 'Talk' },
  },
  all: 'every message',
  serve: { summary: 'Serve a folder', folder: 'anything', load: async (folder) => `loaded ${folder}` },
  login: true,
  demo: {
    steps: [
      { verb: 'list', path: '/' },
      { verb: 'fetch', path: '/text' },
      { verb: 'search', path: '/', query: 'two words' },
    ],
  },
  isContainer: (path) => path.endsWith('/'),
});

/** Reads only, and knows no logins. */
class PlainClient {
  readonly endpoint: Endpoint;
  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }
  static async connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<PlainClient> {
    seen.options = { ...options };
    return new PlainClient(endpoint);
  }
  async send(_path: string, _body: Body): Promise<Receipt> {
    return { text: 'thanks' };
  }
  async check(): Promise<Report> {
    return {};
  }
  async close(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}

export const plain = defineProtocol({
  name: 'plain',
  summary: 'Only takes',
  rfc: [3],
  schemes: { plain: { port: 79 } },
  client: async () => PlainClient,
  mock: async () => ({ start: (fixture?: string, options?: FakeOptions) => FakeMock.start(fixture, options, 'plain') }),
  verbs: { send: { summary: 'Send' } },
});

export const protocols = { fake, plain };
