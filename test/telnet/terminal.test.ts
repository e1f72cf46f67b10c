import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type TelnetMockOptions, TelnetMockServer } from '../../lib/telnet/mock-server.ts';
import { hasPty, Pty } from '../cli/pty.ts';

const child = fileURLToPath(new URL('../cli/child-real.ts', import.meta.url));
const RAW = { echo: false, lines: false, signals: false, output: false };
const LINES = { echo: true, lines: true, signals: true, output: true };

describe('telnet open at a real terminal', function () {
  this.timeout(60_000);
  let pty: Pty;
  let server: TelnetMockServer;

  before(function () {
    if (!hasPty) this.skip();
  });
  afterEach(async () => {
    pty?.close();
    await server?.close();
  });

  async function open(options: TelnetMockOptions = {}, ...words: string[]): Promise<void> {
    server = await TelnetMockServer.start(
      { users: { joe: 'hunter2' }, motd: 'Welcome.', commands: { say: (_, said) => `you say ${said.join(' ')}` } },
      options,
    );
    pty = new Pty(child, ['telnet', 'open', server.url, ...words]);
    await pty.expect('login: ');
  }

  async function logIn(enter: string): Promise<void> {
    await pty.type(`joe${enter}`);
    await pty.expect('Password: ');
    await pty.type(`hunter2${enter}`);
    expect(await pty.expect('$ ')).to.not.include('hunter2');
  }

  it('is the peer’s: it echoes, hides a password, knows the terminal and each new size', async () => {
    await open();
    expect(await pty.settings()).to.deep.equal(RAW);
    await server.waitFor(/terminal xterm-256color/i);
    await server.waitFor(/window 80 x 24/);
    await logIn('\r');
    await pty.type('say hi\x7fello\r');
    expect(await pty.expect('you say hello\r\n')).to.match(/^say hi\x08 \x08ello\r\n/);
    await pty.resize(132, 50);
    await server.waitFor(/window 132 x 50/);
    await pty.type('exit\r');
    const { code, shown, restored } = await pty.exit();
    expect({ code, restored }).to.deep.equal({ code: 0, restored: true });
    expect(shown).to.include('the conversation is over');
  });

  it('is left by ^] for its status, a command, and the end', async () => {
    await open();
    await logIn('\r');
    await pty.type('\x1d');
    await pty.expect('netkit> ');
    expect(await pty.settings()).to.deep.equal(LINES);
    await pty.type('status\n');
    expect(await pty.expect('netkit> ')).to.match(/key by key, and shown by the peer.*there: .*ECHO/s);
    await pty.type('send ayt\n');
    await server.waitFor(/AYT/);
    await pty.type('say again\r');
    await pty.expect('you say again\r\n');
    await pty.type('\x1d');
    await pty.expect('netkit> ');
    await pty.type('quit\n');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });

  it('is for lines where the peer does not echo, and hides a password all the same (T10)', async () => {
    await open({ offers: [], agrees: [] });
    expect(await pty.settings()).to.deep.equal(LINES);
    await logIn('\n');
    expect(await pty.settings()).to.deep.equal(LINES);
    await pty.type('say hello\n');
    await pty.expect('you say hello');
    await pty.type('exit\n');
    expect(await pty.exit()).to.include({ code: 0, restored: true });
  });

  it('shows keys itself where the peer takes them and does not echo, but no password, and none with -v (T10)', async () => {
    await open({ offers: ['SGA'], agrees: [] }, '-v');
    await server.waitFor(/DO SGA/);
    await pty.type('joe\r');
    await pty.expect('Password: ');
    for (const key of 'hunter2') await pty.type(key);
    await pty.type('\r');
    expect(await pty.expect('$ ')).to.not.include('unter');
    await pty.type('exit\r');
    const { shown, restored } = await pty.exit();
    expect(shown).to.not.include('hunter2');
    expect(restored).to.equal(true);
  });

  it('is as it was when the connection is lost', async () => {
    await open();
    await server.close();
    const { code, restored } = await pty.exit();
    expect(code).to.be.oneOf([0, 4, 12]);
    expect(restored).to.equal(true);
  });
});
