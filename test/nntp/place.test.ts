/** The current article of a reader, whatever else is asked of the server meanwhile. */
import { expect } from 'chai';
import { type NntpClient, nntp } from '../../lib/nntp/index.ts';
import { all } from '../helpers.ts';

function article(group: string, number: number): string {
  const date = 'Tue, 02 Jan 2024 03:04:05 +0000';
  const head = `From: a@b.c\r\nNewsgroups: ${group}\r\nSubject: ${group}${number}\r\nDate: ${date}\r\n`;
  return `${head}Message-ID: <${group}${number}@x>\r\n\r\ntext\r\n`;
}

function group(name: string): { readonly name: string; readonly articles: readonly string[] } {
  return { name, articles: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => article(name, number)) };
}

const FIXTURE = { groups: [group('a'), group('b')], users: { joe: 'x' } };

type Step = (client: NntpClient) => Promise<unknown>;

/** A session that is at article 5 of group a. */
async function at5<T>(
  work: (client: NntpClient) => Promise<T>,
  options: Parameters<typeof nntp.mock>[1] = {},
): Promise<T> {
  await using server = await nntp.mock(FIXTURE, options);
  await using client = await nntp.connect(`nntp://127.0.0.1:${server.port}`, {
    insecureLogin: true,
    timeouts: { idle: 2000 },
  });
  await client.group('a');
  await client.stat(5);
  return await work(client);
}

const MEANWHILE: Readonly<Record<string, Step>> = {
  'another command': (client) => client.command('DATE'),
  'a command that enters another group': (client) => client.command('GROUP b'),
  'a login': (client) => client.login({ user: 'joe', password: 'x' }),
  'an article of another group': (client) => client.info('/b/1'),
  'another article of the group': (client) => client.info('/a/2'),
  'a list of the group': (client) => all(client.list('/a')),
  'all articles of the group': async (client) => {
    for await (const resource of client.fetchAll('/a')) await resource.bytes();
  },
  'a part of all articles of the group': async (client) => {
    for await (const resource of client.fetchAll('/a')) {
      await resource.close();
      break;
    }
  },
  'an article that is not there': (client) => client.stat(99).catch(() => {}),
  'a group that is not there': (client) => client.group('c').catch(() => {}),
};

const ABOUT: Readonly<Record<string, readonly [Step, unknown]>> = {
  stat: [async (client) => (await client.stat()).number, 5],
  next: [async (client) => (await client.next()).number, 6],
  last: [async (client) => (await client.last()).number, 4],
  article: [async (client) => await subjectOf(client), 'a5'],
  over: [async (client) => (await all(client.over())).flat().map(({ subject }) => subject), ['a5']],
  hdr: [async (client) => (await client.hdr('Subject')).items.map(({ value }) => value), ['a5']],
  forEachOverview: [
    async (client) => {
      const found: string[] = [];
      await client.forEachOverview(undefined, (rows) => found.push(...rows.map(({ subject }) => subject)));
      return found;
    },
    ['a5'],
  ],
};

async function subjectOf(client: NntpClient): Promise<string | undefined> {
  return /^Subject: (.*?)\r?$/m.exec(await (await client.article()).text())?.[1];
}

describe('the current article', () => {
  for (const [what, meanwhile] of Object.entries(MEANWHILE)) {
    for (const [verb, [ask, answer]] of Object.entries(ABOUT)) {
      it(`is the one that ${verb} is about after ${what}`, async () => {
        await at5(async (client) => {
          await meanwhile(client);
          expect(await ask(client)).to.deep.equal(answer);
        });
      });

      it(`is the one that ${verb} is about beside ${what}`, async () => {
        await at5(async (client) => {
          const [, found] = await Promise.all([meanwhile(client), ask(client)]);
          expect(found).to.deep.equal(answer);
        });
      });
    }
  }

  it('is the next of the next where nobody waits for the first', async () => {
    await at5(async (client) => {
      const refs = await Promise.all([client.next(), client.info('/b/1'), client.next(), client.next()]);
      expect(refs.map((ref) => ('number' in ref ? ref.number : ''))).to.deep.equal([6, '', 7, 8]);
    });
  });

  it('is the one that was asked for by its number, whatever is being fetched', async () => {
    await at5(async (client) => {
      const articles = client.fetchAll('/a');
      const first = articles.next();
      const moved = client.stat(2);
      await first;
      await articles.return();
      await moved;
      expect((await client.next()).number).to.equal(3);
    });
  });

  it('is the first one of a group that was left before any was asked for', async () => {
    await at5(async (client) => {
      await client.group('b');
      await client.info('/a/7');
      expect((await client.next()).messageId).to.equal('<b2@x>');
      await client.listGroup('a');
      await client.info('/b/7');
      expect((await client.stat()).messageId).to.equal('<a1@x>');
    });
  });
});

describe('a command that enters a group', () => {
  it('leaves articles by number in the group of the reader, also where that was on its way', async () => {
    await at5(async (client) => {
      const entered = client.group('a');
      const said = client.command('GROUP b');
      await Promise.all([entered, said]);
      expect((await client.stat(3)).messageId).to.equal('<a3@x>');
    });
  });
});
