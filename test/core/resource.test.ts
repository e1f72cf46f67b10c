import { finished } from 'node:stream/promises';
import { expect } from 'chai';
import { ProtocolError, UsageError } from '../../lib/core/errors.ts';
import { type Flow, Resource, type ResourceParts } from '../../lib/core/resource.ts';
import { all, everyCut, rejection } from '../helpers.ts';

/** A body of these chunks, of which it is known how many are left; it fails after them, when told to. */
class Body implements Flow {
  readonly left: Buffer[];
  readonly #failure: Error | undefined;
  complete: boolean | 'unknown' = false;

  constructor(chunks: readonly (string | Uint8Array)[], failure?: Error) {
    this.left = chunks.map((chunk) => Buffer.from(chunk as string));
    this.#failure = failure;
  }

  async pull(): Promise<Buffer | undefined> {
    const chunk = this.left.shift();
    if (chunk) return chunk;
    if (this.#failure) throw this.#failure;
    this.complete = true;
    return undefined;
  }

  async each(sink: (chunk: Buffer) => void): Promise<void> {
    for (let chunk = await this.pull(); chunk; chunk = await this.pull()) {
      sink(chunk);
      // a chunk is valid only during the call
      chunk.fill(0);
    }
  }
}

const resource = (chunks: readonly (string | Uint8Array)[], parts: Partial<ResourceParts> = {}): Resource =>
  new Resource({ body: new Body(chunks), path: '/a', url: 'x://h/a', ...parts });

describe('a resource', () => {
  it('knows what it is told, and has its defaults', () => {
    const told = resource([], { type: 'text/plain', size: 3, meta: { a: 'b' } });
    expect(told).to.include({ path: '/a', url: 'x://h/a', type: 'text/plain', size: 3 });
    expect(told.meta).to.deep.equal({ a: 'b' });
    expect(resource([])).to.include({ type: 'application/octet-stream', size: undefined });
  });

  it('puts together what it knows when somebody asks, and once', () => {
    let asked = 0;
    const told = resource([], { meta: () => ({ times: `${++asked}` }) });
    expect(asked).to.equal(0);
    expect(told.meta).to.deep.equal({ times: '1' });
    expect(told.meta).to.equal(told.meta);
  });

  it('gives its bytes, gathered', async () => {
    expect((await resource(['ab', '', 'c']).bytes()).toString()).to.equal('abc');
    expect(await resource([]).bytes()).to.have.length(0);
    const large = Array.from({ length: 50 }, (_, i) => Buffer.alloc(1_000 + i, i));
    expect((await resource(large).bytes()).equals(Buffer.concat(large))).to.equal(true);
  });

  it('gathers what is larger or smaller than was announced', async () => {
    expect((await resource(['abcdef'], { size: 2 }).bytes()).toString()).to.equal('abcdef');
    expect((await resource(['ab'], { size: 2 ** 40 }).bytes(1_000)).toString()).to.equal('ab');
  });

  it('reserves no memory because somebody announced it', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const bodies = Array.from({ length: 8 }, () => {
      let end: () => void = () => {};
      const never: Flow = {
        complete: false,
        pull: async () => undefined,
        each: () => new Promise((resolve) => (end = resolve)),
      };
      const gathered = new Resource({ body: never, path: '', url: '', size: 2 ** 40, close: async () => {} }).bytes(
        2 ** 40,
      );
      return { gathered, end: () => end() };
    });
    expect(process.memoryUsage().arrayBuffers - before).to.be.lessThan(16 << 20);
    for (const { end } of bodies) end();
    await Promise.all(bodies.map(({ gathered }) => gathered));
    expect(await resource(['ab'], { size: Number.MAX_SAFE_INTEGER }).bytes(Number.POSITIVE_INFINITY)).to.have.length(2);
  });

  it('gives a long line in time that grows with its length', async () => {
    const chunk = Buffer.alloc(64, 'x');
    const body = resource(Array.from({ length: 65_536 }, () => chunk));
    const began = performance.now();
    expect(await all(body.lines())).to.deep.equal(['x'.repeat(64 * 65_536)]);
    // searching all of it again for each chunk would take minutes
    expect(performance.now() - began).to.be.lessThan(5_000);
  });

  it('gathers no more than its limit', async () => {
    expect((await resource(['abc']).bytes(3)).toString()).to.equal('abc');
    for (const gather of [() => resource(['ab', 'cd']).bytes(3), () => resource(['ab', 'cd']).text(3)]) {
      const error = await rejection(gather);
      expect(error).to.be.an.instanceOf(ProtocolError);
      expect(error).to.include({ reason: 'limit', phase: 'body' });
    }
  });

  it('gives its text, in UTF-8 or as it is told', async () => {
    expect(await resource(['gr', Buffer.from([0xc3]), Buffer.from([0xbc]), 'n']).text()).to.equal('grün');
    const decode = async (octets: Uint8Array): Promise<string> => Buffer.from(octets).toString('latin1');
    expect(await resource([Buffer.from('grün', 'latin1')], { decode }).text()).to.equal('grün');
  });

  it('gives its lines wherever the chunks are cut', async () => {
    const text = 'eins\r\nzwei\n\n\r\nfünf €\rsechs';
    const lines = ['eins', 'zwei', '', '', 'fünf €\rsechs'];
    for (const chunks of everyCut(Buffer.from(text))) expect(await all(resource(chunks).lines())).to.deep.equal(lines);
    for (const chunks of everyCut(Buffer.from('a\r\nb\r\n'))) {
      expect(await all(resource(chunks).lines())).to.deep.equal(['a', 'b']);
    }
    expect(await all(resource([]).lines())).to.deep.equal([]);
  });

  it('refuses a line without end', async () => {
    const error = await rejection(all(resource(['ab\ncd', 'ef']).lines(3)));
    expect(error).to.include({ reason: 'limit' });
  });

  it('gives each chunk to a sink', async () => {
    const chunks: string[] = [];
    await resource(['ab', 'c']).forEachChunk((chunk) => void chunks.push(chunk.toString()));
    expect(chunks).to.deep.equal(['ab', 'c']);
  });

  it('is a stream of Node', async () => {
    const stream = resource(['ab', 'c']).stream();
    expect((await all(stream)).map(String)).to.deep.equal(['ab', 'c']);
    expect(stream.readableObjectMode).to.equal(false);
  });

  it('is closed with a stream that is destroyed', async () => {
    let closed = 0;
    const body = resource(['ab', 'c'], { close: async () => void closed++ });
    const stream = body.stream();
    for await (const _ of stream) break;
    await finished(stream, { readable: false, writable: false }).catch(() => {});
    await body.close();
    expect(closed).to.equal(1);
  });

  it('knows whether all has come', async () => {
    const body = resource(['ab']);
    expect(body.complete).to.equal(false);
    await body.bytes();
    expect(body.complete).to.equal(true);
  });

  const readings: readonly [string, (body: Resource) => Promise<unknown>][] = [
    ['bytes', (body) => body.bytes()],
    ['text', (body) => body.text()],
    ['lines', (body) => all(body.lines())],
    ['forEachChunk', (body) => body.forEachChunk(() => {})],
    ['iteration', (body) => all(body)],
    ['stream', (body) => all(body.stream())],
  ];
  for (const [name, read] of readings) {
    it(`is read once: ${name} closes it and refuses what comes after`, async () => {
      let closed = 0;
      const body = resource(['ab', 'c'], { close: async () => void closed++ });
      await read(body);
      expect(closed).to.equal(1);
      for (const [, again] of readings) expect(await rejection(() => again(body))).to.be.an.instanceOf(UsageError);
      await body.close();
      expect(closed).to.equal(1);
    });

    it(`is closed when ${name} fails, which is what is thrown`, async () => {
      const failure = new Error('lost');
      let closed = 0;
      const body = new Resource({
        ...{ body: new Body(['ab'], failure), path: '', url: '' },
        close: async () => void closed++,
      });
      expect(await rejection(() => read(body))).to.equal(failure);
      expect(closed).to.equal(1);
    });
  }

  it('refuses two readers at a time', async () => {
    const body = resource(['ab', 'c']);
    const first = body.bytes();
    expect(await rejection(() => body.bytes())).to.be.an.instanceOf(UsageError);
    expect((await first).toString()).to.equal('abc');
  });

  describe('that is closed', () => {
    it('reads on to its end where nothing else is said', async () => {
      const body = new Body(['ab', 'c']);
      await new Resource({ body, path: '', url: '' }).close();
      expect(body.left).to.deep.equal([]);
    });

    it('is closed once, and can no longer be read', async () => {
      let closed = 0;
      const body = resource(['ab'], { close: async () => void closed++ });
      await Promise.all([body.close(), body.close()]);
      expect(closed).to.equal(1);
      expect(await rejection(() => body.bytes())).to.be.an.instanceOf(UsageError);
    });

    it('is closed by the block that uses it, also one that never read', async () => {
      const body = new Body(['ab']);
      {
        await using _ = new Resource({ body, path: '', url: '' });
      }
      expect(body.left).to.deep.equal([]);
    });

    it('is closed when a loop over it is left, or was never begun', async () => {
      let closed = 0;
      const parts = { close: async () => void closed++ };
      for await (const _ of resource(['ab', 'c'], parts)) break;
      expect(closed).to.equal(1);
      const unread = resource(['ab'], parts);
      unread[Symbol.asyncIterator]();
      await unread.close();
      expect(closed).to.equal(2);
    });

    it('does what else is to be done, in order, after its own end', async () => {
      const log: string[] = [];
      const duty = (name: string) => async () => void log.push(name);
      const body = resource(['a'], { close: duty('close') })
        .also(duty('first'))
        .also(duty('second'));
      await body.bytes();
      expect(log).to.deep.equal(['close', 'first', 'second']);
    });

    it('does the rest of what is to be done when something of it fails, and throws that', async () => {
      const failure = new Error('lost');
      let closed = 0;
      const body = resource(['a'], { close: () => Promise.reject(failure) }).also(async () => void closed++);
      expect(await rejection(() => body.close())).to.equal(failure);
      expect(closed).to.equal(1);
    });
  });
});
