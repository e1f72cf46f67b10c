import { expect } from 'chai';
import { ConnectionError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/core/secret.ts';
import { telnet } from '../../lib/telnet/index.ts';
import type { Step } from '../../lib/telnet/script.ts';
import { rejection } from '../helpers.ts';
import { talk, withServer } from './talk.ts';

const LOGIN: readonly Step[] = [
  { expect: 'login: ' },
  { send: 'joe' },
  { expect: /word: $/ },
  { send: new Secret('pw') },
  { expect: '$ ' },
];

describe('a Telnet client: fetch', () => {
  it('gives all that is said, in octets, and does not know whether it is whole', async () => {
    await withServer(
      String.raw`
      S| \xff\xfd\x18a\xff\xff\r\0\xff\xf1b
      C| \xff\xfb\x18
      S| \x80\r\n`,
      async (client) => {
        const resource = await client.fetch('/');
        expect(resource).to.include({ path: '/', type: 'text/plain', complete: false });
        expect((await resource.bytes()).toString('hex')).to.equal('61ff0d62800d0a');
        expect(resource.complete).to.equal('unknown');
      },
    );
  });

  it('reads text in its character set', async () => {
    await withServer(String.raw`S| \x81\xdb`, async (client) => {
      expect(await (await client.fetch('/', { charset: 'cp437' })).text()).to.equal('ü█');
    });
  });

  it('is over when nothing comes for a while, but waits for the first octet as long as for any', async () => {
    await withServer(
      `
      S| said
      C: never`,
      async (client, server) => {
        const resource = await client.fetch('/', { idle: 30 });
        expect(await resource.text()).to.equal('said');
        expect(resource.complete).to.equal('unknown');
        // the end of the client
        expect(await rejection(server.close())).to.be.an('error');
      },
    );
    await withServer(
      'C: never',
      async (client, server) => {
        const error = await rejection((await client.fetch('/', { idle: 10 })).text());
        expect(error).to.be.an.instanceOf(TimeoutError).and.include({ phase: 'body' });
        expect(await rejection(server.close())).to.be.an('error');
      },
      { timeouts: { idle: 80 } },
    );
  });

  it('plays a script while it is read, and ends behind what the last step waits for', async () => {
    for (const read of ['all', 'pulled']) {
      await withServer(
        String.raw`
        S| \xff\xfb\x01login: 
        C| \xff\xfd\x01joe\r\n
        S| joe\r\nPassword: 
        C: pw
        S| \r\nHi €\r\n$ and more €`,
        async (client) => {
          const found: unknown[] = [];
          const onFound = ({ match }: { match: string }, step: number): void => void found.push([step, match]);
          const resource = await client.fetch('/', { script: LOGIN, onFound });
          let text = '';
          if (read === 'all') text = await resource.text();
          else for await (const chunk of resource) text += Buffer.from(chunk);
          expect(text).to.equal('login: joe\r\nPassword: \r\nHi €\r\n$ ');
          expect(resource.complete).to.equal(true);
          expect(found).to.deep.equal([
            [0, 'login: '],
            [2, 'word: '],
            [4, '$ '],
          ]);
        },
      );
    }
  });

  it('says first what comes first in a script, types keys and sends commands, in order', async () => {
    await withServer(
      String.raw`
      C| a\r\nb\xff\xf6c\r\n
      S: done`,
      async (client) => {
        const script: Step[] = [{ send: 'a' }, { type: 'b' }, { command: 'AYT' }, { send: 'c' }];
        expect(await (await client.fetch('/', { script })).text()).to.equal('done\r\n');
      },
    );
  });

  it('fails when what a script waits for does not come: in time, or at all', async () => {
    await withServer(
      `
      S| login: 
      C: joe
      S| sorry`,
      async (client) => {
        const error = await rejection((await client.fetch('/', { script: LOGIN })).text());
        expect(error).to.be.an.instanceOf(ConnectionError).and.include({ reason: 'truncated', phase: 'body' });
      },
    );
    await withServer('C: never', async (client, server) => {
      const script: Step[] = [{ expect: 'login: ', timeout: 30 }];
      const error = await rejection((await client.fetch('/', { script })).text());
      expect(error).to.be.an.instanceOf(TimeoutError).and.include({ phase: 'body' });
      expect(String(error)).to.include('login: ');
      expect(await rejection(server.close())).to.be.an('error');
    });
  });

  it('refuses a script of what are no steps, and what cannot be said', async () => {
    for (const step of [{}, { expect: '' }, { command: 'XX' }, { wait: 3 }]) {
      await talkless(async (client) => {
        expect(await rejection(client.fetch('/', { script: [step as unknown as Step] }))).to.be.an.instanceOf(
          UsageError,
        );
      });
    }
    await talkless(async (client) => {
      const resource = await client.fetch('/', { script: [{ send: 'a\nb' }, { expect: 'x' }] });
      expect(await rejection(resource.text())).to.be.an.instanceOf(UsageError);
    });
  });
});

describe('a Telnet client: what else it does', () => {
  it('sends lines, whatever their ends, and gives what is answered', async () => {
    const octets = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one\r');
      yield Buffer.from('\ntwo €').subarray(0, 6);
      yield Buffer.from('\ntwo €').subarray(6);
    };
    for (const body of ['one\ntwo €', Buffer.from('one\r\ntwo €\r\n'), octets()]) {
      await withServer(
        String.raw`
        C| one\r\ntwo €\r\n
        S: thanks`,
        async (client) => expect(await client.send('/', body)).to.deep.equal({ text: 'thanks\r\n' }),
      );
    }
    await withServer('C: x', async (client, server) => {
      expect(await client.send('/', 'x', { idle: 20 })).to.deep.equal({ text: '' });
      await server.close().catch(() => {});
    });
    for (const body of [Buffer.from('ff', 'hex'), Buffer.from('e282', 'hex')]) {
      await talkless(async (client) => {
        expect(await rejection(client.send('/', body))).to.be.an.instanceOf(UsageError);
      });
    }
  });

  it('plays a script in a conversation, and gives what it found', async () => {
    const found = await talk(
      `
      S| login: 
      C: joe
      S| Password: 
      C: pw
      S| $ `,
      (dialogue) => dialogue.play(LOGIN),
    );
    expect(found.map(({ match }) => match)).to.deep.equal(['login: ', 'word: ', '$ ']);
  });

  it('tells what a server offers and asks for, how it greets, and what it says of itself', async () => {
    await withServer(
      String.raw`
      S| \xff\xfd\x18\xff\xfd\x27\xff\xfb\x46\xff\xfb\x56Welcome
      C| \xff\xfb\x18\xff\xfc\x27\xff\xfd\x46\xff\xfe\x56
      S| \xff\xfa\x46\x01NAME\x02Some game\xff\xf0!`,
      async (client) => {
        const entry = await client.info('/');
        expect({ ...entry, meta: { ...entry.meta } }).to.deep.include({
          ...{ path: '/', kind: 'item', name: '127.0.0.1' },
          meta: {
            will: 'MSSP MCCP2',
            do: 'TTYPE NEW_ENVIRON',
            charset: 'UTF-8',
            greeting: 'Welcome!',
            'mssp.name': 'Some game',
          },
        });
      },
    );
  });

  it('tells the user of the URL where the server asks, and what the options say', async () => {
    await withServer(
      String.raw`
      S| \xff\xfd\x27\xff\xfa\x27\x01\xff\xf0.
      C| \xff\xfb\x27\xff\xfa\x27\x00\x00USER\x01ann\x03TERM\x01vt100\xff\xf0`,
      async (_, server) => {
        await using client = await telnet.connect(`telnet://ann@127.0.0.1:${server.port}`);
        expect(await (await client.fetch('/', { env: { TERM: 'vt100' } })).text()).to.equal('.');
      },
    );
    expect(await rejection(telnet.connect('telnet://-froot@127.0.0.1'))).to.be.an.instanceOf(UsageError);
  });

  it('connects to check, and says nothing', async () => {
    await withServer('S: hello', async (client) => {
      expect(await client.check()).to.include({ host: '127.0.0.1', secure: false });
    });
  });

  it('speaks TLS from the first octet', async () => {
    await using server = await telnet.mock({ banner: 'safe' }, { tls: 'implicit' });
    const tls = { ca: server.ca };
    expect(server.url).to.match(/^telnets:/);
    await using dialogue = await telnet.open(server.url, { tls });
    expect((await dialogue.waitFor('$ ')).before).to.equal('safe\r\n');
    expect(await (await telnet.connect(server.url, { tls })).check()).to.include({ secure: true });
  });

  it('takes a path for nothing, and a host with NUL for none (telnet-i08)', async () => {
    await withServer('S: hello', async (client) => {
      expect(await (await client.fetch('/what/ever?x')).text()).to.equal('hello\r\n');
    });
    for (const target of ['telnet://127.0.0.1\0.evil', 'telnet://127.0.0.1%00.evil', 'telnet://-n/etc']) {
      const error = await rejection(
        telnet.connect(target).then((client) => client.check({ signal: AbortSignal.timeout(500) })),
      );
      expect(error, target).to.be.an('error');
      if (!target.includes('-n')) expect(error, target).to.be.an.instanceOf(UsageError);
    }
  });
});

/** A client of a server that hears nothing. */
async function talkless(work: Parameters<typeof withServer<void>>[1]): Promise<void> {
  await withServer('# nothing', work);
}
