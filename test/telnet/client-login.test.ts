import { expect } from 'chai';
import { ReplyError, TimeoutError, UsageError } from '../../lib/core/errors.ts';
import { Transcript } from '../../lib/net/transcript.ts';
import type { TelnetOptions } from '../../lib/telnet/client.ts';
import { telnet } from '../../lib/telnet/index.ts';
import { rejection } from '../helpers.ts';
import { withServer } from './talk.ts';

const ANN: TelnetOptions = { user: 'ann', password: 'hunter2' };

/** What comes behind the login, or why it failed. */
async function logIn(dialogue: string, options: TelnetOptions = ANN): Promise<string> {
  return withServer(
    `${dialogue}\n        C: bye`,
    async (client) => {
      await using conversation = await client.open();
      await conversation.writeLine('bye');
      return await conversation.readToEnd();
    },
    options,
  );
}

async function refusal(dialogue: string, options: TelnetOptions = ANN): Promise<unknown> {
  return withServer(dialogue, (client) => rejection(client.open()), options);
}

const PROMPTS: readonly (readonly [string, string, string])[] = [
  ['telnetd', '\\r\\nDebian GNU/Linux 12\\r\\nhost login: ', 'Password: '],
  ['a router', '\\r\\n\\r\\nUser Access Verification\\r\\n\\r\\nUsername: ', 'Password: '],
  ['a switch', 'User:', 'Password:'],
  ['one that says more', 'Login name for example.org : ', "ann@host's password for ann:"],
];

describe('a Telnet login', () => {
  for (const [title, user, password] of PROMPTS) {
    it(`answers the prompts of ${title}`, async () => {
      const text = await logIn(String.raw`
        S| ${user}
        C: ann
        S| ann\r\n${password}
        C: hunter2
        S| \r\nLast login: Tue\r\n
        S| host$ `);
      expect(text).to.equal('Last login: Tue\r\nhost$ ');
    });
  }

  it('answers a server that only asks for a password', async () => {
    expect(
      await logIn(String.raw`
        S| Password: 
        C: hunter2
        S| \r\nRouter>`),
    ).to.equal('Router>');
  });

  it('waits for more behind a line that has ended, and for no prompt where one is given', async () => {
    const prompts = { user: 'who? ', password: /magic word:/, ready: 'Go on!' };
    expect(
      await logIn(
        String.raw`
        S| who? 
        C: ann
        S| magic word:
        C: hunter2
        S| \r\nGo on!\r\n`,
        { ...ANN, prompts },
      ),
    ).to.equal('Go on!\r\n');
  });

  const REFUSALS: readonly (readonly [string, string, string])[] = [
    ['words', String.raw`S| \r\n\r\nLogin incorrect\r\nlogin: `, 'Login incorrect'],
    ['other words', String.raw`S| \r\n% Bad passwords\r\n`, '% Bad passwords'],
    ['the prompt again', String.raw`S| \r\nSorry.\r\nhost login: `, 'Sorry.'],
  ];
  for (const [title, said, text] of REFUSALS) {
    it(`is refused by ${title}`, async () => {
      const error = await refusal(`
        S| login: 
        C: ann
        S| Password: 
        C: hunter2
        ${said}`);
      expect(error).to.be.an.instanceOf(ReplyError);
      expect(error).to.include({ reason: 'auth', protocol: 'telnet', phase: 'auth', temporary: false });
      expect(error).to.have.nested.property('reply.text', text);
    });
  }

  it('is refused by the end, and where the user is', async () => {
    for (const more of [
      String.raw`S| Password: 
        C: hunter2
        S| \r\nNot today.\r\n`,
      String.raw`S| Login incorrect\r\n`,
    ]) {
      const error = await refusal(`S| login: \nC: ann\n${more}`);
      expect(error).to.be.an.instanceOf(ReplyError).and.include({ reason: 'auth' });
    }
  });

  it('takes a last login for no prompt', async () => {
    expect(
      await logIn(String.raw`
        S| login: 
        C: ann
        S| Password: 
        C: hunter2
        S| \r\nLast login: `),
    ).to.equal('Last login: ');
  });

  it('fails when no prompt comes', async () => {
    await withServer(
      'C: never',
      async (client, server) => {
        const error = await rejection(client.open());
        expect(error).to.be.an.instanceOf(TimeoutError);
        expect(await rejection(server.close())).to.be.an('error');
      },
      { ...ANN, timeouts: { idle: 50 } },
    );
  });

  it('shows the password in no transcript and no error, also where the server repeats it', async () => {
    const transcript = new Transcript();
    const error = await refusal(
      String.raw`
        S| login: 
        C: ann
        S| Password: 
        C: hunter2
        S| hunter2\r\nhunter2: permission denied\r\n`,
      { ...ANN, transcript },
    );
    expect(String(transcript)).to.include('C: ***').and.not.include('hunter2');
    expect(String(error)).to.not.include('hunter2');
  });

  it('refuses CR, LF and NUL in what it would say, and a password without a user', async () => {
    for (const evil of ['a\r\nb', 'a\nb', 'a\0b']) {
      for (const options of [
        { ...ANN, password: evil },
        { ...ANN, user: evil },
      ]) {
        expect(await rejection(telnet.connect('telnet://127.0.0.1', options))).to.be.an.instanceOf(UsageError);
      }
    }
    expect(await rejection(telnet.connect('telnet://127.0.0.1', { password: 'x' }))).to.be.an.instanceOf(UsageError);
  });

  it('says no password where somebody can listen, unless that is wanted', async () => {
    const dialogue = `
        S| login: 
        C: ann
        S| Password: 
        C: hunter2
        S| $ 
        C: bye`;
    await withServer(dialogue, async (_, server) => {
      const target = `telnet://router.example:${server.port}`;
      const options = { ...ANN, resolve: { 'router.example': '127.0.0.1' } };
      const open = (more: TelnetOptions): Promise<string> =>
        telnet.open(target, { ...options, ...more }).then(async (conversation) => {
          await using there = conversation;
          const { text } = await there.waitFor('$ ');
          await there.writeLine('bye');
          return text;
        });
      expect(await open({ insecureLogin: true })).to.equal('$ ');
    });
    await withServer('# nothing', async (_, server) => {
      const options = { ...ANN, resolve: { 'router.example': '127.0.0.1' } };
      const error = await rejection(telnet.open(`telnet://router.example:${server.port}`, options));
      expect(error).to.be.an.instanceOf(UsageError).and.include({ reason: 'policy' });
    });
  });

  it('logs in for every verb of the mock server', async () => {
    await using server = await telnet.mock({ users: { ann: 'hunter2' }, motd: 'Hi', commands: { date: 'now' } });
    expect((await telnet.send(server.url, 'date\nexit\n', ANN)).text).to.equal(
      'Hi\r\n$ date\r\nnow\r\n$ exit\r\nlogout\r\n',
    );
    const script = [{ expect: '$ ' }, { send: 'date' }, { expect: '$ ' }];
    expect(await (await telnet.fetch(server.url, { ...ANN, script })).text()).to.equal('Hi\r\n$ date\r\nnow\r\n$ ');
    const refused = await rejection(telnet.open(server.url, { ...ANN, password: 'wrong' }));
    expect(refused).to.be.an.instanceOf(ReplyError).and.include({ reason: 'auth' });
    expect(String(server.transcript)).to.not.include('hunter2').and.not.include('wrong');
  });
});
