/** The uniform verbs of NNTP, and what several of them at once do. */
import { expect } from 'chai';
import { ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import type { Entry, Resource } from '../../lib/core/resource.ts';
import { encodeYenc } from '../../lib/message/yenc-encoder.ts';
import { nntp } from '../../lib/nntp/index.ts';
import type { NntpMockOptions } from '../../lib/nntp/mock-server.ts';
import { all, rejection } from '../helpers.ts';
import { against } from './client-rules.ts';

type Client = Awaited<ReturnType<typeof nntp.connect>>;

function article(id: number, group: string, subject = `s${id}`): string {
  return `From: =?UTF-8?Q?J=C3=BCrgen?= <j@b.c>\nNewsgroups: ${group}\nSubject: ${subject}\nDate: Tue, 02 Jan 2024 03:04:05 +0000\nMessage-ID: <${group}.${id}@x>\n\nbody ${group} ${id}\n`;
}
const OCTETS = Buffer.from(Array.from({ length: 1_000 }, (_, i) => i % 256));
const FIXTURE = {
  groups: [
    {
      name: 'a.one',
      description: 'The first',
      articles: Array.from({ length: 30 }, (_, i) => article(i + 1, 'a.one')),
    },
    {
      name: 'a.two',
      articles: [5, 6, 9].map((number) => ({ number, content: article(number, 'a.two', 'Grüße aus Köln') })),
    },
    { name: 'b.empty', status: 'n' as const },
    {
      name: 'b.files',
      articles: [Buffer.concat([Buffer.from(article(1, 'b.files').replace(/body.*\n/s, '')), file()])],
    },
  ],
};

function file(): Buffer {
  return encodeYenc(OCTETS, { name: 'octets.bin' });
}

async function using<T>(
  work: (client: Client) => Promise<T>,
  mock: NntpMockOptions = {},
): Promise<{ value: T; said: string[] }> {
  await using server = await nntp.mock(FIXTURE, { xref: false, ...mock });
  const client = await nntp.connect(server.url);
  try {
    const value = await work(client);
    return { value, said: server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text) };
  } finally {
    await client.close();
  }
}

const names = (entries: readonly Entry[]): string[] => entries.map(({ name }) => name);

