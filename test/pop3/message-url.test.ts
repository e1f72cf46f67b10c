import { expect } from 'chai';
import { pop3 } from '../../lib/pop3/index.ts';
import { type Pop3MockOptions, Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { all } from '../helpers.ts';

const MESSAGES = [
  { uid: 'one', content: 'Subject: one\n\n1\n' },
  { uid: 'a/../b%', content: 'Subject: two\n\n2\n' },
  { uid: 'three', content: 'Subject: three\n\n3\n' },
];

const started = (options: Pop3MockOptions = {}): Promise<Pop3MockServer> =>
  Pop3MockServer.start({ messages: MESSAGES }, options);

describe('the URL of a message', () => {
  it('is its unique id, so that it names the same one in other sessions; its path is for this one', async () => {
    await using server = await started();
    const [, two] = await all(pop3.list(server.url, { ...server.login }));
    expect(two).to.include({ path: '/2', url: `${server.url.replace(/\/$/, '')}/;UIDL=a%2F..%2Fb%25` });
    // meanwhile another client takes the first one away, and what was 2 is 1
    await pop3.remove(`${server.url.replace(/\/$/, '')}/1`, { ...server.login });
    await pop3.remove(two?.url ?? '', { ...server.login });
    expect(server.messages().map(({ uid }) => uid)).to.deep.equal(['three']);
  });

  it('is the same wherever the message comes from', async () => {
    await using server = await started();
    await using client = await pop3.connect(server.url, { ...server.login });
    const url = `${server.url.replace(/\/$/, '')}/;UIDL=three`;
    const entries = [
      ...(await all(client.list('/', { headers: true }))).slice(2),
      ...(await all(client.search('/', 'three'))),
      await client.info('/3'),
    ];
    expect(entries.map((entry) => entry.url)).to.deep.equal([url, url, url]);
    for await (const resource of client.fetchAll()) if (resource.path === '/3') expect(resource.url).to.equal(url);
    for (const path of ['/;UIDL=three', url]) {
      const resource = await client.fetch(path);
      expect(resource).to.deep.include({ url, meta: { number: '3', uid: 'three' } });
      await resource.close();
    }
  });

  it('is its number where no id is known, or the digest where it was found by that', async () => {
    await using server = await started({ capabilities: { UIDL: false } });
    await using client = await pop3.connect(server.url, { ...server.login });
    const base = server.url.replace(/\/$/, '');
    const [entry] = await all(client.list());
    expect(entry?.url).to.equal(`${base}/1`);
    const numbered = await client.fetch('/1');
    expect(numbered).to.deep.include({ url: `${base}/1`, meta: { number: '1' } });
    await numbered.close();
    const ids: string[] = [];
    for await (const { meta } of client.fetchAll()) ids.push(meta['uid'] ?? '');
    expect((await client.info(`/;UIDL=${ids[1]}`)).url).to.equal(`${base}/;UIDL=${ids[1]}`);
  });
});
