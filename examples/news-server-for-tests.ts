/** A news server in a test: with groups and articles, a login, a moderator, and with what goes wrong. */
import assert from 'node:assert/strict';
import { nntp, ReplyError } from 'netkit';

await using server = await nntp.mock(
  {
    groups: [
      { name: 'local.test', articles: ['From: ann@example.org\nSubject: One\nMessage-ID: <1@example.org>\n\nfirst\n'] },
      { name: 'local.announce', status: 'm' },
    ],
    users: { ann: 'secret' },
  },
  { auth: 'post', tls: 'upgrade' },
);
const tls = { ca: server.ca };

// who reads needs no login; who posts is asked for one, and logs in over TLS
await using reader = await nntp.connect(server.url);
assert.equal((await reader.group('local.test')).count, 1);
const article = { newsgroups: 'local.test', from: 'ann@example.org', subject: 'Two', body: 'second\n' };
await assert.rejects(reader.post(article), { reason: 'auth' });

await using author = await nntp.connect(server.url, { user: 'ann', password: 'secret', starttls: 'required', tls });
const { messageId } = await author.post(article);
assert.equal(server.article(messageId)?.header('Subject'), 'Two');

// what is posted to a moderated group is with its moderator
await author.post({ ...article, newsgroups: 'local.announce' });
assert.equal(server.moderated.length, 1);

// an article that is cancelled, and a server that is out of order
server.cancel('<1@example.org>');
await assert.rejects(reader.stat('<1@example.org>'), { reason: 'missing' });
server.faults.add({ verb: 'POST', reply: '440 closed for the day' });
await assert.rejects(author.post(article), ReplyError);
console.log(server.articles('local.test').map((each) => each.header('Subject')));