describe('the verbs of NNTP', () => {
  it('list groups, all or those that match, and what they are for', async () => {
    const { value } = await using(async (client) => [
      names(await all(client.list('/'))),
      names(await all(client.list('/b.*'))),
      (await all(client.list('/a.*', { descriptions: true }))).map(({ meta }) => meta['description']),
    ]);
    expect(value).to.deep.equal([
      ['a.one', 'a.two', 'b.empty', 'b.files'],
      ['b.empty', 'b.files'],
      ['The first', undefined],
    ]);
  });

  for (const [what, mock] of [
    ['an overview', {}],
    ['an overview of old', { without: ['OVER', 'CAPABILITIES'] }],
    ['headers alone', { profile: 'minimal' }],
  ] as const) {
    it(`list the articles of a group, and of a range of it, by ${what}`, async () => {
      const { value } = await using(
        async (client) => [
          names(await all(client.list('/a.two'))),
          names(await all(client.list('/a.two/6-'))),
          names(await all(client.list('/a.two/1-5'))),
          names(await all(client.list('/a.two/7-8'))),
          names(await all(client.list('/b.empty'))),
          names(await all(client.search('/a.two/6-', 'KÖLN from:jürgen'))),
        ],
        mock,
      );
      expect(value).to.deep.equal([['5', '6', '9'], ['6', '9'], ['5'], [], [], ['6', '9']]);
    });

    it(`fetch all articles of a group, but those that are known, by ${what}`, async () => {
      const { value } = await using(async (client) => {
        const got: (string | undefined)[] = [];
        const known = (uid: string): boolean => uid === '<a.two.6@x>';
        for await (const resource of client.fetchAll('/a.two', { known })) {
          got.push(resource.meta['uid'], (await resource.text()).split('\r\n').at(-2));
        }
        const heads = [];
        for await (const resource of client.fetchAll('/a.two/5-6', { head: true })) heads.push(await resource.text());
        return { got, heads: heads.length, body: heads.join('').includes('body') };
      }, mock);
      expect(value).to.deep.equal({
        got: ['<a.two.5@x>', 'body a.two 5', '<a.two.9@x>', 'body a.two 9'],
        ...{ heads: 2, body: false },
      });
    });
  }

  it('fetch all articles but those that the server refuses, of which they tell', async () => {
    const rules = { 'ARTICLE 1': '503 damaged\r\n', 'ARTICLE 2': '220 2 <2@x>\r\nA: b\r\n\r\n.\r\n' };
    const { value } = await against(rules, async (client) => {
      const told: [string, string][] = [];
      const refused = ({ message }: Error, path: string): void => void told.push([message, path]);
      const got = await all(client.fetchAll('/misc.test', { refused }));
      return { told, got: got.map(({ path }) => path), thrown: await rejection(all(client.fetchAll('/misc.test'))) };
    });
    expect(value.got).to.deep.equal(['/misc.test/2']);
    expect(value.told).to.have.length(1);
    expect(value.told[0]?.[1]).to.equal('/misc.test/1');
    expect(value.thrown).to.be.instanceOf(ReplyError).with.property('message', value.told[0]?.[0]);
  });

  it('end all articles where the server wants a login meanwhile', async () => {
    const rules = { 'ARTICLE 1': '480 log in\r\n' };
    const refused = (): never => expect.fail('told');
    const { value } = await against(rules, (client) => rejection(all(client.fetchAll('/misc.test', { refused }))));
    expect(value).to.be.instanceOf(ReplyError).with.property('reason', 'auth');
  });

  it('fetch an article, its headers, its body, and the file in it', async () => {
    await using(async (client) => {
      const [head, body] = [await client.fetch('/a.one/7', { head: true }), '/a.one/7'];
      expect(await head.text()).to.match(/^From: .*\r\n$/s);
      expect(await (await client.fetch(body, { body: true })).text()).to.equal('body a.one 7\r\n');
      const resource = await client.fetch('/b.files/1', { yenc: true });
      expect(resource).to.include({ type: 'application/octet-stream', size: OCTETS.length });
      expect(resource.meta).to.include({ name: 'octets.bin' });
      expect((await resource.bytes()).equals(OCTETS)).to.equal(true);
      expect(resource.complete).to.equal(true);
      expect(await rejection(client.fetch('/a.one/1', { yenc: true }))).to.be.instanceOf(ProtocolError);
      expect(await (await client.fetch('/a.one.7@x')).text()).to.include('body a.one 7');
    });
  });

  it('do not take a damaged file for a whole one', async () => {
    const damaged = file()
      .toString('latin1')
      .replace(/crc32=\w/, 'crc32=0000');
    const rules = { BODY: Buffer.from(`222 1 <1@x>\r\n${damaged}.\r\n`, 'latin1') };
    const { value } = await against(rules, async (client) =>
      rejection((await client.fetch('/misc.test/1', { yenc: true })).bytes()),
    );
    expect(value).to.be.instanceOf(ProtocolError).and.include({ reason: 'integrity' });
  });

  it('tell of a group, and of an article what the list tells', async () => {
    await using(async (client) => {
      expect((await client.info('/a.two')).meta).to.include({ low: '5', high: '9', count: '3' });
      const { meta, modified } = await client.info('/a.two/6');
      expect(meta).to.include({ number: '6', id: '<a.two.6@x>', subject: 'Grüße aus Köln', from: 'Jürgen <j@b.c>' });
      expect(modified?.toISOString()).to.equal('2024-01-02T03:04:05.000Z');
      expect((await client.info('/')).kind).to.equal('container');
    });
  });

  it('refuse a path that is none of theirs', async () => {
    await using(async (client) => {
      for (const call of [
        () => all(client.list('/a.one/1')),
        () => all(client.search('/', 'x')),
        () => all(client.fetchAll('/')),
        () => client.fetch('/a.one'),
        () => client.fetch('/a.one/1', { head: true, body: true }),
        () => client.info('/a.one/1-2'),
        () => client.fetch('nntp://elsewhere.example/a.one/1'),
        () => client.article(1),
        () => client.next(),
      ]) {
        expect(await rejection(call), `${call}`).to.be.instanceOf(UsageError);
      }
    });
  });

  it('take the server of a news: URL from NNTPSERVER', async () => {
    await using server = await nntp.mock(FIXTURE);
    const before = process.env['NNTPSERVER'];
    process.env['NNTPSERVER'] = new URL(server.url).host;
    try {
      expect(names(await all(nntp.list('news:a.two')))).to.deep.equal(['5', '6', '9']);
      expect(names(await all(nntp.list('news:*')))).to.have.length(4);
      expect(await (await nntp.fetch('news:a.two.5@x')).text()).to.include('body a.two 5');
    } finally {
      if (before === undefined) delete process.env['NNTPSERVER'];
      else process.env['NNTPSERVER'] = before;
    }
  });
});

