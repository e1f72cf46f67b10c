import { expect } from 'chai';
import { ReplyError, UsageError } from '../../lib/core/errors.ts';
import { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { type Pop3MockOptions, Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { all, rejection } from '../helpers.ts';
import { BYE, IN, inWith, JOE, scripted, serving } from './client-scripted.ts';

const message = (n: number, size = 40): string => `Subject: message ${n}\r\n\r\n.${'x'.repeat(size)}\r\n.\r\n`;
const HUNDRED = Array.from({ length: 100 }, (_, i) => message(i + 1));
const LOCKSTEP: Pop3MockOptions = { capabilities: { PIPELINING: false } };

/** Does something with a client of a mock server, and gives what the client said. */
async function using(
  messages: readonly string[],
  options: Pop3MockOptions,
  work: (client: Pop3Client, server: Pop3MockServer) => Promise<void>,
): Promise<string[]> {
  await using server = await Pop3MockServer.start({ messages }, options);
  await using client = await pop3.connect(server.url, { ...server.login, tls: { ca: server.ca } });
  await work(client, server);
  return server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text);
}

describe('many messages in one run', () => {
  for (const [how, options] of [
    ['pipelined', {}],
    ['in lockstep', LOCKSTEP],
  ] as const) {
    it(`are given in order, ${how}`, async () => {
      await using(HUNDRED, options, async (client) => {
        const got: string[] = [];
        await client.each(undefined, (octets, number) => got.push(`${number} ${octets}`));
        expect(got).to.deep.equal(HUNDRED.map((text, i) => `${i + 1} ${text}`));
        const some: number[] = [];
        await client.each({ from: 98, to: 100 }, (_, number) => some.push(number));
        await client.each([7, 3], (_, number) => some.push(number));
        await client.each({ from: 2, to: 1 }, (_, number) => some.push(number));
        await client.each([], (_, number) => some.push(number));
        expect(some).to.deep.equal([98, 99, 100, 7, 3]);
        await client.each([1], (octets) => some.push(octets.length), { lines: 0 });
        expect(some.at(-1)).to.equal('Subject: message 1\r\n\r\n'.length);
      });
    });
  }

  it('come together where promises are not awaited', async () => {
    await using(HUNDRED, {}, async (client) => {
      const bodies = await Promise.all(HUNDRED.map((_, i) => client.retr(i + 1)));
      expect(bodies.map(String)).to.deep.equal(HUNDRED);
    });
  });

  it('fail with the number of the one that was refused, after the others; or tell of it', async () => {
    await using(HUNDRED, {}, async (client) => {
      const got: number[] = [];
      const error = await rejection(client.each([1, 200, 2, 300, 3], (_, number) => got.push(number)));
      expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'missing', command: 'RETR 200' });
      expect(got).to.deep.equal([1, 2, 3]);
      const refused: number[] = [];
      await client.each([1, 200], () => {}, { refused: (_, number) => refused.push(number) });
      expect(refused).to.deep.equal([200]);
    });
  });

  it('are not begun where one of the numbers is none', async () => {
    const said = await using(HUNDRED, {}, async (client) => {
      for (const numbers of [[1, 0], [1, 1.5], [1, -1], [Number.NaN], { from: 0, to: 2 }, { from: 1, to: Infinity }]) {
        expect(await rejection(client.each(numbers, () => {}))).to.be.instanceOf(UsageError);
      }
      expect(await rejection(client.each([1], () => {}, { lines: -1 }))).to.be.instanceOf(UsageError);
    });
    expect(said.filter((line) => /RETR|TOP/.test(line))).to.deep.equal([]);
  });

  it('end the connection where the visit throws, for other answers are on their way', async () => {
    await using(HUNDRED, {}, async (client) => {
      const trouble = new Error('no room');
      const run = client.each(undefined, () => {
        throw trouble;
      });
      expect(await rejection(run)).to.equal(trouble);
      expect(await rejection(client.noop())).to.equal(trouble);
    });
  });
});

