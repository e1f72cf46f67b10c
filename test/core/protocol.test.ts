import { expect } from 'chai';
import type { Endpoint } from '../../lib/core/endpoint.ts';
import { ConnectionError, UsageError } from '../../lib/core/errors.ts';
import type { CallOptions, ConnectOptions } from '../../lib/core/options.ts';
import { defineProtocol, targetOf } from '../../lib/core/protocol.ts';
import { type Body, type Entry, type Listing, type Receipt, Resource } from '../../lib/core/resource.ts';
import type { Can, Dialogue, Found, Report } from '../../lib/core/verbs.ts';
import { all, rejection } from '../helpers.ts';

interface FetchOptions extends CallOptions {
  readonly lines?: number;
}

/** What happened, in order. */
let log: string[] = [];
/** What goes wrong, by the name of a step. */
let trouble: Readonly<Record<string, Error>> = {};
let given: unknown;

async function step(name: string): Promise<void> {
  log.push(name);
  await Promise.resolve();
  const error = trouble[name.split(' ')[0] ?? ''];
  if (error) throw error;
}

const entry = (name: string): Entry => ({ name, path: `/${name}`, url: `fake://h/${name}`, kind: 'item', meta: {} });

class FakeClient implements Can<'list' | 'fetch' | 'info' | 'search' | 'send' | 'remove' | 'open'> {
  readonly endpoint: Endpoint;

  private constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  static async connect(endpoint: Endpoint, options?: ConnectOptions): Promise<FakeClient> {
    given = options;
    await step(`connect ${endpoint.scheme} ${endpoint.host}:${endpoint.port}`);
    return new FakeClient(endpoint);
  }

  async *list(path = '/', options?: CallOptions): Listing {
    given = options;
    await step(`list ${path}`);
    yield entry('a');
    yield entry('b');
    return 'unknown';
  }

  async *search(path: string, query: string, options?: CallOptions): Listing {
    given = options;
    await step(`search ${path} ${query}`);
    yield entry(query);
    return true;
  }

  async fetch(path: string, options?: FetchOptions): Promise<Resource> {
    given = options;
    await step(`fetch ${path}`);
    const chunks = [Buffer.from('one'), Buffer.from('two')];
    const pull = async (): Promise<Buffer | undefined> => {
      await step('pull');
      return chunks.shift();
    };
    const each = async (sink: (chunk: Buffer) => void): Promise<void> => {
      for (let chunk = await pull(); chunk; chunk = await pull()) sink(chunk);
    };
    const body = { complete: true, pull, each };
    return new Resource({ body, path, url: `fake://h${path}`, close: () => step('body-closed') });
  }

  async info(path: string, options?: CallOptions): Promise<Entry> {
    given = options;
    await step(`info ${path}`);
    return entry(path.slice(1));
  }

  async send(path: string, body: Body, options?: CallOptions): Promise<Receipt> {
    given = options;
    await step(`send ${path} ${body}`);
    return { text: 'sent' };
  }

  async remove(path: string, options?: CallOptions): Promise<void> {
    given = options;
    await step(`remove ${path}`);
  }

  async open(path = '/', options?: CallOptions): Promise<Dialogue> {
    given = options;
    await step(`open ${path}`);
    return new FakeDialogue();
  }

  async check(): Promise<Report> {
    return {};
  }

