import { expect } from 'chai';
import { connect } from '../../lib/net/index.ts';
import { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { article, play } from './mock-helpers.ts';

describe('The lists of a news server', () => {
  it('are of groups, all or some (RFC 3977 7.6)', () =>
    play(`
      C: LIST
      S: 215 List of newsgroups follows
      S: misc.test 6 3 y
      S: alt.test 1 1 y
      S: alt.empty 0 1 y
      S: alt.moderated 0 1 m
      S: alt.read 0 1 n
      S: alt.old 0 1 =alt.test
      S: .
      C: LIST ACTIVE alt.*,!alt.o*,!alt.e*
      S~ ^215
      S: alt.test 1 1 y
      S: alt.moderated 0 1 m
      S: alt.read 0 1 n
      S: .
      C: LIST ACTIVE no.*
      S~ ^215
      S: .
      C: list newsgroups
      S~ ^215
      S|misc.test\\tGeneral Usenet testing\\r\\n
      S: .
      C: LIST ACTIVE.TIMES misc.*
      S~ ^215
      S: misc.test 1706745600 netkit@localhost
      S: .
      C: XGTITLE misc.*
      S~ ^282
      S|misc.test\\tGeneral Usenet testing\\r\\n
      S: .
      C: LIST ACTIVE [a-z]
      S~ ^501
      C: LIST NONSENSE
      S~ ^501
      C: LIST ACTIVE a b
      S~ ^501
    `));

  it('are those of RFC 6048 too', () =>
    play(`
      C: LIST COUNTS misc.*
      S~ ^215
      S: misc.test 6 3 3 y
      S: .
      C: LIST DISTRIBUTIONS
      S~ ^215
      S|local\\tHere\\r\\n
      S|world\\tEverywhere\\r\\n
      S: .
      C: LIST MODERATORS
      S~ ^215
      S: alt.*:%s@moderators.example
      S: .
      C: LIST MOTD
      S~ ^215
      S: Attention all users,
      S: this server is a mock.
      S: .
      C: LIST SUBSCRIPTIONS alt.*
      S~ ^215
      S: alt.test
      S: .
      C: LIST DISTRIB.PATS
      S~ ^215
      S: 10:local.*:local
      S: 5:*:world
      S: .
      C: LIST MOTD *
      S~ ^501
    `));

  it('are not offered, and refused with 503, where there is nothing to list', () =>
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
      S: LIST ACTIVE NEWSGROUPS ACTIVE.TIMES COUNTS HEADERS OVERVIEW.FMT
      S: COMPRESS DEFLATE
      S: .
      C: LIST MOTD
      S~ ^503
    `,
      { profile: 'typical' },
      { groups: [{ name: 'misc.test' }] },
    ));

  it('tell what is new, by dates of six and of eight digits (RFC 3977 7.3, 7.4)', async () => {
    await play(`
      C: NEWGROUPS 20240201 000000 GMT
      S~ ^231
      S: misc.test 6 3 y
      S: alt.test 1 1 y
      S: .
      C: NEWGROUPS 240202 000000
      S~ ^231
      S: alt.test 1 1 y
      S: .
      C: NEWGROUPS 240202 000000 GMT <local>
      S~ ^231
      S: alt.test 1 1 y
      S: .
      C: NEWGROUPS 990202 000000 GMT
      S~ ^231
      S~ ^misc.test
      S~ ^alt.test
      S~ ^alt.empty
      S~ ^alt.moderated
      S~ ^alt.read
      S~ ^alt.old
      S: .
      C: NEWGROUPS 20240230 000000
      S~ ^501
      C: NEWGROUPS
      S~ ^501
      C: NEWNEWS alt.* 20240101 000000 GMT
      S~ ^230
      S: <6@example.net>
      S: .
      C: NEWNEWS misc.*,!misc.test 20240101 000000
      S~ ^230
      S: .
      C: NEWNEWS misc.* 29990101 000000
      S~ ^230
      S: .
      C: NEWNEWS * today now
      S~ ^501
    `);
  });
});

describe('The overview of a news server', () => {
  const row = (number: number, id: number, references = ''): string =>
    `S~ ^${number}\\tarticle ${id}\\t"Demo User" <nobody@example.net>\\tFri, 0${id} Jan 2024 00:00:00 GMT\\t<${id}@example.net>\\t${references}\\t\\d+\\t\\d+\\tXref: news.localhost misc.test:${id}`;

  it('is of a range, an article, or the current one (RFC 3977 8.3)', () =>
    play(`
      C: OVER
      S~ ^412
      C: GROUP misc.test
      S~ ^211
      C: OVER
      S~ ^224
      ${row(3, 3)}
      S: .
      C: OVER 4-5
      S~ ^224
      ${row(5, 5, '<3@example.net>')}
      S: .
      C: XOVER 5-
      S~ ^224
      ${row(5, 5, '<3@example.net>')}
      ${row(6, 6)}
      S: .
      C: OVER <6@example.net>
      S~ ^224
      ${row(0, 6)}
      S: .
      C: OVER 7-
      S~ ^423
      C: XOVER 7-
      S~ ^420
      C: OVER <no@example.net>
      S~ ^430
      C: OVER a-b
      S~ ^501
    `));

  it('counts octets and lines as RFC 3977 8.1 says', () =>
    play(
      `
      C: HDR :bytes <b@x>
      S~ ^225
      S: 0 ${'Subject: s\r\nMessage-ID: <b@x>\r\nNewsgroups: a.b\r\n\r\n.dot\r\nend\r\n'.length}
      S: .
      C: HDR :lines <b@x>
      S~ ^225
      S: 0 2
      S: .
    `,
      { xref: false },
      { groups: [{ name: 'a.b', articles: ['Subject: s\nMessage-ID: <b@x>\nNewsgroups: a.b\n\n.dot\nend\n'] }] },
    ));

  it('refuses XOVER and XHDR before a group with 412, for slrn asks so', () =>
    play(`
      C: XOVER
      S~ ^412
      C: XHDR Path
      S~ ^412
      C: XOVER 1-3
      S~ ^412
    `));

  it('has its format in either dialect', async () => {
    const format = (bytes: string, lines: string): string => `
      C: LIST OVERVIEW.FMT
      S~ ^215
      S: Subject:
      S: From:
      S: Date:
      S: Message-ID:
      S: References:
      S: ${bytes}
      S: ${lines}
      S: Xref:full
      S: .`;
    await play(format(':bytes', ':lines'));
    await play(format('Bytes:', 'Lines:'), { overview: '2980' });
  });

  it('gives single headers (RFC 3977 8.5), as XHDR and XPAT did (RFC 2980)', () =>
    play(`
      C: HDR Subject
      S~ ^412
      C: GROUP misc.test
      S~ ^211
      C: HDR subject 3-5
      S~ ^225
      S: 3 article 3
      S: 5 article 5
      S: .
      C: HDR References 3-5
      S~ ^225
      S|3 \\r\\n
      S: 5 <3@example.net>
      S: .
      C: HDR Subject
      S~ ^225
      S: 3 article 3
      S: .
      C: HDR :nonsense 3
      S~ ^503
      C: HDR Subject 7-
      S~ ^423
      C: HDR
      S~ ^501
      C: LIST HEADERS
      S~ ^215
      S: :
      S: :bytes
      S: :lines
      S: .
      C: LIST HEADERS MSGID
      S~ ^215
      S: :
      S: :bytes
      S: :lines
      S: .
      C: XHDR References 3-5
      S~ ^221
      S: 3 (none)
      S: 5 <3@example.net>
      S: .
      C: XHDR Subject <5@example.net>
      S~ ^221
      S: <5@example.net> article 5
      S: .
      C: XHDR Lines 5
      S~ ^221
      S: 5 2
      S: .
      C: XPAT Subject 1- article 5
      S~ ^221
      S: 5 article 5
      S: .
      C: XPAT Subject 1- art*,*6
      S~ ^221
      S: .
      C: XPAT Subject 1- *[56]
      S~ ^501
      C: XPAT Subject 1- nothing
      S~ ^221
      S: .
      C: XPAT Subject
      S~ ^501
    `));

  it('sends headers on octet by octet, unfolded, without the TABs', async () => {
    const raw = Buffer.from(article(1, { Subject: 'caf\xe9\n folded\there' }), 'latin1');
    await using server = await NntpMockServer.start({ groups: [{ name: 'misc.test', articles: [raw] }] });
    const connection = await connect({ host: '127.0.0.1', port: server.port });
    await connection.readLine();
    await connection.writeText('OVER <1@example.net>\r\n');
    await connection.readLine();
    const row = await connection.receive((bytes) => bytes.takeLine(1000)?.toString('latin1'));
    expect(row.split('\t')[1]).to.equal('caf\xe9 folded here');
    expect(server.article('<1@example.net>')?.header('Subject')).to.equal('café folded\there');
    await connection.close();
  });

  it('streams: thousands of rows are not put together first', async () => {
    const articles = Array.from({ length: 20_000 }, (_, i) => article(1, { 'Message-ID': `<${i}@x>` }));
    await using server = await NntpMockServer.start({ groups: [{ name: 'misc.test', articles }] });
    const connection = await connect({ host: '127.0.0.1', port: server.port });
    await connection.writeText('GROUP misc.test\r\nOVER 1-\r\n');
    await connection.readLine();
    await connection.readLine();
    await connection.readLine();
    let size = 0;
    await connection.readDotBlock().each((chunk) => {
      size += chunk.length;
    });
    expect(size).to.be.greaterThan(2_000_000);
    const [session] = server.sessions;
    expect(session?.connection.stream.writableLength).to.be.lessThan(200_000);
    await connection.close();
  });
});
