/** Answers that are larger, stranger or fewer than usual. */
import { expect } from 'chai';
import { all, rejection } from '../helpers.ts';
import { against } from './client-rules.ts';

const MANY = 1_000_200;

/** So many lines, and the end of the block. */
function lines(first: string, line: (number: number) => string): string {
  const all = Array.from({ length: MANY }, (_, index) => line(index + 1));
  return `${first}\r\n${all.join('\r\n')}\r\n.\r\n`;
}

describe('more than a million articles', () => {
  const rules = {
    GROUP: `211 ${MANY} 1 ${MANY} misc.test\r\n`,
    LISTGROUP: lines(`211 ${MANY} 1 ${MANY} misc.test`, String),
    HDR: lines('225 headers', (number) => `${number} x`),
    XPAT: lines('221 headers', (number) => `${number} x`),
  };

  it('are listed by their numbers, and with a header', async () => {
    await against(rules, async (client) => {
      expect(await client.listGroup('misc.test')).to.have.length(MANY);
      expect((await client.hdr('Subject', { low: 1 })).items).to.have.length(MANY);
      expect((await client.xpat('Subject', { low: 1, high: MANY }, 'x')).items).to.have.length(MANY);
    });
  }).timeout(20_000);

  it('are too many where a few were asked for', async () => {
    await against(rules, async (client) => {
      await client.group('misc.test');
      expect(await rejection(client.hdr('Subject', { low: 1, high: 9 }))).to.have.property('reason', 'limit');
    });
  }).timeout(20_000);
});

describe('an article with an id that no path can name', () => {
  it('leaves the connection to what is asked next', async () => {
    const id = `<${'x'.repeat(400)}@example.org>`;
    const text = 'Subject: x\r\n'.repeat(20_000);
    const rules = { ARTICLE: `220 1 ${id}\r\n${text}\r\n.\r\n` };
    await against(
      rules,
      async (client) => {
        await client.group('misc.test');
        await rejection(client.article());
        expect(await client.date()).to.be.instanceOf(Date);
      },
      { timeouts: { idle: 1000, close: 200 } },
    );
  });
});

describe('a server without descriptions of its groups', () => {
  it('lists the groups without any', async () => {
    const rules = { 'LIST NEWSGROUPS': '503 no\r\n', XGTITLE: '500 what\r\n' };
    await against(rules, async (client) => {
      const names = async (path: string): Promise<string[]> =>
        (await all(client.list(path, { descriptions: true }))).map(({ name }) => name);
      expect(await names('/')).to.deep.equal(['misc.test', 'alt.test']);
      expect(await names('/*')).to.deep.equal(['misc.test', 'alt.test']);
    });
  });
});
