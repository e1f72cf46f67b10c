import { expect } from 'chai';
import { type NntpMockOptions, NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { article, FIXTURE, play, playWith } from './mock-helpers.ts';

/** The client's lines of an article, and the dot behind it. */
const sent = (text: string): string =>
  `${text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => (line === '' ? 'C|\\r\\n' : `C: ${line.startsWith('.') ? '.' : ''}${line}`))
    .join('\n')}\nC: .`;

const PROPER = 'From: me@example.net\nNewsgroups: misc.test\nSubject: hello\n\n.dot\nbody\n';

describe('Posting to a news server', () => {
  let server: NntpMockServer;
  const start = async (options: NntpMockOptions = {}): Promise<NntpMockServer> => {
    server = await NntpMockServer.start(FIXTURE, options);
    return server;
  };
  afterEach(() => server.close());

  /** What the server says to an article. */
  const post = async (text: string, reply: string): Promise<void> =>
    playWith(server, `C: POST\nS~ ^340\n${sent(text)}\nS~ ${reply}`);

  it('takes an article, gives it what it lacks, a number, and a row in the overview, at once (RFC 3977 6.3.1)', async () => {
    await start();
    await playWith(
      server,
      `
      C: GROUP misc.test
      S: 211 3 3 6 misc.test
      C: POST
      S~ ^340
      ${sent(PROPER)}
      S~ ^240 Article received <\\S+@localhost>$
      C: OVER 7
      S~ ^224
      S~ ^7\\thello\\tme@example.net\\t\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d \\+0000\\t<\\S+@localhost>\\t\\t\\d+\\t2\\tXref: news.localhost misc.test:7
      S: .
      C: GROUP misc.test
      S: 211 4 3 7 misc.test
      `,
    );
    const posted = server.articles('misc.test').at(-1);
    expect(posted?.header('Path')).to.equal('news.localhost!.POSTED!not-for-mail');
    expect(posted?.header('Injection-Date')).to.match(/\+0000$/);
    expect(posted?.body.toString()).to.equal('.dot\r\nbody\r\n');
    expect(posted?.numbers.get('misc.test')).to.equal(7);
    await server.waitFor(/is here: misc\.test:7$/);
  });

  it('leaves what it has as it is, and goes into all of its groups', async () => {
    await start();
    const text = article(9, { Newsgroups: 'misc.test, alt.test,no.such' });
    await post(text, '^240 Article received <9@example.net>');
    const posted = server.article('<9@example.net>');
    expect(Object.fromEntries(posted?.numbers ?? [])).to.deep.equal({ 'misc.test': 7, 'alt.test': 2 });
    const octets = text.replaceAll('\n', '\r\n').replace('Path: demo!not-for-mail\r\n', '');
    const [head, body] = octets.split('\r\n\r\n');
    expect(posted?.toString()).to.match(/^Path: news\.localhost!\.POSTED!demo!not-for-mail\r\nInjection-Date: .*\r\n/);
    expect(posted?.toString()).to.contain(`\r\n${head}\r\nXref: news.localhost misc.test:7 alt.test:2\r\n\r\n${body}`);
  });

  it('keeps a body octet by octet, bare line ends and all', async () => {
    await start();
    await playWith(
      server,
      `
      C: POST
      S~ ^340
      C|From: a@b\\r\\nNewsgroups: misc.test\\r\\nSubject: s\\r\\nMessage-ID: <bare@x>\\r\\n\\r\\nbare\\n.\\nlf\\rcr\\x00\\xff\\r\\n..\\r\\n.\\r\\n
      S~ ^240
      C: BODY <bare@x>
      S~ ^222
      S|bare\\n.\\nlf\\rcr\\x00\\xff\\r\\n..\\r\\n.\\r\\n
      `,
    );
  });

  it('refuses with words what is no article', async () => {
    await start({ maxArticle: 2000 });
    await post('no header at all', '^441 .*empty line');
    await post(PROPER.replace(/^From: .*\n/, ''), '^441 .*From is missing');
    await post(PROPER.replace('Subject: hello\n', ''), '^441 .*Subject is missing');
    await post(PROPER.replace(/Newsgroups: .*\n/, ''), '^441 .*Newsgroups is missing');
    await post(PROPER.replace('me@example.net', 'nobody'), '^441 .*From is wrong');
    await post(`Message-ID: <no\n${PROPER}`, '^441 .*Message-ID is wrong');
    await post(`Date: yesterday\n${PROPER}`, '^441 .*Date is wrong');
    await post(`Date: Fri, 01 Jan 2999 00:00:00 +0000\n${PROPER}`, '^441 .*ahead');
    await post(`Subject: again\n${PROPER}`, '^441 .*more than one header Subject');
    await post(`this is no field\n${PROPER}`, '^441 .*no field');
    await post(PROPER.replace('misc.test', 'no.such'), '^441 .*no group no.such');
    await post(PROPER.replace('misc.test', 'misc.*'), '^441 .*Newsgroups is wrong');
    await post(PROPER.replace('misc.test', 'misc.test,alt.read'), '^441 .*alt.read takes no');
    await post(`Message-ID: <3@example.net>\n${PROPER}`, '^441 .*here already');
    await post(`${PROPER}${'long line\n'.repeat(300)}`, '^441 .*larger than 2000');
    expect(server.articles()).to.have.length(3);
  });

  it('is heard out, but not for ever', async () => {
    await start({ maxArticle: 1000 });
    const flood = `C: POST\nS~ ^340\n${sent(`${PROPER}${'long line\n'.repeat(2000)}`)}\n*: close`;
    await playWith(server, flood).then(
      () => expect.fail('it was taken'),
      () => {},
    );
    await post(PROPER, '^240');
  });

  it('files under another name where a group has one', async () => {
    await start();
    await post(`Message-ID: <new@x>\n${PROPER.replace('misc.test', 'alt.old')}`, '^240');
    expect(server.article('<new@x>')?.numbers.get('alt.test')).to.equal(2);
  });

  it('gives what is for a moderated group to its moderator, or refuses it', async () => {
    const moderated = `Message-ID: <mod@x>\n${PROPER.replace('misc.test', 'alt.moderated')}`;
    await start();
    await post(moderated, '^240');
    expect(server.articles('alt.moderated')).to.deep.equal([]);
    expect(server.moderated.map(({ messageId }) => messageId)).to.deep.equal(['<mod@x>']);
    await post(`Approved: mod@example.net\n${moderated}`, '^240');
    expect(server.articles('alt.moderated')).to.have.length(1);
    await server.close();
    await start({ moderation: 'refuse' });
    await post(moderated, '^441 .*moderated');
    expect(server.moderated).to.deep.equal([]);
  });

  it('refuses what cannot be kept', async () => {
    const keep = (): Promise<void> => Promise.reject(new Error('the disk is full'));
    server = await NntpMockServer.start({ ...FIXTURE, keep });
    await post(PROPER, '^441 .*the disk is full');
    expect(server.articles()).to.have.length(3);
  });
});

describe('Feeding a news server', () => {
  const relayed = (number: number, more: Record<string, string> = {}): string => sent(article(number, more));

  it('offers with IHAVE (RFC 3977 6.3.2)', () =>
    play(`
      C: IHAVE <3@example.net>
      S~ ^435
      C: IHAVE <9@example.net>
      S~ ^335
      ${relayed(9)}
      S~ ^235
      C: HDR Path <9@example.net>
      S~ ^225
      S: 0 news.localhost!demo!not-for-mail
      S: .
      C: IHAVE <8@example.net>
      S~ ^335
      ${relayed(7)}
      S~ ^437 .*another
      C: IHAVE <8@example.net>
      S~ ^335
      ${relayed(8, { Newsgroups: 'alt.moderated' })}
      S~ ^437 .*Approved
      C: IHAVE <8@example.net>
      S~ ^335
      ${relayed(8, { Path: '' })}
      S~ ^437 .*Path is missing
      C: IHAVE nonsense
      S~ ^501
    `));

  it('streams with CHECK and TAKETHIS, all of it at once (RFC 4644)', () =>
    play(`
      C: MODE STREAM
      S: 203 Streaming permitted
      C: CHECK <3@example.net>
      C: CHECK <9@example.net>
      S: 438 <3@example.net>
      S: 238 <9@example.net>
      C: TAKETHIS <9@example.net>
      ${relayed(9)}
      C: TAKETHIS <3@example.net>
      ${relayed(3)}
      C: CHECK <9@example.net>
      S: 239 <9@example.net>
      S: 439 <3@example.net>
      S: 438 <9@example.net>
      C: TAKETHIS nonsense
      ${relayed(8)}
      S~ ^501
      C: CHECK
      S~ ^501
    `));

  it('takes what readers may not post, but not what is for nobody', () =>
    play(`
      C: IHAVE <9@example.net>
      S~ ^335
      ${relayed(9, { Newsgroups: 'alt.read' })}
      S~ ^235
    `));

  it('files what nobody wants as junk, where there is such a group (RFC 6048 3.1)', async () => {
    const groups = [
      { name: 'a.junk', status: 'j' },
      { name: 'a.closed', status: 'x' },
      { name: 'a.lost', status: '=no.such' },
    ] as const;
    const feed = (id: number, newsgroups: string, reply: string): string =>
      `C: IHAVE <${id}@example.net>\nS~ ^335\n${relayed(id, { Newsgroups: newsgroups })}\nS~ ^${reply}`;
    await play(feed(1, 'a.junk', '437'), {}, { groups });
    await using server = await NntpMockServer.start({ groups: [...groups, { name: 'junk' }] });
    await playWith(
      server,
      [
        feed(1, 'a.junk', '235'),
        feed(2, 'a.closed,a.junk', '235'),
        feed(3, 'a.closed', '437 .*takes no articles'),
        feed(4, 'a.lost', '437 .*no group'),
      ].join('\n'),
    );
    expect(server.articles('junk').map(({ messageId }) => messageId)).to.deep.equal([
      '<1@example.net>',
      '<2@example.net>',
    ]);
  });

  it('reads over the article of a TAKETHIS that is refused', () =>
    play(
      `
      C: TAKETHIS <9@example.net>
      ${relayed(9)}
      S~ ^480
    `,
      { auth: 'all' },
    ));

  it('takes a feed only from who has logged in, where that is needed to post', () =>
    play(
      `
      C: IHAVE <9@example.net>
      S~ ^480
      C: CHECK <9@example.net>
      S~ ^480
      C: TAKETHIS <9@example.net>
      ${relayed(9)}
      S~ ^480
      C: AUTHINFO USER user
      S~ ^381
      C: AUTHINFO PASS password
      S~ ^281
      C: TAKETHIS <9@example.net>
      ${relayed(9)}
      S: 239 <9@example.net>
    `,
      { auth: 'post' },
    ));

  it('takes nothing into a group that is not to be seen', () =>
    play(
      `
      C: POST
      S~ ^340
      ${sent(PROPER)}
      S~ ^441 .*misc\\.test
      C: TAKETHIS <9@example.net>
      ${relayed(9)}
      S: 439 <9@example.net>
      C: AUTHINFO USER user
      S~ ^381
      C: AUTHINFO PASS password
      S~ ^281
      C: POST
      S~ ^340
      ${sent(PROPER)}
      S~ ^240
    `,
      { auth: ['misc.*'] },
    ));
});
