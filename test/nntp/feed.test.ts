/** Feeding articles to another server (RFC 3977 6.3.2, RFC 4644). */
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { ConnectionError, ProtocolError, ReplyError, UsageError } from '../../lib/core/errors.ts';
import { ScriptedServer } from '../../lib/mock/script.ts';
import type { Fed } from '../../lib/nntp/client.ts';
import { nntp } from '../../lib/nntp/index.ts';
import { all, rejection } from '../helpers.ts';
import { against, CAPABILITIES, type Rules, ruled } from './client-rules.ts';

function article(id: string, more = ''): string {
  return `Path: x!not-for-mail\r\nFrom: a@example.org\r\nNewsgroups: misc.test\r\nSubject: one\r\nDate: Tue, 02 Jan 2024 03:04:05 +0000\r\nMessage-ID: ${id}\r\n\r\n.dot${more}\r\n`;
}
const STREAMING = CAPABILITIES.replace('READER', 'IHAVE\r\nSTREAMING');
const BEGIN = `
  S: 200 ready
  C: CAPABILITIES
  S: 101 list
  S: VERSION 2
  S: IHAVE
  S: STREAMING
  S: .`;
const shown = (fed: readonly Fed[]): unknown[] => fed.map(({ messageId, outcome }) => [messageId, outcome]);

