/** Posting: what goes out, what comes back, and what is never done twice. */
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { nntp } from '../../lib/nntp/index.ts';
import { rejection } from '../helpers.ts';
import { against, type Rules, ruled } from './client-rules.ts';

const POST = {
  from: 'Jürgen <j@example.org>',
  newsgroups: ['misc.test', 'alt.test'],
  subject: 'Grüße',
  body: 'a\n.b\n',
};
const TEXT =
  'From: a@example.org\nNewsgroups: misc.test\nSubject: one\nMessage-ID: <1@x>\nDate: Tue, 02 Jan 2024 03:04:05 +0000\n\n';

/** Rules of a server that takes an article, and what then happens. */
function taking(then: (socket: Parameters<Exclude<Rules[string], string | Uint8Array>>[0]) => void): Rules {
  return { POST: '340 send it\r\n', '': () => {}, '.': (socket, line) => void (line === '.' && then(socket)) };
}

/** All that a client says, up to and behind its article. */
async function posted(body: string, path = '/misc.test', options = {}): Promise<string> {
  const { asked } = await against({ ...taking((socket) => socket.write('240 thanks\r\n')), QUIT: () => {} }, (client) =>
    client.send(path, body, options),
  );
  return asked.slice(asked.indexOf('POST') + 1, -1).join('\r\n');
}

