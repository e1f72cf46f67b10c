/** The dialogues of RFC 3977 and its kin, played against the client. */
import { expect } from 'chai';
import { ReplyError } from '../../lib/core/errors.ts';
import { ScriptedServer } from '../../lib/mock/script.ts';
import type { NntpConnectOptions } from '../../lib/nntp/client.ts';
import { nntp } from '../../lib/nntp/index.ts';
import { all, rejection } from '../helpers.ts';

type Client = Awaited<ReturnType<typeof nntp.connect>>;

const BEGIN = `
  S: 200 NNTP Service Ready, posting permitted
  C: CAPABILITIES
  S: 101 Capability list:
  S: VERSION 2
  S: READER
  S: OVER MSGID
  S: HDR
  S: IMPLEMENTATION INN 2.7.1
  S: LIST ACTIVE NEWSGROUPS OVERVIEW.FMT
  S: .`;
const END = `
  C: QUIT
  S: 205 closing connection`;

/** Plays a dialogue in which the client does some work, between the beginning and the end that all have. */
async function play<T>(
  dialogue: string,
  work: (client: Client) => Promise<T>,
  { begin = BEGIN, ...options }: NntpConnectOptions & { readonly begin?: string } = {},
): Promise<T> {
  const server = await ScriptedServer.start(`${begin}\n${dialogue}\n${END}`);
  try {
    const client = await nntp.connect(`nntp://127.0.0.1:${server.port}`, options);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  } finally {
    await server.close();
  }
}

const GROUP = `
  C: GROUP misc.test
  S: 211 1234 3000234 3002322 misc.test`;

describe('the NNTP client begins', () => {
  it('and tells who is there', async () => {
    await play('', async (client) => {
      expect(client.welcome).to.equal('200 NNTP Service Ready, posting permitted');
      expect(client.implementation).to.equal('INN 2.7.1');
      expect(client.version).to.equal(2);
      expect(client.canPost).to.equal(false);
      expect(client.capabilities?.get('LIST')).to.deep.equal(['ACTIVE', 'NEWSGROUPS', 'OVERVIEW.FMT']);
    });
  });

  it('as a reader, where the server is for others first (RFC 3977 5.3.3)', async () => {
    const begin = `
      S: 200 example.com InterNetNews server INN ready
      C: CAPABILITIES
      S: 101 Capability list:
      S: VERSION 2
      S: IHAVE
      S: MODE-READER
      S: .
      C: MODE READER
      S: 201 Posting prohibited
      C: CAPABILITIES
      S: 101 Capability list:
      S: VERSION 2
      S: READER
      S: .`;
    await play('', async (client) => expect(client.capabilities?.has('IHAVE')).to.equal(false), { begin });
  });

  it('as a feed, where one says so, and may become a reader', async () => {
    const begin = `
      S: 200 ready
      C: CAPABILITIES
      S: 101 Capability list:
      S: VERSION 2
      S: IHAVE
      S: MODE-READER
      S: .`;
    const more = `
      C: MODE READER
      S: 200 reader
      C: CAPABILITIES
      S: 101 Capability list:
      S: VERSION 2
      S: READER
      S: .`;
    await play(more, (client) => client.modeReader(), { begin, mode: 'feed' });
  });

  it('with a server of old, which has no CAPABILITIES', async () => {
    const begin = `
      S: 201 old news
      C: CAPABILITIES
      S: 500 What?
      C: MODE READER
      S: 500 What?`;
    const dialogue = `
      C: LIST ACTIVE comp.*
      S: 501 no arguments here
      C: LIST
      S: 215 list of newsgroups follows
      S: comp.risks 442001 441099 m
      S: misc.test 3002322 3000234 y
      S: .
      C: NEWGROUPS 990624 000000 GMT
      S: 231 list of new newsgroups follows
      S: .
      C: GROUP misc.test
      S: 211 10 1 10 misc.test
      C: LIST OVERVIEW.FMT
      S: 503 no
      C: XOVER 1-10
      S: 420 none`;
    await play(
      dialogue,
      async (client) => {
        expect(client.canPost).to.equal(false);
        expect((await client.listActive('comp.*')).items.map(({ name }) => name)).to.deep.equal(['comp.risks']);
        await client.newGroups(new Date('1999-06-24T00:00:00Z'));
        await client.group('misc.test');
        expect(await all(client.over({ low: 1, high: 10 }))).to.deep.equal([]);
      },
      { begin },
    );
  });

  it('not at all with a server that will not have readers (502)', async () => {
    const server = await ScriptedServer.start(`
      S: 200 ready
      C: CAPABILITIES
      S: 101 list
      S: VERSION 2
      S: MODE-READER
      S: .
      C: MODE READER
      S: 502 Reading service permanently unavailable`);
    const error = await rejection(nntp.connect(`nntp://127.0.0.1:${server.port}`));
    expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'denied', command: 'MODE READER' });
    await server.close();
  });
});