describe('an NNTP feed', () => {
  it('asks for all, and sends what is wanted, without waiting for each (RFC 4644 2.4.3)', async () => {
    const lines = (id: string): string =>
      article(id)
        .split('\r\n')
        .slice(0, -1)
        .map((line) => `C: ${line.replace(/^\./, '..')}`)
        .join('\n');
    const server = await ScriptedServer.start(`${BEGIN}
      C: MODE STREAM
      S: 203 Streaming permitted
      C: CHECK <1@x>
      C: CHECK <2@x>
      C: CHECK <3@x>
      C: CHECK <4@x>
      S: 238 <1@x>
      S: 438 <2@x>
      S: 431 <3@x>
      S: 238 <4@x>
      C: TAKETHIS <1@x>
      ${lines('<1@x>')}
      C: .
      C: TAKETHIS <4@x>
      ${lines('<4@x>')}
      C: .
      S: 239 <1@x>
      S: 439 <4@x>
      C: QUIT
      S: 205 bye`);
    const client = await nntp.connect(`nntp://127.0.0.1:${server.port}`, { mode: 'feed' });
    const fed = await all(client.feed(['<1@x>', '<2@x>', '<3@x>', '<4@x>'].map((id) => article(id))));
    expect(shown(fed)).to.deep.equal([
      ['<2@x>', 'unwanted'],
      ['<3@x>', 'later'],
      ['<1@x>', 'accepted'],
      ['<4@x>', 'rejected'],
    ]);
    await client.close();
    await server.close();
  });

  it('sends without asking where one says so', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'misc.test' }] });
    const client = await nntp.connect(server.url, { mode: 'feed' });
    expect(shown(await all(client.feed([article('<1@x>'), article('<1@x>')], { check: false })))).to.deep.equal([
      ['<1@x>', 'accepted'],
      ['<1@x>', 'rejected'],
    ]);
    expect(server.transcript.lines.some(({ text }) => text.startsWith('CHECK'))).to.equal(false);
    await client.close();
  });

  it('offers one by one where there is no streaming (IHAVE)', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'misc.test' }] }, { without: ['STREAMING'] });
    const client = await nntp.connect(server.url, { mode: 'feed' });
    expect(shown(await all(client.feed([article('<1@x>'), article('<1@x>'), article('<2@x>')])))).to.deep.equal([
      ['<1@x>', 'accepted'],
      ['<1@x>', 'unwanted'],
      ['<2@x>', 'accepted'],
    ]);
    const again = await client.ihave('<2@x>', article('<2@x>'));
    expect([again.outcome, again.reply.code]).to.deep.equal(['unwanted', '435']);
    await client.close();
  });

  it('takes thousands, as they come, and the server has them', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'misc.test' }] });
    const client = await nntp.connect(server.url, { mode: 'feed' });
    async function* many(): AsyncGenerator<string> {
      for (let i = 0; i < 1_000; i++) yield article(`<${i}@x>`, 'x'.repeat(500));
    }
    const fed = await all(client.feed(many()));
    expect(fed.every(({ outcome }) => outcome === 'accepted')).to.equal(true);
    expect(server.articles('misc.test')).to.have.length(1_000);
    await client.close();
  });

  it('sends articles as they were given, although their memory is used for the next ones', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'misc.test' }] });
    const client = await nntp.connect(server.url, { mode: 'feed' });
    const memory = new Uint8Array(article('<0@x>').length);
    function* many(): Generator<Uint8Array> {
      for (let i = 0; i < 9; i++) {
        memory.set(Buffer.from(article(`<${i}@x>`)));
        yield memory;
      }
    }
    const fed = await all(client.feed(many()));
    expect(fed.filter(({ outcome }) => outcome === 'accepted')).to.have.length(9);
    await client.close();
  });

  it('refuses what is no article, and one without a Message-ID, before it is said', async () => {
    const { asked } = await against({ CAPABILITIES: STREAMING, 'MODE STREAM': '203 ok\r\n' }, async (client) => {
      for (const text of ['nothing', article('').replace(/Message-ID: .*\r\n/, ''), article('<a b>')]) {
        expect(await rejection(all(client.feed([text])))).to.be.instanceOf(UsageError);
      }
      expect(await rejection(client.ihave('<2@x>', article('<1@x>')))).to.be.instanceOf(UsageError);
    });
    expect(asked.filter((line) => /^(?:CHECK|TAKETHIS|IHAVE)/.test(line))).to.deep.equal([]);
  });

  it('logs in where CHECK or TAKETHIS is refused for that, and offers again what was not taken', async () => {
    for (const verb of ['CHECK', 'TAKETHIS']) {
      const refused = (line: string): boolean => verb === 'CHECK' || line.endsWith('<2@x>');
      let open = false;
      const answer =
        (code: number) =>
        (socket: Socket, line: string): void =>
          void socket.write(
            line.startsWith(verb) && !open && refused(line) ? '480 log in\r\n' : `${code} ${line.split(' ')[1]}\r\n`,
          );
      const rules: Rules = {
        ...{ CAPABILITIES: STREAMING, 'MODE STREAM': '203 ok\r\n' },
        ...{ '': () => {}, CHECK: answer(238), TAKETHIS: answer(239), 'AUTHINFO USER': '381 go on\r\n' },
        'AUTHINFO PASS': (socket) => {
          open = true;
          socket.write('281 welcome\r\n');
        },
      };
      const articles = ['<1@x>', '<2@x>', '<3@x>'].map((id) => article(id));
      const login = { user: 'joe', password: 'x', mode: 'feed' } as const;
      const { value, asked } = await against(rules, (client) => all(client.feed(articles)), login);
      expect(value.map(({ messageId, outcome }) => `${messageId} ${outcome}`).sort()).to.deep.equal([
        ...['<1@x> accepted', '<2@x> accepted', '<3@x> accepted'],
      ]);
      const taken = asked.filter((line) => line.startsWith('TAKETHIS'));
      expect(taken).to.have.length(verb === 'CHECK' ? 3 : 4);
      expect(asked).to.include('AUTHINFO PASS x');
    }
  });

  it('throws a refusal that is about no article after what it knows, and the connection lives on', async () => {
    const rules: Rules = {
      ...{ CAPABILITIES: STREAMING, 'MODE STREAM': '203 ok\r\n', '': () => {} },
      CHECK: (socket, line) => void socket.write(`238 ${line.slice(6)}\r\n`),
      'TAKETHIS <1@x>': '403 broken\r\n',
      'TAKETHIS <2@x>': '239 <2@x>\r\n',
    };
    await against(rules, async (client) => {
      const fed: Fed[] = [];
      const feeding = async (): Promise<void> => {
        for await (const each of client.feed([article('<1@x>'), article('<2@x>')])) fed.push(each);
      };
      const error = await rejection(feeding);
      expect(error).to.be.instanceOf(ReplyError).and.include({ command: 'TAKETHIS <1@x>', temporary: true });
      expect(shown(fed)).to.deep.equal([['<2@x>', 'accepted']]);
      expect((await client.date()).getUTCFullYear()).to.equal(2024);
    });
  });

  it('is left when the server speaks of other articles (N3)', async () => {
    const rules = { CAPABILITIES: STREAMING, 'MODE STREAM': '203 ok\r\n', CHECK: '238 <evil@x>\r\n' };
    expect(await rejection(against(rules, (client) => all(client.feed([article('<1@x>')]))))).to.be.instanceOf(
      ProtocolError,
    );
  });

  it('tells what is known, and leaves the rest unknown, when the connection is lost behind articles (N7)', async () => {
    const server = await ruled({
      ...{ CAPABILITIES: STREAMING, 'MODE STREAM': '203 ok\r\n', '': () => {} },
      CHECK: (socket, line) => void socket.write(`238 ${line.slice(6)}\r\n`),
      'TAKETHIS <1@x>': '239 <1@x>\r\n',
      'TAKETHIS <2@x>': (socket) => void socket.end(),
    });
    const client = await nntp.connect(server.url, { mode: 'feed' });
    const fed: Fed[] = [];
    const feeding = async (): Promise<void> => {
      for await (const each of client.feed([article('<1@x>'), article('<2@x>'), article('<3@x>')])) fed.push(each);
    };
    const error = await rejection(feeding);
    expect(shown(fed)).to.deep.equal([['<1@x>', 'accepted']]);
    expect(error).to.be.instanceOf(ConnectionError).and.include({ outcome: 'unknown' });
    expect(`${error}`).to.include('<2@x>');
    await client.close();
    await server.close();
  });
});
