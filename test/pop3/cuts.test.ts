import type { ConnectOptions } from '../../lib/core/options.ts';
import type { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { type Pop3MockOptions, Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { describeCuts } from '../cut.ts';
import { all } from '../helpers.ts';

const MESSAGES = [
  { uid: 'one', content: 'Subject: One\r\n\r\n.a\r\n.\r\n..\r\nbefore\n.\n+OK 0 forged\r\n\r\n.\r\n' },
  { uid: 'two', content: 'Subject: Two\r\n\r\nb\r\n' },
];
/** What is said in a login is short: every octet is several runs. */
const SHORT = { SASL: false, 'RESP-CODES': false, 'AUTH-RESP-CODE': false } as const;

function describeSession(
  title: string,
  options: Pop3MockOptions,
  work: (client: Pop3Client) => Promise<unknown>,
): void {
  describeCuts(title, {
    start: () => Pop3MockServer.start({ messages: MESSAGES }, options),
    exercise: async (port: number, more: ConnectOptions) => {
      const client = await pop3.connect(`pop3://127.0.0.1:${port}`, { user: 'user', password: 'password', ...more });
      try {
        return await work(client);
      } finally {
        await client.close();
      }
    },
  });
}

async function everything(client: Pop3Client): Promise<unknown> {
  const entries = await all(client.list());
  const message = await (await client.fetch('/1')).text();
  const { meta, size } = await client.info('/2');
  const found = await all(client.search('/', 'one'));
  return [entries.map(({ path, size, meta }) => [path, size, meta['uid']]), message, { ...meta }, size, found.length];
}

async function pass(client: Pop3Client): Promise<unknown> {
  const texts: string[] = [];
  for await (const resource of client.fetchAll()) texts.push(`${resource.meta['uid']} ${await resource.text()}`);
  await client.each(undefined, (octets, number) => texts.push(`${number} ${octets}`));
  return [texts, await client.stat()];
}

describeSession('a POP3 session', { capabilities: SHORT }, everything);
describeSession('a POP3 session in lockstep', { capabilities: { ...SHORT, PIPELINING: false } }, everything);
describeSession('a pass over a maildrop', { capabilities: SHORT }, pass);

describeSession('a deletion', { capabilities: { ...SHORT, TOP: false } }, async (client) => {
  await client.remove('/;UIDL=two');
  // that there is an answer is the value: without the +OK to QUIT there is none
  await client.close();
  return 'deleted';
});

describeSession('a login by SCRAM', { capabilities: { ...SHORT, TOP: false, SASL: 'SCRAM-SHA-256' } }, (client) =>
  client.stat(),
);
