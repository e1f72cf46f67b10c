/** Every article of a group, from servers that say odd things about which there are. */
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { ProtocolError, ReplyError } from '../../lib/core/errors.ts';
import { all, rejection } from '../helpers.ts';
import { against, CAPABILITIES, type Rules } from './client-rules.ts';

const row = (number: number): string => `${number}\ts\tf\td\t<${number}@x>\t\t1\t1\r\n`;
const say = (answer: (line: string) => string) => (socket: Socket, line: string) => void socket.write(answer(line));
const numberIn = (line: string): string => line.split(' ')[1] ?? '';
const ARTICLES: Rules = {
  ARTICLE: say((line) => `220 ${numberIn(line)} <${numberIn(line)}@x>\r\nSubject: s\r\n\r\nx\r\n.\r\n`),
  HEAD: say((line) => `221 ${numberIn(line)} <${numberIn(line)}@x>\r\nMessage-ID: <${numberIn(line)}@x>\r\n.\r\n`),
};

/** Rows for those numbers that are in the range that is asked for. */
function overviewOf(there: readonly number[]): Rules {
  const rowsFor = (line: string): string => {
    const [low = 0, high = low] = numberIn(line).split('-').map(Number);
    const rows = there.filter((number) => number >= low && number <= high).map(row);
    return rows.length === 0 ? '423 none\r\n' : `224 rows\r\n${rows.join('')}.\r\n`;
  };
  return { OVER: say(rowsFor) };
}

const count = (asked: readonly string[], verb: string): number =>
  asked.filter((line) => line.startsWith(`${verb} `)).length;

describe('every article of a group', () => {
  it('comes with few questions, whatever numbers the group spans', async () => {
    const there = [1, 2, 500_000_000_000, 999_999_999_999_999];
    const { value, asked } = await against(
      { GROUP: '211 4 1 999999999999999 misc.test\r\n', ...overviewOf(there), ...ARTICLES },
      (client) => all(client.fetchAll('/misc.test')),
    );
    expect(value.map(({ path }) => path)).to.deep.equal(there.map((number) => `/misc.test/${number}`));
    expect(count(asked, 'OVER')).to.be.below(60);
  });

  it('comes once, also where there are many behind a wide gap', async () => {
    const there = Array.from({ length: 110_000 }, (_, index) => 200_000 + index);
    const { value } = await against(
      { GROUP: '211 110000 1 900000 misc.test\r\n', ...overviewOf(there), ...ARTICLES },
      async (client) => {
        const got: number[] = [];
        for await (const { meta } of client.fetchAll('/misc.test')) got.push(Number(meta['number']));
        return got;
      },
    );
    expect(value).to.deep.equal(there);
  }).timeout(20_000);

  it('is found by LISTGROUP where there is no overview', async () => {
    const rules: Rules = {
      ...{ GROUP: '211 2 1 999999999999999 misc.test\r\n', OVER: '500 what\r\n', ...ARTICLES },
      LISTGROUP: '211 2 1 999999999999999 misc.test\r\n1\r\n700000000000\r\n.\r\n',
    };
    const { value, asked } = await against(rules, (client) => all(client.fetchAll('/misc.test')));
    expect(value.map(({ path }) => path)).to.deep.equal(['/misc.test/1', '/misc.test/700000000000']);
    expect(count(asked, 'HEAD')).to.equal(2);
    const { value: entries } = await against(rules, (client) => all(client.list('/misc.test')));
    expect(entries.map(({ name }) => name)).to.deep.equal(['1', '700000000000']);
  });

  it('is not looked for one by one among more than a million numbers', async () => {
    const rules: Rules = {
      GROUP: '211 2 1 999999999999999 misc.test\r\n',
      OVER: '500 what\r\n',
      LISTGROUP: '500 what\r\n',
    };
    const { value, asked } = await against(rules, (client) => rejection(all(client.list('/misc.test'))));
    expect(value).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
    expect(count(asked, 'HEAD')).to.equal(0);
  });

  it('is asked for again after a login, from that on for which it was wanted', async () => {
    for (const locked of [1, 3]) {
      let open = false;
      const welcome = (): string => {
        open = true;
        return '281 welcome\r\n';
      };
      const rules: Rules = {
        ...{ GROUP: '211 4 1 4 misc.test\r\n', ...overviewOf([1, 2, 3, 4]), ...ARTICLES },
        [`ARTICLE ${locked}`]: say(() =>
          open ? `220 ${locked} <${locked}@x>\r\nSubject: s\r\n\r\nx\r\n.\r\n` : '480 log in\r\n',
        ),
        ...{ 'AUTHINFO USER': '381 go on\r\n', 'AUTHINFO PASS': say(welcome) },
      };
      const { value } = await against(rules, (client) => all(client.fetchAll('/misc.test')), {
        ...{ user: 'joe', password: 'x' },
      });
      expect(value.map(({ path }) => path)).to.deep.equal([1, 2, 3, 4].map((number) => `/misc.test/${number}`));
    }
  });

  it('ends with a refusal where a login does not help', async () => {
    const rules: Rules = {
      ...{ ...ARTICLES, 'ARTICLE 2': '480 log in\r\n' },
      ...{ 'AUTHINFO USER': '381 go on\r\n', 'AUTHINFO PASS': '281 welcome\r\n' },
    };
    const login = { user: 'joe', password: 'x' };
    const { value, asked } = await against(rules, (client) => rejection(all(client.fetchAll('/misc.test'))), login);
    expect(value).to.be.instanceOf(ReplyError).with.property('reason', 'auth');
    expect(count(asked, 'AUTHINFO')).to.equal(2);
  });

  it('comes once, however often a row is said, and a row without a number is told at the end', async () => {
    const rules: Rules = { ...ARTICLES, OVER: `224 rows\r\n${row(1)} ${row(2)}${row(1)}${row(2)}.\r\n` };
    const { value } = await against({ CAPABILITIES, ...rules }, async (client) => {
      const got: string[] = [];
      const fetching = async (): Promise<void> => {
        for await (const { path } of client.fetchAll('/misc.test')) got.push(path);
      };
      return { error: await rejection(fetching), got };
    });
    expect(value.got).to.deep.equal(['/misc.test/1', '/misc.test/2']);
    expect(value.error).to.be.instanceOf(ProtocolError);
    expect(`${value.error}`).to.include('a row of the overview');
  });
});
