import { nntp } from '../../lib/nntp/index.ts';
import { describeCuts } from '../cut.ts';
import { all } from '../helpers.ts';

function article(id: number, body: string): string {
  return `From: a@b.c\r\nNewsgroups: a.b\r\nSubject: s${id}\r\nDate: Tue, 02 Jan 2024 03:04:05 +0000\r\nMessage-ID: <${id}@x>\r\n\r\n${body}`;
}
const FIXTURE = {
  groups: [{ name: 'a.b', articles: [article(1, '.a\r\n..\r\nb\r\n'), article(2, '')] }],
  users: { u: 'p' },
};
const start =
  (more = {}) =>
  (): ReturnType<typeof nntp.mock> =>
    nntp.mock(FIXTURE, { profile: 'minimal', xref: false, ...more });
const url = (port: number, path = ''): string => `nntp://127.0.0.1:${port}${path}`;
type Client = Awaited<ReturnType<typeof nntp.connect>>;

/** Connects, does something, and closes. */
function session(work: (client: Client) => Promise<unknown>, login = {}) {
  return async (port: number, options: object): Promise<unknown> => {
    const client = await nntp.connect(url(port), { ...options, ...login });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  };
}

describeCuts('an NNTP article', {
  start: start(),
  exercise: session(async (client) => {
    const resource = await client.fetch('/a.b/1');
    const text = await resource.text();
    return { text, complete: resource.complete };
  }),
});

describeCuts('NNTP articles in one run, and the numbers of those that are missing', {
  start: start(),
  exercise: session(async (client) => {
    const got: unknown[] = [];
    await client.group('a.b');
    const missing = await client.each([1, 2, 3], (octets, number, id) => got.push([octets.toString(), number, id]));
    return { got, missing };
  }),
});

describeCuts('the articles of an NNTP group, by their headers', {
  start: start(),
  exercise: session(async (client) => (await all(client.list('/a.b'))).map(({ meta }) => meta)),
});

describeCuts('the overview of an NNTP group', {
  start: start({ profile: 'full', without: ['CAPABILITIES'] }),
  exercise: session(async (client) => (await all(client.search('/a.b', 's2'))).map(({ meta }) => meta)),
});

describeCuts('a whole NNTP group', {
  start: start({ profile: 'full', without: ['CAPABILITIES'] }),
  exercise: session(async (client) => {
    const got: unknown[] = [];
    for await (const resource of client.fetchAll('/a.b')) got.push([resource.meta, await resource.text()]);
    return got;
  }),
});

describeCuts('an NNTP login', {
  start: start({ auth: 'all', sasl: ['SCRAM-SHA-256'] }),
  exercise: session(async (client) => (await all(client.list('/'))).map(({ name }) => name), {
    user: 'u',
    password: 'p',
  }),
});

describeCuts('an article that is posted', {
  start: start(),
  exercise: session(async (client) => {
    const { messageId } = await client.post(article(3, 'x\r\n'));
    return messageId;
  }),
});

describeCuts('articles that are fed', {
  start: start({ profile: 'full', without: ['CAPABILITIES'] }),
  exercise: session(async (client) => {
    const more = (text: string): string => `Path: x\r\n${text}`;
    const fed = await all(client.feed([more(article(1, '')), more(article(4, 'x\r\n'))]));
    return fed.map(({ messageId, outcome }) => [messageId, outcome]);
  }),
});
