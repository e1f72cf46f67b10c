import { expect } from 'chai';
import { ConnectionError } from '../../lib/core/errors.ts';
import { ScriptedClient } from '../../lib/mock/script.ts';
import { connect } from '../../lib/net/index.ts';
import { NntpMockServer } from '../../lib/nntp/mock-server.ts';
import { rejection } from '../helpers.ts';
import { FIXTURE, play } from './mock-helpers.ts';

describe('A news server for tests', () => {
  it('selects groups (RFC 3977 6.1.1)', () =>
    play(`
      C: GROUP misc.test
      S: 211 3 3 6 misc.test
      C: group alt.test
      S: 211 1 1 1 alt.test
      C: GROUP alt.empty
      S: 211 0 1 0 alt.empty
      C: GROUP no.such.group
      S~ ^411
      C: GROUP
      S~ ^501
      C: GROUP one two
      S~ ^501
    `));

  it('lists the numbers of a group, and of a part of it (RFC 3977 6.1.2)', () =>
    play(`
      C: LISTGROUP
      S~ ^412
      C: LISTGROUP misc.test
      S: 211 3 3 6 misc.test list follows
      S: 3
      S: 5
      S: 6
      S: .
      C: LISTGROUP misc.test 4-5
      S~ ^211 3 3 6 misc.test
      S: 5
      S: .
      C: LISTGROUP misc.test 7-
      S~ ^211
      S: .
      C: LISTGROUP misc.test 4-x
      S~ ^501
      C: STAT
      S: 223 3 <3@example.net>
      C: LISTGROUP no.such.group
      S~ ^411
      C: LISTGROUP
      S~ ^211 3 3 6 misc.test
      S: 3
      S: 5
      S: 6
      S: .
    `));

  it('goes from article to article (RFC 3977 6.1.3, 6.1.4)', () =>
    play(`
      C: NEXT
      S~ ^412
      C: GROUP misc.test
      S~ ^211
      C: LAST
      S~ ^422
      C: NEXT
      S: 223 5 <5@example.net>
      C: NEXT
      S: 223 6 <6@example.net>
      C: NEXT
      S~ ^421
      C: LAST
      S: 223 5 <5@example.net>
      C: GROUP alt.empty
      S~ ^211
      C: NEXT
      S~ ^420
    `));

  it('gives articles by number, by message-id, and the current one (RFC 3977 6.2)', () =>
    play(`
      C: ARTICLE 5
      S~ ^412
      C: GROUP misc.test
      S~ ^211
      C: ARTICLE 5
      S: 220 5 <5@example.net>
      S: From: "Demo User" <nobody@example.net>
      S: Newsgroups: misc.test
      S: Subject: article 5
      S: Date: Fri, 05 Jan 2024 00:00:00 GMT
      S: Message-ID: <5@example.net>
      S: Path: demo!not-for-mail
      S: References: <3@example.net>
      S: Xref: news.localhost misc.test:5
      S|\\r\\n
      S: ..one dot
      S: ...two dots
      S: .
      C: HEAD
      S: 221 5 <5@example.net>
      S~ ^From
      S~ ^Newsgroups
      S~ ^Subject
      S~ ^Date
      S~ ^Message-ID
      S~ ^Path
      S~ ^References
      S~ ^Xref
      S: .
      C: BODY <3@example.net>
      S: 222 0 <3@example.net>
      S: line 3
      S: .
      C: STAT
      S: 223 5 <5@example.net>
      C: STAT 6
      S: 223 6 <6@example.net>
      C: STAT 4
      S~ ^423
      C: STAT <no@example.net>
      S~ ^430
      C: STAT six
      S~ ^501
      C: BODY
      S~ ^222 6
      S: line 6
      S: .
      C: GROUP alt.empty
      S~ ^211
      C: ARTICLE
      S~ ^420
    `));

  it('gives an article that is in two groups one number in each, and says so in Xref', () =>
    play(`
      C: HDR Xref <6@example.net>
      S~ ^225
      S: 0 news.localhost misc.test:6 alt.test:1
      S: .
    `));

  it('answers commands that come together one after another, in any case, with tabs and spaces', () =>
    play(`
      C| group misc.test\\r\\nstat 3\\r\\nStAt\\t 5 \\r\\nHELLO\\r\\n\\r\\nSTAT 6\\r\\n
      S~ ^211
      S: 223 3 <3@example.net>
      S: 223 5 <5@example.net>
      S: 500 Unknown command
      S: 500 Unknown command
      S: 223 6 <6@example.net>
    `));

  it('tells the date, its commands, and whether one may post', async () => {
    await play(`
      C: DATE
      S~ ^111 20\\d{12}$
      C: MODE READER
      S: 200 netkit, posting allowed
      C: MODE OTHER
      S~ ^501
    `);
    const dialogue = 'S: 201 netkit, posting prohibited\nC: POST\nS~ ^440';
    await using server = await NntpMockServer.start(FIXTURE, { posting: false });
    await new ScriptedClient(dialogue).play({ host: '127.0.0.1', port: server.port });
  });

  it('refuses a command of more than 512 octets, and ends with a client that never ends its line', async () => {
    await play(`
      C: STAT${' '.repeat(490)}<3@example.net>
      S: 223 0 <3@example.net>
      C: STAT${' '.repeat(495)}<3@example.net>
      S~ ^501
    `);
    await using server = await NntpMockServer.start(FIXTURE);
    const connection = await connect({ host: '127.0.0.1', port: server.port });
    await connection.readLine();
    await connection.write(Buffer.alloc(1_000_000, 'A')).catch(() => {});
    expect(await connection.read().catch(() => undefined)).to.equal(undefined);
    await connection.close();
  });

  it('does what a fault says', async () => {
    await using server = await NntpMockServer.start(FIXTURE);
    server.faults.add({ verb: 'GROUP', reply: '400 I am leaving' }, { verb: 'ARTICLE', truncate: 40 });
    const connection = await connect({ host: '127.0.0.1', port: server.port });
    await connection.readLine();
    await connection.writeText('GROUP misc.test\r\n');
    expect(await connection.readLine()).to.equal('400 I am leaving');
    await connection.writeText('ARTICLE <3@example.net>\r\n');
    expect(await connection.readLine()).to.equal('220 0 <3@example.net>');
    const error = await rejection(connection.readExactly(500));
    expect(error).to.be.instanceOf(ConnectionError);
    await connection.close();
  });

  it('has forgotten an article that was cancelled, and never gives its number again', async () => {
    await using server = await NntpMockServer.start(FIXTURE);
    expect(server.cancel('<6@example.net>')).to.equal(true);
    expect(server.cancel('<6@example.net>')).to.equal(false);
    expect(server.articles('misc.test').map(({ messageId }) => messageId)).to.deep.equal([
      '<3@example.net>',
      '<5@example.net>',
    ]);
    expect(server.articles('alt.test')).to.deep.equal([]);
    await new ScriptedClient(`
      S~ ^200
      C: GROUP misc.test
      S: 211 2 3 6 misc.test
      C: GROUP alt.test
      S: 211 0 2 1 alt.test
    `).play({ host: '127.0.0.1', port: server.port });
  });

  it('says what an empty server says, without a fixture', async () => {
    await using server = await NntpMockServer.start();
    expect(server.url).to.match(/^nntp:\/\/127\.0\.0\.1:\d+$/);
    expect(server.login).to.equal(undefined);
    expect(server.articles()).to.deep.equal([]);
  });
});
