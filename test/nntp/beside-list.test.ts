/** What is asked while a list is being read slowly: the list is taken in first, whatever it is. */
import { expect } from 'chai';
import type { NntpClient } from '../../lib/nntp/index.ts';
import { against, CAPABILITIES } from './client-rules.ts';

const COUNT = 20_000;
const groups = Array.from({ length: COUNT }, (_, index) => `group.${index} 2 1 y\r\n`);
const RULES = {
  CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nSTREAMING\r\nIHAVE'),
  LIST: `215 list\r\n${groups.join('')}.\r\n`,
  'MODE STREAM': '203 go on\r\n',
  'CHECK <1@x>': '438 <1@x>\r\n',
  'AUTHINFO USER': '281 welcome\r\n',
  COMPRESS: '403 not now\r\n',
  STARTTLS: '580 not now\r\n',
};

const ARTICLE = 'From: a@b.c\r\nSubject: s\r\nMessage-ID: <1@x>\r\n\r\ntext\r\n';

const REFUSED = (error: unknown): void => {
  expect(error).to.have.property('name', 'ReplyError');
};

const ASKED: Readonly<Record<string, (client: NntpClient) => Promise<unknown>>> = {
  askCapabilities: (client) => client.askCapabilities(),
  login: (client) => client.login({ user: 'joe' }),
  modeReader: (client) => client.modeReader(),
  compress: (client) => client.compress().catch(REFUSED),
  starttls: (client) => client.starttls().catch(REFUSED),
  command: (client) => client.command('DATE'),
  feed: async (client) => {
    for await (const { outcome } of client.feed([ARTICLE])) expect(outcome).to.equal('unwanted');
    // the second time MODE STREAM is not said
    for await (const { outcome } of client.feed([ARTICLE])) expect(outcome).to.equal('unwanted');
  },
};

describe('a list that is being read', () => {
  for (const [verb, ask] of Object.entries(ASKED)) {
    it(`is not in the way of ${verb}, and is whole`, async () => {
      const work = async (client: NntpClient): Promise<number> => {
        let count = 0;
        for await (const _ of client.list('/')) {
          count++;
          if (count === 1) await ask(client);
        }
        return count;
      };
      const options = { insecureLogin: true, timeouts: { idle: 1000, close: 200 } };
      expect((await against(RULES, work, options)).value).to.equal(COUNT);
    });
  }
});
