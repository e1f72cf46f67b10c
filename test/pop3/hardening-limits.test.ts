import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { NetkitError, TimeoutError } from '../../lib/core/errors.ts';
import type { Timeouts } from '../../lib/core/options.ts';
import type { Pop3Client } from '../../lib/pop3/client.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { Pop3MockServer } from '../../lib/pop3/mock-server.ts';
import { all, rejection } from '../helpers.ts';
import { JOE } from './client-scripted.ts';
import { type Answers, drip, type HostileServer, hostile } from './hardening-server.ts';

const LIMIT = 200;
const stalls = (): void => {};

describe('POP3: every wait has a limit', () => {
  const servers: HostileServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  const reading = async (client: Pop3Client): Promise<string> => (await client.fetch('/1')).text();
  const phases: [string, keyof Timeouts, string, Answers, (client: Pop3Client) => Promise<unknown>][] = [
    ['the greeting (pop3-s04)', 'greeting', 'greeting', { greeting: stalls }, stat],
    [
      'a greeting that trickles (pop3-s05)',
      'greeting',
      'greeting',
      { greeting: (its) => drip(its, `+OK ${'x'.repeat(99)}\r\n`, 30) },
      stat,
    ],
    ['CAPA', 'idle', 'command', { CAPA: stalls }, stat],
    ['a login', 'idle', 'command', { PASS: stalls }, stat],
    ['a reply', 'idle', 'command', { STAT: stalls }, stat],
    ['a reply that trickles', 'idle', 'command', { STAT: (its) => drip(its, `+OK 1 ${'1'.repeat(99)}`, 30) }, stat],
    ['a list', 'idle', 'body', { LIST: '+OK\r\n1 1\r\n' }, async (client) => all(client.list())],
    ['a body', 'idle', 'body', { RETR: '+OK\r\nx\r\n' }, reading],
    ['a body as a whole', 'idle', 'body', { RETR: '+OK\r\nx\r\n' }, (client) => client.retr(1)],
    ['a body of many', 'idle', 'body', { RETR: '+OK\r\nx\r\n' }, (client) => client.each(undefined, () => {})],
    ['a pass', 'idle', 'command', { RETR: stalls }, async (client) => all(client.fetchAll())],
    ['a body of a pass', 'idle', 'body', { RETR: '+OK\r\nx\r\n' }, async (client) => all(client.fetchAll())],
  ];
  for (const [what, limit, phase, answers, work] of phases) {
    it(`${what}`, async () => {
      const server = await hostile(answers);
      servers.push(server);
      const began = performance.now();
      const error = await rejection(async () => {
        const client = await pop3.connect(server.url, { ...JOE, timeouts: { close: 50, [limit]: LIMIT } });
        try {
          await work(client);
        } finally {
          await client.close();
        }
      });
      expect(error).to.be.instanceOf(TimeoutError).and.include({ phase, protocol: 'pop3' });
      expect(performance.now() - began).to.be.within(LIMIT * 0.9, LIMIT * 4);
    });
  }
});

describe('POP3: many headers of large messages', () => {
  it('are asked for together, for they are small', async () => {
    const count = 100;
    const lines = Array.from({ length: count }, (_, i) => `${i + 1} 5000000\r\n`).join('');
    let waiting = 0;
    const server = await hostile({
      CAPA: '+OK\r\nUSER\r\nTOP\r\nUIDL\r\nPIPELINING\r\n.\r\n',
      LIST: `+OK\r\n${lines}.\r\n`,
      UIDL: `+OK\r\n${lines}.\r\n`,
      TOP: (socket) => {
        // it answers when it has been asked for all
        if (++waiting === count) socket.write('+OK\r\nSubject: x\r\n\r\n.\r\n'.repeat(count));
      },
    });
    try {
      await using client = await pop3.connect(server.url, { ...JOE, timeouts: { idle: 2_000 } });
      let got = 0;
      for await (const { size } of client.fetchAll('/', { head: true })) got += size === undefined ? 1 : 0;
      expect(got).to.equal(count);
    } finally {
      await server.close();
    }
  });
});

describe('POP3: an abort ends it, wherever it is', () => {
  it('after every line of the server and every line of the client', async () => {
    const reason = new Error('enough');
    const everything = async (client: Pop3Client, signal: AbortSignal): Promise<void> => {
      await all(client.list('/', { signal }));
      await (await client.fetch('/1', { signal })).text();
      await client.info('/1', { signal });
      await all(client.search('/', 'x', { signal }));
      for await (const resource of client.fetchAll('/', { signal })) await resource.bytes();
      await client.each(undefined, () => {}, { signal });
      await client.remove('/1', { signal });
    };
    await using server = await Pop3MockServer.start(
      { messages: ['Subject: x\n\nx\n', 'y'] },
      { capabilities: { SASL: false } },
    );
    let lines = 1_000;
    for (let stop = 1; stop <= lines; stop++) {
      const controller = new AbortController();
      const { signal } = controller;
      let said = 0;
      const listener = {
        add: () => {
          if (++said === stop) controller.abort(reason);
        },
      };
      let client: Pop3Client | undefined;
      const outcome = await (async (): Promise<unknown> => {
        client = await connectWhenFree(server, { transcript: listener, signal });
        await everything(client, signal);
        return undefined;
      })().catch((error: unknown) => error);
      // with its very last line all was done
      if (signal.aborted && !(outcome === undefined && said === stop))
        expect(outcome, `after line ${stop}`).to.equal(reason);
      if (!signal.aborted) lines = stop - 1;
      if (client && signal.aborted) {
        const later = await rejection(client.noop());
        expect(later === reason || later instanceof NetkitError, `after line ${stop}: ${later}`).to.equal(true);
      }
      await client?.abandon();
      expect(getEventListeners(signal, 'abort'), `after line ${stop}`).to.have.length(0);
    }
    expect(lines).to.be.greaterThan(40);
    expect(server.messages()).to.have.length(2);
  }).timeout(60_000);
});

async function stat(client: Pop3Client): Promise<unknown> {
  return client.stat();
}

/** The server notices in its own time that a client has gone. */
async function connectWhenFree(server: Pop3MockServer, options: object): Promise<Pop3Client> {
  for (;;) {
    try {
      return await pop3.connect(server.url, { ...server.login, ...options });
    } catch (error) {
      if (!(error instanceof NetkitError && error.reason === 'busy')) throw error;
    }
  }
}