describe('the whole maildrop in one pass', () => {
  for (const [how, options] of [
    ['pipelined', {}],
    ['in lockstep', LOCKSTEP],
    ['over TLS', { tls: 'implicit' }],
    ['from a server of RFC 1939 and nothing else', { profile: 'minimal', capabilities: { TOP: true } }],
  ] as const) {
    it(`gives every message with its id, ${how}`, async () => {
      const large = [...HUNDRED.slice(0, 20), message(21, 3_000_000), ...HUNDRED.slice(21, 40)];
      await using(large, options, async (client) => {
        const got: string[] = [];
        const ids = new Set<string>();
        for await (const resource of client.fetchAll()) {
          got.push(await resource.text());
          expect(resource).to.include({ complete: true, path: `/${got.length}`, type: 'message/rfc822' });
          expect(resource.size).to.equal(large[got.length - 1]?.length);
          ids.add(resource.meta['uid'] ?? '');
        }
        expect(got).to.deep.equal(large);
        expect(ids.size).to.equal(large.length);
        const [first = ''] = ids;
        expect(await (await client.fetch(`/;UIDL=${encodeURIComponent(first)}`)).text()).to.equal(large[0]);
      });
    });
  }

  it('goes on when a body is not read, or only its beginning', async () => {
    const large = [message(1), message(2, 500_000), message(3, 500_000), message(4)];
    await using(large, {}, async (client) => {
      const seen: string[] = [];
      for await (const resource of client.fetchAll()) {
        seen.push(resource.path);
        if (resource.path === '/2') for await (const _ of resource) break;
      }
      expect(seen).to.deep.equal(['/1', '/2', '/3', '/4']);
      expect(await client.stat()).to.include({ count: 4 });
    });
  });

  it('may be left at any message, and the session goes on', async () => {
    await using([...HUNDRED, message(101, 2_000_000)], {}, async (client) => {
      for (const at of [1, 2, 99, 101]) {
        for await (const { meta } of client.fetchAll()) if (meta['number'] === `${at}`) break;
        expect(String(await client.retr(1)), `left at ${at}`).to.equal(HUNDRED[0]);
      }
    });
  });

  it('asks for no more than it says it does ahead of its reader', async () => {
    const said = await using(
      Array.from({ length: 20 }, (_, i) => message(i, 400_000)),
      {},
      async (client, server) => {
        for await (const _ of client.fetchAll()) {
          await server.waitFor('RETR 3');
          break;
        }
      },
    );
    expect(said.filter((line) => line.startsWith('RETR')).length).to.be.within(3, 5);
  });

  it('asks for several at once where it may', async () => {
    const session = `${inWith('UIDL', 'PIPELINING', 'USER')}
      C: LIST
      C: UIDL
      S: +OK
      S: 1 3
      S: 2 3
      S: .
      S: +OK
      S: 1 one
      S: 2 two
      S: .
      C: RETR 1
      C: RETR 2
      S: +OK
      S: a
      S: .
      S: +OK
      S: b
      S: .
      ${BYE}`;
    const texts = await scripted(session, async (client) => {
      const texts: string[] = [];
      for await (const resource of client.fetchAll()) texts.push(`${resource.meta['uid']} ${await resource.text()}`);
      return texts;
    });
    expect(texts).to.deep.equal(['one a\r\n', 'two b\r\n']);
  });

  it('leaves out what is known, and deletes afterwards what was stored', async () => {
    await using(HUNDRED, {}, async (client, server) => {
      const known = new Set(server.messages().map(({ uid }) => uid));
      const [one, other] = [...known];
      known.delete(one ?? '');
      known.delete(other ?? '');
      const numbers: number[] = [];
      for await (const resource of client.fetchAll('/', { known: (id) => known.has(id), head: true })) {
        numbers.push(Number(resource.meta['number']));
        expect(await resource.text()).to.equal(`Subject: message ${numbers.length}\r\n\r\n`);
        expect(await rejection(client.dele(1)))
          .to.be.instanceOf(UsageError)
          .with.property('reason', 'unread-body');
      }
      await Promise.all(numbers.map((number) => client.dele(number)));
      await client.close();
      expect(server.messages()).to.have.length(98);
    });
  });

  it('is thrown what the server refuses, or tells of it and goes on', async () => {
    await using(HUNDRED.slice(0, 3), {}, async (client, server) => {
      const fault = { match: /RETR 2/, reply: '-ERR [SYS/TEMP] disk', times: 2 };
      server.faults.add(fault);
      expect(await rejection(all(client.fetchAll()))).to.include({ reason: 'busy', command: 'RETR 2' });
      const refused: string[] = [];
      const got = await all(client.fetchAll('/', { refused: (_, path) => refused.push(path) }));
      expect([got.length, refused]).to.deep.equal([2, ['/2']]);
    });
  });

  it('ends with the reason of its signal', async () => {
    const reason = new Error('enough');
    await using(HUNDRED, {}, async (client) => {
      expect(await rejection(client.fetchAll('/', { signal: AbortSignal.abort(reason) }).next())).to.equal(reason);
      expect(await client.stat()).to.include({ count: 100 });
      const controller = new AbortController();
      const pass = client.fetchAll('/', { signal: controller.signal });
      await pass.next();
      controller.abort(reason);
      expect(await rejection(all(pass))).to.equal(reason);
      expect(await rejection(client.noop())).to.equal(reason);
    });
  });

  it('fetches both of two messages with one id (pop3-s26), and takes any id for what it is (pop3-s29)', async () => {
    const session = `${IN}
      C: LIST
      S: +OK
      S: 1 3
      S: 2 3
      S: 3 3
      S: .
      C: UIDL
      S: +OK
      S: 1 same
      S: 2 same
      S: 3 __proto__
      S: .
      C: RETR 1
      S| +OK\\r\\na\\r\\n.\\r\\n
      C: RETR 2
      S| +OK\\r\\nb\\r\\n.\\r\\n
      C: RETR 3
      S| +OK\\r\\n.\\r\\n
      ${BYE}`;
    const got = await scripted(session, async (client) => {
      const got: [string | undefined, string][] = [];
      for await (const resource of client.fetchAll()) got.push([resource.meta['uid'], await resource.text()]);
      return got;
    });
    expect(got).to.deep.equal([
      ['same', 'a\r\n'],
      ['same', 'b\r\n'],
      ['__proto__', ''],
    ]);
    expect(Object.getPrototypeOf({})).to.equal(Object.prototype);
  });
});

