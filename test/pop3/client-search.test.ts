import { expect } from 'chai';
import { UsageError } from '../../lib/core/errors.ts';
import { matches, parseQuery } from '../../lib/message/query.ts';
import type { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { type Pop3MockOptions, Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { all, rejection } from '../helpers.ts';

const MESSAGES = [
  'From: Ann Lee <ann@example.org>\nTo: Bob <bob@example.org>\nSubject: Budget for two\nDate: Tue, 02 Jan 2024 03:04:05 +0100\nMessage-ID: <1@example.org>\n\nbudget\n',
  'From: =?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <j@example.org>\nCC: ann@example.org\nSubject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?=\nDate: nonsense\n\nx\n',
  'Subject: two for\n the budget\nSubject: second\n\nx\n',
  'No header here at all\n',
];

async function using<T>(options: Pop3MockOptions, work: (client: Pop3Client) => Promise<T>): Promise<T> {
  await using server = await Pop3MockServer.start({ messages: MESSAGES }, options);
  await using client = await pop3.connect(server.url, { ...server.login });
  return await work(client);
}

async function found(query: string, options: Pop3MockOptions = {}): Promise<string[]> {
  return using(options, async (client) => (await all(client.search('/', query))).map(({ name }) => name));
}

describe('a search in a maildrop', () => {
  const rows: [string, string[]][] = [
    ['budget', ['1', '3']],
    ['BUDGET two', ['1', '3']],
    ['"two for"', ['3']],
    ['"budget for two"', ['1']],
    ['from:ann', ['1']],
    ['ann', ['1', '2']],
    ['cc:ann grüße', ['2']],
    ['JÜRGEN', ['2']],
    ['subject:"grüße aus" from:müller', ['2']],
    ['to:bob@example.org', ['1']],
    ['id:<1@example.org>', ['1']],
    ['message-id:1@', ['1']],
    ['date:2024', ['1']],
    ['subject:ann', []],
    ['second', []],
    ['http://x', []],
    ['header', []],
  ];
  for (const [query, names] of rows) {
    it(`for ${query} finds ${names.join(' and ') || 'nothing'}`, async () => {
      expect(await found(query)).to.deep.equal(names);
    });
  }

  it('shows what was found, as a list does that was asked for headers', async () => {
    await using({}, async (client) => {
      const [first] = await all(client.search('/', 'from:ann'));
      const entries = await all(client.list('/', { headers: true }));
      expect(first?.meta).to.include({ subject: 'Budget for two', from: 'Ann Lee <ann@example.org>' });
      expect(entries.map(({ meta }) => meta['subject'])).to.deep.equal([
        'Budget for two',
        'Grüße aus Köln',
        'two for the budget',
        undefined,
      ]);
      expect(entries[0]?.meta).to.deep.equal(first?.meta);
    });
  });

  it('is the same in lockstep, and where there is no TOP', async () => {
    for (const options of [
      { capabilities: { PIPELINING: false } },
      { capabilities: { TOP: false } },
      { profile: 'minimal' },
    ] as const) {
      expect(await found('budget two', options)).to.deep.equal(['1', '3']);
    }
  });

  it('tells what it looked at, decoded', async () => {
    await using({}, async (client) => {
      const [entry] = await all(client.search('/', 'köln'));
      expect(entry).to.include({ path: '/2', kind: 'item' });
      expect(entry?.modified).to.equal(undefined);
      expect(entry?.meta).to.include({
        from: 'Jürgen Müller <j@example.org>',
        subject: 'Grüße aus Köln',
        cc: 'ann@example.org',
      });
      expect(entry?.meta['uid']).to.match(/^[0-9a-f]{32}$/);
    });
  });

  it('goes through more messages than are asked for at once', async () => {
    const messages = Array.from({ length: 600 }, (_, i) => `Subject: message ${i + 1}\n\n`);
    await using server = await Pop3MockServer.start({ messages });
    await using client = await pop3.connect(server.url, { ...server.login });
    expect(await all(client.search('/', 'message'))).to.have.length(600);
    for await (const _ of client.search('/', 'message')) break;
    expect((await client.stat()).count).to.equal(600);
  });

  it('leaves out what has been deleted meanwhile', async () => {
    await using({}, async (client) => {
      await client.remove('/1');
      expect((await all(client.search('/', 'budget'))).map(({ name }) => name)).to.deep.equal(['3']);
      await client.reset();
    });
  });

  it('is by TOP after it was refused for one message, and by RETR where it is refused for all', async () => {
    const asked = async (times: number): Promise<readonly string[]> => {
      await using server = await Pop3MockServer.start({ messages: MESSAGES }, { capabilities: { CAPA: false } });
      await using client = await pop3.connect(server.url, { ...server.login });
      server.faults.add({ verb: 'TOP', times, reply: '-ERR it is damaged' });
      if (times === 1) expect((await client.info('/1')).meta['subject']).to.equal('Budget for two');
      for (const _ of [1, 2]) expect(await all(client.search('/', 'budget two'))).to.have.length(2);
      return server.transcript.lines.filter(({ from }) => from === 'C').map(({ text }) => text);
    };
    const some = await asked(1);
    expect(some.filter((line) => line.startsWith('RETR'))).to.deep.equal(['RETR 1']);
    expect(some.filter((line) => line.startsWith('TOP'))).to.have.length(9);
    const none = await asked(4);
    expect(none.filter((line) => line.startsWith('RETR'))).to.have.length(8);
    expect(none.filter((line) => line.startsWith('TOP'))).to.have.length(4);
  });

  it('goes past a long header of raw octets', async () => {
    const raw = Buffer.concat([
      Buffer.from('Subject: raw\n'),
      ...Array(300).fill(Buffer.from(`X: ${'é'.repeat(600)}\n`, 'latin1')),
    ]);
    await using server = await Pop3MockServer.start({ messages: ['Subject: a\n\n', raw, 'Subject: b\n\n'] });
    await using client = await pop3.connect(server.url, { ...server.login });
    expect((await all(client.search('/', 'subject:b'))).map(({ name }) => name)).to.deep.equal(['3']);
    expect((await client.info('/2')).meta['subject']).to.equal('raw');
  });

  it('needs words', async () => {
    for (const query of ['', ' ', '""', 'from:""', 'a\r\nb', 'a\0']) {
      expect(() => parseQuery(query, new Map([['from', 'from']])), query).to.throw(UsageError);
    }
    expect(matches(parseQuery('x', new Map()), () => [])).to.equal(false);
    await using({}, async (client) => {
      expect(await rejection(client.search('/', '').next())).to.be.instanceOf(UsageError);
      expect(await rejection(client.search('/1', 'x').next())).to.be.instanceOf(UsageError);
    });
  });
});

describe('what is told of a message', () => {
  it('is its size, its id, when it was written, and the main fields of its header', async () => {
    await using({}, async (client) => {
      const entry = await client.info('/1');
      expect(entry).to.include({ name: '1', path: '/1', kind: 'item', size: (await client.retr(1)).length });
      expect(entry.modified).to.deep.equal(new Date('2024-01-02T02:04:05Z'));
      expect(entry.meta).to.deep.include({ number: '1', subject: 'Budget for two', to: 'Bob <bob@example.org>' });
      expect(await client.info(`/;UIDL=${entry.meta['uid']}`)).to.deep.equal(entry);
      expect((await client.info('/3')).meta['subject']).to.equal('two for the budget');
      expect(Object.keys((await client.info('/4')).meta)).to.deep.equal(['number', 'uid']);
    });
  });

  it('is the same where the server has neither TOP nor UIDL', async () => {
    await using({ profile: 'minimal' }, async (client) => {
      const { meta } = await client.info('/1');
      expect(meta).to.deep.include({ number: '1', subject: 'Budget for two' }).and.not.have.property('uid');
    });
  });

  it('is of the maildrop how many there are and how large', async () => {
    await using({}, async (client) => {
      const { count, size } = await client.stat();
      expect(await client.info('/')).to.deep.include({ kind: 'container', size, meta: { messages: `${count}` } });
    });
  });
});
