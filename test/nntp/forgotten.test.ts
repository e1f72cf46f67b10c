/** What is said in the clear, and is not believed behind STARTTLS (RFC 4642 2.2.2). */
import { expect } from 'chai';
import { nntp } from '../../lib/nntp/index.ts';
import { all } from '../helpers.ts';

const ARTICLE =
  'From: a@b.c\r\nNewsgroups: a.b\r\nSubject: s\r\nDate: Tue, 02 Jan 2024 03:04:05 +0000\r\nMessage-ID: <1@x>\r\n\r\nx\r\n';

describe('STARTTLS at a news server', () => {
  it('has the format of overviews forgotten, while the greeting stays what it was', async () => {
    await using server = await nntp.mock({ groups: [{ name: 'a.b', articles: [ARTICLE] }] }, { tls: 'upgrade' });
    const options = { tls: { ca: server.ca }, starttls: 'off' } as const;
    await using client = await nntp.connect(`nntp://127.0.0.1:${server.port}`, options);
    const asked = (): number =>
      server.transcript.lines.filter(({ text }) => text.startsWith('LIST OVERVIEW.FMT')).length;
    await client.group('a.b');
    await all(client.over({ low: 1 }));
    await all(client.over({ low: 1 }));
    expect(asked()).to.equal(1);
    expect(client.welcome).to.match(/^20/);
    await client.starttls();
    expect(client.welcome).to.match(/^20/);
    expect((await all(client.over({ low: 1 }))).flat()).to.have.length(1);
    expect(asked()).to.equal(2);
  });
});