describe('messages of a server without UIDL', () => {
  it('have a digest of their header for an id, the second of the same its number', async () => {
    const twice = 'Subject: twice\r\n\r\none\r\n';
    const options: Pop3MockOptions = { profile: 'minimal', capabilities: { TOP: true } };
    await using([twice, message(2), twice.replace('one', 'two')], options, async (client) => {
      const ids: string[] = [];
      for await (const { meta } of client.fetchAll()) ids.push(meta['uid'] ?? '');
      const [first = '', second = '', third] = ids;
      expect(first).to.match(/^sha256-[\w-]{43}$/);
      expect(second)
        .to.match(/^sha256-[\w-]{43}$/)
        .and.not.equal(first);
      expect(third).to.equal(`${first}-2`);
      expect(await (await client.fetch(`/;UIDL=${third}`)).text()).to.contain('two');
    });
    // the same where there is no TOP either
    await using([twice], { profile: 'minimal' }, async (client) => {
      for await (const { meta } of client.fetchAll()) expect(meta['uid']).to.match(/^sha256-[\w-]{43}$/);
    });
  });
});

describe('without pipelining', () => {
  it('a client may be kept to one command at a time', async () => {
    const session = `${inWith('PIPELINING', 'USER', 'UIDL')}\nC: LIST\nS: +OK\nS: .\nC: UIDL\nS: +OK\nS: .\n${BYE}`;
    await serving(session, async ({ port }) => {
      const endpoint = { scheme: 'pop3', host: '127.0.0.1', port, tls: 'none' } as const;
      await using client = await Pop3Client.connect(endpoint, { ...JOE, pipelining: false });
      expect(await all(client.list())).to.deep.equal([]);
    });
  });
});