  async close(): Promise<void> {
    await step('close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

class FakeDialogue implements Dialogue {
  async write(): Promise<void> {}

  async waitFor(): Promise<Found> {
    return { index: 0, match: '', groups: {}, before: '', text: '' };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {}

  async close(): Promise<void> {
    await step('dialogue-closed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

class FakeMock {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  static async start(fixture = 'nothing', options?: { readonly port?: number }): Promise<FakeMock> {
    return new FakeMock(`fake://${fixture}:${options?.port ?? 0}`);
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

const word = { summary: '' };
const fake = defineProtocol({
  name: 'fake',
  summary: 'Do as told',
  rfc: [],
  schemes: { fake: { port: 1 }, fakes: { port: 2, tls: 'implicit' }, 'fake+starttls': { port: 1, tls: 'upgrade' } },
  client: async () => {
    await step('load');
    return FakeClient;
  },
  mock: async () => FakeMock,
  verbs: { list: word, fetch: word, info: word, search: word, send: word, remove: word, open: word },
});

const CONNECTED = ['load', 'connect fake h:1'];

describe('a protocol', () => {
  beforeEach(() => {
    log = [];
    trouble = {};
    given = undefined;
  });

  it('loads its client when it is first asked to connect', async () => {
    expect(log).to.deep.equal([]);
    const client = await fake.connect('fakes://ann:secret@H.example/path');
    expect(client).to.be.an.instanceOf(FakeClient);
    expect(client.endpoint).to.include({ scheme: 'fakes', host: 'h.example', port: 2, tls: 'implicit', user: 'ann' });
    expect(log).to.deep.equal(['load', 'connect fakes h.example:2']);
  });

  it('takes a URL, its text, and a target without scheme, which is of its first one', async () => {
    for (const target of ['fake://h/', new URL('fake://h/'), 'h', 'h:1/x']) await fake.connect(target);
    expect(log.filter((line) => line.startsWith('connect'))).to.deep.equal(Array(4).fill('connect fake h:1'));
    expect(targetOf(fake, 'fake+starttls://h:9/a?b').endpoint).to.include({ port: 9, tls: 'upgrade' });
    expect(targetOf(fake, 'fake+starttls://h:9/a?b').path).to.equal('/a?b');
  });

  it('starts its mock server with a fixture and options', async () => {
    expect((await fake.mock()).url).to.equal('fake://nothing:0');
    expect((await fake.mock('things', { port: 7 })).url).to.equal('fake://things:7');
  });

  it('gives a rejection, and no exception, for a target that it cannot read', async () => {
    for (const target of ['', 'other://h/', 'fake://', 'fake://h:0/', 'fake://h\r\n/', null as unknown as string]) {
      const calls = [
        () => fake.connect(target),
        () => fake.fetch(target),
        () => fake.info(target),
        () => fake.send(target, ''),
        () => fake.remove(target),
        () => fake.open(target),
        () => fake.list(target).next(),
        () => fake.search(target, '').next(),
      ];
      for (const call of calls) {
        const pending = call();
        expect(pending).to.be.an.instanceOf(Promise);
        const error = await rejection(pending);
        if (target !== null) expect(error).to.be.an.instanceOf(UsageError);
      }
    }
    expect(log).to.deep.equal([]);
  });

  const signal = new AbortController().signal;
  const options = { signal, timeouts: { idle: 1 } };
  const VERBS: readonly [string, string, () => Promise<unknown>][] = [
    ['list', 'list /a', () => all(fake.list('fake://h/a', options))],
    ['search', 'search /a words', () => all(fake.search('fake://h/a', 'words', options))],
    ['info', 'info /a', () => fake.info('fake://h/a', options)],
    ['send', 'send /a text', () => fake.send('fake://h/a', 'text', options)],
    ['remove', 'remove /a', () => fake.remove('fake://h/a', options)],
    ['fetch', 'fetch /a', () => fake.fetch('fake://h/a', options)],
    ['open', 'open /a', () => fake.open('fake://h/a', options)],
  ];

  for (const [verb, said, call] of VERBS) {
    describe(verb, () => {
      it('connects, does it, and gives its options to both', async () => {
        await call();
        expect(log.slice(0, 3)).to.deep.equal([...CONNECTED, said]);
        expect(given).to.equal(options);
      });

      it('closes the client when it fails', async () => {
        const failure = new ConnectionError('lost');
        trouble = { [verb]: failure };
        expect(await rejection(call)).to.equal(failure);
        expect(log).to.deep.equal([...CONNECTED, said, 'close']);
      });

      it('closes nothing when it cannot connect', async () => {
        const failure = new ConnectionError('nobody there');
        trouble = { connect: failure };
        expect(await rejection(call)).to.equal(failure);
        expect(log).to.deep.equal(CONNECTED);
      });
    });
  }

  it('closes the client after what is done at once', async () => {
    expect(await fake.info('fake://h/a')).to.include({ name: 'a' });
    expect(await fake.send('fake://h/a', 'text')).to.deep.equal({ text: 'sent' });
    expect(await fake.remove('fake://h/a')).to.equal(undefined);
    expect(log.filter((line) => line === 'close')).to.have.length(3);
  });

  describe('whose entries come one by one', () => {
    it('closes the client after the last, and says whether these are all', async () => {
      const listing = fake.list('fake://h/');
      const names: string[] = [];
      let next = await listing.next();
      for (; !next.done; next = await listing.next()) names.push(next.value.name);
      expect(names).to.deep.equal(['a', 'b']);
      expect(next.value).to.equal('unknown');
      expect(log.at(-1)).to.equal('close');
    });

    it('does nothing before the first is asked for', async () => {
      const listing = fake.list('fake://h/');
      expect(log).to.deep.equal([]);
      await listing.return('unknown');
      expect(log).to.deep.equal([]);
    });

    it('closes the client when the loop is left early, and when the loop throws', async () => {
      for await (const _ of fake.list('fake://h/')) break;
      expect(log).to.deep.equal([...CONNECTED, 'list /', 'close']);
      const failure = new Error('mine');
      const loop = async (): Promise<void> => {
        for await (const _ of fake.search('fake://h/', 'x')) throw failure;
      };
      expect(await rejection(loop)).to.equal(failure);
      expect(log.slice(4)).to.deep.equal([...CONNECTED, 'search / x', 'close']);
    });
  });

  describe('that gives a body', () => {
    it('keeps the client until the body has been read', async () => {
      const body = await fake.fetch('fake://h/a');
      expect(log).to.deep.equal([...CONNECTED, 'fetch /a']);
      expect(await body.text()).to.equal('onetwo');
      expect(log.slice(-2)).to.deep.equal(['body-closed', 'close']);
    });

    it('closes the client with a body that is closed, left or lost', async () => {
      await (await fake.fetch('fake://h/a')).close();
      expect(log.slice(-2)).to.deep.equal(['body-closed', 'close']);
      log = [];
      for await (const _ of await fake.fetch('fake://h/a')) break;
      expect(log.slice(-2)).to.deep.equal(['body-closed', 'close']);
      log = [];
      const failure = new ConnectionError('lost');
      trouble = { pull: failure };
      expect(await rejection(async () => (await fake.fetch('fake://h/a')).bytes())).to.equal(failure);
      expect(log.slice(-2)).to.deep.equal(['body-closed', 'close']);
    });
  });

  describe('that gives a conversation', () => {
    it('closes the client with it', async () => {
      const dialogue = await fake.open('fake://h/');
      expect(log).to.not.include('close');
      await dialogue.close();
      expect(log.slice(-2)).to.deep.equal(['dialogue-closed', 'close']);
    });

    it('closes the client with the block that uses it, and when its own end fails', async () => {
      {
        await using _ = await fake.open('fake://h/');
      }
      expect(log.slice(-2)).to.deep.equal(['dialogue-closed', 'close']);
      log = [];
      const failure = new Error('lost');
      trouble = { 'dialogue-closed': failure };
      const dialogue = await fake.open('fake://h/');
      expect(await rejection(dialogue.close())).to.equal(failure);
      expect(log.at(-1)).to.equal('close');
    });
  });
});