describe('an article that is posted', () => {
  it('goes out as it is, its lines ended by CRLF and its dots doubled (N9, nntp-g02, nntp-i12, nntp-i13)', async () => {
    expect(await posted(`${TEXT}a\r\n.\r\nQUIT\r\n..\n.x\rbare\n`)).to.equal(
      `${`${TEXT}a\n..\nQUIT\n...\n..x\nbare`.replaceAll('\n', '\r\n')}\r\n.`,
    );
  });

  it('has the group of the path, a Date and a Message-ID, and the receipt says which', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'misc.test' }] });
    const receipt = await nntp.send(`${server.url}/misc.test`, 'From: a@example.org\nSubject: one\n\nOne\n');
    expect(receipt.path).to.match(/^\/[\w-]+@/);
    const text = await (await nntp.fetch(`${server.url}${receipt.path}`)).text();
    expect(text)
      .to.match(/^Newsgroups: misc\.test\r$/m)
      .and.match(/^Date: .* \+0000\r$/m);
  });

  it('is not put into the text of another', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'misc.test' }] });
    const target = `${server.url}/misc.test`;
    const parts = { from: 'a@example.org', subject: 'two' };
    expect(await rejection(nntp.send(target, `${TEXT}One\n`, parts))).to.be.instanceOf(UsageError);
    // what only looks a little like it is a text
    await nntp.send(target, 'Note: this is one\n\nof two paragraphs\n', parts);
    expect(server.articles('misc.test')).to.have.length(1);
  });

  it('can be made of its parts, by the options of send and by post', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'misc.test' }, { name: 'alt.test' }] });
    const client = await nntp.connect(server.url);
    const { messageId } = await client.post(POST);
    expect(server.article(messageId)?.toString()).to.include('=?UTF-8?').and.include('Newsgroups: misc.test,alt.test');
    const { path = '' } = await client.send('/misc.test', Readable.from([Buffer.from('Hällo\n')]), {
      ...{ from: 'a@example.org', subject: 'one', newsgroups: 'alt.test', references: messageId },
    });
    const { meta } = await client.info(path);
    expect(meta).to.include({ subject: 'one', references: messageId, newsgroups: 'misc.test,alt.test' });
    await client.close();
  });

  it('is refused before anything is said, where no server may take it (N8, nntp-i08 to nntp-i11)', async () => {
    const { asked } = await against({}, async (client) => {
      const wrong: Parameters<typeof client.post>[0][] = [
        'no headers',
        `${TEXT.replace('one', 'x\r\nControl: cancel <a@b>')}x`,
        TEXT.replace('Subject', 'Control: cancel <a@b>\nSubject'),
        TEXT.replace('Subject', 'Approved: a@b.c\nSubject'),
        TEXT.replace('misc.test', 'a\0b'),
        TEXT.replace('From: a@example.org\n', ''),
        `${TEXT}${'x'.repeat(1_000)}\n`,
        { ...POST, subject: 'x\r\nControl: cancel <a@b>' },
        { ...POST, newsgroups: 'a b' },
        { ...POST, from: 'nobody' },
        { ...POST, headers: { 'X-A': 'b\nControl: cancel <a@b>' } },
        { ...POST, headers: { 'X A': 'b' } },
      ];
      for (const article of wrong) {
        expect(await rejection(client.post(article)), JSON.stringify(article)).to.be.instanceOf(UsageError);
      }
      expect(await rejection(client.send('/other.test', TEXT))).to.be.instanceOf(UsageError);
      expect(await rejection(client.send('/misc.test/1', TEXT))).to.be.instanceOf(UsageError);
      expect(await rejection(client.send('/', 'x', { subject: 'y' }))).to.be.instanceOf(UsageError);
    });
    expect(asked).to.deep.equal(['CAPABILITIES', 'QUIT']);
  });

  it('may command servers where that is allowed by name', async () => {
    const control = TEXT.replace('Subject', 'Control: cancel <a@b>\nApproved: a@b.c\nSubject');
    expect(await posted(control, '/misc.test', { allow: 'Control, Approved' })).to.include('Control: cancel <a@b>');
  });

  it('that is not wanted is a ReplyError in the words of the server (nntp-s33, nntp-s35)', async () => {
    const before = await rejection(against({ POST: '440 not you\r\n' }, (client) => client.post(TEXT)));
    expect(before).to.be.instanceOf(ReplyError).and.include({ reason: 'denied', outcome: 'none' });
    const refusing = taking((socket) => socket.write('441 no such group\r\n'));
    const after = await rejection(against(refusing, (client) => client.post(TEXT)));
    expect(after).to.be.instanceOf(ReplyError).and.include({ reason: 'denied', outcome: 'none' });
    expect(after).to.have.nested.property('reply.text', 'no such group');
  });

  it('of which nothing is heard is unknown, and is never sent again (N7, nntp-s32, nntp-s36)', async () => {
    const ends: [Parameters<typeof taking>[0], unknown][] = [
      [(socket) => void socket.end(), ConnectionError],
      [(socket) => void socket.resetAndDestroy(), ConnectionError],
      [() => {}, TimeoutError],
      [(socket) => void socket.write('211 1 1 1 what\r\n'), ProtocolError],
    ];
    for (const [end, kind] of ends) {
      const server = await ruled(taking(end));
      const client = await nntp.connect(server.url, { timeouts: { idle: 150, close: 50 } });
      const error = await rejection(client.post(TEXT));
      expect(error).to.be.instanceOf(kind);
      expect(error).to.include({ outcome: 'unknown', temporary: false });
      expect(`${error}`).to.include('<1@x>');
      await client.close();
      expect(server.asked.filter((line) => line === 'POST')).to.have.length(1);
      expect(server.connections()).to.equal(1);
      await server.close();
    }
  });

  it('is not sent again after a login that is asked for behind it', async () => {
    const rules = { ...taking((socket) => socket.write('480 log in\r\n')), 'AUTHINFO USER': '281 in\r\n' };
    const server = await ruled(rules);
    const client = await nntp.connect(server.url, { user: 'joe', password: 'x' });
    expect(await rejection(client.post(TEXT)))
      .to.be.instanceOf(ReplyError)
      .and.include({ reason: 'auth' });
    await client.close();
    expect(server.asked.filter((line) => line === 'POST')).to.have.length(1);
    await server.close();
  });

  it('is sent after a login that is asked for before it', async () => {
    await using server = await nntp.mock(
      { groups: [{ name: 'misc.test' }], users: { joe: 'x' } },
      { auth: 'post', without: ['CAPABILITIES'] },
    );
    const client = await nntp.connect(server.url);
    expect(await rejection(client.post(TEXT))).to.include({ reason: 'auth' });
    await client.login({ user: 'joe', password: 'x' });
    expect((await client.post(TEXT)).messageId).to.equal('<1@x>');
    await client.close();
  });
});
