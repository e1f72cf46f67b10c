import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { protocols } from '../../lib/index.ts';
import type { TelnetFixture } from '../../lib/telnet/fixture.ts';
import { type TelnetMockOptions, TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { inFolder } from '../cli/folder.ts';
import { netkit, type Outcome, type World } from '../cli/run.ts';

const SHELL: TelnetFixture = {
  banner: 'Welcome.\n',
  users: { joe: 'hunter2' },
  commands: { say: (_, words) => `you say ${words.join(' ')}` },
};

describe('telnet on the command line', () => {
  let server: TelnetMockServer;

  async function start(fixture: TelnetFixture = SHELL, options: TelnetMockOptions = {}): Promise<void> {
    server = await TelnetMockServer.start(fixture, options);
  }
  const run = (words: readonly string[], world: World = {}): Promise<Outcome> => netkit(words, { protocols, ...world });

  afterEach(async () => {
    await server?.close();
  });

  const LOGIN = [
    '--expect',
    'login:',
    '--send',
    'joe',
    '--expect',
    '/pass\\w+:/i',
    '--send',
    'hunter2',
    '--expect',
    '$ ',
  ];

  it('fetch plays a script, and gives all that was said, to the end of its last step', async () => {
    await start();
    const { code, out } = await run(['telnet', 'fetch', server.url, ...LOGIN, '--send', 'say hi', '--expect', '$ ']);
    expect(code).to.equal(0);
    expect(out).to.match(/^Welcome\.\r\nlogin: .*you say hi\r\n\$ $/s);
    expect(out).to.not.include('hunter2');
  });

  it('fetch --json is one object: the text, whether it is whole, and what each step found', async () => {
    await start();
    const { records } = await run(['telnet', 'fetch', server.url, ...LOGIN, '--json']);
    expect(records).to.have.length(1);
    const [record = {}] = records;
    expect(record).to.include({ encoding: 'text', complete: true });
    expect(record['body']).to.match(/^Welcome\.\r\nlogin: /);
    const steps = record['steps'] as Record<string, unknown>[];
    expect(steps.map(({ step, expect, match }) => [step, expect, match])).to.deep.equal([
      [0, 'login:', 'login:'],
      [2, '/pass\\w+:/i', 'Password:'],
      [4, '$ ', '$ '],
    ]);
    expect(steps[0]).to.include({ before: 'Welcome.\r\n' });
    expect(JSON.stringify(record)).to.not.include('hunter2');
  });

  it('fetch ends with 6 when what it waits for does not come, and says what came last', async () => {
    await start();
    const words = ['telnet', 'fetch', server.url, '--expect', 'nothing', '--timeout', '100ms'];
    const { code, err } = await run(words);
    expect(code).to.equal(6);
    expect(err).to.match(/nothing.*login: /s);
  });

  it('fetch ends when nothing comes for --idle, where it has no script', async () => {
    await start();
    const { code, out, err } = await run(['telnet', 'fetch', server.url, '--idle', '50ms']);
    expect({ code, out, err }).to.deep.equal({ code: 0, out: 'Welcome.\r\nlogin: ', err: '' });
  });

  it('fetch types keys, and sends commands', async () => {
    await start();
    const words = [
      ...LOGIN,
      '--type',
      'say hello\\x7f\\x7f!\\r',
      '--expect',
      'you say hel!',
      '--command',
      'ayt',
      '--idle',
      '50ms',
    ];
    expect((await run(['telnet', 'fetch', server.url, ...words])).code).to.equal(0);
    await server.waitFor(/AYT/);
  });

  it('-v shows what was negotiated, decoded, and no password', async () => {
    await start();
    const { err } = await run(['telnet', 'fetch', server.url, ...LOGIN, '-v']);
    expect(err).to.match(/WILL ECHO/);
    expect(err).to.match(/DO TTYPE/);
    expect(err).to.not.include('hunter2');
  });

  it('is what a bare URL means where nobody is at a terminal', async () => {
    await start();
    const { code, out } = await run([server.url, '--idle', '50ms']);
    expect({ code, out }).to.deep.equal({ code: 0, out: 'Welcome.\r\nlogin: ' });
  });

  it('open sends standard input for -, and listens on behind its end', async () => {
    await start();
    const stdin = new PassThrough();
    stdin.end('joe\nhunter2\nsay hi\n');
    const { code, out } = await run(['telnet', 'open', server.url, '-', '--linger', '200ms'], { stdin });
    expect(code).to.equal(0);
    expect(out).to.include('you say hi\r\n$ ');
  });

  it('shows a terminal nothing that it would obey, but with --raw (A18)', async () => {
    const evil = '\x1b]0;owned\x07\x1b[2J\x9b31m\u202egpj.exe x\n';
    await start(async (session) => session.write(evil));
    const words = ['telnet', 'fetch', server.url, '--idle', '50ms'];
    const { out } = await run(words, { tty: ['stdout'] });
    expect(out).to.equal('\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\u{202e}gpj.exe x\n');
    expect((await run([...words, '--raw'], { tty: ['stdout'] })).out).to.include('\x1b[2J');
    expect((await run(words)).out).to.include('\x1b[2J');
    const open = await run(['telnet', 'open', server.url], { tty: ['stdout'] });
    expect(open.out).to.equal(out);
  });

  it('answers neither ENQ nor DSR, and logs neither (T8)', async () => {
    const heard: (string | undefined)[] = [];
    await start(async (session) => {
      await session.write('\x05\x1b[6nx');
      // who is not read to the end may be told so by a reset
      heard.push(await session.read().catch(() => undefined));
      session.note('has heard');
    });
    const { code, err } = await run(['telnet', 'fetch', server.url, '--expect', 'x', '-v']);
    expect(code).to.equal(0);
    expect(err).to.not.match(/[\x00-\x09\x0b-\x1f]/);
    await server.waitFor('has heard');
    expect(heard).to.deep.equal([undefined]);
  });

  it('logs in whom the URL or a flag names, and nobody else', () =>
    inFolder(async (folder) => {
      await start();
      const [netrc, right, wrong] = ['netrc', 'right', 'wrong'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      await writeFile(netrc, 'default login joe password hunter2\n', { mode: 0o600 });
      await writeFile(right, 'hunter2\n', { mode: 0o600 });
      await writeFile(wrong, 'hunter3\n', { mode: 0o600 });
      const words = ['telnet', 'fetch', server.url, '--idle', '50ms', '--netrc-file', netrc];
      expect((await run(words)).out).to.equal('Welcome.\r\nlogin: ');
      const named = await run([...words, '--user', 'joe', '--password-file', right]);
      expect(named).to.include({ code: 0, err: '' });
      expect(named.out).to.match(/\$ $/);
      const refused = await run([...words, '--user', 'joe', '--password-file', wrong]);
      expect(refused.code).to.equal(7);
      expect(refused.err).to.not.include('hunter');
      expect((await run(['help', 'telnet', 'fetch'])).out).to.include('--password-file');
    }));

  it('takes no target that starts with a dash (A24)', async () => {
    for (const words of [
      ['telnet', '-n/tmp/x'],
      ['telnet', 'open', '-n/etc/x'],
      ['telnet', 'open', '--', '-n/etc/x'],
    ]) {
      expect((await run(words)).code, words.join(' ')).to.equal(2);
    }
  });
});
