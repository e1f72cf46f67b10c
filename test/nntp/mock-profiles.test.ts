import { expect } from 'chai';
import { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { article, FIXTURE, play, playWith } from './mock-helpers.ts';

describe('What a news server can do', () => {
  it('is everything by default, and CAPABILITIES says just that (RFC 3977 5.2)', () =>
    play(
      `
      C: CAPABILITIES
      S: 101 Capabilities follow
      S: VERSION 2
      S: IMPLEMENTATION netkit
      S: READER
      S: POST
      S: NEWNEWS
      S: HDR
      S: OVER MSGID
      S: LIST ACTIVE NEWSGROUPS ACTIVE.TIMES COUNTS DISTRIB.PATS DISTRIBUTIONS HEADERS MODERATORS MOTD OVERVIEW.FMT SUBSCRIPTIONS
      S: IHAVE
      S: STREAMING
      S: STARTTLS
      S: AUTHINFO USER SASL
      S: SASL SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN
      S: COMPRESS DEFLATE
      S: .
      C: CAPABILITIES AUTOUPDATE
      S~ ^101
      S~ ^VERSION
      S~ ^IMPL
      S~ ^READER
      S~ ^POST
      S~ ^NEWNEWS
      S~ ^HDR
      S~ ^OVER
      S~ ^LIST
      S~ ^IHAVE
      S~ ^STREAMING
      S~ ^STARTTLS
      S~ ^AUTHINFO
      S~ ^SASL
      S~ ^COMPRESS
      S: .
      C: CAPABILITIES !
      S~ ^501
    `,
      { tls: 'upgrade', auth: 'post' },
    ));

  it('is little where its profile is minimal', () =>
    play(
      `
      C: CAPABILITIES
      S: 500 Unknown command
      C: MODE READER
      S~ ^200
      C: DATE
      S~ ^500
      C: GROUP misc.test
      S~ ^211
      C: OVER 3-
      S~ ^500
      C: XOVER 3-
      S~ ^500
      C: HDR Subject 3
      S~ ^500
      C: LISTGROUP
      S~ ^500
      C: IHAVE <9@x>
      S~ ^500
      C: LIST COUNTS
      S~ ^501
      C: LIST
      S~ ^215
      S~ ^misc.test
      S~ ^alt.test
      S~ ^alt.empty
      S~ ^alt.moderated
      S~ ^alt.read
      S~ ^alt.old
      S: .
      C: STAT 3
      S~ ^223
    `,
      { profile: 'minimal' },
    ));

  it('can be taken away, one thing at a time', () =>
    play(
      `
      C: CAPABILITIES
      S~ ^101
      S~ ^VERSION
      S~ ^IMPL
      S: READER
      S: NEWNEWS
      S: HDR
      S: OVER
      S: LIST ACTIVE NEWSGROUPS ACTIVE.TIMES DISTRIB.PATS DISTRIBUTIONS HEADERS MODERATORS MOTD OVERVIEW.FMT SUBSCRIPTIONS
      S: COMPRESS DEFLATE
      S: .
      C: LIST COUNTS
      S~ ^501
      C: OVER <3@example.net>
      S~ ^503
      C: POST
      S~ ^440
    `,
      { profile: 'typical', without: ['LIST COUNTS', 'OVER MSGID'], posting: false },
    ));

  it('is for feeds before MODE READER, and for readers after it, where it is both (RFC 3977 3.4.2)', () =>
    play(
      `
      C: CAPABILITIES
      S~ ^101
      S~ ^VERSION
      S~ ^IMPL
      S: MODE-READER
      S: IHAVE
      S: STREAMING
      S: COMPRESS DEFLATE
      S: .
      C: GROUP misc.test
      S: 401 MODE-READER
      C: STAT 3
      S: 401 MODE-READER
      C: STAT <3@example.net>
      S~ ^223
      C: LIST COUNTS
      S: 401 MODE-READER
      C: CHECK <9@x>
      S~ ^238
      C: MODE READER
      S~ ^200
      C: GROUP misc.test
      S~ ^211
      C: CHECK <9@x>
      S~ ^502
      C: MODE STREAM
      S~ ^501
      C: CAPABILITIES
      S~ ^101
      S~ ^VERSION
      S~ ^IMPL
      S: READER
      S: POST
      S: NEWNEWS
      S: HDR
      S~ ^OVER
      S~ ^LIST
      S: COMPRESS DEFLATE
      S: .
    `,
      { transit: true },
    ));

  it('names its commands in HELP', async () => {
    await using server = await NntpMockServer.start(FIXTURE, { profile: 'minimal' });
    await playWith(
      server,
      `
      C: HELP
      S: 100 Commands follow
      S: ARTICLE
      S: AUTHINFO
      S: BODY
      S: GROUP
      S: HEAD
      S: HELP
      S: LAST
      S: LIST
      S: MODE
      S: NEWGROUPS
      S: NEWNEWS
      S: NEXT
      S: POST
      S: QUIT
      S: STARTTLS
      S: STAT
      S: .
      `,
    );
  });
});

describe('A news server among many', () => {
  it('serves a thousand sessions, each with a place of its own', async () => {
    await using server = await NntpMockServer.start(FIXTURE);
    const session = (number: number): Promise<void> =>
      playWith(
        server,
        `
        C: GROUP misc.test
        S~ ^211
        C: STAT ${number}
        S: 223 ${number} <${number}@example.net>
        C: STAT
        S: 223 ${number} <${number}@example.net>
        `,
      );
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 100 }, (_, i) => session([3, 5, 6][i % 3] ?? 3)));
    expect(server.sessions).to.have.length(1000);
  });

  it('lets two post at the same time, and gives each its number', async () => {
    await using server = await NntpMockServer.start(FIXTURE);
    const post = (id: number): Promise<void> =>
      playWith(
        server,
        `C: POST\nS~ ^340\n${article(1, { 'Message-ID': `<p${id}@x>` })
          .trimEnd()
          .split('\n')
          .map((line) => (line === '' ? 'C|\\r\\n' : `C: ${line}`))
          .join('\n')}\nC: .\nS: 240 Article received <p${id}@x>`,
      );
    await Promise.all(Array.from({ length: 20 }, (_, id) => post(id)));
    const numbers = server.articles('misc.test').map(({ numbers }) => numbers.get('misc.test'));
    expect(numbers).to.deep.equal([3, 5, 6, ...Array.from({ length: 20 }, (_, i) => 7 + i)]);
  });
});
