/** `netkit telnet`, as people use it: against telnetd, and served to the clients of others. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { inFolder, NETKIT, netkit, netkitServe, output, type Ran, type Running, records } from '../run.ts';
import { type Peer, start } from '../start.ts';
import { busybox, curl, inetutils, runWith } from './clients.ts';
import { LOGIN, PROMPT } from './session.ts';
import { inTerminal } from './terminal.ts';

describe('netkit telnet', () => {
  let server: Peer;
  let folder: string;
  let plain: string;
  let secured: string;

  before(async () => {
    server = await start('inetutils-telnetd');
    folder = await mkdtemp(join(tmpdir(), 'netkit-interop-'));
    await writeFile(join(folder, 'password'), `${LOGIN.password}\n`, { mode: 0o600 });
    await writeFile(join(folder, 'wrong'), 'guess\n', { mode: 0o600 });
    plain = `telnet://localhost:${server.port('telnet')}`;
    secured = `telnets://localhost:${server.port('telnets')}`;
  });

  after(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  function login(file = 'password'): string[] {
    return ['--user', LOGIN.user, '--password-file', join(folder, file), '--cacert', server.get('ca')];
  }

  async function fetch(url: string, ...more: readonly string[]): Promise<Ran> {
    return netkit(['telnet', 'fetch', url, ...more]);
  }

  for (const [name, url] of Object.entries({ plainly: () => plain, 'with TLS': () => secured })) {
    it(`plays a script ${name}, and prints nothing else`, async () => {
      const script = ['--expect', '$ ', '--send', 'stty size; echo $TERM', '--expect', '$ ', '--send', 'exit'];
      const size = ['--columns', '132', '--rows', '43', '--terminal', 'vt100'];
      const { status, stdout, stderr } = await fetch(url(), ...login(), ...size, ...script);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      expect(`${stdout}`).to.match(
        /\r\nalice@debian:\$ stty size; .*\r\n43 132\r\nvt100\r\nalice@debian:\$ exit\r\nlogout\r\n$/,
      );
    });

    it(`writes a listing to a file ${name}, every octet`, async () => {
      await inFolder(async (home) => {
        const file = join(home, 'listing');
        const script = ['--expect', PROMPT, '--send', 'cat listing.txt', '--expect', PROMPT];
        output(await fetch(url(), ...login(), ...script, '-o', file));
        const listing = await readFile(join(server.get('home'), 'listing.txt'), 'latin1');
        const written = await readFile(file, 'latin1');
        expect(written.includes(listing.replaceAll('\n', '\r\n'))).to.equal(true);
        expect(written.endsWith(PROMPT)).to.equal(true);
      });
    });
  }

  it('logs in by a script too', async () => {
    const typed = ['--expect', 'login: ', '--send', 'alice', '--expect', '/password: /i', '--send', LOGIN.password];
    const { status, stdout } = await fetch(
      plain,
      ...typed,
      '--expect',
      PROMPT,
      '--type',
      'exit\\r',
      '--expect',
      'logout',
    );
    expect(status).to.equal(0);
    expect(`${stdout}`).to.match(/login: alice\r\nPassword: \r\n.*logout$/s);
  });

  it('ends with 7 for a wrong password, with 5 for whom nobody vouches for', async () => {
    const { status, stdout, stderr } = await fetch(plain, ...login('wrong'));
    expect({ status, stdout: `${stdout}` }).to.deep.equal({ status: 7, stdout: '' });
    expect(stderr)
      .to.match(/^netkit: .*Login incorrect/)
      .and.not.include('guess');
    expect(await fetch(secured)).to.include({ status: 5 });
  });

  it('fails when what was expected does not come, and shows what came', async () => {
    const script = ['--expect', PROMPT, '--send', 'echo something; exit', '--expect', 'no such thing'];
    const { status, stdout } = await fetch(plain, ...login(), ...script);
    expect(status).to.equal(12);
    expect(`${stdout}`).to.include('\r\nsomething\r\n');
  });

  it('shows the dialogue, without the password', async () => {
    const { stderr } = await fetch(plain, ...login(), '--expect', PROMPT, '--verbose');
    expect(stderr).to.include('received DO TTYPE').and.include('Password: ').and.not.include(LOGIN.password);
  });

  it('sends lines, and prints what is answered', async () => {
    const sent = await runWith('echo Grüße\nexit\n', process.execPath, [
      NETKIT,
      'telnet',
      'send',
      plain,
      '-',
      ...login(),
    ]);
    expect(`${output(sent)}`).to.match(/\nGrüße\n.*logout/s);
  });

  it('holds a conversation with what it is given', async () => {
    const held = await runWith('echo Grüße\nexit\n', process.execPath, [
      NETKIT,
      'telnet',
      'open',
      plain,
      '-',
      ...login(),
    ]);
    expect(`${output(held)}`).to.match(/\r\nGrüße\r\n.*logout\r\n$/s);
  });

  it('gives a person a terminal', async () => {
    const steps = [
      ...[{ expect: 'login: ' }, { send: 'alice\r' }, { expect: 'Password: ' }, { send: `${LOGIN.password}\r` }],
      ...[{ expect: PROMPT }, { send: 'stty size\r' }, { expect: '43 132\r\n' }, { expect: PROMPT }],
      ...[
        { resize: [100, 30] as const },
        { send: 'sleep 0.2; stty size\r' },
        { expect: '30 100\r\n' },
        { expect: PROMPT },
      ],
      ...[{ send: "sh -c 'echo started; exec sleep 100'\r" }, { expect: 'started\r\n' }, { send: '\x03' }],
      ...[{ expect: PROMPT }, { send: 'stty -icanon -echo; dd bs=1 count=1 2>/dev/null | od -An -c\r' }],
      ...[{ expect: 'od -An -c\r\n' }, { send: 'k' }, { expect: '   k\r\n' }, { expect: PROMPT }],
      ...[{ send: 'exit\r' }, { expect: 'logout\r\n' }],
    ];
    const terminal = { size: [132, 43], screen: true } as const;
    const printed = await inTerminal(process.execPath, [NETKIT, plain], steps, terminal);
    expect(`${printed}`).to.match(/login: alice\r\nPassword: \r\n/);
    expect(`${printed}`).to.not.include(LOGIN.password);
  });

  it('tells what a server wants, and whether it is there', async () => {
    const [entry] = records(await netkit(['telnet', 'info', plain, '--json']));
    expect(Object(entry).meta.do).to.include('TTYPE').and.include('NAWS');
    expect(Object(entry).meta.will).to.include('ECHO');
    expect(Object(entry).meta.greeting).to.match(/login: $/);
    const [report] = records(await netkit(['telnet', 'check', secured, '--json', '--cacert', server.get('ca')]));
    expect(report).to.include({ secure: true });
  });

  describe('serve', () => {
    let serving: Running;
    let port: number;
    let account: { readonly user?: string; readonly password?: string };

    async function serve(...args: readonly string[]): Promise<void> {
      serving = netkitServe(['telnet', 'serve', ...args, '--json']);
      const { url, ...rest } = JSON.parse(await serving.firstLine);
      port = Number(new URL(url).port);
      account = rest;
    }

    afterEach(async () => {
      serving?.kill('SIGTERM');
      const { status } = await serving.ended;
      expect(status).to.equal(0);
    });

    it('serves a folder to the clients of others', async () => {
      await inFolder(async (home) => {
        await writeFile(join(home, 'text.txt'), 'Grüße\n.\nlast\n');
        await serve(home);
        const steps = [{ expect: '$ ' }, { send: 'cat text.txt\r' }, { expect: '$ ' }, { send: 'exit\r' }];
        expect(`${await inetutils({ port }, steps)}`).to.include('\r\nGrüße\r\n.\r\nlast\r\n');
        expect(`${await busybox({ port }, steps)}`).to.include('\r\nGrüße\r\n.\r\nlast\r\n');
        expect(`${await curl({ port }, 'cat text.txt\nexit\n')}`).to.include('\r\nGrüße\r\n.\r\nlast\r\n');
      });
    });

    it('serves a menu behind a login', async () => {
      await serve();
      const { user, password } = account;
      const steps = [
        ...[{ expect: 'login: ' }, { send: `${user}\r` }, { expect: 'Password: ' }, { send: `${password}\r` }],
        ...[{ expect: '$ ' }, { send: 'who\r' }, { expect: '$ ' }, { send: 'exit\r' }],
      ];
      const terminal = { size: [132, 43], env: { TERM: 'vt100' } } as const;
      expect(`${await inetutils({ port }, steps, terminal)}`).to.match(/terminal +VT100\r\n.*window +132 x 43\r\n/s);
    });
  });
});