describe('the NNTP client reads', () => {
  it('groups and their numbers (RFC 3977 6.1)', async () => {
    const dialogue = `${GROUP}
      C: GROUP example.is.sob.bradner.or.barber
      S: 411 example.is.sob.bradner.or.barber is unknown
      C: GROUP misc.test
      S: 211 2000 3000234 3002322 misc.test
      C: LISTGROUP misc.test 3000238-3000248
      S: 211 2000 3000234 3002322 misc.test list follows
      S: 3000238
      S: 3000239
      S: 3000248
      S: .`;
    await play(dialogue, async (client) => {
      expect(await client.group('misc.test')).to.deep.equal({
        ...{ name: 'misc.test', count: 1234, low: 3_000_234, high: 3_002_322, empty: false },
      });
      const missing = await rejection(client.group('example.is.sob.bradner.or.barber'));
      expect(missing).to.be.instanceOf(ReplyError).and.include({ reason: 'missing' });
      const numbers = await client.listGroup('misc.test', { low: 3_000_238, high: 3_000_248 });
      expect(numbers).to.deep.equal([3_000_238, 3_000_239, 3_000_248]);
    });
  });

  it('articles one after the other (RFC 3977 6.1.3, 6.1.4, 6.2.4)', async () => {
    const dialogue = `${GROUP}
      C: NEXT
      S: 223 3000237 <668929@example.org> retrieved
      C: LAST
      S: 223 3000234 <45223423@example.com> retrieved
      C: LAST
      S: 422 No previous article to retrieve
      C: STAT
      S: 223 3000234 <45223423@example.com>
      C: STAT <45223423@example.com>
      S: 223 0 <45223423@example.com>
      C: STAT <i.am.not.there@example.com>
      S: 430 No Such Article Found`;
    await play(dialogue, async (client) => {
      await client.group('misc.test');
      expect(await client.next()).to.deep.equal({ number: 3_000_237, messageId: '<668929@example.org>' });
      expect((await client.last()).number).to.equal(3_000_234);
      expect(await rejection(client.last())).to.include({ reason: 'missing' });
      expect((await client.stat()).number).to.equal(3_000_234);
      expect((await client.stat('<45223423@example.com>')).number).to.equal(0);
      expect(await rejection(client.stat('<i.am.not.there@example.com>'))).to.include({ reason: 'missing' });
    });
  });

  it('the current article again, after others were read meanwhile', async () => {
    const dialogue = `${GROUP}
      C: NEXT
      S: 223 3000237 <668929@example.org>
      C: GROUP other.test
      S: 211 1 5 5 other.test
      C: HEAD 5
      S: 221 5 <5@x>
      S: Subject: five
      S: .
      C: GROUP misc.test
      S: 211 1234 3000234 3002322 misc.test
      C: STAT 3000237
      S: 223 3000237 <668929@example.org>
      C: NEXT
      S: 223 3000238 <8@x>`;
    await play(dialogue, async (client) => {
      await client.group('misc.test');
      await client.next();
      expect((await client.info('/other.test/5')).meta).to.include({ subject: 'five' });
      expect((await client.next()).number).to.equal(3_000_238);
    });
  });

  it('articles, headers and bodies (RFC 3977 6.2)', async () => {
    const dialogue = `${GROUP}
      C: ARTICLE 3000234
      S: 220 3000234 <45223423@example.com>
      S: Path: pathost!demo!whitehouse!not-for-mail
      S: Subject: I am just a test article
      S:
      S: This is just a test article.
      S: ..dots
      S: .
      C: HEAD <45223423@example.com>
      S: 221 0 <45223423@example.com>
      S: Subject: I am just a test article
      S: .
      C: BODY
      S: 222 3000234 <45223423@example.com>
      S: This is just a test article.
      S: .
      C: BODY 300256
      S: 423 No article with that number`;
    await play(dialogue, async (client) => {
      await client.group('misc.test');
      const article = await client.article(3_000_234);
      expect(article).to.include({ type: 'message/rfc822', path: '/misc.test/3000234' });
      expect(article.meta).to.include({ number: '3000234', id: '<45223423@example.com>' });
      expect(await article.text()).to.match(/^Path: .*\r\n\.dots\r\n$/s);
      const head = await client.head('<45223423@example.com>');
      expect(head).to.include({ path: '/45223423@example.com', type: 'text/rfc822-headers' });
      expect(await head.text()).to.equal('Subject: I am just a test article\r\n');
      expect(await (await client.body()).text()).to.equal('This is just a test article.\r\n');
      expect(await rejection(client.body(300_256))).to.include({ reason: 'missing' });
    });
  });

  it('overviews, and single headers (RFC 3977 8)', async () => {
    const dialogue = `${GROUP}
      C: LIST OVERVIEW.FMT
      S: 215 Order of fields in overview database.
      S: Subject:
      S: From:
      S: Date:
      S: Message-ID:
      S: References:
      S: :bytes
      S: :lines
      S: Xref:full
      S: Distribution:full
      S: .
      C: OVER 3000234-
      S: 224 Overview information follows
      S| 3000234\\tI am just a test article\\t"Demo User" <nobody@example.com>\\t6 Oct 1998 04:38:40 -0500\\t<45223423@example.com>\\t<45454@example.net>\\t1234\\t17\\tXref: news.example.com misc.test:3000363\\tDistribution: world\\r\\n
      S: .
      C: OVER <45223423@example.com>
      S: 224 Overview information follows
      S| 0\\tI am just a test article\\t"Demo User" <nobody@example.com>\\t6 Oct 1998 04:38:40 -0500\\t<45223423@example.com>\\t\\t1234\\t17\\r\\n
      S: .
      C: OVER 300256
      S: 423 No such article in this group
      C: HDR Subject 3000234-3000238
      S: 225 Headers follow
      S: 3000234 I am just a test article
      S: 3000237 Re: I am just a test article
      S: .
      C: HDR :bytes <45223423@example.com>
      S: 225 Headers follow
      S: 0 1234
      S: .`;
    await play(dialogue, async (client) => {
      await client.group('misc.test');
      const [row] = (await all(client.over({ low: 3_000_234 }))).flat();
      expect(row).to.include({ number: 3_000_234, bytes: 1234, lines: 17 });
      expect(row?.get('distribution')).to.equal('world');
      const rows: number[] = [];
      await client.forEachOverview('<45223423@example.com>', (some) => rows.push(...some.map(({ number }) => number)));
      expect(rows).to.deep.equal([0]);
      expect(await all(client.over(300_256))).to.deep.equal([]);
      const { items } = await client.hdr('Subject', { low: 3_000_234, high: 3_000_238 });
      expect(items.map(({ number }) => number)).to.deep.equal([3_000_234, 3_000_237]);
      expect((await client.hdr(':bytes', '<45223423@example.com>')).items).to.deep.equal([
        { number: 0, value: '1234' },
      ]);
    });
  });

  it('what servers tell of themselves (RFC 3977 7, RFC 6048)', async () => {
    const dialogue = `
      C: DATE
      S: 111 19990623135624
      C: HELP
      S: 100 Help text follows
      S: This is some help text.
      S: .
      C: NEWGROUPS 19990624 000000 GMT
      S: 231 list of new newsgroups follows
      S: alt.rfc-writers.recovery 4 1 y
      S: .
      C: NEWNEWS news.*,sci.* 19990624 000000 GMT
      S: 230 list of new articles by message-id follows
      S: <i.am.a.new.article@example.com>
      S: .
      C: LIST ACTIVE.TIMES
      S: 215 information follows
      S: misc.test 930445408 <creatme@isc.org>
      S: .
      C: LIST COUNTS misc.*
      S: 215 list follows
      S: misc.test 3002322 3000234 1234 y
      S: .
      C: LIST DISTRIB.PATS
      S: 215 information follows
      S: 10:local.*:local
      S: .
      C: LIST DISTRIBUTIONS
      S: 215 list follows
      S| local\\tLocal to this site.\\r\\n
      S: .
      C: LIST MODERATORS
      S: 215 list follows
      S: foo.bar:announce@example.com
      S: *:%s@moderators.isc.org
      S: .
      C: LIST MOTD
      S: 215 message follows
      S: Hello,
      S: ..and bye.
      S: .
      C: LIST SUBSCRIPTIONS
      S: 215 list follows
      S: local.welcome
      S: .
      C: LIST HEADERS RANGE
      S: 215 headers follow
      S: :
      S: .`;
    await play(dialogue, async (client) => {
      const since = new Date('1999-06-24T00:00:00Z');
      expect((await client.date()).toISOString()).to.equal('1999-06-23T13:56:24.000Z');
      expect(await client.help()).to.equal('This is some help text.');
      expect((await client.newGroups(since)).items[0]).to.include({ name: 'alt.rfc-writers.recovery', status: 'y' });
      expect((await client.newNews('news.*,sci.*', since)).items).to.deep.equal(['<i.am.a.new.article@example.com>']);
      expect((await client.activeTimes()).items[0]).to.include({ creator: '<creatme@isc.org>' });
      expect((await client.counts('misc.*')).items[0]).to.include({ count: 1234, status: 'y' });
      expect((await client.distribPats()).items[0]).to.include({ weight: 10, distribution: 'local' });
      expect((await client.distributions()).items[0]).to.deep.equal({ name: 'local', text: 'Local to this site.' });
      expect((await client.moderators()).items[1]).to.deep.equal({ wildmat: '*', address: '%s@moderators.isc.org' });
      expect(await client.motd()).to.equal('Hello,\n.and bye.');
      expect((await client.subscriptions()).items).to.deep.equal(['local.welcome']);
      expect((await client.headers('RANGE')).items).to.deep.equal([':']);
    });
  });

  it('descriptions by XGTITLE where a server has only that', async () => {
    const dialogue = `
      C: LIST NEWSGROUPS misc.test
      S: 503 no
      C: XGTITLE misc.test
      S: 282 list follows
      S: misc.test General Usenet testing
      S: .`;
    expect(await play(dialogue, (client) => client.description('misc.test'))).to.equal('General Usenet testing');
  });

  it('what it is told to say, but nothing that is more than a command and a reply', async () => {
    const dialogue = `
      C: XFOO bar
      S: 288 list
      S: one
      S: .
      C: DATE
      S: 111 19990623135624`;
    await play(dialogue, async (client) => {
      const { reply, lines } = await client.command('XFOO bar', { multiline: true });
      expect([reply.code, lines]).to.deep.equal(['288', ['one']]);
      expect((await client.command('DATE')).reply.text).to.equal('19990623135624');
      for (const line of ['POST', 'starttls', 'AUTHINFO PASS x', 'COMPRESS DEFLATE', 'MODE READER', 'TAKETHIS <a@b>']) {
        expect(await rejection(client.command(line)), line).to.include({ code: 'NETKIT_USAGE' });
      }
    });
  });
});