describe('several things at once on one NNTP connection', () => {
  it('each get what they asked for, in whichever group', async () => {
    const { value } = await using(async (client) => {
      const paths = Array.from({ length: 40 }, (_, i) =>
        i % 2 ? `/a.two/${[5, 6, 9][i % 3]}` : `/a.one/${(i % 30) + 1}`,
      );
      const texts = await Promise.all(paths.map(async (path) => (await client.fetch(path)).text()));
      return paths.every((path, i) => texts[i]?.includes(`body ${path.slice(1).replace('/', ' ')}\r\n`));
    });
    expect(value).to.equal(true);
  });

  it('are lists inside lists, and articles inside them', async () => {
    const { value } = await using(async (client) => {
      const seen: string[] = [];
      for await (const group of client.list('/a.*')) {
        for await (const entry of client.list(group.path)) {
          const text = await (await client.fetch(entry.path)).text();
          if (text.includes(`body ${group.name} ${entry.name}\r\n`)) seen.push(entry.path);
        }
      }
      return seen.length;
    });
    expect(value).to.equal(33);
  });

  it('are many bodies asked for without waiting, and they come with few round trips', async () => {
    const { value, said } = await using(async (client) => {
      await client.group('a.one');
      return Promise.all(Array.from({ length: 30 }, (_, i) => client.bodyOf(i + 1)));
    });
    expect(value.map(String)).to.deep.equal(Array.from({ length: 30 }, (_, i) => `body a.one ${i + 1}\r\n`));
    expect(said.filter((line) => line.startsWith('GROUP'))).to.have.length(1);
  });

  it('are runs of articles in the group that was entered, whatever else is asked', async () => {
    const { value } = await using(async (client) => {
      await client.group('a.two');
      const run = async (): Promise<unknown> => {
        const got: string[] = [];
        const missing = await client.each([5, 6, 7, 9], (octets) => got.push(octets.toString()), { part: 'body' });
        return [got, missing];
      };
      const [first, text, second] = await Promise.all([
        run(),
        client.fetch('/a.one/3').then((r: Resource) => r.text()),
        run(),
      ]);
      return { first, same: JSON.stringify(first) === JSON.stringify(second), text: text.includes('a.one 3') };
    });
    expect(value.first).to.deep.equal([['body a.two 5\r\n', 'body a.two 6\r\n', 'body a.two 9\r\n'], [7]]);
    expect(value).to.include({ same: true, text: true });
  });

  it('wait for a body that is being read, and say so when nobody reads it', async () => {
    // more than comes at once
    const long = `From: ann@example.org\nSubject: long\nNewsgroups: a.one\n\n${'x'.repeat(70)}\n`.padEnd(
      2_000_000,
      'y\n',
    );
    await using server = await nntp.mock({ groups: [{ name: 'a.one', articles: [long] }] });
    const client = await nntp.connect(server.url, { timeouts: { idle: 100, close: 100 } });
    const resource = await client.fetch('/a.one/1');
    expect(await rejection(client.date()))
      .to.be.instanceOf(UsageError)
      .and.include({ reason: 'unread-body' });
    await resource.close();
    await client.close();
  });

  it('end at once with the client, also where a body has not been read', async () => {
    await using server = await nntp.mock(FIXTURE);
    const client = await nntp.connect(server.url);
    await client.fetch('/a.one/1');
    const began = performance.now();
    await client.close();
    expect(performance.now() - began).to.be.lessThan(1_000);
  });

  it('leave a list early, and go on', async () => {
    await using(async (client) => {
      for await (const _ of client.list('/a.one')) break;
      for await (const resource of client.fetchAll('/a.one')) {
        expect(resource.meta['number']).to.equal('1');
        break;
      }
      expect(await client.date()).to.be.instanceOf(Date);
    });
  });

  it('abort one that waits for its turn at once', async () => {
    const { value } = await against({ GROUP: () => {} }, async (client) => {
      const first = client.group('misc.test').catch((error: unknown) => error);
      const controller = new AbortController();
      const second = rejection(client.fetch('/other.test/1', { signal: controller.signal }));
      controller.abort(new Error('enough'));
      const why = await second;
      await client.close();
      return [why, await first];
    });
    expect(value[0]).to.have.property('message', 'enough');
  });
});
